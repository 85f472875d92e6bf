import type {Fact} from '../../../engine/ledger.ts';
import type {Ground} from '../../ground.ts';
import {translated, type ConntrackEntry} from '../../protocols/conntrack-entry.ts';
import {quotedTuple, toldOf} from '../../protocols/conntrack-related.ts';
import {inverse, opposite, type Direction, type Tuple} from '../../protocols/conntrack-tuple.ts';
import type {LinuxConntrack, Selection} from '../../protocols/linux-conntrack.ts';
import {passNatHook} from '../../protocols/nat-hooks.ts';
import type {NatTable} from '../../protocols/nat-rules.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import {asItIs, type AddressTranslation, type Transit} from './namespace.ts';
import {TrackedConnections, type TrackingNamespace} from './tracked-connections.ts';
import {trackedPacketOf} from './tracked-packet.ts';

export type NamespaceTranslationSettings = TrackingNamespace & {
  /** Marks of the mangle table: what a packet that came in by a device carries. */
  markOf(device: string | undefined): number;
  /** The first address of a device, to which REDIRECT sends. */
  addressOf(device: string): Ipv4 | undefined;
};

/** By which device a packet came in, undefined of the namespace's own, and the rules of that moment. */
type Arrival = {readonly device: string | undefined; readonly table: NatTable};

/** Connection tracking and the nat table of a namespace, as packets meet them. */
export class NamespaceTranslation implements AddressTranslation {
  readonly tracked: TrackedConnections;
  readonly #ground: Ground;
  readonly #settings: NamespaceTranslationSettings;
  readonly #loaded: Fact;
  #table: NatTable | undefined = new Map();

  constructor(ground: Ground, settings: NamespaceTranslationSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.#loaded = ground.ledger.add();
    this.tracked = new TrackedConnections(ground, settings);
  }

  /**
   * The rules at present. Connections that exist go on as they began, whatever the rules become. Undefined until the first are
   * written: without them the kernel tracks no connection in the namespace (nf_ct_netns_get).
   */
  get table(): NatTable | undefined {
    return this.#table;
  }

  set table(table: NatTable | undefined) {
    const {ledger, engine} = this.#ground;
    if (this.#table === undefined) ledger.changed(this.#loaded, engine.cause);
    this.#table = table;
  }

  get connections(): LinuxConntrack {
    return this.tracked.table;
  }

  /** `conntrack -D`. */
  remove(which: Selection): void {
    this.tracked.remove(which);
  }

  enter(packet: Ipv4Packet, device: string | undefined, passage: Passage): Transit | Verdict {
    const table = this.#table;
    if (!table) {
      passage.rely(this.#loaded);
      return asItIs(packet);
    }
    const quoted = quotedTuple(packet);
    if (quoted) return this.#related(packet, quoted, passage);
    const looked = trackedPacketOf(packet);
    if (!looked) return asItIs(packet);
    const tracked = this.tracked.track(looked, passage);
    switch (tracked.kind) {
      case 'full':
        return dropped('connection table full', this.#settings.place);
      case 'invalid':
        return asItIs(packet);
      case 'known':
        return known(packet, tracked.entry, tracked.direction);
      case 'new':
        return this.#new(packet, tracked.entry, {device, table}, passage);
    }
  }

  /** An ICMP error goes the way of the answers to the packet that it is about, and keeps nothing alive. */
  #related(error: Ipv4Packet, quoted: Tuple, passage: Passage): Transit {
    passage.once();
    const found = this.connections.find(inverse(quoted), this.#ground.engine.now);
    if (!found) return asItIs(error);
    const told = toldOf(found.entry, found.direction, error);
    return {...asItIs({...told, source: error.source}), leave: leaving => ({...leaving, source: told.source})};
  }

  #new(packet: Ipv4Packet, entry: ConntrackEntry, {device, table}: Arrival, passage: Passage): Transit {
    const {connections} = this;
    const {now} = this.#ground.engine;
    const {place, markOf, addressOf} = this.#settings;
    const input = device === undefined ? {} : {input: device};
    const redirectTo = device === undefined ? undefined : addressOf(device);
    const way = {...input, mark: markOf(device), ...(redirectTo !== undefined && {redirectTo})};
    passNatHook(connections, table, device === undefined ? 'OUTPUT' : 'PREROUTING', entry, way, now);
    const confirm = (): boolean => this.tracked.confirm(entry);
    return {
      packet: withDestinationOf(packet, inverse(entry.reply)),
      toldOf: error => toldOf(entry, 'reply', error),
      leave: (leaving, output) => {
        passNatHook(connections, table, 'POSTROUTING', entry, {...way, output}, now);
        return confirm() ? withSourceOf(leaving, inverse(entry.reply)) : dropped('no free port', place);
      },
      takeIn: () => {
        passNatHook(connections, table, 'INPUT', entry, way, now);
        return confirm() ? undefined : dropped('no free port', place);
      },
      abandon: () => {
        connections.abandon(entry);
        passage.once();
      },
    };
  }
}

/** A packet of a connection that exists is translated as its first one was. */
function known(packet: Ipv4Packet, entry: ConntrackEntry, direction: Direction): Transit {
  const to = translated(entry, direction);
  return {
    packet: withDestinationOf(packet, to),
    toldOf: error => toldOf(entry, opposite(direction), error),
    leave: leaving => withSourceOf(leaving, to),
    takeIn: () => undefined,
    abandon: () => undefined,
  };
}

/** The identifier of an echo's answer, too, is that under which it was asked. */
function withDestinationOf(packet: Ipv4Packet, tuple: Tuple): Ipv4Packet {
  const {payload} = packet;
  const addressed = {...packet, destination: tuple.destination};
  if (payload.kind === 'icmp-echo' && payload.operation === 'reply') {
    return {...addressed, payload: {...payload, identifier: tuple.sourcePort}};
  }
  if (payload.kind !== 'udp' && payload.kind !== 'tcp') return addressed;
  return {...addressed, payload: {...payload, destinationPort: tuple.destinationPort}};
}

/** Of an echo, the identifier is on the side that asked. */
function withSourceOf(packet: Ipv4Packet, tuple: Tuple): Ipv4Packet {
  const {payload} = packet;
  const addressed = {...packet, source: tuple.source};
  if (payload.kind === 'udp' || payload.kind === 'tcp')
    return {...addressed, payload: {...payload, sourcePort: tuple.sourcePort}};
  if (payload.kind === 'icmp-echo') return {...addressed, payload: {...payload, identifier: tuple.sourcePort}};
  return addressed;
}
