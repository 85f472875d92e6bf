import test from 'ava';
import {NeutronCloud, db, web} from './neutron-bench.ts';

const [vm1, , vm3] = [0, 1, 2];

/** What an agent did to its filters, without the times. */
function done(cloud: NeutronCloud, host: 'cn1' | 'cn2'): readonly string[] {
  return cloud.firewall(host).lines.map(line => line.slice(line.indexOf(' ') + 1));
}

/** When it first did something of the kind. */
function doneAt(cloud: NeutronCloud, host: 'cn1' | 'cn2', what: string): number {
  return Number(
    cloud
      .firewall(host)
      .lines.find(line => line.includes(what))!
      .split(' ')[0],
  );
}

test('a port is asked about, filtered and protected before it is wired', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.host('cn1').unplug(vm1);
  cloud.host('cn1').vms.delete(vm1);
  cloud.at(20);
  t.deepEqual(done(cloud, 'cn1'), [
    'filters ',
    'no longer protects vm1',
    'deletes all * → 10.1.0.11 in 4097',
    'deletes all 10.1.0.11 → * in 4097',
    'no set we',
  ]);
  cloud.firewall('cn1').lines.length = 0;
  cloud.host('cn1').vms.add(vm1);
  cloud.at(30);
  t.deepEqual(done(cloud, 'cn1'), ['set we: 10.1.0.11 10.1.0.12', 'filters vm1 (2 rules)', 'protects vm1']);
  t.true(doneAt(cloud, 'cn1', 'filters') < cloud.firstAt('port wired')!);
});

test('a rule that is added reaches the hosts of its group at the next round of their agents, and no others', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.changeRules(db, {direction: 'ingress', protocol: 'tcp'}, 'add');
  cloud.at(20);
  t.deepEqual(done(cloud, 'cn1'), []);
  t.deepEqual(done(cloud, 'cn2'), ['filters vm2 (2 rules), vm3 (3 rules)']);
  // 15 ms for the rule and a message; up to 2 s until the agent looks; a call about one port, 50 ms to write.
  const after = doneAt(cloud, 'cn2', 'filters') - 10;
  t.true(after > 0.118 && after < 2.2, `${after}`);
  t.deepEqual(
    cloud.told('port filters changed').map(line => line.slice(line.indexOf('cn'))),
    ['cn2 1'],
  );
});

test('when a rule is removed, connections of its protocol to the port are deleted', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.changeRules(db, {direction: 'ingress', protocol: 'tcp'}, 'add');
  cloud.at(20).server.changeRules(db, {direction: 'ingress', protocol: 'tcp'}, 'remove');
  cloud.at(30).server.changeRules(web, {direction: 'egress'}, 'remove');
  cloud.at(40);
  t.deepEqual(done(cloud, 'cn2'), [
    'filters vm2 (2 rules), vm3 (3 rules)',
    'filters vm2 (2 rules), vm3 (2 rules)',
    'deletes tcp * → 10.2.0.13 in 4098',
    'filters vm2 (1 rules), vm3 (2 rules)',
    'deletes all 10.1.0.12 → * in 4097',
  ]);
});

test('a port that joins a group is told to all who let that group in; what it loses with a group is deleted', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.server.changeGroups(vm3, web, 'join');
  cloud.at(20);
  t.deepEqual(done(cloud, 'cn1'), ['set we: 10.1.0.11 10.1.0.12 10.2.0.13']);
  t.deepEqual(done(cloud, 'cn2'), ['set we: 10.1.0.11 10.1.0.12 10.2.0.13', 'filters vm2 (2 rules), vm3 (4 rules)']);
  for (const host of ['cn1', 'cn2'] as const) cloud.firewall(host).lines.length = 0;
  cloud.server.changeGroups(vm3, web, 'leave');
  cloud.at(30);
  t.deepEqual(done(cloud, 'cn1'), [
    'set we: 10.1.0.11 10.1.0.12',
    'deletes all 10.2.0.13 → 10.1.0.11 in 4097',
    'deletes all 10.1.0.11 → 10.2.0.13 in 4097',
  ]);
  t.true(done(cloud, 'cn2').includes('deletes all * → 10.2.0.13 in 4098'));
  t.true(done(cloud, 'cn2').includes('deletes all 10.2.0.13 → 10.1.0.12 in 4097'));
});

test('an agent that is dead keeps the old rules, and has the new ones when it is back', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.kill('cn2 neutron-linuxbridge-agent');
  cloud.server.changeRules(db, {direction: 'ingress', protocol: 'tcp'}, 'add');
  cloud.at(20);
  t.deepEqual(done(cloud, 'cn2'), []);
  cloud.release('cn2 neutron-linuxbridge-agent');
  cloud.at(40);
  // The process knows of no sets and makes them anew; zones it reads from the tables.
  t.deepEqual(done(cloud, 'cn2'), ['set we: 10.1.0.11 10.1.0.12', 'filters vm2 (2 rules), vm3 (3 rules)']);
  t.deepEqual([...cloud.firewall('cn2').zones.values()], [4097, 4098]);
});

test('without an answer nothing is wired, and the next round takes up every device again', t => {
  const cloud = new NeutronCloud().at(10);
  cloud.kill('controller neutron-server');
  cloud.host('cn1').unplug(vm1);
  cloud.host('cn1').vms.delete(vm1);
  cloud.at(11).host('cn1').vms.add(vm1);
  cloud.kill('cn1 neutron-linuxbridge-agent');
  cloud.release('cn1 neutron-linuxbridge-agent');
  cloud.at(100);
  t.true(cloud.told('call timed out').some(line => line.includes('security_group_info_for_devices')));
  t.false(cloud.host('cn1').things.includes('plug vm1'));
  cloud.release('controller neutron-server');
  cloud.at(400);
  t.true(cloud.host('cn1').things.includes('plug vm1'));
});
