import type {Ipv4} from './ipv4.ts';

/** The sum of the words of the pseudo header, which a checksum covers too (RFC 768, RFC 9293, 3.1). */
export function pseudoHeader(source: Ipv4, destination: Ipv4, protocol: number, size: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + size;
}
