import {alarmPlace} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {milliseconds, never, type Time} from '../../engine/time.ts';
import type {Pace} from '../daemons/host-profile.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';
import type {Passage} from './passage.ts';
import type {Heard, TunnelBfd} from './tunnel-bfd.ts';

/** The way one end's packets take to the other, as the last one took it. */
type Path = {
  readonly packet: Heard['packet'];
  readonly number: number;
  readonly latency: Time;
  /** How long the receiver's host takes over each packet, and the longest that sending until taken in can take. */
  readonly handling: Pace;
  readonly longest: Time;
  readonly cause: number;
  readonly facts: readonly Fact[];
  readonly kept: readonly Fact[];
  readonly counted: readonly Counter[];
  /** Whether its packet has been taken in, and as expected. */
  taken: boolean;
};

/** No interval is shorter than this share of the longest (lib/bfd.c, bfd_set_next_tx). */
const shortestShare = 0.75;

/**
 * A session of which both ends are steady and both paths are known is a repeat: its packets are counted, not run, until
 * something on a path or at an end changes. One object for both ends.
 */
export class Heartbeats implements Repeat {
  readonly #ground: Ground;
  readonly #ends: readonly [TunnelBfd, TunnelBfd];
  readonly #paths: [Path | undefined, Path | undefined] = [undefined, undefined];
  readonly #watches: [number, number] = [-1, -1];
  readonly #sentAt: [Time, Time] = [-1, -1];
  /** When the latest packets will be taken in, those of them that are not yet. */
  readonly #underway: [Time[], Time[]] = [[], []];
  #held = -1;

  constructor(ground: Ground, a: TunnelBfd, b: TunnelBfd) {
    this.#ground = ground;
    this.#ends = [a, b];
  }

  joins(a: TunnelBfd, b: TunnelBfd): boolean {
    return this.#ends.includes(a) && this.#ends.includes(b);
  }

  /** Whether packets are being counted instead of run. */
  get skipped(): boolean {
    return this.#held >= 0;
  }

  /** A packet has made its way. Until it is taken in nothing that it relied on may change, or the way is not known. */
  arrived({packet, passage, from, number}: Heard & {readonly passage: Passage}): void {
    const {ledger} = this.#ground;
    if (!ledger.skipping || this.skipped) return;
    const direction = this.#directionOf(from);
    this.#forget(direction);
    if (!passage.repeatable) return;
    const path = this.#pathOf(direction, packet, number, passage);
    this.#paths[direction] = path;
    this.#watches[direction] = ledger.hold(this.#watch(direction), path.facts, []);
  }

  /** The packet did nothing at its receiver but push out the detection time. */
  receivedAsExpected(from: TunnelBfd, number: number): void {
    const path = this.#paths[this.#directionOf(from)];
    if (this.skipped || path?.number !== number) return;
    path.taken = true;
    this.#skipIfPossible();
  }

  /** A packet changed something at its receiver, or was lost. */
  interrupted(from: TunnelBfd): void {
    this.#forget(this.#directionOf(from));
  }

  /** Each direction by itself: as long as both are safe, what an end sends does not depend on what it hears. */
  settle(): void {
    this.#settleDirection(0);
    this.#settleDirection(1);
  }

  resume(): void {
    this.#held = -1;
    for (const direction of [0, 1] as const) {
      const [from, to] = this.#along(direction);
      const path = this.#pathKnown(direction);
      const underway = this.#underway[direction];
      const first = from.sent - underway.length;
      for (const [i, at] of underway.entries()) this.#sendOn(path, from, to, first + i, at);
      this.#underway[direction] = [];
      this.#paths[direction] = undefined;
      this.#sentAt[direction] = -1;
    }
    for (const end of this.#ends) this.#ground.engine.rearm(end.actor);
  }

  lastAt(leg: number): Time {
    this.settle();
    return this.#sentAt[leg];
  }

  nextAt(leg: number): Time {
    this.settle();
    return this.#ends[leg].sendAt;
  }

  #skipIfPossible(): void {
    const [a, b] = this.#ends;
    const [there, back] = this.#paths;
    if (!there?.taken || !back?.taken || there.number !== a.sent - 1 || back.number !== b.sent - 1) return;
    // After losses a thread may still have to look at a detection time that lies before its next packet.
    if (this.#ends.some(({session}) => session.wakeAt !== session.sendAt)) return;
    if (!this.#safe(0) || !this.#safe(1)) return;
    const kept = [...there.kept.map(fact => ({fact, leg: 0})), ...back.kept.map(fact => ({fact, leg: 1}))];
    const facts = [...new Set([...there.facts, ...back.facts])];
    this.#dropWatch(0);
    this.#dropWatch(1);
    this.#held = this.#ground.ledger.hold(this, facts, kept);
  }

  /**
   * Whether no delay on a host alone could ever let the session expire or look as if it might: then nothing needs to be
   * looked at meanwhile. The thread would wake for a detection time that lies before the next packet to send. And whether
   * no packet overtakes another.
   */
  #safe(direction: 0 | 1): boolean {
    const [from, to] = this.#along(direction);
    const late = from.host.profile.bounds('timer')[1];
    const [least, most] = to.host.profile.bounds('bfd-receive');
    const longest = from.session.sendInterval + late + (most - least) + milliseconds(2);
    const shortest = from.session.sendInterval * shortestShare - milliseconds(2);
    return longest + to.session.sendInterval < to.session.detectionTime && most - least < shortest;
  }

  #settleDirection(direction: 0 | 1): void {
    const [from, to] = this.#along(direction);
    const path = this.#pathKnown(direction);
    const counted = from.sent;
    this.#settleLongPast(direction, path, from, to);
    this.#settleLately(direction, path, from, to);
    if (from.sent === counted) return;
    for (const counter of path.counted) this.#ground.counters.add(counter, from.sent - counted);
  }

  /** Packets that are certain to have been taken in: of all these only the number and the last one can be seen. */
  #settleLongPast(direction: 0 | 1, path: Path, from: TunnelBfd, to: TunnelBfd): void {
    const last = from.countSentBefore(this.#ground.engine.now - path.longest);
    if (last < 0) return;
    this.#sentAt[direction] = last;
    this.#underway[direction] = [];
    to.countReceived(last + path.latency + path.handling(from.sent - 1));
  }

  /** Packets that may still be under way. They arrive in the order in which they were sent. */
  #settleLately(direction: 0 | 1, path: Path, from: TunnelBfd, to: TunnelBfd): void {
    const {engine} = this.#ground;
    const underway = this.#underway[direction];
    for (let at = from.sendAt; engine.reached(alarmPlace(from.actor, at)); at = from.sendAt) {
      underway.push(at + path.latency + path.handling(from.sent));
      from.countSent(at);
      this.#sentAt[direction] = at;
    }
    while (underway.length > 0) {
      const [at] = underway;
      const number = from.sent - underway.length;
      if (!engine.reached({at, receiver: to.actor, sender: from.actor, number})) return;
      underway.shift();
      to.countReceived(at);
    }
  }

  #sendOn(path: Path, from: TunnelBfd, to: TunnelBfd, number: number, at: Time): void {
    const heard: Heard = {packet: path.packet, passage: undefined, from, number};
    this.#ground.engine.post(at, to.actor, from.actor, number, heard, path.cause);
  }

  #pathOf(direction: 0 | 1, packet: Heard['packet'], number: number, passage: Passage): Path {
    const [from, to] = this.#along(direction);
    return {
      packet,
      number,
      latency: passage.latency,
      handling: to.handlingOf(from),
      longest: passage.latency + to.host.profile.bounds('bfd-receive')[1],
      cause: passage.cause,
      facts: [...new Set([...passage.relied, from.fact, to.fact])],
      kept: [...new Set(passage.kept)],
      counted: passage.counted,
      taken: false,
    };
  }

  /** A path is known only as long as nothing on it changes. */
  #watch(direction: 0 | 1): Repeat {
    return {
      settle: () => undefined,
      resume: () => {
        this.#watches[direction] = -1;
        this.#paths[direction] = undefined;
      },
      lastAt: () => -1,
      nextAt: () => never,
    };
  }

  #forget(direction: 0 | 1): void {
    this.#dropWatch(direction);
    this.#paths[direction] = undefined;
  }

  #dropWatch(direction: 0 | 1): void {
    if (this.#watches[direction] >= 0) this.#ground.ledger.release(this.#watches[direction]);
    this.#watches[direction] = -1;
  }

  #pathKnown(direction: 0 | 1): Path {
    const path = this.#paths[direction];
    if (!path) throw new Error('a session is skipped whose path is not known');
    return path;
  }

  #along(direction: 0 | 1): readonly [TunnelBfd, TunnelBfd] {
    const [a, b] = this.#ends;
    return direction === 0 ? [a, b] : [b, a];
  }

  #directionOf(from: TunnelBfd): 0 | 1 {
    return from === this.#ends[0] ? 0 : 1;
  }
}
