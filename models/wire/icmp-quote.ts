import {ByteReader} from './bytes.ts';
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
  /** The ports of UDP and TCP; of an echo its identifier twice, as conntrack has it; undefined of others. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
};

/** What is left of the 576 bytes that an error may have in Linux (icmp_send). */
const mostQuote = 576 - 20 - 8;

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
  switch (protocol) {
    case udpProtocol:
    case tcpProtocol:
      return {protocol, source, destination, sourcePort: first, destinationPort: second};
    case icmpProtocol:
      return {protocol, source, destination, sourcePort: third, destinationPort: third};
    default:
      return {protocol, source, destination, sourcePort: undefined, destinationPort: undefined};
  }
}
