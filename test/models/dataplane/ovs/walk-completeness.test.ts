import test from 'ava';
import {deadVlan} from '../../../../models/tables/host-switch.ts';
import type {NeutronCloud} from '../../../../models/world/neutron/neutron-cloud.ts';
import type {World} from '../../../../models/world/world.ts';
import type {Luck} from '../../../support/luck.ts';
import {ovsMutations} from '../../../support/ovs-mutations.ts';
import {someProbe} from '../../../support/probe.ts';
import {kindsIn} from '../../../support/traced-passage.ts';
import {someNeutronWorld, testRareEvents, type RareEvent} from '../../../support/neutron-walk.ts';
import {Walk} from '../../../support/walk.ts';

const walk = new Walk({
  worlds: 16,
  also: [25, 27, 29, 30, 32, 54, 57, 64, 66, 68, 76],
  mutations: ovsMutations,
  someWorld,
  someProbe,
});

test.serial("whatever changes a packet's fate in Open vSwitch tells it", t => {
  walk.run(t);
});

const rareEvents: readonly RareEvent[] = [
  {
    name: 'a port that gets its tag',
    prepare: cloud => {
      const {own, vm1} = hostsOf(cloud);
      own.setTag(vm1, deadVlan);
    },
    happens: cloud => {
      const {own, vm1} = hostsOf(cloud);
      own.setTag(vm1, 1);
    },
  },
  {
    name: 'a port that joins the VLAN to which is flooded',
    prepare: cloud => {
      const {own, vm1, vm3} = hostsOf(cloud);
      own.setTag(vm3, deadVlan);
      own.uninstall('br-tun', {});
      own.bridges.get('br-int')?.normal.forget();
      own.setTag(vm1, 7);
    },
    happens: cloud => {
      const {own, vm3} = hostsOf(cloud);
      own.setTag(vm3, 7);
    },
  },
  {
    name: 'a tunnel to who sends, where there was none',
    prepare: cloud => {
      const {other, ownEndpoint} = hostsOf(cloud);
      other.removeTunnel('vxlan', ownEndpoint);
    },
    happens: cloud => {
      const {other, ownEndpoint} = hostsOf(cloud);
      other.addTunnel('vxlan', ownEndpoint);
    },
  },
  {
    name: 'a device that is put into br-int',
    prepare: cloud => {
      const {own, vm1} = hostsOf(cloud);
      own.gone(vm1);
    },
    happens: cloud => {
      const {own, vm1} = hostsOf(cloud);
      own.appeared(vm1);
    },
  },
];

testRareEvents(walk, 'openvswitch', rareEvents);

test.serial('each kind of fact that packets in Open vSwitch rely on is needed', t => {
  t.deepEqual(
    kindsIn('dataplane/ovs').filter(kind => !walk.isNeeded(kind)),
    [],
  );
});

/** Those of vm1 and vm2. */
function hostsOf({chassis, inventory}: NeutronCloud) {
  const host = (name: string) => chassis.find(candidate => candidate.name === name)!;
  const portOf = (vm: string) => inventory.ports.find(({owner}) => owner === vm)!.number;
  return {
    own: host('cn1').ovs,
    other: host('cn2').ovs,
    ownEndpoint: host('cn1').nic('underlay').address,
    vm1: portOf('vm1'),
    vm3: portOf('vm3'),
  };
}

function someWorld(luck: Luck, seed: number): World {
  const population = luck.pick(['', ', arp-responder: true', ', l2-population: false']);
  return someNeutronWorld(`{mechanism-driver: openvswitch${population}}`, luck, seed);
}
