import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import {exhibitsOf} from '../../../models/inspect/exhibits.ts';
import {findObject} from '../../../scenarios/find-object.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {Run} from '../../../scenarios/run.ts';
import {libraryScenario} from '../../support/runs.ts';

/** What `object` shows of a library scenario while the fault strikes that the setting describes. */
function during(fault: string, object: string, scenario = 'ovn-three-gateways'): string {
  const run = new Run(makePlan(libraryScenario(scenario, [`faults={it: ${fault}}`, 'expect=[]']), 1));
  run.advance(seconds(20));
  const found = findObject(exhibitsOf(run.world), object.split(' '));
  return 'flaw' in found ? found.flaw : found.show();
}

test('a killed ovs-vswitchd leaves its tool without an answer', t => {
  t.is(
    during('{break: ovs-vswitchd, how: kill, of: gw1, at: 15s}', 'gw1 ovs-appctl bfd/show'),
    'ovs-appctl: cannot read pidfile "/var/run/openvswitch/ovs-vswitchd.pid" (No such process)\n',
  );
});

test('of a bridge of Neutron whose ovs-vswitchd was killed each tool says what it says then', t => {
  const [kill, scenario] = ['{break: ovs-vswitchd, how: kill, of: cn1, at: 15s}', 'neutron-ovs-vxlan-learning'];
  t.is(
    during(kill, 'cn1 br-tun', scenario),
    'ovs-ofctl: /var/run/openvswitch/br-tun.mgmt: failed to open socket (Connection refused)\n',
  );
  t.is(
    during(kill, 'cn1 fdb/show br-int', scenario),
    'ovs-appctl: cannot read pidfile "/var/run/openvswitch/ovs-vswitchd.pid" (No such process)\n',
  );
});

test('a hung ovs-vswitchd is said to hang', t => {
  t.is(
    during('{break: ovs-vswitchd, how: hang, of: gw1, at: 15s}', 'gw1 ovs-appctl bfd/show'),
    'ovs-appctl waits: ovs-vswitchd on gw1 does not answer\n',
  );
});

test('a killed database refuses connections', t => {
  t.is(
    during('{break: southbound, how: kill, at: 15s}', 'ovn-sbctl show'),
    'ovn-sbctl: unix:/var/run/ovn/ovnsb_db.sock: database connection failed (Connection refused)\n',
  );
});

test('of a chassis without power, and of its VMs, nothing is seen', t => {
  const crash = '{break: chassis, of: cn1, at: 15s}';
  for (const object of ['cn1 ip neigh', 'cn1 ovs-appctl bfd/show', 'vm1 ip neigh', 'vm1 ip addr']) {
    t.is(during(crash, object), `${object.split(' ')[0]} is switched off\n`);
  }
});
