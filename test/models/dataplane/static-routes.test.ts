import test from 'ava';
import {milliseconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {exchange} from '../../support/exchange.ts';
import {probeOf} from '../../support/probe.ts';

/** The small cloud with routes on its router, and a second router beside it on the network `back`. */
function worldWith(...routes: readonly string[]): World {
  const sections = {
    networks: [
      'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
      'front: {type: geneve, cidr: 172.16.100.0/24}',
      'back: {type: geneve, cidr: 172.16.101.0/24}',
      'beyond: {type: geneve, cidr: 172.16.102.0/24}',
    ],
    routers: [
      'r1:',
      '  external: {network: public, address: 10.0.2.2}',
      '  interfaces: [front, {network: back, address: 172.16.101.1}]',
      '  gateway-chassis: {gw1: 30, gw2: 29, gw3: 28}',
      '  routes:',
      ...routes.map(route => `    - ${route}`),
      'r2:',
      '  interfaces: [{network: back, address: 172.16.101.2}, beyond]',
      '  routes: [{prefix: 0.0.0.0/0, next-hop: 172.16.101.1}]',
    ],
    vms: [
      'vm1: {network: front, placement: cn1}',
      'vm2: {network: front, placement: cn2, address: 172.16.100.200}',
      'vm4: {network: back, placement: cn2, address: 172.16.101.50}',
      'vm5: {network: beyond, placement: cn1}',
    ],
    'floating-ips': [],
    traffic: ['t: {from: near, to: outside, every: 10s, start: 50s}'],
  };
  const world = worldOf(planOf(cloudText({sections})));
  world.advance(milliseconds(1_500));
  return world;
}

function metBy(world: World, to: string): readonly [string, string] {
  return exchange(world, probeOf(world, 'vm1', to));
}

test('a VM that is the next hop of a route gets the packets, and forwards none', t => {
  const world = worldWith('{prefix: 203.0.113.0/24, next-hop: 172.16.101.50}');
  t.is(metBy(world, 'outside')[0], 'not addressed to this host at vm4');
});

test('a next hop inside that nobody has is asked for in vain', t => {
  const world = worldWith('{prefix: 203.0.113.0/24, next-hop: 172.16.101.51}');
  t.is(metBy(world, 'outside')[0], 'unknown destination at back');
});

test('a route by another router leads into its networks and back', t => {
  const world = worldWith('{prefix: 172.16.102.0/24, next-hop: 172.16.101.2}');
  t.deepEqual(
    metBy(world, 'vm5').map(line => line.replace(/: .* ttl/, '')),
    ['vm5 62', 'vm1 62'],
  );
});

test('two routers that send packets to each other do so until their time is up', t => {
  const world = worldWith('{prefix: 192.0.2.0/24, next-hop: 172.16.101.2}');
  t.is(metBy(world, '192.0.2.7')[0], 'ttl expired at r2');
});

test('a route wins over a network of the router if its prefix is longer', t => {
  const world = worldWith('{prefix: 172.16.101.48/29, next-hop: 10.0.2.1}');
  t.is(metBy(world, 'vm4')[0], 'no route at public gateway');
});

test('and loses to it if it is as long', t => {
  const world = worldWith('{prefix: 172.16.101.0/24, next-hop: 10.0.2.1}');
  t.is(metBy(world, 'vm4')[0].replace(/: .*/, ''), 'vm4');
});
