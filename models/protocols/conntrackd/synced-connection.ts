import {toSeconds, type Time} from '../../../engine/time.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {ConntrackEntry} from '../conntrack-entry.ts';
import type {TcpState} from '../conntrack-tcp.ts';
import type {Tuple} from '../conntrack-tuple.ts';

/** What conntrackd knows and tells of a connection (src/build.c): nothing of windows, and the time left of that moment. */
export type SyncedConnection = {
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly replied: boolean;
  readonly assured: boolean;
  readonly sourceTranslated: boolean;
  readonly destinationTranslated: boolean;
  /** Undefined: it is not TCP. */
  readonly tcpState: TcpState | undefined;
  /** Whole seconds. */
  readonly timeout: number;
};

/** A connection as the kernel tells of it at this moment. */
export function syncedOf(entry: ConntrackEntry, now: Time): SyncedConnection {
  const {original, reply, replied, assured, sourceTranslated, destinationTranslated, tcp, holder} = entry;
  return {
    ...{original, reply, replied, assured, sourceTranslated, destinationTranslated},
    tcpState: original.protocol === 'tcp' ? tcp.state : undefined,
    timeout: Math.max(0, Math.floor(toSeconds(holder.expiresAt(entry) - now))),
  };
}

/** Whether the kernel would tell that one has become the other: by a reply, as assured, or by its state (ctnetlink). */
export function isNews(before: SyncedConnection, after: SyncedConnection): boolean {
  return before.replied !== after.replied || before.assured !== after.assured || before.tcpState !== after.tcpState;
}

/** `Filter From Kernelspace` as Neutron writes it: these protocols, but nothing from or to an address of the host itself. */
export function isSynced({original}: Pick<ConntrackEntry, 'original'>, ignored: Ipv4): boolean {
  const {protocol, source, destination} = original;
  return typeof protocol !== 'number' && ![source, destination].some(address => address === ignored);
}

/** Bytes of a message about a connection: a header of 8 and an attribute for each thing, 4 before each (src/build.c). */
export function messageSize({original, reply, tcpState}: SyncedConnection): number {
  const {protocol, source, sourcePort, destination, destinationPort} = original;
  const always = 8 + 12 + 8 + 8 + 8;
  const ports = protocol === 'icmp' ? 24 : 8;
  const changed = [
    reply.destination !== source,
    reply.source !== destination,
    protocol !== 'icmp' && reply.destinationPort !== sourcePort,
    protocol !== 'icmp' && reply.sourcePort !== destinationPort,
  ];
  return always + ports + (tcpState === undefined ? 0 : 8) + 8 * changed.filter(Boolean).length;
}
