import type {FlowEnd} from '../dataplane/flow-end.ts';
import {readQuote, quotedBy} from '../wire/icmp-quote.ts';
import {ipv4PacketSize, type Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** What the datagrams of a flow have in common. */
export type DatagramSettings = {
  readonly from: FlowEnd;
  /** The address that packets bear; undefined: their sender's own. */
  readonly source: Ipv4 | undefined;
  readonly destination: Ipv4;
  readonly protocol: 'udp-echo' | 'udp' | 'icmp-echo';
  readonly sourcePort: number;
  readonly port: number;
  /** Bytes of payload. */
  readonly size: number;
  /** Undefined: only what is not larger than the sender knows the way to carry must not be fragmented (IP_PMTUDISC_WANT). */
  readonly dontFragment: boolean | undefined;
};

/** The request with that number. */
export function requestOf(settings: DatagramSettings, number: number): Ipv4Packet {
  const {protocol, from, source = from.address, destination, sourcePort, port, size, dontFragment} = settings;
  const payload = {kind: 'payload', size, bytes: undefined} as const;
  const packet: Ipv4Packet = {
    ...{kind: 'ipv4', source, destination, ttl: 64, tos: 0, identification: 0, dontFragment: true},
    payload:
      protocol === 'icmp-echo'
        ? {kind: 'icmp-echo', operation: 'request', identifier: sourcePort, sequence: number & 0xffff, payload}
        : {kind: 'udp', sourcePort, destinationPort: port, checksummed: true, payload},
  };
  return {...packet, dontFragment: dontFragment ?? fits(packet, from)};
}

/** What a server, or a kernel that is pinged, sends back; the kernel's own may always be fragmented (icmp_sk_init). */
export function answerTo(packet: Ipv4Packet, server: FlowEnd, {dontFragment}: DatagramSettings): Ipv4Packet {
  const {payload} = packet;
  const back = {...packet, source: packet.destination, destination: packet.source, ttl: 64};
  if (payload.kind === 'icmp-echo') {
    return {...back, dontFragment: false, payload: {...payload, operation: 'reply'}};
  }
  if (payload.kind !== 'udp') return back;
  const ports = {sourcePort: payload.destinationPort, destinationPort: payload.sourcePort};
  return {...back, dontFragment: dontFragment ?? fits(back, server), payload: {...payload, ...ports}};
}

/** The destination of the packet that an error is about, if that came from this address and port. */
export function complaintOf({payload}: Ipv4Packet, source: Ipv4, port: number): Ipv4 | undefined {
  const original = quotedBy(payload);
  const quote = original && readQuote(original);
  return quote?.source === source && quote.sourcePort === port ? quote.destination : undefined;
}

function fits(packet: Ipv4Packet, sender: FlowEnd): boolean {
  return ipv4PacketSize(packet) <= sender.mtuTo(packet.destination);
}
