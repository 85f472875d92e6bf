import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {seconds} from '../../../engine/time.ts';
import {exhibitsOf} from '../../../models/inspect/exhibits.ts';
import type {WorldPlan} from '../../../models/world/world-plan.ts';
import {findObject} from '../../../scenarios/find-object.ts';
import {Run} from '../../../scenarios/run.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {neutronLab} from '../../support/neutron-lab.ts';
import {libraryScenario} from '../../support/runs.ts';

/*
 * What tools print stands in `test/golden/show`, to be read beside the real tools; `UPDATE=1 npm test` writes it anew.
 */

const gateways = makePlan(libraryScenario('ovn-three-gateways'), 1);
const pair = makePlan(libraryScenario('keepalived-link-down'), 1);
const groups = makePlan(libraryScenario('neutron-remote-group-member'), 1);
const split = makePlan(libraryScenario('neutron-ha-link-only'), 1);
const killed = makePlan(libraryScenario('neutron-router-rescheduled'), 1);
const checked = makePlan(libraryScenario('neutron-ha-two-actives', ['ha-vrrp-health-check-interval=5s']), 1);
const kept = makePlan(libraryScenario('neutron-ha-connections-kept'), 1);
const metadata = makePlan(libraryScenario('neutron-metadata'), 1);
const segments = makePlan(libraryScenario('neutron-lab-networks', ['segments.ens20.mtu=9000']), 1);
const lab = neutronLab();
const flooding = neutronLab({l2Population: false});
const answering = neutronLab({arpResponder: true});
const switched = neutronLab({mechanismDriver: 'openvswitch', arpResponder: true});
const newest = neutronLab({mechanismDriver: 'openvswitch', l2Population: false, release: 'flamingo'});
const learning = neutronLab({mechanismDriver: 'openvswitch', l2Population: false});

const goldens: readonly (readonly [name: string, plan: WorldPlan, at: number, object: string])[] = [
  ['ovn-nbctl', gateways, 60, 'ovn-nbctl show'],
  ['ovn-sbctl-before', gateways, 20, 'ovn-sbctl show'],
  ['ovn-sbctl-after', gateways, 25, 'ovn-sbctl show'],
  ['bfd-gw2', gateways, 25, 'gw2 ovs-appctl bfd/show'],
  ['dump-conntrack-gw2', gateways, 25, 'gw2 ovs-appctl dpctl/dump-conntrack'],
  ['tnl-neigh-gw1', gateways, 25, 'gw1 ovs-appctl tnl/neigh/show'],
  ['ip-addr-gw1', gateways, 25, 'gw1 ip addr'],
  ['ip-neigh-vm1', gateways, 25, 'vm1 ip neigh'],
  ['ip-neigh-upstream', gateways, 25, 'public gateway ip neigh'],
  ['fdb-provider', gateways, 25, 'provider bridge fdb'],
  ['keepalived-data', pair, 8, 'r2 keepalived.data'],
  ['keepalived-ip-addr', pair, 8, 'r2 ip addr'],
  ['keepalived-client-ip-neigh', pair, 8, 'client ip neigh'],
  ['neutron-brctl-network-node', lab, 30, 'node1 brctl show'],
  ['neutron-brctl-compute', lab, 30, 'node4 brctl show'],
  ['neutron-fdb-l2-population', lab, 30, 'node4 bridge fdb'],
  ['neutron-fdb-multicast', flooding, 30, 'node4 bridge fdb'],
  ['neutron-ip-neigh-responder', answering, 30, 'node4 ip neigh'],
  ['neutron-ip-netns', lab, 30, 'node1 ip netns'],
  ['neutron-br-tun', switched, 30, 'node4 ovs-ofctl dump-flows br-tun'],
  ['neutron-br-tun-learning', learning, 30, 'node4 br-tun'],
  ['neutron-br-tun-flamingo', newest, 2, 'node4 br-tun'],
  ['neutron-br-int', switched, 30, 'node4 br-int'],
  ['neutron-br-ex', switched, 30, 'node1 br-ex'],
  ['neutron-fdb-br-int', switched, 30, 'node1 fdb/show br-int'],
  ['neutron-qrouter-ip-addr', lab, 30, 'node1 qrouter-vxlan1and2 ip addr'],
  ['neutron-qrouter-ip-route', lab, 30, 'node1 qrouter-vxlan1and2 ip route'],
  ['neutron-qrouter-ip-rule', lab, 30, 'node1 qrouter-vxlan1and2 ip rule'],
  ['neutron-qrouter-ip-neigh', lab, 30, 'node1 qrouter-vxlan1and2 ip neigh'],
  ['neutron-qrouter-nat', lab, 30, 'node1 qrouter-vxlan1and2 iptables-save -t nat'],
  ['neutron-qrouter-conntrack', lab, 30, 'node1 qrouter-vxlan1and2 conntrack -L'],
  ['neutron-qrouter-ss', metadata, 8, 'gw1 qrouter-r1 ss -tln'],
  ['neutron-qdhcp-ss', metadata, 8, 'gw1 qdhcp-isolated ss -tln'],
  ['neutron-qdhcp-ss-nobody', metadata, 8, 'gw1 qdhcp-routed ss -tln'],
  ['neutron-ip-addr-two-segments', segments, 20, 'node1 ip addr'],
  ['neutron-brctl-two-segments', segments, 20, 'node1 brctl show'],
  ['neutron-ha-ip-addr', split, 12, 'net1 qrouter-r1 ip addr'],
  ['neutron-qrouter-elsewhere', lab, 30, 'node2 qrouter-vxlan1and2 ip addr'],
  ['neutron-ha-agent-list', split, 12, 'openstack network agent list --router r1'],
  ['neutron-agent-list', killed, 170, 'openstack network agent list'],
  ['neutron-agent-list-of-router', killed, 170, 'openstack network agent list --router r1'],
  ['neutron-ha-keepalived-conf', split, 12, 'net1 qrouter-r1 keepalived.conf'],
  ['neutron-ha-keepalived-data', split, 12, 'net1 qrouter-r1 cat /tmp/keepalived.data'],
  ['neutron-ha-state', split, 12, 'net1 qrouter-r1 cat state'],
  ['neutron-ha-keepalived-conf-checked', checked, 2, 'net1 qrouter-r1 keepalived.conf'],
  ['neutron-ha-keepalived-conf-untracked', kept, 9, 'net1 qrouter-r1 keepalived.conf'],
  ['neutron-ha-state-before-victoria', checked, 2, 'net2 qrouter-r1 cat state'],
  ['neutron-ha-conntrackd-conf', kept, 9, 'net1 qrouter-r1 cat conntrackd.conf'],
  ['neutron-ha-conntrackd-internal', kept, 9, 'net2 qrouter-r1 conntrackd -i'],
  ['neutron-ha-conntrackd-external', kept, 9, 'net1 qrouter-r1 conntrackd -e'],
  ['neutron-ha-conntrackd-counters', kept, 9, 'net1 qrouter-r1 conntrackd -s'],
  ['neutron-ha-conntrackd-absent', split, 12, 'net1 qrouter-r1 conntrackd -e'],
  ['neutron-iptables-filter', groups, 39, 'cn1 iptables-save -t filter'],
  ['neutron-ipset', groups, 39, 'cn1 ipset list'],
  ['neutron-ebtables', groups, 39, 'cn1 ebtables -t nat -L'],
  ['neutron-node-conntrack', groups, 39, 'cn1 conntrack -L'],
  ['neutron-vm-ip-addr', lab, 30, 'vxlan1-1 ip addr'],
  ['neutron-vm-ip-route', lab, 30, 'vxlan1-1 ip route'],
];

for (const [name, plan, at, object] of goldens) {
  test(`${object} at ${at} s is what ${name}.txt says`, t => {
    isGolden(t, name, look(ran(plan, at), object));
  });
}

for (const [name, plan] of Object.entries({gateways, lab, flooding, answering, switched, learning, kept})) {
  test(`looking at all there is in the middle does not change a run (${name})`, t => {
    const [alone, watched] = [ran(plan, 0), ran(plan, 0)];
    for (const at of [0, 7, 21.5, 24, 60]) {
      watched.advance(seconds(at));
      for (const {places, tools} of exhibitsOf(watched.world)) {
        for (const place of places) for (const tool of tools) t.notRegex(tool.show(place), /undefined|NaN|\[object/);
      }
    }
    alone.advance(plan.duration);
    t.is(watched.result().fingerprint, alone.result().fingerprint);
  });

  test(`stepped and skipped runs show the same (${name})`, t => {
    const runs = [true, false].map(stepped => ran(plan, 23.456, stepped));
    const [stepped, skipped] = runs.map(({world}) =>
      exhibitsOf(world).flatMap(({places, tools}) =>
        places.flatMap(place => tools.map(tool => `${place} ${tool.words}\n${tool.show(place)}`)),
      ),
    );
    t.deepEqual(skipped, stepped);
  });
}

function ran(plan: WorldPlan, at: number, stepped = false): Run {
  const run = new Run(plan, {stepped});
  run.advance(seconds(at));
  return run;
}

function look({world}: Run, object: string): string {
  const found = findObject(exhibitsOf(world), object.split(' '));
  if ('flaw' in found) throw new Error(found.flaw);
  return found.show();
}

function isGolden(t: ExecutionContext, name: string, text: string): void {
  const path = join(process.cwd(), 'test/golden/show', `${name}.txt`);
  if (process.env.UPDATE) writeFileSync(path, text);
  t.is(text, readFileSync(path, 'utf8'));
}
