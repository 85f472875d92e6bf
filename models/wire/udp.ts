import {bfdPort, bfdSize, decodeBfd, encodeBfd, isBfd, type BfdControl} from './bfd.ts';
import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import {decodeDhcp, dhcpSize, encodeDhcp, isDhcpPort, type Dhcp} from './dhcp.ts';
import {decodeGeneve, encodeGeneve, genevePort, geneveSize, type Geneve} from './geneve.ts';
import type {Ipv4} from './ipv4.ts';
import {decodePayload, encodePayload, type Payload} from './payload.ts';
import {pseudoHeader} from './pseudo-header.ts';
import {decodeVxlan, encodeVxlan, isVxlanPort, vxlanSize, type Vxlan} from './vxlan.ts';

/** A datagram (RFC 768). */
export type Udp = {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Whether it carries a checksum; OVS sends its BFD without, its tunnels with one (the captures of MEASURED.md A). */
  readonly checksummed: boolean;
  readonly payload: BfdControl | Geneve | Vxlan | Dhcp | Payload;
};

/** The protocol number of UDP in IPv4. */
export const udpProtocol = 17;

const headerSize = 8;

export function udpSize(udp: Udp): number {
  return headerSize + contentSize(udp.payload);
}

/** Writes a datagram; its checksum covers the addresses of the packet around it. */
export function encodeUdp(udp: Udp, source: Ipv4, destination: Ipv4): Uint8Array {
  const content = encodeContent(udp.payload);
  const size = headerSize + content.length;
  const withChecksum = (sum: number) =>
    new ByteWriter(size)
      .put(udp.sourcePort, 2)
      .put(udp.destinationPort, 2)
      .put(size, 2)
      .put(sum, 2)
      .putBytes(content)
      .finish();
  const plain = withChecksum(0);
  if (!udp.checksummed) return plain;
  // On the wire 0 means that there is none; 0xffff is the same in ones' complement.
  return withChecksum(checksum(plain, pseudoHeader(source, destination, udpProtocol, size)) || 0xffff);
}

/** Reads a datagram of a packet within so many tunnels. */
export function decodeUdp(bytes: Uint8Array, source: Ipv4, destination: Ipv4, tunnels: number): Udp {
  const reader = new ByteReader(bytes, 'UDP header');
  const sourcePort = reader.take(2);
  const destinationPort = reader.take(2);
  const size = reader.take(2);
  if (size !== bytes.length) throw new Error(`a UDP datagram of ${bytes.length} bytes says that it has ${size}`);
  const checksummed = reader.take(2) !== 0;
  if (checksummed && checksum(bytes, pseudoHeader(source, destination, udpProtocol, size)) !== 0) {
    throw new Error('the UDP datagram has a wrong checksum');
  }
  const payload = decodeContent(destinationPort, reader.takeRest(), tunnels);
  return {kind: 'udp', sourcePort, destinationPort, checksummed, payload};
}

function contentSize(payload: Udp['payload']): number {
  switch (payload.kind) {
    case 'bfd':
      return bfdSize;
    case 'geneve':
      return geneveSize(payload);
    case 'vxlan':
      return vxlanSize(payload);
    case 'dhcp':
      return dhcpSize(payload);
    case 'payload':
      return payload.size;
  }
}

function encodeContent(payload: Udp['payload']): Uint8Array {
  switch (payload.kind) {
    case 'bfd':
      return encodeBfd(payload);
    case 'geneve':
      return encodeGeneve(payload);
    case 'vxlan':
      return encodeVxlan(payload);
    case 'dhcp':
      return encodeDhcp(payload);
    case 'payload':
      return encodePayload(payload);
  }
}

function decodeContent(destinationPort: number, bytes: Uint8Array, tunnels: number): Udp['payload'] {
  if (destinationPort === genevePort) return decodeGeneve(bytes, tunnels);
  if (isVxlanPort(destinationPort)) return decodeVxlan(bytes, tunnels);
  if (destinationPort === bfdPort && isBfd(bytes)) return decodeBfd(bytes);
  if (isDhcpPort(destinationPort)) return decodeDhcp(bytes) ?? decodePayload(bytes);
  return decodePayload(bytes);
}
