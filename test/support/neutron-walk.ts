import test from 'ava';
import {milliseconds, seconds} from '../../engine/time.ts';
import type {NeutronCloud} from '../../models/world/neutron/neutron-cloud.ts';
import type {World} from '../../models/world/world.ts';
import {planOf, worldOf} from './clouds.ts';
import {HeldProbe} from './held-probe.ts';
import type {Luck} from './luck.ts';
import {neutronText} from './neutron-clouds.ts';
import {answerOf, probeOf, sendProbe} from './probe.ts';
import type {Walk} from './walk.ts';

/** What a walk meets too seldom, set up by hand. */
export type RareEvent = {
  readonly name: string;
  /** Whom vm1 sends to; vm2 if left out. */
  readonly to?: string;
  prepare(cloud: NeutronCloud): void;
  happens(cloud: NeutronCloud): void;
};

/** Some cloud of Neutron for a walk; `options` are those under `neutron:`. */
export function someNeutronWorld(options: string, luck: Luck, seed: number): World {
  const back = luck.pick(['vxlan', 'vlan, vlan: 1001, segment: tenants']);
  const text = neutronText(
    options,
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

/** Tests that each rare event tells a packet from vm1, where no L2 agent undoes it. */
export function testRareEvents(
  walk: Walk,
  mechanism: 'linuxbridge' | 'openvswitch',
  events: readonly RareEvent[],
): void {
  for (const {name, to = 'vm2', prepare, happens} of events) {
    test.serial(`${name} tells the packets that it concerns`, t => {
      const world = worldOf(planOf(neutronText(`{mechanism-driver: ${mechanism}}`, {traffic: []}, '100s')));
      const {neutron} = world;
      for (const {daemons} of neutron.chassis) daemons[`neutron-${mechanism}-agent`].kill('test');
      const there = probeOf(world, 'vm1', to);
      for (let tries = 0; tries < 4; tries++) {
        const {arrived} = sendProbe(world.ground, there);
        const back = arrived && answerOf(world, arrived);
        if (back) sendProbe(world.ground, back);
        world.advance(world.now + seconds(1));
      }
      prepare(neutron);
      sendProbe(world.ground, there);
      const held = HeldProbe.send(world, there);
      if (!held) return t.fail('the packet is not repeatable to begin with');
      happens(neutron);
      const again = held.again();
      t.true(again.differs, 'nothing happened to the packet');
      walk.judge(t, held, again, [name]);
    });
  }
}
