import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import {decodeOpaque, decodePayload, encodePayload, type Opaque, type Payload} from './payload.ts';

/** A ping or its answer (RFC 792). */
export type IcmpEcho = {
  readonly kind: 'icmp-echo';
  readonly operation: 'request' | 'reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Payload;
};

/** A packet that did not get where it should, sent back in part (RFC 792). */
export type IcmpUnreachable = {
  readonly kind: 'icmp-unreachable';
  /** See `unreachableCodes`. */
  readonly code: number;
  /** The header of the packet in question and the first of its content. */
  readonly original: Uint8Array;
};

/** A packet that must not be fragmented and is too large for a link, sent back in part (RFC 1191, 4). */
export type IcmpTooBig = {
  readonly kind: 'icmp-too-big';
  /** What would fit, at least 1. */
  readonly nextHopMtu: number;
  /** The header of the packet in question and at least 8 bytes of its content. */
  readonly original: Uint8Array;
};

/** A packet that was forwarded too often (code 0), sent back in part (RFC 792). */
export type IcmpTimeExceeded = {
  readonly kind: 'icmp-time-exceeded';
  readonly code: number;
  /** The header of the packet in question and at least 8 bytes of its content. */
  readonly original: Uint8Array;
};

export type Icmp = IcmpEcho | IcmpUnreachable | IcmpTooBig | IcmpTimeExceeded;

/** The protocol number of ICMP in IPv4. */
export const icmpProtocol = 1;

/** Why a packet did not get there (RFC 792; RFC 1812, 5.2.7.1 for the last). */
export const unreachableCodes = {
  net: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  prohibited: 13,
} as const;

const headerSize = 8;
const types = {reply: 0, unreachable: 3, request: 8, timeExceeded: 11};

/** An IPv4 header and 8 bytes more, the least that a packet is sent back with (RFC 792). */
export const leastQuote = 28;

export function icmpSize(icmp: Icmp): number {
  return headerSize + (icmp.kind === 'icmp-echo' ? icmp.payload.size : icmp.original.length);
}

export function encodeIcmp(icmp: Icmp): Uint8Array {
  switch (icmp.kind) {
    case 'icmp-echo':
      return encode(types[icmp.operation], 0, [icmp.identifier, icmp.sequence], encodePayload(icmp.payload));
    case 'icmp-unreachable':
      return encode(types.unreachable, icmp.code, [0, 0], icmp.original);
    case 'icmp-too-big':
      return encode(types.unreachable, unreachableCodes.fragmentationNeeded, [0, icmp.nextHopMtu], icmp.original);
    case 'icmp-time-exceeded':
      return encode(types.timeExceeded, icmp.code, [0, 0], icmp.original);
  }
}

/** Reads a message. What is none of ours, or quotes too little, is only checked and kept as it is. */
export function decodeIcmp(bytes: Uint8Array): Icmp | Opaque {
  const reader = new ByteReader(bytes, 'ICMP message');
  const type = reader.take(1);
  const code = reader.take(1);
  reader.take(2);
  const [first, second] = [reader.take(2), reader.take(2)];
  if (checksum(bytes) !== 0) throw new Error('the ICMP message has a wrong checksum');
  if ((type === types.request || type === types.reply) && code === 0) {
    const operation = type === types.request ? 'request' : 'reply';
    const payload = decodePayload(reader.takeRest());
    return {kind: 'icmp-echo', operation, identifier: first, sequence: second, payload};
  }
  const original = new Uint8Array(reader.takeRest());
  // The two words are unused but for extensions (RFC 4884), which have no field here, and the MTU of code 4.
  const isPlain = first === 0 && second === 0;
  if (type === types.unreachable && isPlain) return {kind: 'icmp-unreachable', code, original};
  if (original.length < leastQuote || first !== 0) return decodeOpaque(icmpProtocol, bytes);
  if (type === types.unreachable && code === unreachableCodes.fragmentationNeeded) {
    return {kind: 'icmp-too-big', nextHopMtu: second, original};
  }
  if (type === types.timeExceeded && isPlain) return {kind: 'icmp-time-exceeded', code, original};
  return decodeOpaque(icmpProtocol, bytes);
}

/** The type and code of a message. */
export function icmpTypeOf(icmp: Icmp): {readonly type: number; readonly code: number} {
  switch (icmp.kind) {
    case 'icmp-echo':
      return {type: types[icmp.operation], code: 0};
    case 'icmp-unreachable':
      return {type: types.unreachable, code: icmp.code};
    case 'icmp-too-big':
      return {type: types.unreachable, code: unreachableCodes.fragmentationNeeded};
    case 'icmp-time-exceeded':
      return {type: types.timeExceeded, code: icmp.code};
  }
}

function encode(type: number, code: number, words: readonly [number, number], content: Uint8Array): Uint8Array {
  const withChecksum = (sum: number) =>
    new ByteWriter(headerSize + content.length)
      .put(type, 1)
      .put(code, 1)
      .put(sum, 2)
      .put(words[0], 2)
      .put(words[1], 2)
      .putBytes(content)
      .finish();
  return withChecksum(checksum(withChecksum(0)));
}
