import type {Fact} from '../../engine/ledger.ts';
import {microseconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {PathMtus} from '../protocols/path-mtus.ts';
import {fragmented, largestPiece, reassembled} from '../wire/fragments.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {FlowEnd} from './flow-end.ts';
import {KernelAnswers} from './kernel-answers.ts';
import {dropped, type Passage, type Verdict} from './passage.ts';

export type HostBeyondSettings = {
  readonly name: string;
  readonly address: Ipv4;
  /** The moment of its kernel's jiffy 0. */
  readonly kernelPhase: Time;
  /** Of its interface, and of all that is not modelled between it and the upstream routers. */
  readonly mtu: number;
};

/** From an upstream router to a host behind it, one way. */
const latency = microseconds(100);

/** A host on the far side of upstream routers: a Linux stack without links of its own. */
export class HostBeyond implements FlowEnd {
  readonly name: string;
  readonly address: Ipv4;
  readonly kernelPhase: Time;
  /** It is never switched off. */
  readonly life = 0;
  readonly #ground: Ground;
  readonly #mtu: number;
  readonly #toRouter: (packet: Ipv4Packet, passage: Passage) => Verdict;
  readonly #answers: KernelAnswers;
  readonly #pathMtus = new PathMtus();
  /** What it knows of the ways. */
  readonly #fact: Fact;

  constructor(
    ground: Ground,
    {name, address, kernelPhase, mtu}: HostBeyondSettings,
    toRouter: (packet: Ipv4Packet, passage: Passage) => Verdict,
  ) {
    this.#ground = ground;
    this.name = name;
    this.address = address;
    this.kernelPhase = kernelPhase;
    this.#mtu = mtu;
    this.#toRouter = toRouter;
    this.#fact = ground.ledger.add();
    this.#answers = new KernelAnswers(ground, {
      ...{place: name, kernelPhase},
      isLocal: own => own === address,
      sourceTowards: () => address,
      send: (packet, passage) => this.send(packet, passage),
    });
  }

  mtuTo(destination: Ipv4): number {
    return Math.min(this.#mtu, this.#pathMtus.to(destination, this.#ground.engine.now) ?? this.#mtu);
  }

  learnMtu(destination: Ipv4, mtu: number): void {
    const {ledger, engine, later} = this.#ground;
    const until = this.#pathMtus.learn(destination, mtu, engine.now);
    later.at(until, () => {
      ledger.changed(this.#fact, engine.cause);
    });
    ledger.changed(this.#fact, engine.cause);
  }

  send(packet: Ipv4Packet, passage: Passage): Verdict {
    passage.rely(this.#fact);
    const mtu = this.mtuTo(packet.destination);
    const fits = largestPiece(packet) <= mtu;
    if (!fits && packet.dontFragment) return dropped('larger than the mtu', this.name);
    passage.latency += latency;
    return this.#toRouter(fits ? packet : fragmented(packet, mtu), passage);
  }

  /** A packet has reached the router that leads here. */
  arrive(travelled: Ipv4Packet, passage: Passage): Verdict {
    passage.latency += latency;
    const packet = reassembled(travelled);
    const taken = passage.arrive?.(this.name, packet, passage);
    if (taken) return taken;
    this.#answers.refuse(packet, passage);
    return dropped('nobody listens', this.name);
  }
}
