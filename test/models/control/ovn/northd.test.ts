import test from 'ava';
import {seconds} from '../../../../engine/time.ts';
import {routerKey} from '../../../../models/tables/southbound-contents.ts';
import type {World} from '../../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../../support/clouds.ts';

const external = 'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}';

/** Two routers, each with a network, a VM and two gateways of its own. */
function twoRouters(externals: readonly [string, string], faults: readonly string[] = []): string {
  const second = `{network: ${externals[1]}, address: ${externals[1] === 'public' ? '10.0.2.3' : '10.0.3.3'}}`;
  return cloudText({
    gateways: 4,
    sections: {
      networks: [
        external,
        ...(externals[1] === 'public' ? [] : ['other: {type: vlan, vlan: 7, cidr: 10.0.3.0/24, external: true}']),
        'front: {type: geneve, cidr: 172.16.100.0/24}',
        'back: {type: geneve, cidr: 172.16.101.0/24}',
      ],
      routers: [
        `r1: {external: {network: ${externals[0]}, address: 10.0.2.2}, interfaces: [front], gateway-chassis: {gw1: 30, gw2: 20}}`,
        `r2: {external: ${second}, interfaces: [back], gateway-chassis: {gw3: 30, gw4: 20}}`,
      ],
      vms: ['vm1: {network: front, placement: cn1}', 'vm2: {network: back, placement: cn2}'],
      hosts: [],
      'floating-ips': [],
      faults,
    },
  });
}

/** Who is in `ref_chassis` of each router's gateways, for who has heard all. */
function references(world: World): readonly string[] {
  const {topology, contents} = world.ovn;
  return topology.routers.map(({number, name}) => {
    const named = topology.chassis.filter(
      (_, chassis) => contents.read('Ref_Chassis', routerKey(number, chassis), contents.latest) === 1,
    );
    return `${name}: ${named.join(' ')}`;
  });
}

test('routers of one external network have the chassis behind all of them in ref_chassis', t => {
  t.deepEqual(references(worldOf(planOf(twoRouters(['public', 'public'])))), ['r1: cn1 cn2', 'r2: cn1 cn2']);
});

test('routers that no switch joins have only those behind themselves', t => {
  t.deepEqual(references(worldOf(planOf(twoRouters(['public', 'other'])))), ['r1: cn1', 'r2: cn2']);
});

test('a cloud begins with what northd would write, so it has nothing to write when it starts again', t => {
  for (const externals of [
    ['public', 'public'],
    ['public', 'other'],
  ] as const) {
    const faults = ['restart: {break: ovn-northd, how: restart, at: 5s}'];
    const world = worldOf(planOf(twoRouters(externals, faults)));
    world.advance(seconds(20));
    t.is(world.ovn.contents.latest, 0);
  }
});

test('a compute whose VMs are gone goes out of ref_chassis of all routers of the group', t => {
  const faults = ['crash: {break: chassis, of: cn2, at: 5s, for: 10s}'];
  const world = worldOf(planOf(twoRouters(['public', 'public'], faults)));
  world.advance(seconds(40));
  t.deepEqual(references(world), ['r1: cn1', 'r2: cn1']);
});
