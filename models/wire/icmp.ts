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

/** A packet that found no host (code 1) or no port (code 3), sent back in part (RFC 792). */
export type IcmpUnreachable = {
  readonly kind: 'icmp-unreachable';
  readonly code: number;
  /** The header of the packet in question and the first of its content. */
  readonly original: Uint8Array;
};

/** The protocol number of ICMP in IPv4. */
export const icmpProtocol = 1;

const headerSize = 8;
const types = {reply: 0, unreachable: 3, request: 8};

export function icmpSize(icmp: IcmpEcho | IcmpUnreachable): number {
  return headerSize + (icmp.kind === 'icmp-echo' ? icmp.payload.size : icmp.original.length);
}

export function encodeIcmp(icmp: IcmpEcho | IcmpUnreachable): Uint8Array {
  return icmp.kind === 'icmp-echo'
    ? encode(types[icmp.operation], 0, [icmp.identifier, icmp.sequence], encodePayload(icmp.payload))
    : encode(types.unreachable, icmp.code, [0, 0], icmp.original);
}

/** Reads a message. What is neither an echo nor a plain unreachable is only checked and kept as it is. */
export function decodeIcmp(bytes: Uint8Array): IcmpEcho | IcmpUnreachable | Opaque {
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
  // The two words are unused but for extensions (RFC 4884) and the MTU of code 4 (RFC 1191), which have no field here.
  if (type === types.unreachable && first === 0 && second === 0) {
    return {kind: 'icmp-unreachable', code, original: new Uint8Array(reader.takeRest())};
  }
  return decodeOpaque(icmpProtocol, bytes);
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
