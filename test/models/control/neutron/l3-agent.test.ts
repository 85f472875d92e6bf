import test from 'ava';
import {NeutronCloud} from './neutron-bench.ts';

test('a network node that crashed and comes back has its routers again, built in order, and tells it three times', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  crash(cloud);
  cloud.at(40);
  release(cloud);
  cloud.at(80);
  const gw1 = cloud.host('gw1');
  const what = gw1.lines.map(line => line.slice(line.indexOf(' ') + 1));
  const built = what.filter(line => /^(namespace|interface|rules|floating)/.test(line));
  t.deepEqual(built, ['namespace r1', 'interface qr of r1', 'interface qg of r1', 'rules → 10.1.0.11', 'floating']);
  for (const address of ['10.1.0.1', '203.0.113.11', '203.0.113.50']) {
    t.is(what.filter(line => line.startsWith(`announces ${address}`)).length, 3);
  }
  t.deepEqual(
    gw1.things.filter(thing => thing.startsWith('plug')),
    ['plug qg of r1', 'plug qr of r1'],
  );
  t.true(gw1.things.includes('remote vm1 at cn1'));
});

test('rounds of announcements are 2 s apart, and the first comes before anything is wired', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.server.removeRouter(0, 2);
  cloud.at(12).server.addRouter(0, 3);
  cloud.at(30);
  const rounds = cloud.host('gw2').lines.filter(line => line.includes('announces 10.1.0.1'));
  const times = rounds.map(line => Number(line.split(' ')[0]));
  t.is((times[1] - times[0]).toFixed(3), '2.000');
  t.is((times[2] - times[1]).toFixed(3), '2.000');
  t.true(rounds[0].endsWith('to nobody'));
  t.false(rounds[2].endsWith('to nobody'));
});

test('with a bridge agent that is dead every announcement goes to nobody', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('gw2 neutron-linuxbridge-agent');
  cloud.server.removeRouter(0, 2);
  cloud.at(12).server.addRouter(0, 3);
  cloud.at(60);
  const rounds = cloud.host('gw2').lines.filter(line => line.includes('announces'));
  t.is(rounds.length, 9);
  t.true(rounds.every(line => line.endsWith('to nobody')));
  t.false(cloud.host('gw2').things.includes('plug qr of r1'));
  cloud.release('gw2 neutron-linuxbridge-agent');
  cloud.at(80);
  t.true(cloud.host('gw2').things.includes('plug qr of r1'));
});

test('an agent that restarts touches nothing, but announces interfaces and gateways again; floating addresses not', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('gw1 neutron-l3-agent');
  cloud.release('gw1 neutron-l3-agent');
  cloud.at(40);
  const what = cloud.host('gw1').lines.map(line => line.slice(line.indexOf(' ') + 1));
  const thrice = (line: string) => [line, line, line];
  t.deepEqual(what.sort(), [...thrice('announces 10.1.0.1'), ...thrice('announces 203.0.113.11')]);
});

test('an agent that restarts removes routers that went elsewhere meanwhile, once it has heard which are its', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('gw1 neutron-l3-agent');
  cloud.contents.unschedule(0, 2);
  cloud.contents.schedule(0, 3, 'active');
  cloud.at(20).release('gw1 neutron-l3-agent');
  const removedAt = cloud.at(40).firstAt('router removed', 'gw1')!;
  // 3 s to start, a call, up to 5 whole seconds before the first sync, a call, and 0.1 s to remove.
  t.true(removedAt > 23.1 && removedAt < 28.3, `${removedAt}`);
  t.false(cloud.host('gw1').things.includes('namespace r1'));
});

test('an agent without a server keeps what it has, and takes up everything when the server has missed it', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('controller neutron-server');
  cloud.at(300);
  t.deepEqual(cloud.host('gw1').lines, []);
  t.true(cloud.told('call timed out').every(line => line.includes('report_state')));
  cloud.release('controller neutron-server');
  cloud.at(400);
  t.true(cloud.told('agent revived').some(line => line.includes('gw1 neutron-l3-agent')));
  // A full sync: nothing to change.
  t.deepEqual(cloud.told('router configured').length, 2);
  t.false(cloud.host('gw1').lines.some(line => /namespace|interface|rules|floating/.test(line)));
});

test('an agent that starts without a server asks until it is answered, each time waiting longer', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.kill('controller neutron-server');
  cloud.kill('gw1 neutron-l3-agent');
  cloud.at(20).release('gw1 neutron-l3-agent');
  cloud.at(1000);
  const lines = cloud.told('call timed out').filter(line => line.includes('gw1 neutron-l3-agent'));
  t.deepEqual(
    lines.slice(0, 3).map(line => line.replace(/^\S+ call timed out: /, '')),
    [60, 120, 240].map(wait => `gw1 neutron-l3-agent get_host_ha_router_count ${wait * 1_000_000}`),
  );
});

test('a floating address that gets a target is there within the time of its steps', t => {
  const cloud = new NeutronCloud({floating: [undefined]}).at(10);
  cloud.server.associate(0, 1);
  cloud.at(20);
  // 20 ms at the server, a message; a call of 2 messages, 20 + 100 ms; NAT rules 250, the address 50.
  const lines = ['10.393 rules → 10.1.0.12', '10.443 floating', '10.443 announces 203.0.113.50'];
  t.deepEqual(cloud.host('gw1').lines.slice(0, 3), lines);
  t.true(cloud.contents.isFloatingActive(0));
});

test('one that moves to another VM is neither announced nor cut off: only its rules change', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.associate(0, 1);
  cloud.at(20);
  t.deepEqual(cloud.host('gw1').lines, ['10.393 rules → 10.1.0.12']);
});

test('one that loses its target loses its rules first, then its connections', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.associate(0, undefined);
  cloud.at(20);
  t.deepEqual(cloud.host('gw1').lines, ['10.393 no rules', '10.443 no floating', '10.443 connections deleted']);
  t.false(cloud.contents.isFloatingActive(0));
});

test('a router that was just made is taken away if the server cannot be told of its addresses, and made again', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  cloud.server.removeRouter(0, 2);
  cloud.at(12).server.addRouter(0, 3);
  cloud.at(12.6).kill('controller neutron-server');
  cloud.at(250);
  const what = cloud.host('gw2').lines.map(line => line.slice(line.indexOf(' ') + 1));
  t.true(what.indexOf('namespace r1') < what.indexOf('no namespace r1'));
  cloud.release('controller neutron-server');
  cloud.at(700);
  t.true(cloud.host('gw2').things.includes('plug qg of r1'));
});

test('an agent that restarts takes away a floating address that has lost its target meanwhile', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.kill('gw1 neutron-l3-agent');
  cloud.server.associate(0, undefined);
  cloud.at(20);
  t.deepEqual(cloud.host('gw1').lines, []);
  cloud.release('gw1 neutron-l3-agent');
  cloud.at(60);
  const what = cloud.host('gw1').lines.map(line => line.slice(line.indexOf(' ') + 1));
  const order = ['no floating', 'connections deleted', 'no rules'].map(line => what.indexOf(line));
  t.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.false(order.includes(-1));
});

test('a gateway whose port has changed is announced anew with the next change of its router', t => {
  const cloud = new NeutronCloud({routers: [2, 3]}).at(10);
  const announced = () => cloud.host('gw1').lines.filter(line => line.includes('announces 203.0.113.11')).length;
  cloud.server.associate(0, 1);
  cloud.at(20);
  t.is(announced(), 0);
  // Its bridge agent wires the port again: it is BUILD for a while.
  cloud.kill('gw1 neutron-linuxbridge-agent');
  cloud.release('gw1 neutron-linuxbridge-agent');
  cloud.at(40);
  t.is(announced(), 0);
  cloud.server.associate(0, 0);
  cloud.at(60).server.associate(0, 1);
  cloud.at(80);
  t.is(announced(), 3);
});

test('a router with floating addresses goes once the server has been told that they are down', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.removeRouter(0, 2);
  cloud.at(10.03).kill('controller neutron-server');
  const gw1 = cloud.at(60).host('gw1');
  t.true(gw1.things.includes('namespace r1'));
  t.false(gw1.things.includes('interface qr of r1'));
  // The call takes 60 s, its caller waits up to 60 s more, and does not tell again.
  cloud.at(140);
  t.false(gw1.things.includes('namespace r1'));
  t.true(cloud.contents.isFloatingActive(0));
  const other = new NeutronCloud().at(10);
  other.server.removeRouter(0, 2);
  other.at(20);
  t.false(other.contents.isFloatingActive(0));
});

function crash(cloud: NeutronCloud): void {
  for (const daemon of ['neutron-linuxbridge-agent', 'neutron-l3-agent']) cloud.kill(`gw1 ${daemon}`);
  cloud.host('gw1').crash();
}

function release(cloud: NeutronCloud): void {
  for (const daemon of ['neutron-linuxbridge-agent', 'neutron-l3-agent']) cloud.release(`gw1 ${daemon}`);
}
