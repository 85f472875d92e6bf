import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';

/**
 * One direction of a connection as Linux keeps it. Of ICMP, `sourcePort` is the identifier and `destinationPort` the type,
 * so that two hosts that ping each other under the same identifier have two connections. A protocol given by its number
 * has no ports: they are 0.
 */
export type Tuple = {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | number;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
};

/** Whether a packet goes as the first one did or against it. */
export type Direction = 'original' | 'reply';

export const echoRequest = 8;
export const echoReply = 0;

/** The types of ICMP that ask and what answers them (nf_conntrack_proto_icmp.c, `invmap`). */
const answers = new Map([
  [echoRequest, echoReply],
  [13, 14],
  [15, 16],
  [17, 18],
]);
const questions = new Map([...answers].map(([question, answer]) => [answer, question]));

const protocolNumbers = {icmp: 1, tcp: 6, udp: 17};

export function opposite(direction: Direction): Direction {
  return direction === 'original' ? 'reply' : 'original';
}

/** The tuple of a packet that goes the other way. */
export function inverse(tuple: Tuple): Tuple {
  const {protocol, source, sourcePort, destination, destinationPort} = tuple;
  if (protocol !== 'icmp') {
    return {
      protocol,
      source: destination,
      sourcePort: destinationPort,
      destination: source,
      destinationPort: sourcePort,
    };
  }
  const type = answers.get(destinationPort) ?? questions.get(destinationPort) ?? destinationPort;
  return {protocol, source: destination, sourcePort, destination: source, destinationPort: type};
}

/** Whether a packet may begin a connection by its ICMP type; answers and errors may not. */
export function isIcmpQuestion(tuple: Tuple): boolean {
  return answers.has(tuple.destinationPort);
}

export function withSource(tuple: Tuple, source: Ipv4, sourcePort: number): Tuple {
  return {...tuple, source, sourcePort};
}

/** The tuple under another destination; the port stays unless one is given. */
export function withDestination(tuple: Tuple, destination: Ipv4, port = tuple.destinationPort): Tuple {
  return {...tuple, destination, destinationPort: port};
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.protocol === b.protocol
  );
}

/** The number of the protocol in the IP header. */
export function protocolNumber({protocol}: Tuple): number {
  return typeof protocol === 'number' ? protocol : protocolNumbers[protocol];
}

/** `src=10.0.0.5 dst=203.0.113.200 sport=80 dport=33204`, as the conntrack tool prints it. */
export function formatTuple(tuple: Tuple): string {
  const addresses = `src=${formatIpv4(tuple.source)} dst=${formatIpv4(tuple.destination)}`;
  switch (tuple.protocol) {
    case 'tcp':
    case 'udp':
      return `${addresses} sport=${tuple.sourcePort} dport=${tuple.destinationPort}`;
    case 'icmp':
      return `${addresses} type=${tuple.destinationPort} code=0 id=${tuple.sourcePort}`;
    default:
      return addresses;
  }
}
