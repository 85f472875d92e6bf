import {milliseconds, seconds} from '../../engine/time.ts';
import type {Nic, Rule} from '../../models/dataplane/nic.ts';
import {Passage} from '../../models/dataplane/passage.ts';
import type {Arp} from '../../models/wire/arp.ts';
import type {Frame} from '../../models/wire/frame.ts';
import type {Ipv4} from '../../models/wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../models/wire/mac.ts';
import type {World} from '../../models/world/world.ts';
import type {Luck} from './luck.ts';

/** Does one thing to a world, in a way in which the models do it, and says what; undefined if it was not possible. */
export type Mutation = (world: World, luck: Luck) => string | undefined;

/** Who could be taken for whom in a cloud. */
export type Parties = {
  /** The routers' own addresses inside. */
  gatewaysOf(world: World): readonly {readonly mac: Mac; readonly address: Ipv4}[];
  /** The cloud's addresses on the external networks, with their MACs. */
  outsideOf(world: World): readonly (readonly [Ipv4, Mac])[];
};

/** All cards of a world. */
export function cardsOf(world: World): readonly Nic[] {
  const outside = [...world.site.stations.keys()].flatMap(name => world.site.cardOf(name) ?? []);
  return [...world.cloud.machines.flatMap(({nics}) => nics), ...outside];
}

/** What can happen to every cloud. */
export function commonMutations(parties: Parties): Readonly<Record<string, Mutation>> {
  return {
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
      const neighbours = addressesOn(world, nic, parties);
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
      const neighbours = [...world.site.stations.values(), ...parties.gatewaysOf(world)];
      const neighbour = luck.pick(neighbours);
      const mac = luck.happens(0.5) ? neighbour.mac : luck.pick(neighbours).mac;
      const frame = arpFrame(luck, mac, neighbour.address, station.address, station.mac);
      station.arrive(frame, strayPassage(world));
      return `${station.name} hears ${JSON.stringify(frame)}`;
    },

    daemon: (world, luck) => {
      const host = luck.pick(world.cloud.machines);
      // No probe asks for metadata.
      const able = Object.entries(host.daemons).filter(([program]) => program !== 'neutron-metadata-agent');
      const [name, daemon] = luck.pick(able);
      const how = luck.pick(['kill', 'stop', 'hang', 'release', 'resume'] as const);
      daemon[how]('test');
      return `${name} of ${host.name}: ${how}`;
    },

    chassis: (world, luck) => {
      const chassis = luck.pick(world.cloud.machines.filter(({role}) => role !== 'controller'));
      if (luck.happens(0.5)) chassis.crash('test');
      else chassis.boot('test');
      return `crash or boot of ${chassis.name}`;
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

    time: (world, luck) => {
      const wait = luck.whole(1, 9) * 10 ** luck.whole(3, 7);
      world.advance(world.now + wait);
      return `${wait / seconds(1)} s pass`;
    },
  };
}

/** Takes back what mishaps have left standing: cuts, rules, stopped daemons, machines that are off. */
export function repair(world: World): void {
  for (const nic of cardsOf(world)) {
    for (const key of ['a', 'b']) {
      nic.mend(key);
      nic.removeRule(key);
    }
  }
  for (const segment of world.site.segments.values()) segment.removeRule('a');
  for (const machine of world.cloud.machines) {
    if (machine.role !== 'controller') machine.boot('test');
    for (const daemon of Object.values(machine.daemons)) {
      daemon.release('test');
      daemon.resume('test');
    }
  }
  for (const station of world.site.stations.values()) if (!station.on) station.switch(true);
}

/** A packet that nobody waits for. */
export function strayPassage(world: World): Passage {
  return new Passage(world.ground, {sender: 'stray', number: world.now});
}

/** ARP by one party about another, or about itself. */
export function arpFrame(luck: Luck, senderMac: Mac, senderIp: Ipv4, targetIp: Ipv4, targetMac: Mac): Frame {
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
function addressesOn(world: World, nic: Nic, parties: Parties): readonly (readonly [Ipv4, Mac])[] {
  const cards = cardsOf(world)
    .filter(({segment}) => segment === nic.segment)
    .map(({address, mac}) => [address, mac] as const);
  return nic.segment.kind === 'provider' ? [...cards, ...parties.outsideOf(world)] : cards;
}

function someRule(luck: Luck): Rule {
  const direction = luck.pick(['in', 'out'] as const);
  const judgement = luck.pick([{lost: 'black hole'}, {late: 300}, {late: milliseconds(5)}] as const);
  return {direction, cause: 0, judge: () => judgement};
}
