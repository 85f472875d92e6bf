import {seconds, toSeconds, type Time} from '../../engine/time.ts';
import {formatTuple, inverse, protocolNumber, type Direction, type Tuple} from './conntrack-tuple.ts';
import type {TcpState} from './conntrack-tcp.ts';

/** Why an entry is gone. */
export type Removal = 'expired' | 'early drop' | 'reset' | 'reopened' | 'port reused' | 'deleted' | 'refused';

/** Who holds an entry: the table of a namespace, to those that look over all namespaces of a host. */
export type EntryHolder = {
  readonly number: number;
  readonly count: number;
  expiresAt(entry: ConntrackEntry): Time;
  forget(entry: ConntrackEntry, why: Removal): void;
};

/** One connection. Only its table writes to it. */
export type ConntrackEntry = {
  readonly holder: EntryHolder;
  /** The zone of its namespace (`-j CT --zone`): the same tuple in another is another connection. */
  readonly zone: number;
  /** As the first packet came. */
  readonly original: Tuple;
  /** As answers come. */
  reply: Tuple;
  /** Where the two tuples are filed. */
  readonly buckets: {readonly original: number; reply: number};
  /** A packet has gone the other way. */
  replied: boolean;
  /** ASSURED: a full table does not drop it. */
  assured: boolean;
  sourceTranslated: boolean;
  destinationTranslated: boolean;
  /** Its first packet has left, and others find it. */
  confirmed: boolean;
  gone: boolean;
  /** When the last packet that was run has kept it; packets that were counted are asked for. */
  refreshedAt: Time;
  timeout: Time;
  /** A packet after this moment makes a replied UDP connection a stream. */
  readonly streamAt: Time;
  tcp: TcpProgress;
};

export type TcpProgress = {
  state: TcpState;
  /** Who has sent something that was not acknowledged. */
  readonly unacknowledged: Record<Direction, boolean>;
  /** The number after the last that each has sent; undefined if no segment has told. */
  readonly ends: Record<Direction, number | undefined>;
  /** A FIN was seen. */
  finished: boolean;
  /** Who sent the reset that was the last segment. */
  resetBy: Direction | undefined;
  /** Who sent a SYN that was ignored, which an answer may still prove right. */
  ignoredSynBy: Direction | undefined;
};

/** How long UDP goes both ways before it is a stream (nf_conntrack_proto_udp.c). */
const streamDelay = seconds(2);

/** A connection that a packet begins; its reply tuple is not filed yet. */
export function makeEntry(
  holder: EntryHolder,
  zone: number,
  original: Tuple,
  bucket: number,
  now: Time,
): ConntrackEntry {
  return {
    holder,
    zone,
    original,
    reply: inverse(original),
    buckets: {original: bucket, reply: 0},
    replied: false,
    assured: false,
    sourceTranslated: false,
    destinationTranslated: false,
    confirmed: false,
    gone: false,
    refreshedAt: now,
    timeout: 0,
    streamAt: now + streamDelay,
    tcp: {
      state: 'none',
      unacknowledged: {original: false, reply: false},
      ends: {original: undefined, reply: undefined},
      finished: false,
      resetBy: undefined,
      ignoredSynBy: undefined,
    },
  };
}

/** The tuple under which a packet of the connection leaves. */
export function translated(entry: ConntrackEntry, direction: Direction): Tuple {
  return inverse(direction === 'original' ? entry.reply : entry.original);
}

/** `udp 17 29 src=… src=… [ASSURED] mark=0 use=1`, as the conntrack tool prints it. */
export function formatEntry(entry: ConntrackEntry, now: Time): string {
  const {original, reply, replied, assured, tcp, holder, zone} = entry;
  const left = Math.max(0, Math.floor(toSeconds(holder.expiresAt(entry) - now)));
  const name = typeof original.protocol === 'number' ? 'unknown' : original.protocol;
  const state = original.protocol === 'tcp' ? `${tcp.state.toUpperCase().replace('-', '_')} ` : '';
  const unreplied = replied ? '' : '[UNREPLIED] ';
  const flags = assured ? '[ASSURED] ' : '';
  const tuples = `${formatTuple(original)} ${unreplied}${formatTuple(reply)}`;
  const inZone = zone === 0 ? '' : `zone=${zone} `;
  return `${name} ${protocolNumber(original)} ${left} ${state}${tuples} ${flags}mark=0 ${inZone}use=1`;
}
