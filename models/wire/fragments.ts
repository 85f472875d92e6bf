import {ipv4PacketSize, type Ipv4Packet} from './ipv4-packet.ts';

const headerSize = 20;

/** Fragments begin at multiples of so many bytes of content (RFC 791, 3.1). */
const grain = 8;

/** Bytes of the largest packet that a link sees of it, which is what an MTU limits. */
export function largestPiece(packet: Ipv4Packet): number {
  return packet.pieces?.size ?? ipv4PacketSize(packet);
}

/** Bytes of the buffers in which a kernel holds it: one for each fragment. Segments of TCP are one until the card cuts them. */
export function bufferSizes(packet: Ipv4Packet): readonly number[] {
  const whole = ipv4PacketSize(packet);
  const {pieces} = packet;
  if (!pieces || packet.dontFragment) return [whole];
  const {count, size} = pieces;
  const last = Math.min(Math.max(whole - (count - 1) * (size - headerSize), headerSize + grain), size);
  return Array.from({length: count}, (_, index) => (index < count - 1 ? size : last));
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
