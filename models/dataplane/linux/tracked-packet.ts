import {echoReply, echoRequest, type Tuple} from '../../protocols/conntrack-tuple.ts';
import type {TrackedPacket} from '../../protocols/linux-conntrack.ts';
import {icmpProtocol} from '../../wire/icmp.ts';
import {readQuote} from '../../wire/icmp-quote.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {tcpProtocol} from '../../wire/tcp.ts';
import {udpProtocol} from '../../wire/udp.ts';

const icmpTypes = {request: echoRequest, reply: echoReply} as const;

/** What connection tracking looks at in a packet; undefined if it does not track such a packet. */
export function trackedPacketOf({source, destination, payload}: Ipv4Packet): TrackedPacket | undefined {
  switch (payload.kind) {
    case 'udp': {
      const {sourcePort, destinationPort} = payload;
      return {tuple: {protocol: 'udp', source, sourcePort, destination, destinationPort}};
    }
    case 'icmp-echo': {
      const {identifier, operation} = payload;
      const tuple: Tuple = {
        ...{protocol: 'icmp', source, destination},
        ...{sourcePort: identifier, destinationPort: icmpTypes[operation]},
      };
      return {tuple};
    }
    default:
      return undefined;
  }
}

/** The packet that an ICMP error is about, as tracking looks for it; undefined of any other packet. */
export function quotedTupleOf({payload}: Ipv4Packet): Tuple | undefined {
  if (!('original' in payload)) return undefined;
  const quote = readQuote(payload.original);
  if (!quote) return undefined;
  const {protocol, source, destination, sourcePort = 0, destinationPort = 0} = quote;
  const ends = {source, sourcePort, destination};
  switch (protocol) {
    case tcpProtocol:
      return {protocol: 'tcp', ...ends, destinationPort};
    case udpProtocol:
      return {protocol: 'udp', ...ends, destinationPort};
    case icmpProtocol:
      return {protocol: 'icmp', ...ends, destinationPort: echoRequest};
    default:
      return {protocol, ...ends, destinationPort};
  }
}
