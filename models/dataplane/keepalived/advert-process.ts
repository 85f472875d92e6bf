import type {Place} from '../../../engine/engine.ts';
import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {VrrpInstance} from '../../protocols/vrrp-instance.ts';
import type {Advert} from '../../protocols/vrrp-port.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Passage} from '../passage.ts';
import type {VrrpPace} from './vrrp-pace.ts';

/** A process that sends and hears advertisements, as a stream of them sees it. */
export type AdvertProcess = {
  readonly host: Host;
  readonly place: string;
  readonly actor: number;
  /** Whether it runs, and what it is about. */
  readonly fact: Fact;
  /** Whether it does nothing at present but wait for adverts to send or to hear. */
  readonly isSteady: boolean;
  readonly pace: VrrpPace;
  /** The place in the run's order of its alarm at that moment. */
  alarm(at: Time): Place;
  /** The same of an advert's arrival. */
  arrivalPlace(at: Time, arrival: Arrival): Place;
  /** An advert reaches its socket at `at`. */
  post(at: Time, arrival: Arrival): void;
  /** An advert that has arrived lies in its socket and is read at `readAt`, or earlier if it looks up. */
  enqueue(arrival: Arrival, readAt: Time): void;
  /** It was woken at `at` to send an advert, and is at it. */
  wakeLate(at: Time): void;
  /** An advert that it has read, run or counted. */
  countTaken(): void;
  /** Its deadlines are looked after by who counts its adverts, until it takes them back. */
  lend(to: object): void;
  takeBack(): void;
  /** The virtual router that an advert on a device is for. */
  instanceFor(vrid: number, device: string): VrrpInstance | undefined;
};

/** An advertisement on its way into the socket of a process. */
export type Arrival = {
  readonly advert: Advert;
  readonly device: string;
  /** Who sent it, and which of the sender's it is. */
  readonly from: AdvertProcess;
  readonly number: number;
  readonly cause: number;
  /** To be told when it has been taken in. */
  readonly stream: {taken(by: AdvertProcess, number: number): void};
};

/** Who takes in an advert, as the sender hears of it when that copy has got there. */
export type Hearing = {
  readonly process: AdvertProcess;
  readonly device: string;
  readonly passage: Passage;
  readonly packet: Ipv4Packet;
};

/** A virtual router of a process. */
export type Sender = {
  readonly process: AdvertProcess;
  readonly vrrp: VrrpInstance;
  readonly address: Ipv4;
  /** As results call it. */
  readonly name: string;
};
