import {ipv4PacketSize, type Ipv4Packet} from './ipv4-packet.ts';

const headerSize = 20;

/** Fragments begin at multiples of so many bytes of content (RFC 791, 3.1). */
const grain = 8;

/** Bytes of the largest packet that a link sees of it, which is what an MTU limits. */
export function largestPiece(packet: Ipv4Packet): number {
  return packet.pieces?.size ?? ipv4PacketSize(packet);
}

/** The packet in fragments that fit, each cut again if it was one already (RFC 791, 3.2). */
export function fragmented(packet: Ipv4Packet, mtu: number): Ipv4Packet {
  const most = Math.floor((mtu - headerSize) / grain) * grain;
  const content = ipv4PacketSize(packet) - headerSize;
  const {count, size} = packet.pieces ?? {count: 1, size: headerSize + content};
  const each = size - headerSize;
  const last = content - (count - 1) * each;
  const pieces = (count - 1) * Math.ceil(each / most) + Math.ceil(last / most);
  return {...packet, pieces: {count: pieces, size: headerSize + Math.min(most, each)}};
}

/** The packet put together again. Segments of TCP, which must not be fragmented, are not: they are no fragments. */
export function reassembled(packet: Ipv4Packet): Ipv4Packet {
  if (!packet.pieces || packet.dontFragment) return packet;
  const {pieces: _, ...whole} = packet;
  return whole;
}
