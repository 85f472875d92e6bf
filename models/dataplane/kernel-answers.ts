import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {IcmpLimits} from '../protocols/icmp-limits.ts';
import {isIcmpError, quoteOf} from '../wire/icmp-quote.ts';
import {unreachableCodes, type Icmp} from '../wire/icmp.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {isMulticast, type Ipv4} from '../wire/ipv4.ts';
import type {Tcp} from '../wire/tcp.ts';
import {Passage, type Verdict} from './passage.ts';

/** Why a stack could not bring a packet further, or whom it was for. */
export type Trouble =
  | {readonly kind: 'no route'}
  | {readonly kind: 'host unreachable'}
  | {readonly kind: 'port unreachable'}
  | {readonly kind: 'ttl expired'}
  | {readonly kind: 'too big'; readonly mtu: number};

export type AnswerSurroundings = {
  /** The stack, as results call it. */
  readonly place: string;
  /** The moment of the kernel's jiffy 0. */
  readonly kernelPhase: Time;
  isLocal(address: Ipv4): boolean;
  /** The address that it tells of others' packets from. */
  sourceTowards(address: Ipv4): Ipv4 | undefined;
  send(packet: Ipv4Packet, passage: Passage): Verdict;
};

/** Errors have the precedence of network control (net/ipv4/icmp.c, RTO_CONN and IPTOS_PREC_INTERNETCONTROL). */
const errorTos = 0xc0;

const sequenceSpace = 2 ** 32;

/**
 * What a Linux stack says of itself: ICMP errors about packets that it cannot bring further, and to who talks to a port
 * where nobody listens (net/ipv4/icmp.c; tcp_ipv4.c, tcp_v4_send_reset). The answer goes its own way to whom the packet was
 * from, once that has got here.
 */
export class KernelAnswers {
  readonly #ground: Ground;
  readonly #among: AnswerSurroundings;
  readonly #limits: IcmpLimits;
  #sent = 0;

  constructor(ground: Ground, among: AnswerSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#limits = new IcmpLimits(among.kernelPhase);
  }

  /** Tells the sender of a packet, unless that is not done. `send`: how, where the stack would not find the way by itself. */
  complain(trouble: Trouble, packet: Ipv4Packet, passage: Passage, send = this.#among.send): void {
    passage.once();
    const {isLocal, sourceTowards, place} = this.#among;
    const {source: to, destination} = packet;
    if (!mayBeToldOf(packet)) return;
    const source = isLocal(destination) ? destination : sourceTowards(to);
    if (source === undefined) return;
    if (!isLocal(to)) {
      if (trouble.kind !== 'too big' && !this.#limits.allow(to, passage.arrivesAt)) return;
      passage.because(() => {
        this.#ground.counters.add(this.#ground.counters.of(place, 'icmp errors sent'));
      });
    }
    const payload = errorAbout(packet, trouble);
    this.#answer({...blank, source, destination: to, tos: errorTos, dontFragment: false, payload}, passage, send);
  }

  /** Answers a packet for an own address that no socket takes. */
  refuse(packet: Ipv4Packet, passage: Passage): void {
    const {payload} = packet;
    if (payload.kind === 'udp') this.complain({kind: 'port unreachable'}, packet, passage);
    if (payload.kind !== 'tcp' || payload.rst) return;
    passage.once();
    const {source, destination} = packet;
    const reset = {tos: 0, dontFragment: true, payload: resetFor(payload)};
    this.#answer({...blank, source: destination, destination: source, ...reset}, passage);
  }

  #answer(answer: Ipv4Packet, question: Passage, send = this.#among.send): void {
    question.because(() => {
      this.#ground.later.at(question.arrivesAt, () => {
        const sender = `${this.#among.place}/kernel`;
        const passage = new Passage(this.#ground, {sender, number: this.#sent++});
        passage.arrive = question.arrive;
        passage.finish(send(answer, passage));
      });
    });
  }
}

const blank = {kind: 'ipv4', ttl: 64, identification: 0} as const;

/** Nobody is told of packets to many, from nobody, or that tell of others (RFC 1122, 3.2.2). */
function mayBeToldOf(packet: Ipv4Packet): boolean {
  return !isIcmpError(packet) && !isMulticast(packet.destination) && packet.source !== 0;
}

function errorAbout(packet: Ipv4Packet, trouble: Trouble): Icmp {
  const original = quoteOf(packet);
  switch (trouble.kind) {
    case 'no route':
      return {kind: 'icmp-unreachable', code: unreachableCodes.net, original};
    case 'host unreachable':
      return {kind: 'icmp-unreachable', code: unreachableCodes.host, original};
    case 'port unreachable':
      return {kind: 'icmp-unreachable', code: unreachableCodes.port, original};
    case 'ttl expired':
      return {kind: 'icmp-time-exceeded', code: 0, original};
    case 'too big':
      return {kind: 'icmp-too-big', nextHopMtu: trouble.mtu, original};
  }
}

/** RFC 9293, 3.10.7.1. */
function resetFor({sourcePort, destinationPort, ...segment}: Tcp): Tcp {
  const {ack, acknowledgement, sequence, syn, fin, payload} = segment;
  const length = payload.size + (syn ? 1 : 0) + (fin ? 1 : 0);
  return {
    kind: 'tcp',
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    sequence: ack ? acknowledgement : 0,
    acknowledgement: ack ? 0 : (sequence + length) % sequenceSpace,
    ...{syn: false, ack: !ack, fin: false, rst: true, psh: false, window: 0},
    payload: {kind: 'payload', size: 0, bytes: undefined},
  };
}
