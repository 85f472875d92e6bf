import {ByteReader, ByteWriter} from './bytes.ts';
import {checksum} from './checksum.ts';
import {icmpProtocol, leastQuote} from './icmp.ts';
import {encodeIpv4Packet, type Ipv4Packet} from './ipv4-packet.ts';
import type {Ipv4} from './ipv4.ts';
import {tcpProtocol} from './tcp.ts';
import {udpProtocol} from './udp.ts';

/** Which packet an ICMP error is about. */
export type IcmpQuote = {
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** The type of ICMP; undefined of other protocols. */
  readonly icmpType: number | undefined;
  /** The ports of UDP and TCP; of an echo its identifier twice, as conntrack has it; undefined of others. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
};

/** What is left of the 576 bytes that an error may have in Linux (icmp_send). */
const mostQuote = 576 - 20 - 8;

const headerSize = 20;
const checksumOffset = 10;

/** Whether a packet tells of another one that did not get through. */
export function isIcmpError({payload}: Ipv4Packet): boolean {
  return quotedBy(payload) !== undefined;
}

/** The beginning of the packet that an ICMP error is about; undefined of everything else. */
export function quotedBy(payload: Ipv4Packet['payload']): Uint8Array | undefined {
  return 'original' in payload ? payload.original : undefined;
}

/** As much of a packet as Linux sends back in an error about it. */
export function quoteOf(packet: Ipv4Packet): Uint8Array {
  return encodeIpv4Packet(packet).slice(0, mostQuote);
}

/** What an error says about the packet in question; undefined if it says too little. */
export function readQuote(original: Uint8Array): IcmpQuote | undefined {
  if (original.length < leastQuote || original[0] !== 0x45) return undefined;
  const reader = new ByteReader(original, 'quoted packet');
  reader.takeBytes(9);
  const protocol = reader.take(1);
  reader.takeBytes(2);
  const source = reader.take(4);
  const destination = reader.take(4);
  const [first, second, third] = [reader.take(2), reader.take(2), reader.take(2)];
  const quote = {protocol, source, destination, icmpType: undefined};
  switch (protocol) {
    case udpProtocol:
    case tcpProtocol:
      return {...quote, sourcePort: first, destinationPort: second};
    case icmpProtocol:
      return {...quote, icmpType: first >> 8, sourcePort: third, destinationPort: third};
    default:
      return {...quote, sourcePort: undefined, destinationPort: undefined};
  }
}

/** The quoted packet under other addresses and ports. Its transport checksum, which nobody looks at, is left as it was. */
export function requoted(original: Uint8Array, {protocol, source, destination, ...ports}: IcmpQuote): Uint8Array {
  const {sourcePort = 0, destinationPort = 0} = ports;
  const quote = new Uint8Array(original);
  const put = (offset: number, value: number, size: number): void => {
    quote.set(new ByteWriter(size).put(value, size).finish(), offset);
  };
  put(checksumOffset, 0, 2);
  put(12, source, 4);
  put(16, destination, 4);
  put(checksumOffset, checksum(quote.subarray(0, headerSize)), 2);
  if (protocol === icmpProtocol) put(headerSize + 4, sourcePort, 2);
  else put(headerSize, sourcePort * 0x1_0000 + destinationPort, 4);
  return quote;
}
