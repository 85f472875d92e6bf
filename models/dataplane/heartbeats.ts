import {alarmPlace} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {milliseconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';
import type {Passage} from './passage.ts';
import type {Heard, TunnelBfd} from './tunnel-bfd.ts';

/** The way one end's packets take to the other, as the last one took it. */
type Path = {
  readonly packet: Heard['packet'];
  readonly number: number;
  readonly latency: Time;
  readonly cause: number;
  readonly facts: readonly Fact[];
  readonly kept: readonly Fact[];
  readonly counted: readonly Counter[];
};

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
  readonly #underway: [Map<number, Time>, Map<number, Time>] = [new Map(), new Map()];
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

  /** A packet did nothing at its receiver but push out the detection time. */
  receivedAsExpected({packet, passage, from, number}: Heard & {readonly passage: Passage}): void {
    const {ledger} = this.#ground;
    if (!ledger.skipping || this.skipped) return;
    const direction = this.#directionOf(from);
    this.#forget(direction);
    if (!passage.repeatable || number !== from.sent - 1) return;
    const path = this.#pathOf(direction, packet, number, passage);
    this.#paths[direction] = path;
    this.#watches[direction] = ledger.hold(this.#watch(direction), path.facts, []);
    this.#skipIfPossible();
  }

  /** A packet changed something at its receiver, or was lost. */
  interrupted(from: TunnelBfd): void {
    this.#forget(this.#directionOf(from));
  }

  settle(): void {
    this.#settleDirection(0);
    this.#settleDirection(1);
  }

  resume(): void {
    this.#held = -1;
    for (const direction of [0, 1] as const) {
      const [from, to] = this.#along(direction);
      const path = this.#pathKnown(direction);
      for (const [number, at] of this.#underway[direction]) this.#sendOn(path, from, to, number, at);
      this.#underway[direction].clear();
      this.#paths[direction] = undefined;
      this.#sentAt[direction] = -1;
    }
    for (const end of this.#ends) this.#ground.engine.rearm(end.actor);
  }

  lastAt(leg: number): Time {
    this.settle();
    return this.#sentAt[leg];
  }

  #skipIfPossible(): void {
    const [a, b] = this.#ends;
    const [there, back] = this.#paths;
    if (!there || !back || there.number !== a.sent - 1 || back.number !== b.sent - 1) return;
    if (!this.#safe(0) || !this.#safe(1)) return;
    const kept = [...there.kept.map(fact => ({fact, leg: 0})), ...back.kept.map(fact => ({fact, leg: 1}))];
    const facts = [...new Set([...there.facts, ...back.facts])];
    this.#dropWatch(0);
    this.#dropWatch(1);
    this.#held = this.#ground.ledger.hold(this, facts, kept);
  }

  /** Whether no delay on a host alone could ever let the session expire: then nothing needs to be looked at meanwhile. */
  #safe(direction: 0 | 1): boolean {
    const [from, to] = this.#along(direction);
    const late = from.host.profile.bounds('timer')[1];
    const [least, most] = to.host.profile.bounds('bfd-receive');
    const longest = from.session.sendInterval + late + (most - least) + milliseconds(2);
    return longest < to.session.detectionTime;
  }

  #settleDirection(direction: 0 | 1): void {
    const {engine, counters} = this.#ground;
    const [from, to] = this.#along(direction);
    const path = this.#pathKnown(direction);
    const underway = this.#underway[direction];
    for (let at = from.sendAt; engine.reached(alarmPlace(from.actor, at)); at = from.sendAt) {
      const number = from.sent;
      from.countSent(at);
      this.#sentAt[direction] = at;
      for (const counter of path.counted) counters.add(counter);
      underway.set(number, at + path.latency + to.handlingOf(from, number));
    }
    for (const [number, at] of underway) {
      if (!engine.reached({at, receiver: to.actor, sender: from.actor, number})) continue;
      underway.delete(number);
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
      cause: passage.cause,
      facts: [...new Set([...passage.relied, from.fact, to.fact])],
      kept: [...new Set(passage.kept)],
      counted: passage.counted,
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
