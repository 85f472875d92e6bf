import test from 'ava';
import {NeutronCloud} from './neutron-bench.ts';

/** A network node whose bridge agent starts with two routers that are not wired. */
function unwired(): NeutronCloud {
  const cloud = new NeutronCloud().at(10);
  cloud.kill('gw1 neutron-linuxbridge-agent');
  cloud.at(20);
  for (const port of [3, 4, 5, 6]) cloud.host('gw1').unplug(port);
  cloud.host('gw1').lines.length = 0;
  return cloud;
}

test('ports are wired one after the other, each reported before the next', t => {
  const cloud = unwired();
  cloud.release('gw1 neutron-linuxbridge-agent');
  cloud.at(40);
  const plugs = cloud.host('gw1').lines.filter(line => line.includes('plug'));
  const times = plugs.map(line => Number(line.split(' ')[0]));
  // 3 s to start; the worker that takes its call is busy with its first report for 22 ms; 20 ms for the call and 30 for each
  // of 4 ports, a message back, 50 ms to write filters; another such call of 2 messages, 200 ms to wire.
  t.is(times[0].toFixed(3), '23.555');
  // A call of 2 messages and 50 ms, and 200 ms to wire; l2-population, said twice to two queues, takes 4 messages more.
  t.deepEqual(
    times.slice(1).map((time, index) => (time - times[index]).toFixed(3)),
    ['0.256', '0.252', '0.256'],
  );
});

test('a bridge agent that restarts with everything wired asks and reports all of it again, and changes nothing', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.kill('cn2 neutron-linuxbridge-agent');
  cloud.release('cn2 neutron-linuxbridge-agent');
  const before = cloud.host('cn2').things;
  cloud.at(40);
  t.deepEqual(cloud.host('cn2').lines, []);
  t.deepEqual(cloud.host('cn2').things, before);
  const statuses = cloud.told('port status changed').map(line => line.replace(/^\S+ port status changed: /, ''));
  t.deepEqual(statuses, [
    'vm2 cn2 ACTIVE BUILD',
    'vm3 cn2 ACTIVE BUILD',
    'vm2 cn2 BUILD ACTIVE',
    'vm3 cn2 BUILD ACTIVE',
  ]);
  // The first wired port of a network on a host brings the full list, in which the others are flooded to.
  t.true(cloud.told('forwarding entries changed').some(line => line.includes('cn2 blue add 4')));
});

test('a device that comes is found within the polling interval', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.host('cn1').vms.delete(0);
  cloud.at(20);
  t.deepEqual(
    cloud.told('port status changed').map(line => line.slice(line.indexOf('vm1'))),
    ['vm1 cn1 ACTIVE DOWN'],
  );
  const goneAfter = cloud.firstAt('port status changed')! - 10;
  t.true(goneAfter < 2.1, `${goneAfter}`);
  t.false(cloud.host('cn2').things.some(thing => thing.includes('vm1') || thing === 'flood blue to cn1'));
  cloud.host('cn1').unplug(0);
  cloud.host('cn1').vms.add(0);
  cloud.at(30);
  const wiredAfter = cloud.firstAt('port wired')! - 20;
  t.true(wiredAfter > 0.28 && wiredAfter < 2.3, `${wiredAfter}`);
  t.true(cloud.host('cn2').things.includes('remote vm1 at cn1'));
  t.true(cloud.host('cn2').things.includes('flood blue to cn1'));
});

test('a call waits at RabbitMQ for a server that comes back in time, and the wiring goes on', t => {
  const cloud = unwired();
  cloud.release('gw1 neutron-linuxbridge-agent');
  cloud.at(23.7).kill('controller neutron-server');
  cloud.at(60).release('controller neutron-server');
  cloud.at(72);
  t.deepEqual(
    cloud.told('call timed out').filter(line => line.includes('gw1 neutron-linuxbridge-agent update')),
    [],
  );
  t.is(cloud.host('gw1').things.filter(thing => thing.startsWith('plug')).length, 4);
});

test('if the server does not answer, nothing more is wired, and all is taken up again when it does', t => {
  const cloud = unwired();
  cloud.release('gw1 neutron-linuxbridge-agent');
  cloud.at(23.7).kill('controller neutron-server');
  cloud.at(100);
  const plugged = () => cloud.host('gw1').things.filter(thing => thing.startsWith('plug')).length;
  // One that was reported, and one of which the report was not answered.
  t.is(plugged(), 2);
  cloud.release('controller neutron-server');
  cloud.at(400);
  t.is(plugged(), 4);
  const methods = cloud
    .told('call timed out')
    .filter(line => line.includes('gw1 neutron-linuxbridge-agent update_device_up'));
  t.is(methods.length, 1);
});

test('an agent takes no entries of networks of which it has wired nothing', t => {
  const cloud = new NeutronCloud({routers: [2, undefined]}).at(10);
  cloud.server.addRouter(1, 3);
  cloud.at(20);
  t.true(cloud.host('cn2').things.includes('remote qr of r2 at gw2'));
  t.false(cloud.host('cn1').things.some(thing => thing.includes('r2')));
  t.false(cloud.host('gw1').things.some(thing => thing.includes('r2')));
});

test('entries that were told to all while an agent was dead are not there, until its own ports are wired again', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('cn1 neutron-linuxbridge-agent');
  cloud.server.removeRouter(0, 2);
  cloud.at(12).server.addRouter(0, 3);
  cloud.at(30);
  t.true(cloud.host('cn1').things.includes('remote qr of r1 at gw1'));
  cloud.release('cn1 neutron-linuxbridge-agent');
  cloud.at(40);
  t.true(cloud.host('cn1').things.includes('remote qr of r1 at gw2'));
  // What it was to forget it was not told again.
  t.true(cloud.host('cn1').things.includes('flood blue to gw1'));
});

test('without l2-population nobody is told anything', t => {
  const cloud = new NeutronCloud({settings: {l2Population: false}}).at(10);
  cloud.server.removeRouter(0, 2);
  cloud.at(12).server.addRouter(0, 3);
  cloud.at(30);
  t.deepEqual(cloud.told('forwarding entries changed'), []);
  t.true(cloud.host('gw2').things.includes('plug qr of r1'));
});

test('a device that goes and comes again between two scans is wired again', t => {
  const cloud = new NeutronCloud().at(10);
  const host = cloud.host('gw1');
  host.removeRouterPort(3);
  host.addRouterPort(3);
  t.false(host.things.includes('plug qr of r1'));
  cloud.at(13);
  t.true(host.things.includes('plug qr of r1'));
});
