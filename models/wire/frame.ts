import {arpSize, decodeArp, encodeArp, type Arp} from './arp.ts';
import {ByteReader, ByteWriter} from './bytes.ts';
import {decodeIpv4Packet, encodeIpv4Packet, ipv4PacketSize, type Ipv4Packet} from './ipv4-packet.ts';
import type {Mac} from './mac.ts';

/** An Ethernet frame without its frame check sequence. A tunnel holds frames too, so the messages form a circle. */
export type Frame = {
  readonly source: Mac;
  readonly destination: Mac;
  /** The VLAN of its 802.1Q tag, 12 bits; undefined without a tag. Priorities are not modelled. */
  readonly vlan: number | undefined;
  readonly payload: Arp | Ipv4Packet;
};

const headerSize = 14;
const tagSize = 4;
const etherTypes = {ipv4: 0x0800, arp: 0x0806, vlan: 0x8100};

/** Bytes on the wire without the frame check sequence and without padding to the least size of 60. */
export function frameSize(frame: Frame): number {
  const {payload} = frame;
  const tag = frame.vlan === undefined ? 0 : tagSize;
  return headerSize + tag + (payload.kind === 'arp' ? arpSize : ipv4PacketSize(payload));
}

/** How many frames a link sees of it: more than one if the packet in it travels in pieces. */
export function countFrames({payload}: Frame): number {
  return payload.kind === 'ipv4' ? (payload.pieces?.count ?? 1) : 1;
}

/** The frame as bytes, all checksums filled in, not padded. */
export function encodeFrame(frame: Frame): Uint8Array {
  const {vlan, payload} = frame;
  const writer = new ByteWriter(frameSize(frame)).put(frame.destination, 6).put(frame.source, 6);
  if (vlan !== undefined) {
    if (vlan > 0xfff) throw new Error(`the VLAN ${vlan} does not fit into 12 bits`);
    writer.put(etherTypes.vlan, 2).put(vlan, 2);
  }
  return writer
    .put(etherTypes[payload.kind], 2)
    .putBytes(payload.kind === 'arp' ? encodeArp(payload) : encodeIpv4Packet(payload))
    .finish();
}

/**
 * The frame that the bytes say. Padding and the priority of a tag are dropped; all else either comes back from
 * `encodeFrame` byte for byte or is refused with an error that says why.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  return decodeFrameWithin(bytes, 0);
}

/** The frame that lies within so many tunnels. */
export function decodeFrameWithin(bytes: Uint8Array, tunnels: number): Frame {
  const reader = new ByteReader(bytes, 'Ethernet frame');
  const destination = reader.take(6);
  const source = reader.take(6);
  let etherType = reader.take(2);
  let vlan: number | undefined;
  if (etherType === etherTypes.vlan) {
    vlan = reader.take(2) & 0xfff;
    etherType = reader.take(2);
  }
  return {source, destination, vlan, payload: decodeContent(etherType, reader.takeRest(), tunnels)};
}

function decodeContent(etherType: number, bytes: Uint8Array, tunnels: number): Frame['payload'] {
  switch (etherType) {
    case etherTypes.arp:
      return decodeArp(bytes);
    case etherTypes.ipv4:
      return decodeIpv4Packet(bytes, tunnels);
    default:
      throw new Error(`the EtherType 0x${etherType.toString(16).padStart(4, '0')} is neither ARP nor IPv4`);
  }
}
