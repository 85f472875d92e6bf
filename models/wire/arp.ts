import {ByteReader, ByteWriter} from './bytes.ts';
import type {Ipv4} from './ipv4.ts';
import type {Mac} from './mac.ts';

/** Who has an IPv4 address, asked and answered (RFC 826). */
export type Arp = {
  readonly kind: 'arp';
  readonly operation: 'request' | 'reply';
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
};

/** Bytes of every ARP message for IPv4 over Ethernet. */
export const arpSize = 28;

/** Ethernet, IPv4, and the sizes of their addresses: what all our messages begin with. */
const preamble = [0x0001, 0x0800, 0x0604];

/** Whether the sender speaks of its own address, request or reply: an announcement that asks nobody (RFC 5227, 2.3). */
export function isGratuitous(arp: Arp): boolean {
  return arp.senderIp === arp.targetIp;
}

export function encodeArp(arp: Arp): Uint8Array {
  const writer = new ByteWriter(arpSize);
  for (const word of preamble) writer.put(word, 2);
  return writer
    .put(arp.operation === 'request' ? 1 : 2, 2)
    .put(arp.senderMac, 6)
    .put(arp.senderIp, 4)
    .put(arp.targetMac, 6)
    .put(arp.targetIp, 4)
    .finish();
}

/** Reads a message; bytes after it are padding of the frame and left alone. */
export function decodeArp(bytes: Uint8Array): Arp {
  const reader = new ByteReader(bytes, 'ARP message');
  if (!preamble.every(word => reader.take(2) === word))
    throw new Error('the ARP message is not for IPv4 over Ethernet');
  const operation = reader.take(2);
  if (operation !== 1 && operation !== 2) throw new Error(`the ARP operation ${operation} is not known`);
  return {
    kind: 'arp',
    operation: operation === 1 ? 'request' : 'reply',
    senderMac: reader.take(6),
    senderIp: reader.take(4),
    targetMac: reader.take(6),
    targetIp: reader.take(4),
  };
}
