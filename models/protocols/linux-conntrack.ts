import type {Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Filed} from './conntrack-chains.ts';
import {makeEntry, type ConntrackEntry, type EntryHolder, type Removal} from './conntrack-entry.ts';
import type {ConntrackHost} from './conntrack-host.ts';
import type {ConntrackSettings} from './conntrack-settings.ts';
import {isOver, tcpStep, type TcpSegment, type TcpState} from './conntrack-tcp.ts';
import {trackOther, trackTcp, type Effect} from './conntrack-track.ts';
import {inverse, isIcmpQuestion, withDestination, type Direction, type Tuple} from './conntrack-tuple.ts';
import {NatMappings} from './nat-mappings.ts';
import {chooseSource, type SourceRange} from './nat-ports.ts';

export type ConntrackPort = {
  /**
   * When the last packet of the connection went that was counted instead of run; any moment before its last packet that was
   * run if there was none.
   */
  lastUsedAt(entry: ConntrackEntry): Time;
  removed(entry: ConntrackEntry, why: Removal): void;
};

export type ConntrackIdentity = {
  /** The namespace among those of its host. */
  readonly number: number;
  /** The `count`-th number of this namespace, uniform in [0, 1). */
  draw(count: number): number;
};

/** What tracking looks at in a packet; TCP has a segment. Its zone is 0 unless a rule has put it into another. */
export type TrackedPacket = {readonly tuple: Tuple; readonly segment?: TcpSegment; readonly zone?: number};

/** Which connection a packet belongs to. */
export type Tracked =
  /** None as yet: it is to be translated and confirmed, or abandoned where the packet is dropped. */
  | {readonly kind: 'new'; readonly entry: ConntrackEntry}
  /** This one: the packet is translated as its first one was. */
  | {readonly kind: 'known'; readonly entry: ConntrackEntry; readonly direction: Direction}
  /** None, nor does it begin one: it goes on as it is, translated by nobody. */
  | {readonly kind: 'invalid'}
  /** The table is full: the packet is dropped and its sender hears nothing. */
  | {readonly kind: 'full'};

/** The counters of `conntrack -S`. */
export type ConntrackCounters = {
  invalid: number;
  insertFailed: number;
  /** Packets dropped because the table was full. */
  drop: number;
  earlyDrop: number;
};

/** A connection that a program makes: what it says of one. */
export type Adopted = Pick<
  ConntrackEntry,
  'original' | 'reply' | 'replied' | 'assured' | 'sourceTranslated' | 'destinationTranslated'
> & {readonly tcpState: TcpState | undefined};

/** Which connections `conntrack -D` is to delete: `-d`, `-s`, `-q`, `-r`, `-p` and `-w`. */
export type Selection = {
  readonly originalDestination?: Ipv4;
  readonly originalSource?: Ipv4;
  readonly replyDestination?: Ipv4;
  readonly replySource?: Ipv4;
  readonly protocol?: Tuple['protocol'];
  readonly zone?: number;
};

/**
 * The connections of one network namespace of a Linux host (nf_conntrack_core.c, nf_nat_core.c). Nothing here waits: an entry
 * that has expired is not found any more, and counts until somebody comes across it or the host's collector passes. The
 * rules are evaluated outside, once for each new connection; what they said stays with the entry until it goes.
 *
 * Not modelled: helpers, marks, windows and sequence numbers of TCP. Expiry is exact where the kernel, which counts
 * jiffies, may be up to 4 ms early.
 */
export class LinuxConntrack implements EntryHolder {
  readonly counters: ConntrackCounters = {invalid: 0, insertFailed: 0, drop: 0, earlyDrop: 0};
  readonly #settings: ConntrackSettings;
  readonly #identity: ConntrackIdentity;
  readonly #host: ConntrackHost;
  readonly #port: ConntrackPort;
  readonly #entries = new Set<ConntrackEntry>();
  readonly #mappings = new NatMappings();
  /** Connections that were begun and not confirmed yet. */
  #unconfirmed = 0;
  #draws = 0;
  #lastFound: {readonly tuple: Tuple; readonly at: Time; readonly filed: Filed} | undefined;

  constructor(settings: ConntrackSettings, identity: ConntrackIdentity, host: ConntrackHost, port: ConntrackPort) {
    this.#settings = settings;
    this.#identity = identity;
    this.#host = host;
    this.#port = port;
  }

  get number(): number {
    return this.#identity.number;
  }

  /** `nf_conntrack_count`, which includes what has expired until it is collected. */
  get count(): number {
    return this.#entries.size + this.#unconfirmed;
  }

  /** The connections that have not expired, as `conntrack -L` lists them, the oldest first. */
  list(now: Time): readonly ConntrackEntry[] {
    return [...this.#entries].filter(entry => this.expiresAt(entry) > now);
  }

  /** From when on no packet finds the entry, if none keeps it until then. */
  expiresAt(entry: ConntrackEntry): Time {
    return Math.max(entry.refreshedAt, this.#port.lastUsedAt(entry)) + entry.timeout;
  }

  /** Until when packets like the last ones only refresh the entry; the first one later must be run. */
  steadyUntil({original, replied, assured, streamAt}: ConntrackEntry): Time {
    return original.protocol === 'udp' && replied && !assured ? streamAt : Number.POSITIVE_INFINITY;
  }

  /** The connection of a tuple, in whichever direction, without a trace: for ICMP errors and for those that look. */
  find(tuple: Tuple, now: Time, zone = 0): {readonly entry: ConntrackEntry; readonly direction: Direction} | undefined {
    // A packet is looked for several times on its way in.
    const last = this.#lastFound;
    if (last?.tuple === tuple && last.at === now && last.filed.entry.zone === zone && !last.filed.entry.gone) {
      return last.filed;
    }
    const filed = this.#host.chains.find(this, zone, tuple, now);
    this.#lastFound = filed && {tuple, at: now, filed};
    return filed;
  }

  /** Takes in a packet on its way in, before any rule has seen it. (nf_conntrack_in) */
  track(packet: TrackedPacket, now: Time): Tracked {
    const found = this.find(packet.tuple, now, packet.zone);
    if (!found) return this.#begin(packet, now);
    const {entry, direction} = found;
    const effect = this.#effect(entry, direction, packet, now);
    if (effect === 'reopen') {
      this.forget(entry, 'reopened');
      return this.#begin(packet, now);
    }
    if (effect === 'invalid') return this.#invalid();
    if (effect === 'end') this.forget(entry, 'reset');
    else if (direction === 'reply') entry.replied = true;
    return {kind: 'known', entry, direction};
  }

  /** Sends a connection that is not confirmed to another address, or port too: DNAT and REDIRECT. */
  translateDestination(entry: ConntrackEntry, address: Ipv4, port?: number): void {
    const before = inverse(entry.reply);
    const after = withDestination(before, address, port);
    this.#setReply(entry, inverse(after));
    if (after.destination !== before.destination || after.destinationPort !== before.destinationPort) {
      entry.destinationTranslated = true;
    }
  }

  /** Lets a connection that is not confirmed come from another address: SNAT. */
  translateSource(entry: ConntrackEntry, range: SourceRange, now: Time): void {
    const before = inverse(entry.reply);
    const after = chooseSource(before, range, {
      isTaken: tuple => this.find(inverse(tuple), now, entry.zone) !== undefined,
      isTakenForGood: tuple => this.#isTakenForGood(entry, tuple, now),
      mappings: () => this.#mappings.of(entry),
      draw: () => Math.floor(this.#identity.draw(this.#draws++) * 0x1_0000),
    });
    this.#setReply(entry, inverse(after));
    if (after.source !== before.source || after.sourcePort !== before.sourcePort) entry.sourceTranslated = true;
    this.#mappings.add(entry);
  }

  /** What becomes of a new connection that no rule translates: it keeps its port unless answers would be mistaken. */
  keepSource(entry: ConntrackEntry, now: Time): void {
    this.translateSource(entry, {address: entry.reply.destination}, now);
  }

  /** The first packet leaves. False if another connection has its tuples: then the packet is dropped. */
  confirm(entry: ConntrackEntry, now: Time): boolean {
    const {chains} = this.#host;
    const {zone, original, reply} = entry;
    if (chains.find(this, zone, original, now) ?? chains.find(this, zone, reply, now)) {
      this.counters.insertFailed++;
      this.abandon(entry);
      return false;
    }
    this.#unconfirmed--;
    entry.refreshedAt = now;
    entry.confirmed = true;
    this.#entries.add(entry);
    this.#host.file(entry, now);
    return true;
  }

  /** The first packet was dropped on its way: nothing is left of the connection. */
  abandon(entry: ConntrackEntry): void {
    this.forget(entry, 'refused');
  }

  /**
   * A program makes a connection (ctnetlink_create_conntrack). Returns it; undefined if another has one of its tuples, or the
   * table is full. Its windows are not known, so none is looked at, and UDP both ways is a stream at once.
   */
  adopt({original, reply, tcpState, ...rest}: Adopted, timeout: Time, now: Time): ConntrackEntry | undefined {
    const {chains, limits} = this.#host;
    if (chains.find(this, 0, original, now) ?? chains.find(this, 0, reply, now)) return undefined;
    const bucket = chains.bucketOf(this, 0, original);
    if (this.count + 1 > limits.max && this.#host.makeRoom(this, bucket, now) === 0) return undefined;
    const made = makeEntry(this, 0, original, bucket, now);
    const entry: ConntrackEntry = {...made, ...rest, timeout, confirmed: true, streamAt: 0};
    if (tcpState !== undefined) {
      entry.tcp.state = tcpState;
      entry.tcp.finished = isOver(tcpState);
    }
    this.#setReply(entry, reply);
    if (entry.sourceTranslated) this.#mappings.add(entry);
    this.#entries.add(entry);
    this.#host.file(entry, now);
    return entry;
  }

  /** Deletes and returns the connections that have all of what is given. (conntrack -D) */
  remove(which: Selection, now: Time): readonly ConntrackEntry[] {
    const chosen = this.list(now).filter(entry => isSelected(entry, which));
    for (const entry of chosen) this.forget(entry, 'deleted');
    return chosen;
  }

  /** Takes an entry out; for the collector and for this table. */
  forget(entry: ConntrackEntry, why: Removal): void {
    if (entry.gone) return;
    entry.gone = true;
    this.#mappings.remove(entry);
    if (!entry.confirmed) {
      this.#unconfirmed--;
      return;
    }
    this.#entries.delete(entry);
    this.#host.chains.remove(entry);
    this.#port.removed(entry, why);
  }

  #begin(packet: TrackedPacket, now: Time): Tracked {
    const {tuple, segment, zone = 0} = packet;
    const {chains, limits} = this.#host;
    const bucket = chains.bucketOf(this, zone, tuple);
    if (this.count + 1 > limits.max) {
      const dropped = this.#host.makeRoom(this, bucket, now);
      this.counters.earlyDrop += dropped;
      if (dropped === 0) {
        this.counters.drop++;
        return {kind: 'full'};
      }
    }
    if (!this.#mayBegin(tuple, segment)) return this.#invalid();
    const entry = makeEntry(this, zone, tuple, bucket, now);
    this.#setReply(entry, entry.reply);
    this.#unconfirmed++;
    this.#effect(entry, 'original', packet, now);
    return {kind: 'new', entry};
  }

  #mayBegin(tuple: Tuple, segment: TcpSegment | undefined): boolean {
    if (tuple.protocol === 'icmp') return isIcmpQuestion(tuple);
    if (tuple.protocol !== 'tcp') return true;
    const step = tcpStep('none', 'original', segment?.flags ?? 'none');
    return step === 'syn-sent' || (step !== 'invalid' && this.#settings.tcpLoose);
  }

  #effect(entry: ConntrackEntry, direction: Direction, {segment}: TrackedPacket, now: Time): Effect {
    return entry.original.protocol === 'tcp'
      ? trackTcp(entry, direction, segment ?? {flags: 'none'}, this.#settings, now)
      : trackOther(entry, this.#settings, now);
  }

  #invalid(): Tracked {
    this.counters.invalid++;
    return {kind: 'invalid'};
  }

  /**
   * A translated TCP connection that is over gives its port to a SYN (nf_nat_used_tuple_harder). The kernel also wants the
   * sequence number to have gone on; it is taken to have.
   */
  #isTakenForGood(newcomer: ConntrackEntry, tuple: Tuple, now: Time): boolean {
    const found = this.find(inverse(tuple), now, newcomer.zone);
    if (!found) return false;
    const {entry, direction} = found;
    const isSyn = newcomer.original.protocol === 'tcp' && newcomer.tcp.state === 'syn-sent';
    if (!isSyn || direction === 'original' || !entry.sourceTranslated || !isOver(entry.tcp.state)) return true;
    this.forget(entry, 'port reused');
    return false;
  }

  #setReply(entry: ConntrackEntry, reply: Tuple): void {
    entry.reply = reply;
    entry.buckets.reply = this.#host.chains.bucketOf(this, entry.zone, reply);
  }
}

function isSelected({original, reply, zone}: ConntrackEntry, which: Selection): boolean {
  const agrees = <T>(wanted: T | undefined, is: T): boolean => wanted === undefined || wanted === is;
  return (
    agrees(which.originalDestination, original.destination) &&
    agrees(which.originalSource, original.source) &&
    agrees(which.replyDestination, reply.destination) &&
    agrees(which.replySource, reply.source) &&
    agrees(which.protocol, original.protocol) &&
    agrees(which.zone, zone)
  );
}
