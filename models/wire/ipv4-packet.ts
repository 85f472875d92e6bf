import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import {decodeGre, encodeGre, greProtocol, greSize, type Gre} from './gre.ts';
import {decodeIcmp, encodeIcmp, icmpProtocol, icmpSize, type Icmp} from './icmp.ts';
import type {Ipv4} from './ipv4.ts';
import {decodeOpaque, encodePayload, type Opaque} from './payload.ts';
import {decodeTcp, encodeTcp, tcpProtocol, tcpSize, type Tcp} from './tcp.ts';
import {decodeUdp, encodeUdp, udpProtocol, udpSize, type Udp} from './udp.ts';
import {decodeVrrp, encodeVrrp, isVrrp, vrrpProtocol, vrrpSize, type Vrrp} from './vrrp.ts';

/**
 * A whole IPv4 packet without options (RFC 791). Fragments have no bytes of their own: what travels in pieces is written,
 * and read, as one packet.
 */
export type Ipv4Packet = {
  readonly kind: 'ipv4';
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly ttl: number;
  readonly tos: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly payload: Udp | Tcp | Icmp | Gre | Vrrp | Opaque;
  /**
   * How it travels if not in one piece: in so many packets, the largest of so many bytes. They are fragments, or, where it
   * must not be fragmented, the segments of a stretch of TCP that was sent at once. Bytes are written of the whole only.
   */
  readonly pieces?: {readonly count: number; readonly size: number};
};

const headerSize = 20;
const versionAndHeaderLength = 0x45;
const dontFragmentFlag = 0x4000;

/** Bytes of the packet with its header, which is what an MTU limits. */
export function ipv4PacketSize(packet: Ipv4Packet): number {
  return headerSize + contentSize(packet.payload);
}

export function encodeIpv4Packet(packet: Ipv4Packet): Uint8Array {
  const content = encodeContent(packet);
  const size = headerSize + content.length;
  const header = (sum: number) =>
    new ByteWriter(headerSize)
      .put(versionAndHeaderLength, 1)
      .put(packet.tos, 1)
      .put(size, 2)
      .put(packet.identification, 2)
      .put(packet.dontFragment ? dontFragmentFlag : 0, 2)
      .put(packet.ttl, 1)
      .put(protocolOf(packet.payload), 1)
      .put(sum, 2)
      .put(packet.source, 4)
      .put(packet.destination, 4)
      .finish();
  return new ByteWriter(size)
    .putBytes(header(checksum(header(0))))
    .putBytes(content)
    .finish();
}

/** Reads a packet within so many tunnels; bytes after it are padding of the frame and left alone. */
export function decodeIpv4Packet(bytes: Uint8Array, tunnels: number): Ipv4Packet {
  const reader = new ByteReader(bytes, 'IPv4 packet');
  const header = new ByteReader(reader.takeBytes(headerSize), 'IPv4 header');
  if (header.take(1) !== versionAndHeaderLength) {
    throw new Error('the IPv4 header is not of version 4 or has options, which are not modelled');
  }
  if (checksum(bytes.subarray(0, headerSize)) !== 0) throw new Error('the IPv4 header has a wrong checksum');
  const tos = header.take(1);
  const size = header.take(2);
  if (size < headerSize) throw new Error(`an IPv4 packet says that it has only ${size} bytes`);
  const identification = header.take(2);
  const fragmentation = header.take(2);
  if (fragmentation !== 0 && fragmentation !== dontFragmentFlag) {
    throw new Error('the IPv4 packet is a fragment, which is not modelled');
  }
  const ttl = header.take(1);
  const protocol = header.take(1);
  header.take(2);
  const source = header.take(4);
  const destination = header.take(4);
  const content = reader.takeBytes(size - headerSize);
  const dontFragment = fragmentation === dontFragmentFlag;
  const packet = {kind: 'ipv4', source, destination, ttl, tos, identification, dontFragment} as const;
  switch (protocol) {
    case udpProtocol:
      return {...packet, payload: decodeUdp(content, source, destination, tunnels)};
    case tcpProtocol:
      return {...packet, payload: decodeTcp(content, source, destination)};
    case greProtocol:
      return {...packet, payload: decodeGre(content, tunnels)};
    case icmpProtocol:
      return {...packet, payload: decodeIcmp(content)};
    case vrrpProtocol:
      if (isVrrp(content)) return {...packet, payload: decodeVrrp(content, source, destination)};
      return {...packet, payload: decodeOpaque(protocol, content)};
    default:
      return {...packet, payload: decodeOpaque(protocol, content)};
  }
}

function contentSize(payload: Ipv4Packet['payload']): number {
  switch (payload.kind) {
    case 'udp':
      return udpSize(payload);
    case 'tcp':
      return tcpSize(payload);
    case 'gre':
      return greSize(payload);
    case 'icmp-echo':
    case 'icmp-unreachable':
    case 'icmp-too-big':
    case 'icmp-time-exceeded':
      return icmpSize(payload);
    case 'vrrp':
      return vrrpSize(payload);
    case 'opaque':
      return payload.size;
  }
}

/** The protocol number in the header. */
export function protocolOf(payload: Ipv4Packet['payload']): number {
  switch (payload.kind) {
    case 'udp':
      return udpProtocol;
    case 'tcp':
      return tcpProtocol;
    case 'gre':
      return greProtocol;
    case 'icmp-echo':
    case 'icmp-unreachable':
    case 'icmp-too-big':
    case 'icmp-time-exceeded':
      return icmpProtocol;
    case 'vrrp':
      return vrrpProtocol;
    case 'opaque':
      return payload.protocol;
  }
}

function encodeContent(packet: Ipv4Packet): Uint8Array {
  const {payload} = packet;
  switch (payload.kind) {
    case 'udp':
      return encodeUdp(payload, packet.source, packet.destination);
    case 'tcp':
      return encodeTcp(payload, packet.source, packet.destination);
    case 'gre':
      return encodeGre(payload);
    case 'icmp-echo':
    case 'icmp-unreachable':
    case 'icmp-too-big':
    case 'icmp-time-exceeded':
      return encodeIcmp(payload);
    case 'vrrp':
      return encodeVrrp(payload, packet.source, packet.destination);
    case 'opaque':
      return encodePayload(payload);
  }
}
