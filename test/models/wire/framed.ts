import {decodeFrame, encodeFrame, type Frame} from '../../../models/wire/frame.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import type {Udp} from '../../../models/wire/udp.ts';

/** Where the content of a packet, and of a datagram, begins in a frame without a tag. */
export const packetContent = 34;
export const datagramContent = 42;

/** A packet from 10.0.2.1 to 10.0.2.2. */
export function packetOf(payload: Ipv4Packet['payload']): Ipv4Packet {
  return {
    kind: 'ipv4',
    source: 0x0a000201,
    destination: 0x0a000202,
    ttl: 64,
    tos: 0,
    identification: 0,
    dontFragment: true,
    payload,
  };
}

export function frameOf(payload: Ipv4Packet['payload']): Frame {
  return {source: 0x020000000001, destination: 0x020000000002, vlan: undefined, payload: packetOf(payload)};
}

/** A frame with a datagram that is not checksummed, so that its bytes may be changed. */
export function datagramTo(destinationPort: number, payload: Udp['payload']): Frame {
  return frameOf({kind: 'udp', sourcePort: 40000, destinationPort, checksummed: false, payload});
}

/** A frame with some bytes of its content changed, read. */
export function readChanged(frame: Frame, start: number, ...changes: (readonly [at: number, value: number])[]): Frame {
  const bytes = encodeFrame(frame);
  for (const [at, value] of changes) bytes[start + at] = value;
  return decodeFrame(bytes);
}

/** Bytes as `08 00 00 00`. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
}
