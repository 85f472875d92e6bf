import test from 'ava';
import {milliseconds} from '../../../engine/time.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {exchange} from '../../support/exchange.ts';
import {probeOf, type Ports} from '../../support/probe.ts';

/** The ways in which a VM can be known outside. */
const kinds = ['plain', 'central', 'distributed'] as const;
type Kind = (typeof kinds)[number];

/** Where VMs run: either may be on a chassis that is the gateway as well. */
const places = ['cn1', 'cn2', 'gw1', 'gw2'] as const;

/** Two VMs behind one router, each known outside in a way of its own. */
function worldWith(from: Kind, to: Kind, home: string, away: string): World {
  const floating = [
    ...(from === 'plain' ? [] : [`10.0.2.101: {vm: asks, distributed: ${from === 'distributed'}}`]),
    ...(to === 'plain' ? [] : [`10.0.2.102: {vm: answers, distributed: ${to === 'distributed'}}`]),
  ];
  const sections = {
    vms: [`asks: {network: front, placement: ${home}}`, `answers: {network: back, placement: ${away}}`],
    'floating-ips': floating,
    traffic: ['t: {from: near, to: outside, every: 10s, start: 50s}'],
  };
  const world = worldOf(planOf(cloudText({gateways: 2, sections})));
  world.advance(milliseconds(1_500));
  return world;
}

const ports: Ports = {source: 20_000, destination: 9_000};

for (const from of kinds) {
  for (const to of ['central', 'distributed'] as const) {
    test(`a VM that is ${from} talks to a ${to} floating address of its router, wherever the two run`, t => {
      const shown = from === 'plain' ? '10.0.2.2' : '10.0.2.101';
      for (const home of places) {
        for (const away of places) {
          const world = worldWith(from, to, home, away);
          t.deepEqual(
            exchange(world, probeOf(world, 'asks', '10.0.2.102', 'udp', ports)),
            [
              `answers: ${shown}:20000 > 172.16.101.11:9000 ttl 62`,
              'asks: 10.0.2.102:9000 > 172.16.100.11:20000 ttl 62',
            ],
            `${home} to ${away}`,
          );
          t.deepEqual(
            exchange(world, probeOf(world, 'asks', '10.0.2.102', 'icmp-echo', ports)),
            [
              `answers: ${shown} request 20000 > 172.16.101.11 ttl 62`,
              'asks: 10.0.2.102 reply 20000 > 172.16.100.11 ttl 62',
            ],
            `${home} pings ${away}`,
          );
        }
      }
    });
  }
}

for (const gateway of ['gw1', 'gw2']) {
  test(`a VM talks to the floating addresses of another router, whose gateway is ${gateway}`, t => {
    const sections = {
      networks: [
        'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: 10.0.2.1}',
        'front: {type: geneve, cidr: 172.16.100.0/24}',
        'back: {type: geneve, cidr: 172.16.101.0/24}',
      ],
      routers: [
        'r1: {external: {network: public, address: 10.0.2.2}, interfaces: [front], gateway-chassis: {gw1: 30}}',
        `r2: {external: {network: public, address: 10.0.2.3}, interfaces: [back], gateway-chassis: {${gateway}: 30}}`,
      ],
      vms: [
        'plain: {network: front, placement: cn1}',
        'known: {network: front, placement: cn1}',
        'back1: {network: back, placement: cn1}',
        'back2: {network: back, placement: cn2}',
      ],
      'floating-ips': [
        '10.0.2.101: {vm: known, distributed: true}',
        '10.0.2.102: {vm: back1}',
        '10.0.2.104: {vm: back2, distributed: true}',
      ],
      traffic: ['t: {from: near, to: outside, every: 10s, start: 50s}'],
    };
    const world = worldOf(planOf(cloudText({gateways: 2, sections})));
    world.advance(milliseconds(1_500));
    for (const from of ['plain', 'known']) {
      const shown = from === 'plain' ? '10.0.2.2' : '10.0.2.101';
      for (const [to, host] of [
        ['10.0.2.102', 'back1'],
        ['10.0.2.104', 'back2'],
      ] as const) {
        const [there, back] = exchange(world, probeOf(world, from, to, 'udp', ports));
        t.true(there.startsWith(`${host}: ${shown}:20000 > `), there);
        t.true(back.startsWith(`${from}: ${to}:9000 > `), back);
      }
    }
  });
}
