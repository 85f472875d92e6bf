import test from 'ava';
import {seconds} from '../../../../engine/time.ts';
import {NeutronCloud} from './neutron-bench.ts';

const failover = {allowAutomaticL3AgentFailover: true};

test('an L3 agent that hangs loses its routers like a dead one, and gives them up when it goes on', t => {
  const cloud = new NeutronCloud({settings: failover}).at(100);
  cloud.daemons.get('gw1 neutron-l3-agent')!.hang('test');
  cloud.at(400);
  t.is(cloud.told('router scheduled').length, 2);
  t.true(cloud.host('gw1').things.includes('plug qr of r1'));
  cloud.daemons.get('gw1 neutron-l3-agent')!.resume('test');
  cloud.at(403);
  t.false(cloud.host('gw1').things.includes('namespace r1'));
  t.true(cloud.host('gw2').things.includes('namespace r1'));
});

test('an L3 agent cut off from RabbitMQ loses its routers too, goes on forwarding, and is told when it is back', t => {
  const cloud = new NeutronCloud({settings: failover}).at(100);
  cloud.paths.get('gw1')!.cut();
  cloud.at(500);
  // A report that is not confirmed within its 30 s gives the connection away.
  const lostAt = cloud.firstAt('bus lost', 'gw1 neutron-l3-agent')! - 100;
  t.true(lostAt >= 30 && lostAt <= 60, `${lostAt}`);
  t.deepEqual(cloud.host('gw1').lines, []);
  t.is(cloud.told('router scheduled').length, 2);
  cloud.paths.get('gw1')!.mend();
  cloud.at(560);
  t.false(cloud.host('gw1').things.includes('namespace r1'));
});

test('a hung RabbitMQ takes everybody’s reports away, so nobody is left to take the routers', t => {
  const cloud = new NeutronCloud({settings: failover}).at(100);
  cloud.daemons.get('controller rabbitmq-server')!.hang('test');
  cloud.at(400);
  t.deepEqual(cloud.told('router scheduled'), []);
  t.true(cloud.told('agent missed').length > 0);
  cloud.daemons.get('controller rabbitmq-server')!.resume('test');
  cloud.at(700);
  t.deepEqual(cloud.told('router scheduled'), []);
  for (const host of cloud.hosts.values()) t.false(host.lines.some(line => line.includes('namespace')));
});

test('a RabbitMQ that restarts costs nobody anything but time', t => {
  const cloud = new NeutronCloud({settings: failover}).at(100);
  cloud.kill('controller rabbitmq-server');
  cloud.release('controller rabbitmq-server');
  cloud.at(200);
  t.is(cloud.told('bus lost').length, 7);
  t.is(cloud.told('bus connected').length, 7);
  cloud.server.associate(0, 1);
  cloud.at(210);
  t.true(cloud.host('gw1').lines.some(line => line.endsWith('rules → 10.1.0.12')));
  t.deepEqual(cloud.told('agent missed', 'router scheduled'), []);
});

// All reports are as old as the server's absence when it begins again; it looks for the first time 37 to 74 s later, when
// every agent has reported again, at the latest when RabbitMQ has been dialled anew.
test('reports from before the server started count for nothing: who waited with one is heard of with the next', t => {
  const cloud = new NeutronCloud({settings: {reportInterval: seconds(30)}}).at(100);
  cloud.kill('controller neutron-server');
  // The server takes 10 s to start, and the last reports of before wait for it for up to 30 s.
  cloud.at(190).release('controller neutron-server');
  const row = cloud.contents.agent('neutron-l3-agent', 2)!;
  const before = row.lastReportAt;
  cloud.at(200.5);
  t.true(cloud.told('bus connected').some(line => line.includes('neutron-server')));
  for (let time = 201; time < 240 && row.lastReportAt === before; time += 0.5) cloud.at(time);
  const asked = cloud.told('call timed out').filter(line => line.includes('gw1 neutron-l3-agent report_state'));
  const lastAskedAt = Number(asked.at(-1)!.split(' ')[0]);
  // It asks at once when a call has failed; that one is answered, in vain, when the server is there, and 30 s later it asks again.
  t.true(row.lastReportAt >= seconds(lastAskedAt + 29), `${row.lastReportAt} ${lastAskedAt}`);
});

test('a server that was away for long moves no routers when it is back', t => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    const cloud = new NeutronCloud({settings: failover, seed}).at(100);
    cloud.kill('controller neutron-server');
    cloud.at(500).release('controller neutron-server');
    cloud.at(800);
    t.deepEqual(cloud.told('router scheduled'), []);
  }
});
