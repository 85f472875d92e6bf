import {milliseconds, seconds} from '../../engine/time.ts';
import type {Rule} from '../../models/dataplane/nic.ts';
import {Passage} from '../../models/dataplane/passage.ts';
import {matches} from '../../models/faults/link-rules.ts';
import type {World} from '../../models/world/world.ts';
import {broadcastMac} from '../../models/wire/mac.ts';
import type {Cloud} from './clouds.ts';
import {parseIpv4} from '../../models/wire/ipv4.ts';
import type {Ipv4Packet} from '../../models/wire/ipv4-packet.ts';
import {answerOf, packetTo, probeOf, sendProbe, type Probe} from './probe.ts';

/** Something that concerns a packet and that chance would seldom bring about. */
export type RareEvent = {
  readonly name: string;
  readonly cloud: Cloud;
  prepare(world: World): void;
  probe(world: World): Probe;
  happens(world: World): void;
};

const talk = {
  traffic: [
    'idle: {from: [outside, near], to: 10.0.2.100, every: 10s, start: 90000s}',
    'out: {from: [vm1, vm2, vm3, vm4], to: [outside, near], every: 10s, start: 90000s}',
  ],
};
const cloud: Cloud = {duration: '100000s', sections: talk};

/** Two routers to the outside, each watched. */
const twoUpstreams = {
  networks: [
    'public: {type: flat, cidr: 10.0.2.0/24, external: true, gateway: [10.0.2.1, 10.0.2.3]}',
    'front: {type: geneve, cidr: 172.16.100.0/24}',
    'back: {type: geneve, cidr: 172.16.101.0/24}',
  ],
  routers: [
    'r1:',
    '  external: {network: public, address: 10.0.2.2}',
    '  interfaces: [front, back]',
    '  gateway-chassis: {gw1: 30, gw2: 29, gw3: 28}',
    '  routes:',
    '    - {prefix: 0.0.0.0/0, next-hop: 10.0.2.1, bfd: true}',
    '    - {prefix: 0.0.0.0/0, next-hop: 10.0.2.3, bfd: true}',
  ],
};

/** Distributed addresses of vm1 and vm3, which run on one compute, and a route that leads elsewhere with one of them. */
const neighbours = {
  routers: [
    'r1:',
    '  external: {network: public, address: 10.0.2.2}',
    '  interfaces: [front, back]',
    '  gateway-chassis: {gw1: 30, gw2: 29, gw3: 28}',
    '  routes: [{prefix: 10.0.2.202/32, next-hop: 10.0.2.9}]',
  ],
  'floating-ips': [
    '10.0.2.100: {vm: vm4}',
    '10.0.2.201: {vm: vm1, distributed: true}',
    '10.0.2.202: {vm: vm3, distributed: true}',
  ],
};

export const rareEvents: readonly RareEvent[] = [
  {
    name: 'a tunnel to a better gateway that comes back',
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'outside'));
      chassis(world, 'cn1').tunnels.add(0, false);
    },
    probe: world => probeOf(world, 'vm1', 'outside'),
    happens: world => {
      chassis(world, 'cn1').tunnels.add(0, true);
    },
  },
  {
    name: 'the only gateway that moves',
    cloud: {...cloud, gateways: 1},
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'outside'));
    },
    probe: world => probeOf(world, 'vm1', 'outside'),
    happens: world => {
      bind(world, 'cn1', world.ovn.topology.routers[0].gatewayPort, 2);
    },
  },
  {
    name: 'a VM with a distributed address that comes back',
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'near', '10.0.2.200'));
      hangControllers(world);
      bind(world, 'cn2', 1, 3);
    },
    probe: world => probeOf(world, 'near', '10.0.2.200'),
    happens: world => {
      bind(world, 'cn2', 1, 4);
    },
  },
  {
    name: "a lesson about the router's own MAC that br-ex learns in the next round",
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'near'));
      usurp(world);
      for (let count = 0; count < 8; count++) warm(world, probeOf(world, 'vm1', 'near'));
      usurp(world);
      sendProbe(world.ground, probeOf(world, 'vm1', 'near'));
    },
    probe: world => probeOf(world, 'vm1', 'near'),
    happens: world => {
      world.advance(world.now + milliseconds(600));
    },
  },
  {
    name: 'a lesson about where answers go that br-ex learns in the next round',
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'near'));
      warm(world, probeOf(world, 'near', '10.0.2.100'));
      usurp(world);
      sendProbe(world.ground, probeOf(world, 'vm1', 'near'));
    },
    probe: world => probeOf(world, 'near', '10.0.2.100'),
    happens: world => {
      world.advance(world.now + milliseconds(600));
    },
  },
  {
    name: 'a path that a host beyond finds to be narrower',
    cloud,
    prepare: world => {
      warm(world, largeProbe(world));
    },
    probe: largeProbe,
    happens: world => {
      world.site.end('outside')!.learnMtu(parseIpv4('10.0.2.100')!, 700);
    },
  },
  {
    name: 'an ovs-vswitchd that stops while its br-ex knows a MAC on the wrong side',
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'near'));
      warm(world, probeOf(world, 'near', '10.0.2.100'));
      usurp(world);
      sendProbe(world.ground, probeOf(world, 'vm1', 'near'));
    },
    probe: world => probeOf(world, 'near', '10.0.2.100'),
    happens: world => {
      chassis(world, 'gw1').daemons['ovs-vswitchd'].hang('test');
    },
  },
  {
    name: 'a VM that comes to where another one sends to its distributed address',
    cloud: {...cloud, sections: {...talk, ...neighbours}},
    prepare: world => {
      warm(world, probeOf(world, 'vm3', 'near'));
      hangControllers(world);
      bind(world, 'cn1', 2, 4);
      warm(world, probeOf(world, 'vm1', '10.0.2.202'));
    },
    probe: world => probeOf(world, 'vm1', '10.0.2.202'),
    happens: world => {
      bind(world, 'cn1', 2, 3);
    },
  },
  {
    name: 'the other end of a tunnel that is forgotten because nobody talked to it',
    cloud,
    prepare: world => {
      warm(world, probeOf(world, 'vm1', 'vm2'));
      world.advance(seconds(890));
      for (let count = 0; count < 40; count++) {
        sendProbe(world.ground, probeOf(world, 'vm1', 'vm2'));
        world.advance(world.now + milliseconds(200));
      }
    },
    probe: world => probeOf(world, 'vm1', 'vm2'),
    happens: world => {
      world.advance(seconds(901));
      sendProbe(world.ground, probeOf(world, 'vm2', 'vm1'));
    },
  },
  {
    name: 'an upstream router that gets its link back',
    cloud: {...cloud, sections: {...talk, ...twoUpstreams}},
    prepare: world => {
      world.site.cardOf('public gateway')?.cut('test');
      warm(world, probeOf(world, 'outside', '10.0.2.100'));
    },
    probe: world => probeOf(world, 'outside', '10.0.2.100'),
    happens: world => {
      world.site.cardOf('public gateway')?.mend('test');
    },
  },
  {
    name: 'an upstream router that hears no more of who it leads to',
    cloud: {...cloud, sections: {...talk, ...twoUpstreams}},
    prepare: world => {
      const judge: Rule['judge'] = frame =>
        matches(frame, {protocol: 'bfd', port: undefined}) ? {lost: 'dropped by rule'} : undefined;
      world.site.cardOf('public gateway')?.addRule('test', {direction: 'in', cause: 0, judge});
      warm(world, probeOf(world, 'outside', '10.0.2.100'));
    },
    probe: world => probeOf(world, 'outside', '10.0.2.100'),
    happens: world => {
      world.advance(world.now + seconds(6));
    },
  },
];

/** Lets a packet and its answer find their ways, and everybody learn them. */
function warm(world: World, probe: Probe): void {
  for (let count = 0; count < 3; count++) {
    const {arrived} = sendProbe(world.ground, probe);
    const back = arrived && answerOf(world, arrived);
    if (back) sendProbe(world.ground, back);
    world.advance(world.now + milliseconds(200));
  }
}

function chassis(world: World, name: string) {
  const found = world.ovn.chassis.find(candidate => candidate.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

/** A packet of 900 bytes and its headers from the host beyond the upstream router, which must not be fragmented. */
function largeProbe(world: World): Probe {
  const end = world.site.end('outside')!;
  const packet = packetTo(end, parseIpv4('10.0.2.100')!, 'udp', {source: 4000, destination: 9000});
  const payload = {...packet.payload, payload: {kind: 'payload', size: 900, bytes: undefined}} as Ipv4Packet['payload'];
  return {name: 'large', send: passage => end.send({...packet, payload}, passage)};
}

/** From now on nobody but the test changes flows. */
function hangControllers(world: World): void {
  for (const {daemons} of world.ovn.chassis) daemons['ovn-controller'].hang('test');
  world.advance(world.now + milliseconds(300));
}

/** The flows of a chassis have a port elsewhere from now on. */
function bind(world: World, name: string, port: number, place: number): void {
  const {number} = chassis(world, name);
  const residents = new Set(world.ovn.topology.routers.map(router => router.number).filter(router => isHere(router)));
  const watermark = world.ovn.contents.write({table: 'Port_Binding', key: port, value: place, cause: 0});
  world.ovn.flows.install(number, {watermark, residents}, 0);

  function isHere(router: number): boolean {
    return world.ovn.flows.resident(number, world.ovn.topology.routers[router]);
  }
}

/** A host on the external network claims the router's MAC for itself. */
function usurp(world: World): void {
  const external = world.ovn.topology.routers[0].external!;
  const {mac, address} = external;
  world.site.cardOf('near')?.transmit(
    {
      source: mac,
      destination: broadcastMac,
      vlan: undefined,
      payload: {kind: 'arp', operation: 'request', senderMac: mac, senderIp: address, targetMac: 0, targetIp: address},
    },
    new Passage(world.ground, {sender: 'usurper', number: world.now}),
  );
}
