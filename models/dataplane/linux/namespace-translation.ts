import {draw} from '../../../engine/chance.ts';
import type {Fact} from '../../../engine/ledger.ts';
import type {Ground} from '../../ground.ts';
import {translated, type ConntrackEntry} from '../../protocols/conntrack-entry.ts';
import type {ConntrackHost} from '../../protocols/conntrack-host.ts';
import {conntrackDefaults} from '../../protocols/conntrack-settings.ts';
import {inverse, type Direction, type Tuple} from '../../protocols/conntrack-tuple.ts';
import {LinuxConntrack, type Selection} from '../../protocols/linux-conntrack.ts';
import {passNatHook} from '../../protocols/nat-hooks.ts';
import type {NatTable} from '../../protocols/nat-rules.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {AddressTranslation, Transit} from './namespace.ts';

export type NamespaceTranslationSettings = {
  /** The namespace, as results call it. */
  readonly place: string;
  /** Its number among those of its host. */
  readonly number: number;
  readonly host: ConntrackHost;
  /** A connection began: the host's collector may have to pass earlier. */
  rearm(): void;
  /** Marks of the mangle table: what a packet that came in by a device carries. */
  markOf(device: string | undefined): number;
  /** The first address of a device, to which REDIRECT sends. */
  addressOf(device: string): Ipv4 | undefined;
};

/** Connection tracking and the nat table of a namespace, as packets meet them. */
export class NamespaceTranslation implements AddressTranslation {
  readonly connections: LinuxConntrack;
  /** The rules at present. Connections that exist go on as they began, whatever the rules become. */
  table: NatTable = new Map();
  readonly #ground: Ground;
  readonly #settings: NamespaceTranslationSettings;
  readonly #facts = new Map<ConntrackEntry, Fact>();

  constructor(ground: Ground, settings: NamespaceTranslationSettings) {
    this.#ground = ground;
    this.#settings = settings;
    const draws = ground.streams.of(`${settings.place}/source ports`);
    this.connections = new LinuxConntrack(
      conntrackDefaults,
      {number: settings.number, draw: count => draw(draws, count)},
      settings.host,
      {
        lastUsedAt: entry => ground.ledger.keptAt(this.#factOf(entry)),
        removed: entry => {
          const fact = this.#facts.get(entry);
          if (fact !== undefined) ground.ledger.changed(fact, ground.engine.cause);
          this.#facts.delete(entry);
        },
      },
    );
  }

  /** `conntrack -D`. */
  remove(which: Selection): void {
    this.connections.remove(which, this.#ground.engine.now);
  }

  enter(packet: Ipv4Packet, device: string | undefined, passage: Passage): Transit | Verdict {
    const {now} = this.#ground.engine;
    const {place} = this.#settings;
    const tuple = tupleOf(packet);
    if (!tuple) return untracked(packet);
    const before = this.#stateOf(tuple);
    const tracked = this.connections.track({tuple}, now);
    switch (tracked.kind) {
      case 'full':
        passage.once();
        return dropped('connection table full', place);
      case 'invalid':
        passage.once();
        return untracked(packet);
      case 'known':
        return this.#known(packet, tracked.entry, tracked.direction, before, passage);
      case 'new':
        passage.once();
        return this.#new(packet, tracked.entry, device, passage);
    }
  }

  #known(
    packet: Ipv4Packet,
    entry: ConntrackEntry,
    direction: Direction,
    before: string | undefined,
    passage: Passage,
  ): Transit {
    const fact = this.#factOf(entry);
    passage.rely(fact);
    passage.keep(fact);
    const isSteady = this.#ground.engine.now >= this.connections.steadyUntil(entry) || entry.assured;
    const changes =
      before !== this.#stateOf(entry.original) || (entry.original.protocol === 'udp' && entry.replied && !isSteady);
    if (changes) passage.once();
    const to = translated(entry, direction);
    return {
      packet: withDestinationOf(packet, to),
      leave: leaving => withSourceOf(leaving, to),
      takeIn: () => undefined,
      abandon: () => undefined,
    };
  }

  #new(packet: Ipv4Packet, entry: ConntrackEntry, device: string | undefined, passage: Passage): Transit {
    const {connections} = this;
    const {now} = this.#ground.engine;
    const {place, markOf, addressOf} = this.#settings;
    const input = device === undefined ? {} : {input: device};
    const redirectTo = device === undefined ? undefined : addressOf(device);
    const way = {...input, mark: markOf(device), ...(redirectTo !== undefined && {redirectTo})};
    passNatHook(connections, this.table, device === undefined ? 'OUTPUT' : 'PREROUTING', entry, way, now);
    const confirm = (): boolean => {
      const confirmed = connections.confirm(entry, now);
      if (confirmed) {
        this.#ground.ledger.keep(this.#factOf(entry), now);
        this.#settings.rearm();
      }
      return confirmed;
    };
    return {
      packet: withDestinationOf(packet, inverse(entry.reply)),
      leave: (leaving, output) => {
        passNatHook(connections, this.table, 'POSTROUTING', entry, {...way, output}, now);
        return confirm() ? withSourceOf(leaving, inverse(entry.reply)) : dropped('no free port', place);
      },
      takeIn: () => {
        passNatHook(connections, this.table, 'INPUT', entry, way, now);
        return confirm() ? undefined : dropped('no free port', place);
      },
      abandon: () => {
        connections.abandon(entry);
        passage.once();
      },
    };
  }

  /** What of a connection a packet may change; undefined if there is none. */
  #stateOf(tuple: Tuple): string | undefined {
    const found = this.connections.find(tuple, this.#ground.engine.now);
    return found && `${found.entry.replied} ${found.entry.assured} ${found.entry.timeout}`;
  }

  #factOf(entry: ConntrackEntry): Fact {
    let fact = this.#facts.get(entry);
    if (fact === undefined) this.#facts.set(entry, (fact = this.#ground.ledger.add()));
    return fact;
  }
}

function untracked(packet: Ipv4Packet): Transit {
  return {packet, leave: leaving => leaving, takeIn: () => undefined, abandon: () => undefined};
}

const icmpTypes = {request: 8, reply: 0} as const;

function tupleOf({source, destination, payload}: Ipv4Packet): Tuple | undefined {
  switch (payload.kind) {
    case 'udp': {
      const {sourcePort, destinationPort} = payload;
      return {protocol: 'udp', source, sourcePort, destination, destinationPort};
    }
    case 'icmp-echo': {
      const {identifier, operation} = payload;
      return {protocol: 'icmp', source, sourcePort: identifier, destination, destinationPort: icmpTypes[operation]};
    }
    default:
      return undefined;
  }
}

function withDestinationOf(packet: Ipv4Packet, tuple: Tuple): Ipv4Packet {
  const {payload} = packet;
  const addressed = {...packet, destination: tuple.destination};
  if (payload.kind !== 'udp') return addressed;
  return {...addressed, payload: {...payload, destinationPort: tuple.destinationPort}};
}

/** Of an echo, the identifier is on the side that asked. */
function withSourceOf(packet: Ipv4Packet, tuple: Tuple): Ipv4Packet {
  const {payload} = packet;
  const addressed = {...packet, source: tuple.source};
  if (payload.kind === 'udp') return {...addressed, payload: {...payload, sourcePort: tuple.sourcePort}};
  if (payload.kind === 'icmp-echo') return {...addressed, payload: {...payload, identifier: tuple.sourcePort}};
  return addressed;
}
