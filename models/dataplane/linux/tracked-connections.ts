import {draw} from '../../../engine/chance.ts';
import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {ConntrackEntry, TcpProgress} from '../../protocols/conntrack-entry.ts';
import type {ConntrackHost} from '../../protocols/conntrack-host.ts';
import {conntrackDefaults} from '../../protocols/conntrack-settings.ts';
import {
  LinuxConntrack,
  type Adopted,
  type Selection,
  type Tracked,
  type TrackedPacket,
} from '../../protocols/linux-conntrack.ts';
import {advanced} from '../../wire/sequence.ts';
import type {Passage} from '../passage.ts';

/** A namespace whose connections are tracked. */
export type TrackingNamespace = {
  /** As results call it. */
  readonly place: string;
  /** Its number among those of its host. */
  readonly number: number;
  readonly host: ConntrackHost;
  /** A connection began: the host's collector may have to pass earlier. */
  rearm(): void;
};

/** Told of connections that begin, change and end, as the kernel tells programs that listen (ctnetlink). */
export type ConnectionWatcher = (what: 'new' | 'update' | 'destroy', entry: ConntrackEntry) => void;

/** The connections of a namespace, as packets meet them: those that only keep a connection alive may be repeated. */
export class TrackedConnections {
  readonly table: LinuxConntrack;
  /** Undefined if nobody listens. */
  watcher: ConnectionWatcher | undefined;
  readonly #ground: Ground;
  readonly #namespace: TrackingNamespace;
  readonly #facts = new Map<ConntrackEntry, Fact>();

  constructor(ground: Ground, namespace: TrackingNamespace) {
    this.#ground = ground;
    this.#namespace = namespace;
    const draws = ground.streams.of(`${namespace.place}/source ports`);
    this.table = new LinuxConntrack(
      conntrackDefaults,
      {number: namespace.number, draw: count => draw(draws, count)},
      namespace.host,
      {
        lastUsedAt: entry => ground.ledger.keptAt(this.#factOf(entry)),
        removed: entry => {
          const fact = this.#facts.get(entry);
          if (fact !== undefined) ground.ledger.changed(fact, ground.engine.cause);
          this.#facts.delete(entry);
          this.watcher?.('destroy', entry);
        },
      },
    );
  }

  /** Takes in a packet on its way in, before any rule has seen it. */
  track(packet: TrackedPacket, passage: Passage): Tracked {
    const {now} = this.#ground.engine;
    const before = this.#stateOf(packet);
    const endsBefore = this.#endsOf(packet);
    const tracked = this.table.track(packet, now);
    if (tracked.kind !== 'known') {
      passage.once();
      return tracked;
    }
    const {entry} = tracked;
    const fact = this.#factOf(entry);
    passage.rely(fact);
    passage.keep(fact);
    const isSteady = now >= this.table.steadyUntil(entry) || entry.assured;
    const isChanged = before !== this.#stateOf(packet);
    if (isChanged && !entry.gone) this.watcher?.('update', entry);
    if (isChanged || (entry.original.protocol === 'udp' && entry.replied && !isSteady)) {
      passage.once();
    }
    const {tcp} = entry;
    if (endsBefore) passage.again(againIn(entry, endsBefore, {...tcp.ends}, {...tcp.unacknowledged}));
    return tracked;
  }

  /** The first packet of a connection leaves. False if another connection has its tuples: then the packet is dropped. */
  confirm(entry: ConntrackEntry): boolean {
    const {engine, ledger} = this.#ground;
    const confirmed = this.table.confirm(entry, engine.now);
    if (confirmed) {
      ledger.keep(this.#factOf(entry), engine.now);
      this.#namespace.rearm();
      this.watcher?.('new', entry);
    }
    return confirmed;
  }

  /** A program makes a connection. False if the kernel refuses. */
  adopt(connection: Adopted, timeout: Time): boolean {
    const adopted = this.table.adopt(connection, timeout, this.#ground.engine.now);
    if (adopted) this.#namespace.rearm();
    return adopted !== undefined;
  }

  /** `conntrack -D`. */
  remove(which: Selection): void {
    this.table.remove(which, this.#ground.engine.now);
  }

  /** What of a connection a packet may change; undefined if there is none. */
  #stateOf({tuple, zone}: TrackedPacket): string | undefined {
    const found = this.table.find(tuple, this.#ground.engine.now, zone);
    if (!found) return undefined;
    const {replied, assured, timeout, tcp, original} = found.entry;
    if (original.protocol !== 'tcp') return `${replied} ${assured} ${timeout}`;
    // Whether everything is acknowledged changes with each segment of a connection that is well, and its time-out with it.
    return `${replied} ${assured} ${tcp.state} ${tcp.finished} ${tcp.resetBy} ${tcp.ignoredSynBy}`;
  }

  #endsOf({tuple, zone}: TrackedPacket): TcpProgress['ends'] | undefined {
    if (tuple.protocol !== 'tcp') return undefined;
    const found = this.table.find(tuple, this.#ground.engine.now, zone);
    return found && {...found.entry.tcp.ends};
  }

  #factOf(entry: ConntrackEntry): Fact {
    let fact = this.#facts.get(entry);
    if (fact === undefined) this.#facts.set(entry, (fact = this.#ground.ledger.add()));
    return fact;
  }
}

/** What a segment does that only moves a connection on: numbers grow by as much each time, the rest is as it left it. */
function againIn(
  entry: ConntrackEntry,
  before: TcpProgress['ends'],
  after: TcpProgress['ends'],
  unacknowledged: TcpProgress['unacknowledged'],
): (times: number) => void {
  const {timeout} = entry;
  return times => {
    for (const direction of ['original', 'reply'] as const) {
      const [from, to] = [before[direction], after[direction]];
      const now = entry.tcp.ends[direction];
      if (from !== undefined && to !== undefined && now !== undefined) {
        entry.tcp.ends[direction] = advanced(now, times * advanced(to, -from));
      }
    }
    Object.assign(entry.tcp.unacknowledged, unacknowledged);
    entry.timeout = timeout;
  };
}
