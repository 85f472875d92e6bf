import test from 'ava';
import {milliseconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {haMutations} from '../../support/ha-mutations.ts';
import type {Luck} from '../../support/luck.ts';
import {neutronText} from '../../support/neutron-clouds.ts';
import {someProbe} from '../../support/probe.ts';
import {Walk} from '../../support/walk.ts';

const worlds = Number(process.env['SEEDS'] ?? 10);

test("whatever changes a packet's fate where a router is on several gateways tells it", t => {
  new Walk({worlds, also: [], mutations: haMutations, someWorld, someProbe}).run(t);
});

function someWorld(luck: Luck, seed: number): World {
  const options = luck.pick([
    '{}',
    '{l2-population: false}',
    '{release: mitaka}',
    '{l3-ha-network-type: flat, l3-ha-network-physical-name: hanet}',
  ]);
  const sections = {
    segments: ['tenants: {kind: provider}', 'hanet: {kind: provider, cidr: 10.9.0.0/24}'],
    routers: ['r1: {ha: true, external: {network: public, address: 10.0.2.2}, interfaces: [front, back]}'],
    traffic: [],
  };
  const world = worldOf(planOf(neutronText(options, sections, '100000s'), seed));
  world.advance(milliseconds(luck.whole(0, 8_000)));
  return world;
}
