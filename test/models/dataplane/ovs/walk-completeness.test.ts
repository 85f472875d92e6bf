import test from 'ava';
import {milliseconds, seconds} from '../../../../engine/time.ts';
import {deadVlan} from '../../../../models/tables/host-switch.ts';
import type {NeutronCloud} from '../../../../models/world/neutron/neutron-cloud.ts';
import type {World} from '../../../../models/world/world.ts';
import {planOf, worldOf} from '../../../support/clouds.ts';
import type {Luck} from '../../../support/luck.ts';
import {neutronText} from '../../../support/neutron-clouds.ts';
import {ovsMutations} from '../../../support/ovs-mutations.ts';
import {HeldProbe} from '../../../support/held-probe.ts';
import {answerOf, probeOf, sendProbe, someProbe} from '../../../support/probe.ts';
import {kindsIn} from '../../../support/traced-passage.ts';
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

const rareEvents: readonly {
  readonly name: string;
  prepare(cloud: NeutronCloud): void;
  happens(cloud: NeutronCloud): void;
}[] = [
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

for (const {name, prepare, happens} of rareEvents) {
  test.serial(`${name} tells the packets that it concerns`, t => {
    const world = worldOf(planOf(neutronText('{mechanism-driver: openvswitch}', {traffic: []}, '100s')));
    for (const {daemons} of world.neutron.chassis) daemons['neutron-openvswitch-agent'].kill('test');
    const there = probeOf(world, 'vm1', 'vm2');
    for (let tries = 0; tries < 4; tries++) {
      const {arrived} = sendProbe(world.ground, there);
      const back = arrived && answerOf(world, arrived);
      if (back) sendProbe(world.ground, back);
      world.advance(world.now + seconds(1));
    }
    prepare(world.neutron);
    sendProbe(world.ground, there);
    const held = HeldProbe.send(world, there);
    if (!held) return t.fail('the packet is not repeatable to begin with');
    happens(world.neutron);
    const again = held.again();
    t.true(again.differs, 'nothing happened to the packet');
    walk.judge(t, held, again, [name]);
  });
}

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
  const back = luck.pick(['vxlan', 'vlan, vlan: 1001, segment: tenants']);
  const text = neutronText(
    `{mechanism-driver: openvswitch${population}}`,
    {
      segments: ['tenants: {kind: provider, cidr: 10.9.0.0/24}'],
      networks: [
        'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
        'front: {type: vxlan, cidr: 172.16.100.0/24, dhcp: false}',
        `back: {type: ${back}, cidr: 172.16.101.0/24, dhcp: false}`,
      ],
      traffic: [
        `out: {from: vm1, to: outside, every: 50ms, start: ${luck.pick(['0s', '90000s'])}}`,
        'in: {from: [near, outside], to: [10.0.2.100, 10.0.2.101], protocol: icmp-echo, every: 70ms}',
      ],
    },
    '100000s',
  );
  const world = worldOf(planOf(text, seed));
  world.advance(milliseconds(luck.whole(0, 8_000)));
  return world;
}
