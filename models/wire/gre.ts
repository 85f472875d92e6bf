import {ByteReader, ByteWriter} from './bytes.ts';
import {decodeFrameWithin, encodeFrame, frameSize, type Frame} from './frame.ts';
import {oneTunnelMore} from './tunnel-depth.ts';

/** A frame in a tunnel straight over IPv4 (RFC 2784, 2), as OVS sends it: Ethernet inside, and no checksum. */
export type Gre = {
  readonly kind: 'gre';
  /** The network that the frame belongs to, 32 bits (RFC 2890, 2.1); OVS calls it tun_id. */
  readonly key: number | undefined;
  readonly payload: Frame;
};

/** The protocol number of GRE in IPv4. */
export const greProtocol = 47;

const headerSize = 4;
const keySize = 4;
const keyPresent = 0x2000;
const ethernetInside = 0x6558;

export function greSize(gre: Gre): number {
  return headerSize + (gre.key === undefined ? 0 : keySize) + frameSize(gre.payload);
}

export function encodeGre(gre: Gre): Uint8Array {
  const writer = new ByteWriter(greSize(gre)).put(gre.key === undefined ? 0 : keyPresent, 2).put(ethernetInside, 2);
  if (gre.key !== undefined) writer.put(gre.key, keySize);
  return writer.putBytes(encodeFrame(gre.payload)).finish();
}

/** Reads a tunnel within so many others. */
export function decodeGre(bytes: Uint8Array, tunnels: number): Gre {
  const deeper = oneTunnelMore(tunnels);
  const reader = new ByteReader(bytes, 'GRE header');
  const flags = reader.take(2);
  const inside = reader.take(2);
  if (flags !== 0 && flags !== keyPresent) throw new Error('the GRE header has more than a key, which is not modelled');
  if (inside !== ethernetInside) {
    throw new Error(`the GRE tunnel holds 0x${inside.toString(16).padStart(4, '0')} instead of Ethernet`);
  }
  const key = flags === keyPresent ? reader.take(keySize) : undefined;
  return {kind: 'gre', key, payload: decodeFrameWithin(reader.takeRest(), deeper)};
}
