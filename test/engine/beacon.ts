import type {Actor} from '../../engine/actor.ts';
import {drawWhole, type Stream} from '../../engine/chance.ts';
import {alarmPlace} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {Lamp} from './ticker.ts';
import type {ToyWorld} from './toys.ts';

/** Hears beats, and falls silent when none came for some time. Its deadline is looked at when it rings, never moved. */
export class Listener implements Actor {
  wakeAt: Time;
  heard = 0;
  silent = false;
  readonly number: number;
  /** Changes when it falls silent and when it hears again. */
  readonly state: Fact;
  /** Kept alive by every beat. */
  readonly beats: Fact;
  readonly #world: ToyWorld;
  readonly #timeout: Time;

  constructor(world: ToyWorld, timeout: Time) {
    this.#world = world;
    this.#timeout = timeout;
    this.state = world.ledger.add();
    this.beats = world.ledger.add();
    this.wakeAt = timeout;
    this.number = world.engine.add(this);
  }

  wake(now: Time): void {
    const {ledger, journal} = this.#world;
    const silentAt = Math.max(0, ledger.keptAt(this.beats)) + this.#timeout;
    if (silentAt > now) {
      this.wakeAt = silentAt;
      return;
    }
    this.wakeAt = never;
    this.silent = true;
    ledger.settle();
    const announcement = journal.announce('fell silent', {listener: this.number, heard: this.heard});
    ledger.changed(this.state, announcement);
  }

  hear(beat: unknown, now: Time): void {
    this.heard += 1;
    const {ledger, journal} = this.#world;
    ledger.keep(this.beats, now);
    if (!this.silent) return;
    this.silent = false;
    this.wakeAt = now + this.#timeout;
    const announcement = journal.announce('heard again', {listener: this.number, beat: beat as number});
    ledger.changed(this.state, announcement);
  }
}

/**
 * A repeat with two legs: it sends a beat with a jittered period, and each arrives after a delay. What is under way when
 * the repeat ends must really be sent.
 */
export class Beacon implements Actor, Repeat {
  wakeAt: Time;
  sent = 0;
  readonly #number: number;
  #lent: Time = never;
  /** Skipped beats that have not arrived: when each was sent; the last one's number is `sent`. */
  #underWay: Time[] = [];
  #lastArrival: Time = -1;
  readonly #world: ToyWorld;
  readonly #wire: Lamp;
  readonly #listener: Listener;
  readonly #delay: Time;
  readonly #stream: Stream;
  readonly #period: readonly [least: Time, most: Time];

  constructor(
    world: ToyWorld,
    wire: Lamp,
    listener: Listener,
    delay: Time,
    stream: Stream,
    period: readonly [least: Time, most: Time],
  ) {
    this.#world = world;
    this.#wire = wire;
    this.#listener = listener;
    this.#delay = delay;
    this.#stream = stream;
    this.#period = period;
    this.wakeAt = this.#nextPeriod();
    this.#number = world.engine.add(this);
  }

  wake(now: Time): void {
    if (now < this.wakeAt) return;
    const {engine, ledger, journal} = this.#world;
    this.sent += 1;
    this.wakeAt = now + this.#nextPeriod();
    if (!this.#wire.lit) {
      const causes = [ledger.causeOf(this.#wire.fact)];
      engine.cause = journal.announce('beat lost', {beacon: this.#number, sent: this.sent}, causes);
      return;
    }
    this.#post(now, this.sent);
    if (ledger.skipping && !this.#listener.silent) this.#skip();
  }

  settle(): void {
    const {engine} = this.#world;
    while (engine.reached(alarmPlace(this.#number, this.#lent))) {
      this.sent += 1;
      this.#underWay.push(this.#lent);
      this.#lent += this.#nextPeriod();
    }
    while (this.#underWay.length > 0 && engine.reached(this.#arrival(this.#underWay[0]))) {
      this.#lastArrival = this.#underWay.shift()! + this.#delay;
      this.#listener.heard += 1;
    }
  }

  resume(): void {
    this.wakeAt = this.#lent;
    this.#lent = never;
    this.#world.engine.rearm(this.#number);
    this.#underWay.forEach((sentAt, index) => {
      this.#post(sentAt, this.sent - this.#underWay.length + 1 + index);
    });
    this.#underWay = [];
  }

  lastAt(): Time {
    this.settle();
    return this.#lastArrival;
  }

  nextAt(): Time {
    this.settle();
    return (this.#underWay.at(0) ?? this.#lent) + this.#delay;
  }

  #post(sentAt: Time, beat: number): void {
    this.#world.engine.post(sentAt + this.#delay, this.#listener.number, this.#number, beat, beat, 0);
  }

  #arrival(sentAt: Time) {
    const number = this.sent - this.#underWay.length + 1;
    return {at: sentAt + this.#delay, receiver: this.#listener.number, sender: this.#number, number};
  }

  #skip(): void {
    this.#lent = this.wakeAt;
    this.wakeAt = never;
    this.#lastArrival = -1;
    const {beats, state} = this.#listener;
    this.#world.ledger.hold(this, [this.#wire.fact, state], [{fact: beats, leg: 0}]);
  }

  #nextPeriod(): Time {
    return drawWhole(this.#stream, this.sent, ...this.#period);
  }
}
