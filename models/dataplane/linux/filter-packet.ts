import type {FilterPacket} from '../../protocols/filter-rules.ts';
import type {Frame} from '../../wire/frame.ts';
import {icmpTypeOf} from '../../wire/icmp.ts';
import {protocolOf, type Ipv4Packet} from '../../wire/ipv4-packet.ts';

/** What rules of a filter table see of a packet, but for its state and its way. */
export function filterPacketOf(packet: Ipv4Packet, frame: Frame): Omit<FilterPacket, 'state'> {
  const {source, destination, payload} = packet;
  const ends = {source, destination, sourceMac: frame.source};
  switch (payload.kind) {
    case 'udp':
    case 'tcp': {
      const {kind: protocol, sourcePort, destinationPort} = payload;
      return {...ends, protocol, sourcePort, destinationPort};
    }
    case 'icmp-echo':
    case 'icmp-unreachable':
    case 'icmp-too-big':
    case 'icmp-time-exceeded':
      return {...ends, protocol: 'icmp', icmp: icmpTypeOf(payload)};
    default:
      return {...ends, protocol: protocolOf(payload)};
  }
}
