import test from 'ava';
import {milliseconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {exchange} from '../../support/exchange.ts';
import {probeOf} from '../../support/probe.ts';

/** VMs on an external network, on two VLANs of its segment, and behind the router by way of a tunnel. */
function mixedWorld(): World {
  const sections = {
    networks: [
      'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
      'front: {type: vlan, vlan: 100, cidr: 172.16.100.0/24}',
      'back: {type: vlan, vlan: 200, cidr: 172.16.101.0/24}',
      'far: {type: geneve, cidr: 172.16.102.0/24}',
    ],
    routers: [
      'r1:',
      '  external: {network: public, address: 10.0.2.2}',
      '  interfaces: [front, back, far]',
      '  gateway-chassis: {gw1: 30, gw2: 29}',
    ],
    vms: [
      'out1: {network: public, placement: cn1}',
      'out2: {network: public, placement: cn2}',
      'out3: {network: public, placement: gw1}',
      'a1: {network: front, placement: cn1}',
      'a2: {network: front, placement: cn2}',
      'b2: {network: back, placement: cn2}',
      'c2: {network: far, placement: cn2}',
    ],
    'floating-ips': ['10.0.2.100: {vm: a2}', '10.0.2.200: {vm: b2, distributed: true}'],
    traffic: [
      't: {from: near, to: outside, every: 10s, start: 50s}',
      'u: {from: [a1, c2], to: [out1, out2], every: 10s, start: 50s}',
      'v: {from: [near, outside], to: [out1, out2], every: 10s, start: 50s}',
    ],
  };
  const world = worldOf(planOf(cloudText({gateways: 2, sections})));
  world.advance(milliseconds(1_500));
  return world;
}

/** Runs an exchange and tells how many frames a chassis sent through tunnels for it. */
function throughTunnels(world: World, from: string, to: string): {readonly met: readonly string[]; sent: number} {
  const probe = probeOf(world, from, to);
  exchange(world, probe);
  const tunnelled = (): number =>
    world.ovn.chassis.reduce(
      (sum, {name}) => sum + world.ground.counters.value(world.ground.counters.of(name, 'tunnel packets sent')),
      0,
    );
  const before = tunnelled();
  const met = exchange(world, probe, 0);
  return {met, sent: tunnelled() - before};
}

const ways: readonly (readonly [string, string, string, readonly string[], number])[] = [
  ['VMs on a VLAN use its segment', 'a1', 'a2', ['a2 64', 'a1 64'], 0],
  ['VMs on an external network do so too', 'out1', 'out2', ['out2 64', 'out1 64'], 0],
  ['a router between two VLANs needs no tunnel', 'a1', 'b2', ['b2 63', 'a1 63'], 0],
  ['from a VLAN to a geneve network only the way there is one', 'a1', 'c2', ['c2 63', 'a1 63'], 1],
  ['a VM on an external network reaches a host on it', 'out1', 'near', ['near 64', 'out1 64'], 0],
  ['and is reached by it', 'near', 'out1', ['out1 64', 'near 64'], 0],
  ['and by a host beyond the upstream router', 'outside', 'out2', ['out2 63', 'outside 64'], 0],
  ['it reaches a central floating address', 'out1', '10.0.2.100', ['a2 63', 'out1 63'], 1],
  ['also from the chassis of the gateway', 'out3', '10.0.2.100', ['a2 63', 'out3 63'], 1],
  ['and a distributed one', 'out1', '10.0.2.200', ['b2 63', 'out1 63'], 0],
  ['also from the chassis of its VM', 'out2', '10.0.2.200', ['b2 63', 'out2 63'], 0],
  ['a VM behind the router reaches it', 'a1', 'out2', ['out2 63', 'a1 63'], 1],
  ['also on the chassis of the gateway', 'a1', 'out3', ['out3 63', 'a1 63'], 1],
  ['a VM on a VLAN reaches the outside', 'a1', 'outside', ['outside 63', 'a1 62'], 1],
  ['and is reached from there', 'outside', '10.0.2.100', ['a2 62', 'outside 63'], 1],
];

for (const [name, from, to, expected, sent] of ways) {
  test(`${name}: ${from} → ${to}`, t => {
    const result = throughTunnels(mixedWorld(), from, to);
    t.deepEqual(
      result.met.map(line => line.replace(/: .* ttl/, '')),
      expected,
    );
    t.is(result.sent, sent);
  });
}

test('a VM on an external network pings the router', t => {
  const world = mixedWorld();
  const [arrived] = exchange(world, probeOf(world, 'out1', '10.0.2.2', 'icmp-echo'));
  t.regex(arrived, /^out1: 10\.0\.2\.2 reply/);
});

test('segments may have any name: two external networks on two of them, each with its router', t => {
  const sections = {
    segments: ['dmz: {kind: provider}', 'wan: {kind: provider}'],
    networks: [
      'public: {type: flat, segment: wan, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
      'partners: {type: flat, segment: dmz, cidr: 10.0.3.0/24, external: true, gateway: 10.0.3.1}',
      'front: {type: geneve, cidr: 172.16.100.0/24}',
      'back: {type: geneve, cidr: 172.16.101.0/24}',
    ],
    routers: [
      'r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front], gateway-chassis: {gw1: 2, gw2: 1}}',
      'r2: {external: {network: partners, address: 10.0.3.2}, interfaces: [back], gateway-chassis: {gw2: 2, gw1: 1}}',
    ],
    hosts: ['near: {network: public, address: 10.0.2.9}', 'partner: {network: partners, address: 10.0.3.9}'],
    'floating-ips': ['10.0.2.100: {vm: vm3}', '10.0.3.100: {vm: vm4, distributed: true}'],
    traffic: [
      'out: {from: vm1, to: near, every: 100ms}',
      'in: {from: near, to: 10.0.2.100, every: 100ms}',
      'partner-out: {from: vm4, to: partner, every: 100ms}',
      'partner-in: {from: partner, to: 10.0.3.100, every: 100ms}',
    ],
  };
  const world = worldOf(planOf(cloudText({gateways: 2, sections})));
  world.advance(milliseconds(5_000));
  for (const {name, delivered, lost} of world.results()) t.true(delivered > 40 && lost === 0, `${name}: ${lost} lost`);
});
