import {draw} from '../../engine/chance.ts';
import type {Fact} from '../../engine/ledger.ts';
import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Counter} from '../tables/counters.ts';

/** Why a packet went no further, in the words of `drops.csv`. */
export type DropReason =
  | 'no carrier'
  | 'port down'
  | 'black hole'
  | 'dropped by rule'
  | 'rejected'
  | 'random loss'
  | 'ovs-vswitchd not running'
  | 'no flows'
  | 'no tunnel'
  | 'tunnel neighbour unresolved'
  | 'no live gateway'
  | 'not the active gateway'
  | 'unknown destination'
  | 'flooded in vain'
  | 'no such port here'
  | 'no route'
  | 'ttl expired'
  | 'no connection'
  | 'no free port'
  | 'next hop unresolved'
  | 'ovn-controller not running'
  | 'buffer full'
  | 'no address'
  | 'neighbour unresolved'
  | 'neighbour unreachable'
  | 'neighbour queue full'
  | 'neighbour table full'
  | 'port not wired'
  | 'vlan not trunked'
  | 'mac not allowed'
  | 'no such tunnel network'
  | 'no remote endpoint'
  | 'arp not answered'
  | 'listed at another endpoint'
  | 'connection table full'
  | 'anti-spoofing'
  | 'security group'
  | 'dhcp server blocked'
  | 'invalid state'
  | 'learnt on the port it came from'
  | 'not addressed to this host'
  | 'larger than the mtu'
  | 'nobody listens'
  | 'connection reset'
  | 'connection refused'
  | 'connection timed out'
  | 'not connected'
  | 'service unavailable'
  | 'host down'
  | 'late';

/** What became of a packet. A flood counts as delivered if one of its copies was. */
export type Verdict =
  | {readonly kind: 'delivered'}
  | {readonly kind: 'dropped'; readonly reason: DropReason; readonly place: string}
  /** Parked: whoever holds it will go on with it and then call `finish`. */
  | {readonly kind: 'waiting'};

export const delivered: Verdict = {kind: 'delivered'};
/** Of ARP: a host has it, and what comes of it has a time and a cause of its own. */
export const heard: Verdict = {kind: 'delivered'};
const waiting: Verdict = {kind: 'waiting'};

export function dropped(reason: DropReason, place: string): Verdict {
  return {kind: 'dropped', reason, place};
}

export type Parking = {readonly reason: DropReason; readonly place: string};

/** Who sent a packet and which of the sender's it is: what its luck depends on. */
export type Identity = {readonly sender: string; readonly number: number};

/** Somebody who was told of a packet that is for many, and how the packet was when it got there. */
export type Told = {readonly tell: (passage: Passage) => void; readonly latency: Time; readonly cause: number};

/** What was noted on a packet's way, or on a part of it. */
export type Notes = {
  /** Facts relied on, possibly several times. */
  readonly relied: Fact[];
  readonly kept: Fact[];
  readonly counted: Counter[];
  /** What it leaves behind that so many more like it would leave again. */
  readonly effects: ((times: number) => void)[];
  readonly told: Told[];
};

/**
 * One packet's way through the network and what was noted on it: the facts it relied on, absence included, what it kept
 * alive, the counters it owes. A passage that only read could be repeated for the next packet until one of these facts
 * changes; of one that cannot be repeated nothing is noted.
 */
export class Passage {
  readonly ground: Ground;
  readonly identity: Identity;
  /** Its sender has just heard from the neighbour that it goes to first: what TCP and MSG_CONFIRM tell the neighbour table. */
  confirms = false;
  /** Time on the way since it was sent, or since it last went on. */
  latency: Time = 0;
  /** The latest announcement among what it relied on. */
  cause: number;
  /** The chassis whose ovn-controller put the packet into its switch, if one did. */
  madeBy: string | undefined;
  /**
   * Takes in, at the host that they are addressed to, the packet and what kernels on its way answer it. Undefined: no program
   * there wants it.
   */
  arrive: ((host: string, packet: Ipv4Packet, passage: Passage) => Verdict | undefined) | undefined;
  /** Told who takes in a packet that is for many, when this copy of it has got to them. */
  heardBy: ((listener: object) => void) | undefined;
  /**
   * Where it is remembered what becomes of copies when the packet is flooded: nowhere yet, or where it was flooded before, or
   * where it is flooded next, since before it cannot be. A packet that has waited is not remembered.
   */
  remembered: 'nowhere' | 'before' | 'from here' = 'nowhere';
  /** Copies of a flood that were lost on their way to somebody. */
  readonly lostCopies: {readonly reason: DropReason; readonly place: string; readonly cause: number}[] = [];
  /** Whether somebody took it in whom it was not meant for. */
  strayed = false;
  #parked: Parking | undefined;
  /** How many copies of the packet wait somewhere. */
  #waiting = 0;
  #notes = noNotes();
  #repeatable = true;
  #draws = 0;
  readonly #finished: ((verdict: Verdict, passage: Passage) => void) | undefined;
  #over = false;

  constructor(ground: Ground, identity: Identity, finished?: (verdict: Verdict, passage: Passage) => void) {
    this.ground = ground;
    this.identity = identity;
    this.cause = ground.engine.cause;
    this.#finished = finished;
  }

  /** Whether the next packet would fare the same as long as no fact changes. */
  get repeatable(): boolean {
    return this.#repeatable;
  }

  /** Facts relied on, possibly several times. */
  get relied(): readonly Fact[] {
    return this.#notes.relied;
  }

  get kept(): readonly Fact[] {
    return this.#notes.kept;
  }

  get counted(): readonly Counter[] {
    return this.#notes.counted;
  }

  /** What it leaves behind that so many more like it would leave again. */
  get effects(): Notes['effects'] {
    return this.#notes.effects;
  }

  /** Where the packet waits or last waited, and what it is lost for if that takes too long. */
  get parked(): Parking | undefined {
    return this.#parked;
  }

  /** When the packet is where it got to. */
  get arrivesAt(): Time {
    return this.ground.engine.now + this.latency;
  }

  /** What comes next depends on this fact. */
  rely(fact: Fact): void {
    if (this.#repeatable) this.#notes.relied.push(fact);
    const cause = this.ground.ledger.causeOf(fact);
    if (cause > this.cause) this.cause = cause;
  }

  /** The packet keeps this alive. */
  keep(fact: Fact): void {
    if (this.#repeatable) this.#notes.kept.push(fact);
    this.ground.ledger.keep(fact, this.ground.engine.now);
  }

  count(counter: Counter, times = 1): void {
    if (this.#repeatable) for (let i = 0; i < times; i++) this.#notes.counted.push(counter);
    this.ground.counters.add(counter, times);
  }

  /** The packet left something behind, and `act` does what so many more like it would do. */
  again(act: (times: number) => void): void {
    if (this.#repeatable) this.#notes.effects.push(act);
  }

  /** The packet left something behind, drew luck or waited: the next one may fare differently. */
  once(): void {
    if (!this.#repeatable) return;
    this.#repeatable = false;
    this.#notes = nothing;
  }

  /** Tells somebody of the packet who does the same with each one like it: what comes of that has a time of its own. */
  tell(tell: (passage: Passage) => void): void {
    if (this.#repeatable) this.#notes.told.push({tell, latency: this.latency, cause: this.cause});
    tell(this);
  }

  /** Notes apart what a part of the way does to the packet; undefined if the next packet may fare differently there. */
  apart(part: () => Verdict): {readonly verdict: Verdict; readonly notes: Notes | undefined} {
    const [before, repeatable] = [this.#notes, this.#repeatable];
    this.#notes = noNotes();
    this.#repeatable = true;
    const verdict = part();
    const notes = this.#repeatable ? this.#notes : undefined;
    this.#notes = before;
    this.#repeatable = repeatable;
    if (notes) this.add(notes);
    else this.once();
    return {verdict, notes};
  }

  /** The packet fares on a part of its way as one before it did. */
  add({relied, kept, counted, effects, told}: Notes): void {
    if (!this.#repeatable) return;
    const notes = this.#notes;
    for (const fact of relied) notes.relied.push(fact);
    for (const fact of kept) notes.kept.push(fact);
    for (const counter of counted) notes.counted.push(counter);
    for (const effect of effects) notes.effects.push(effect);
    for (const one of told) notes.told.push(one);
  }

  /** Luck in [0, 1) for one purpose; the same whatever happened to other packets. */
  draw(purpose: string): number {
    this.once();
    const stream = this.ground.streams.of(`${purpose}/${this.identity.sender}`);
    return draw(stream, this.identity.number * 64 + this.#draws++);
  }

  /** The packet waits at `place`, held by who calls `resume` for it some time. */
  park(reason: DropReason, place: string): Verdict {
    this.once();
    this.#waiting += 1;
    this.#parked = {reason, place};
    return waiting;
  }

  /** The packet takes `delay` more and then goes on with `act` in the world as it is then. */
  wait(delay: Time, place: string, act: () => Verdict): Verdict {
    this.ground.later.at(this.arrivesAt + delay, () => this.resume(act));
    return this.park('late', place);
  }

  /** Goes on with a parked packet now. */
  resume(act: () => Verdict): void {
    this.once();
    this.#waiting -= 1;
    this.remembered = 'before';
    this.latency = 0;
    this.cause = Math.max(this.cause, this.ground.engine.cause);
    this.finish(act());
  }

  /**
   * Tells the sender what became of the packet, unless it still waits. Of several copies the first one counts that gets
   * through; none does if the last one that waited is lost.
   */
  finish(verdict: Verdict): void {
    if (verdict.kind === 'waiting' || this.#over) return;
    if (verdict.kind === 'dropped' && this.#waiting > 0) return;
    this.#over = true;
    this.#finished?.(verdict, this);
  }

  /** Runs `act` under this passage's cause: what follows from the packet follows from what let it through. */
  because<T>(act: () => T): T {
    const {engine} = this.ground;
    const before = engine.cause;
    engine.cause = Math.max(this.cause, before);
    try {
      return act();
    } finally {
      engine.cause = before;
    }
  }
}

/** What is noted of a packet that cannot be repeated. */
const nothing: Notes = noNotes();

function noNotes(): Notes {
  return {relied: [], kept: [], counted: [], effects: [], told: []};
}
