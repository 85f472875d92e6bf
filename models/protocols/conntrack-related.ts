import {requoted, readQuote, quotedBy} from '../wire/icmp-quote.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {icmpProtocol} from '../wire/icmp.ts';
import {tcpProtocol} from '../wire/tcp.ts';
import {udpProtocol} from '../wire/udp.ts';
import {translated, type ConntrackEntry} from './conntrack-entry.ts';
import {inverse, protocolNumber, type Direction, type Tuple} from './conntrack-tuple.ts';

/** The tuple of the packet that an ICMP error is about; undefined of all other packets. */
export function quotedTuple({payload}: Ipv4Packet): Tuple | undefined {
  const original = quotedBy(payload);
  const quote = original && readQuote(original);
  if (!quote) return undefined;
  const {source, destination, sourcePort = 0, destinationPort = 0, icmpType} = quote;
  switch (quote.protocol) {
    case udpProtocol:
      return {protocol: 'udp', source, sourcePort, destination, destinationPort};
    case tcpProtocol:
      return {protocol: 'tcp', source, sourcePort, destination, destinationPort};
    case icmpProtocol:
      return {protocol: 'icmp', source, sourcePort, destination, destinationPort: icmpType ?? 0};
    default:
      return {protocol: quote.protocol, source, sourcePort: 0, destination, destinationPort: 0};
  }
}

/**
 * An ICMP error about a connection, as those in `direction` are told it: to where its packets leave, from where they seem to
 * come if that is translated, and about the packet as they know it (nf_nat_icmp_reply_translation).
 */
export function toldOf(entry: ConntrackEntry, direction: Direction, error: Ipv4Packet): Ipv4Packet {
  const {payload} = error;
  const original = quotedBy(payload);
  if (!original) return error;
  const to = translated(entry, direction);
  const known = inverse(to);
  const hides = direction === 'reply' ? entry.destinationTranslated : entry.sourceTranslated;
  const quote = {...known, protocol: protocolNumber(known), icmpType: undefined};
  return {
    ...error,
    source: hides ? to.source : error.source,
    destination: to.destination,
    payload: {...payload, original: requoted(original, quote)} as Ipv4Packet['payload'],
  };
}
