import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import type {Ipv4} from './ipv4.ts';
import {decodePayload, encodePayload, type Payload} from './payload.ts';
import {pseudoHeader} from './pseudo-header.ts';

/** A segment without options, urgent data and congestion notification (RFC 9293, 3.1). */
export type Tcp = {
  readonly kind: 'tcp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Sequence and acknowledgement are numbers of 32 bits. */
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  readonly window: number;
  readonly payload: Payload;
};

/** The protocol number of TCP in IPv4. */
export const tcpProtocol = 6;

const headerSize = 20;
const flagBits = {fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10};
const knownBits = 0x1f;

export function tcpSize(tcp: Tcp): number {
  return headerSize + tcp.payload.size;
}

/** Writes a segment; its checksum covers the addresses of the packet around it. */
export function encodeTcp(tcp: Tcp, source: Ipv4, destination: Ipv4): Uint8Array {
  const content = encodePayload(tcp.payload);
  const size = headerSize + content.length;
  const withChecksum = (sum: number) =>
    new ByteWriter(size)
      .put(tcp.sourcePort, 2)
      .put(tcp.destinationPort, 2)
      .put(tcp.sequence, 4)
      .put(tcp.acknowledgement, 4)
      .put((headerSize / 4) << 4, 1)
      .put(flagsOf(tcp), 1)
      .put(tcp.window, 2)
      .put(sum, 2)
      .put(0, 2)
      .putBytes(content)
      .finish();
  return withChecksum(checksum(withChecksum(0), pseudoHeader(source, destination, tcpProtocol, size)));
}

/** Reads the segment that fills a packet. */
export function decodeTcp(bytes: Uint8Array, source: Ipv4, destination: Ipv4): Tcp {
  const reader = new ByteReader(bytes, 'TCP header');
  const sourcePort = reader.take(2);
  const destinationPort = reader.take(2);
  const sequence = reader.take(4);
  const acknowledgement = reader.take(4);
  const offset = reader.take(1);
  const flags = reader.take(1);
  const window = reader.take(2);
  reader.take(2);
  const urgent = reader.take(2);
  const content = reader.takeRest();
  if (checksum(bytes, pseudoHeader(source, destination, tcpProtocol, bytes.length)) !== 0) {
    throw new Error('the TCP segment has a wrong checksum');
  }
  if (offset !== (headerSize / 4) << 4 || flags > knownBits || urgent !== 0) {
    throw new Error('the TCP header has options or rare flags, which are not modelled');
  }
  return {
    kind: 'tcp',
    sourcePort,
    destinationPort,
    sequence,
    acknowledgement,
    syn: (flags & flagBits.syn) !== 0,
    ack: (flags & flagBits.ack) !== 0,
    fin: (flags & flagBits.fin) !== 0,
    rst: (flags & flagBits.rst) !== 0,
    psh: (flags & flagBits.psh) !== 0,
    window,
    payload: decodePayload(content),
  };
}

function flagsOf({fin, syn, rst, psh, ack}: Tcp): number {
  return (
    (fin ? flagBits.fin : 0) |
    (syn ? flagBits.syn : 0) |
    (rst ? flagBits.rst : 0) |
    (psh ? flagBits.psh : 0) |
    (ack ? flagBits.ack : 0)
  );
}
