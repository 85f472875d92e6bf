import type {Time} from '../../engine/time.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Passage, Verdict} from './passage.ts';

/** A host that can be one end of a flow. */
export type FlowEnd = {
  readonly name: string;
  readonly address: Ipv4;
  /** The moment of its kernel's jiffy 0. */
  readonly kernelPhase: Time;
  /** How often its machine has begun anew, with nothing in its memory. */
  readonly life: number;
  /** Bytes that a packet to an address may have, as far as the host knows. */
  mtuTo(destination: Ipv4): number;
  /** A router has told it what fits on the way to an address. */
  learnMtu(destination: Ipv4, mtu: number): void;
  send(packet: Ipv4Packet, passage: Passage): Verdict;
};

/** What a service says to a request: what it was asked for, that there is nothing behind it, or nothing; and since what. */
export type ServiceAnswer = {readonly kind: 'answers' | 'refuses' | 'says nothing'; readonly cause: number};

/** A program that answers for a service, wherever packets for that come out. */
export type ServiceEnd = FlowEnd & {
  /** Where it listens: the port that packets have when they get there. */
  readonly port: number;
  readonly answer: ServiceAnswer;
};
