import {milliseconds, seconds} from '../../engine/time.ts';
import type {Nic, Rule} from '../../models/dataplane/nic.ts';
import {Passage} from '../../models/dataplane/passage.ts';
import type {SouthboundTable} from '../../models/tables/southbound-contents.ts';
import {none, routerKey} from '../../models/tables/southbound-contents.ts';
import type {Arp} from '../../models/wire/arp.ts';
import type {Frame} from '../../models/wire/frame.ts';
import type {Ipv4} from '../../models/wire/ipv4.ts';
import {broadcastMac, formatMac, type Mac} from '../../models/wire/mac.ts';
import type {World} from '../../models/world/world.ts';
import type {Luck} from './luck.ts';

/** Does one thing to a world, in a way in which the models do it, and says what; undefined if it was not possible. */
export type Mutation = (world: World, luck: Luck) => string | undefined;

/** All cards of a world. */
export function cardsOf(world: World): readonly Nic[] {
  const outside = [...world.site.stations.keys()].flatMap(name => world.site.cardOf(name) ?? []);
  return [...world.cloud.machines.flatMap(({nics}) => nics), ...outside];
}

export const mutations: Readonly<Record<string, Mutation>> = {
  carrier: (world, luck) => {
    const nic = luck.pick(cardsOf(world));
    const key = luck.pick(['a', 'b']);
    if (luck.happens(0.6)) nic.cut(key);
    else nic.mend(key);
    return `carrier of ${nic.place} ${nic.carrier}`;
  },

  'rule on a card': (world, luck) => {
    const nic = luck.pick(cardsOf(world));
    const key = luck.pick(['a', 'b']);
    if (luck.happens(0.3)) nic.removeRule(key);
    else nic.addRule(key, someRule(luck));
    return `rule ${key} on ${nic.place}`;
  },

  'rule on a switch': (world, luck) => {
    const segment = luck.pick([...world.site.segments.values()]);
    if (luck.happens(0.3)) segment.removeRule('a');
    else segment.addRule('a', someRule(luck));
    return `rule on ${segment.name}`;
  },

  'stray frame': (world, luck) => {
    const nic = luck.pick(cardsOf(world));
    const neighbours = addressesOn(world, nic);
    const [address, mac] = luck.pick(neighbours);
    const [target, targetMac] = luck.pick(neighbours);
    // Nobody takes another tunnel end's address: BFD for one would come out at the other.
    const own = nic.name !== 'underlay' && luck.happens(0.5);
    const frame = arpFrame(luck, own ? nic.mac : mac, address, target, targetMac);
    nic.transmit(frame, strayPassage(world));
    return `${nic.place} sends ${JSON.stringify(frame)}`;
  },

  'ARP to a machine': (world, luck) => {
    const station = luck.pick([...world.site.stations.values()]);
    const neighbours = [...world.site.stations.values(), ...gatewaysOf(world)];
    const neighbour = luck.pick(neighbours);
    const mac = luck.happens(0.5) ? neighbour.mac : luck.pick(neighbours).mac;
    const frame = arpFrame(luck, mac, neighbour.address, station.address, station.mac);
    station.arrive(frame, strayPassage(world));
    return `${station.name} hears ${JSON.stringify(frame)}`;
  },

  'packet out': (world, luck) => {
    const {bridge, name} = luck.pick(world.ovn.chassis);
    const [router] = world.ovn.topology.routers;
    const {external} = router;
    if (!external) return undefined;
    const frame = arpFrame(luck, external.mac, external.address, external.address, 0);
    bridge.packetOut({router, into: 'switch', frame, sender: `${name}/test`, number: world.now});
    return `announcement by ${name}`;
  },

  tunnel: (world, luck) => {
    const {tunnels, name} = luck.pick(world.ovn.chassis);
    const peer = luck.whole(0, world.ovn.chassis.length - 1);
    if (peer === tunnels.chassis) return undefined;
    if (luck.happens(0.3)) tunnels.remove(peer);
    else tunnels.add(peer, luck.happens(0.5));
    return `tunnel ${name} ${world.ovn.chassis[peer].name} ${tunnels.exists(peer)} ${tunnels.enabled(peer)}`;
  },

  'tunnel neighbour': (world, luck) => {
    const {tunnels, name} = luck.pick(world.ovn.chassis);
    const peer = luck.pick(world.ovn.chassis);
    const {address, mac} = peer.nic('underlay');
    const senderMac = luck.happens(0.5) ? mac : 0x02_de_ad_00_00_01;
    tunnels.hear({kind: 'arp', operation: 'reply', senderIp: address, senderMac, targetIp: address, targetMac: 0});
    return `${name} hears of ${peer.name} at ${formatMac(senderMac)}`;
  },

  'the database': (world, luck) => {
    const {management, name} = luck.pick(world.ovn.chassis);
    const stream = world.ovn.central.connectSettled(`${name}/test`, management);
    const change = someChange(world, luck);
    stream.send({kind: 'transact', number: 1, writes: [{...change, cause: 0}]});
    world.advance(world.now + milliseconds(luck.pick([1, 100, 600])));
    return `written: ${JSON.stringify(change)}`;
  },

  flows: (world, luck) => {
    const {number, name, daemons} = luck.pick(world.ovn.chassis);
    daemons['ovn-controller'].hang('test');
    world.advance(world.now + milliseconds(300));
    const change = someChange(world, luck);
    const watermark = world.ovn.contents.write({...change, cause: 0});
    const residents = new Set(world.ovn.topology.routers.map(router => router.number).filter(() => luck.happens(0.5)));
    world.ovn.flows.install(number, {watermark, residents}, 0);
    return `flows of ${name}: ${[...residents].join(' ')} ${JSON.stringify(change)}`;
  },

  'flows cleared': (world, luck) => {
    const {number, name} = luck.pick(world.ovn.chassis);
    world.ovn.flows.clear(number, 0);
    return `flows of ${name} cleared`;
  },

  daemon: (world, luck) => {
    const host = luck.pick([...world.ovn.chassis, world.ovn.central]);
    const daemon = luck.pick(Object.values(host.daemons));
    const how = luck.pick(['kill', 'stop', 'hang', 'release', 'resume'] as const);
    daemon[how]('test');
    return `${daemon.name} of ${host.host.name}: ${how}`;
  },

  machine: (world, luck) => {
    const station = luck.pick([...world.site.stations.values()]);
    station.switch(!station.on);
    return `${station.name} on: ${station.on}`;
  },

  'carrier of a machine': (world, luck) => {
    const station = luck.pick([...world.site.stations.values()]);
    station.carrierLost();
    return `${station.name} forgets its neighbours`;
  },

  chassis: (world, luck) => {
    const chassis = luck.pick(world.ovn.chassis);
    if (luck.happens(0.5)) chassis.crash('test');
    else chassis.boot('test');
    return `crash or boot of ${chassis.name}`;
  },

  connections: (world, luck) => {
    const {bridge, name} = luck.pick(world.ovn.chassis);
    bridge.forgetConnections();
    return `${name} forgets its connections`;
  },

  time: (world, luck) => {
    const wait = luck.whole(1, 9) * 10 ** luck.whole(3, 7);
    world.advance(world.now + wait);
    return `${wait / seconds(1)} s pass`;
  },
};

/** Takes back what mishaps have left standing: cuts, rules, stopped daemons, machines that are off. */
export function repair(world: World): void {
  for (const nic of cardsOf(world)) {
    for (const key of ['a', 'b']) {
      nic.mend(key);
      nic.removeRule(key);
    }
  }
  for (const segment of world.site.segments.values()) segment.removeRule('a');
  for (const chassis of world.ovn.chassis) chassis.boot('test');
  for (const host of [...world.ovn.chassis, world.ovn.central]) {
    for (const daemon of Object.values(host.daemons)) {
      daemon.release('test');
      daemon.resume('test');
    }
  }
  for (const station of world.site.stations.values()) if (!station.on) station.switch(true);
}

function strayPassage(world: World): Passage {
  return new Passage(world.ground, {sender: 'stray', number: world.now});
}

function arpFrame(luck: Luck, senderMac: Mac, senderIp: Ipv4, targetIp: Ipv4, targetMac: Mac): Frame {
  const operation: Arp['operation'] = luck.pick(['request', 'reply']);
  const own = luck.happens(0.5);
  return {
    source: senderMac,
    destination: luck.happens(0.5) ? broadcastMac : targetMac,
    vlan: undefined,
    payload: {kind: 'arp', operation, senderMac, senderIp, targetMac, targetIp: own ? senderIp : targetIp},
  };
}

/** The addresses on a card's segment with their MACs. */
function addressesOn(world: World, nic: Nic): readonly (readonly [Ipv4, Mac])[] {
  const cards = cardsOf(world)
    .filter(({segment}) => segment === nic.segment)
    .map(({address, mac}) => [address, mac] as const);
  return nic.name === 'provider' ? [...cards, ...outsideOf(world)] : cards;
}

function outsideOf({ovn: {topology}}: World): readonly (readonly [Ipv4, Mac])[] {
  return topology.routers.flatMap(router => {
    if (!router.external) return [];
    const {address, mac} = router.external;
    const floating = Array.from({length: topology.portCount}, (_, port) => topology.floatingOf(port));
    return [[address, mac], ...floating.flatMap(own => (own ? [[own.address, own.mac ?? mac] as const] : []))];
  });
}

function gatewaysOf({ovn: {topology}}: World): readonly {readonly mac: Mac; readonly address: Ipv4}[] {
  return topology.routers.flatMap(({interfaces}) => interfaces);
}

function someRule(luck: Luck): Rule {
  const direction = luck.pick(['in', 'out'] as const);
  const judgement = luck.pick([{lost: 'black hole'}, {late: 300}, {late: milliseconds(5)}] as const);
  return {direction, cause: 0, judge: () => judgement};
}

function someChange(
  {ovn: {topology, chassis}}: World,
  luck: Luck,
): {readonly table: SouthboundTable; readonly key: number; readonly value: number} {
  const router = luck.pick(topology.routers);
  const place = luck.whole(none, chassis.length - 1);
  switch (luck.whole(0, 3)) {
    case 0:
      return {table: 'Port_Binding', key: luck.whole(0, topology.portCount), value: place};
    case 1:
      return {
        table: 'HA_Chassis',
        key: routerKey(router.number, luck.pick(router.gateways).chassis),
        value: luck.whole(0, 1),
      };
    case 2:
      return {table: 'Route', key: routerKey(router.number, 0), value: luck.whole(0, 1)};
    default: {
      const address = luck.pick([0x0a00_0201, 0x0a00_0209]);
      const mac = luck.happens(0.3) ? none : 0x0a_00_04_00_00_01 + luck.whole(0, 2);
      return {table: 'MAC_Binding', key: routerKey(router.number, address), value: mac};
    }
  }
}
