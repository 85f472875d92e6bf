import {echoReply, echoRequest, type Tuple} from '../../protocols/conntrack-tuple.ts';
import type {TcpFlags, TcpSegment} from '../../protocols/conntrack-tcp.ts';
import type {TrackedPacket} from '../../protocols/linux-conntrack.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {advanced} from '../../wire/sequence.ts';
import type {Tcp} from '../../wire/tcp.ts';

/** The numbers that a segment takes, and up to where it acknowledges (nf_conntrack_proto_tcp.c, segment_seq_plus_len). */
function rangeOf({sequence, acknowledgement, syn, fin, ack, payload}: Tcp): Pick<TcpSegment, 'end' | 'acknowledges'> {
  const end = advanced(sequence, payload.size + (syn ? 1 : 0) + (fin ? 1 : 0));
  return {end, ...(ack && {acknowledges: acknowledgement})};
}

function flagsOf({rst, syn, ack, fin}: Tcp): TcpFlags {
  if (rst) return 'rst';
  if (syn) return ack ? 'syn-ack' : 'syn';
  if (fin) return 'fin';
  return ack ? 'ack' : 'none';
}

const icmpTypes = {request: echoRequest, reply: echoReply} as const;

/** What connection tracking looks at in a packet; undefined if it does not track such a packet. */
export function trackedPacketOf({source, destination, payload}: Ipv4Packet): TrackedPacket | undefined {
  switch (payload.kind) {
    case 'udp': {
      const {sourcePort, destinationPort} = payload;
      return {tuple: {protocol: 'udp', source, sourcePort, destination, destinationPort}};
    }
    case 'tcp': {
      const {sourcePort, destinationPort} = payload;
      return {
        tuple: {protocol: 'tcp', source, sourcePort, destination, destinationPort},
        segment: {flags: flagsOf(payload), ...rangeOf(payload)},
      };
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
