import type {FilterPacket, PacketState} from '../../protocols/filter-rules.ts';
import type {Frame} from '../../wire/frame.ts';
import {icmpTypeOf} from '../../wire/icmp.ts';
import {protocolOf, type Ipv4Packet} from '../../wire/ipv4-packet.ts';

/** What the rules of a port see of a packet: they do not ask for its way, which led to them. */
export function filterPacketOf(packet: Ipv4Packet, {source: sourceMac}: Frame, state: PacketState): FilterPacket {
  const {source, destination, payload} = packet;
  switch (payload.kind) {
    case 'udp':
    case 'tcp': {
      const {kind: protocol, sourcePort, destinationPort} = payload;
      return {source, destination, sourceMac, state, protocol, sourcePort, destinationPort};
    }
    case 'icmp-echo':
    case 'icmp-unreachable':
    case 'icmp-too-big':
    case 'icmp-time-exceeded':
      return {source, destination, sourceMac, state, protocol: 'icmp', icmp: icmpTypeOf(payload)};
    default:
      return {source, destination, sourceMac, state, protocol: protocolOf(payload)};
  }
}
