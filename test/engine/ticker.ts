import type {Actor} from '../../engine/actor.ts';
import {drawWhole, type Stream} from '../../engine/chance.ts';
import {alarmPlace, type Engine} from '../../engine/engine.ts';
import type {Journal} from '../../engine/journal.ts';
import type {Fact, Ledger, Repeat} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {Toys} from './toys.ts';

/** Something others look at that changes now and then. */
export type Lamp = {lit: boolean; readonly fact: Fact};

/**
 * The smallest repeat. It ticks with a jittered period. In the dark every tick is announced; by light it is only counted,
 * so those ticks need not be run.
 */
export class Ticker implements Actor, Repeat {
  wakeAt: Time;
  ticks = 0;
  readonly #number: number;
  /** When the next tick is, while `wakeAt` is lent out. */
  #lent: Time = never;
  #lastSkipped: Time = -1;
  readonly #engine: Engine;
  readonly #ledger: Ledger;
  readonly #journal: Journal<Toys>;
  readonly #lamp: Lamp;
  readonly #ticked: Fact;
  readonly #stream: Stream;
  readonly #period: readonly [least: Time, most: Time];

  constructor(
    {engine, ledger, journal}: {engine: Engine; ledger: Ledger; journal: Journal<Toys>},
    lamp: Lamp,
    ticked: Fact,
    stream: Stream,
    period: readonly [least: Time, most: Time],
  ) {
    this.#engine = engine;
    this.#ledger = ledger;
    this.#journal = journal;
    this.#lamp = lamp;
    this.#ticked = ticked;
    this.#stream = stream;
    this.#period = period;
    this.wakeAt = engine.now + this.#nextPeriod();
    this.#number = engine.add(this);
  }

  wake(now: Time): void {
    if (now < this.wakeAt) return;
    this.ticks += 1;
    this.wakeAt = now + this.#nextPeriod();
    this.#ledger.keep(this.#ticked, now);
    if (!this.#lamp.lit) {
      const causes = [this.#ledger.causeOf(this.#lamp.fact)];
      this.#journal.announce('ticked in the dark', {ticker: this.#number, ticks: this.ticks}, causes);
    } else if (this.#ledger.skipping) {
      this.#skip();
    }
  }

  settle(): void {
    while (this.#engine.reached(alarmPlace(this.#number, this.#lent))) {
      this.ticks += 1;
      this.#lastSkipped = this.#lent;
      this.#lent += this.#nextPeriod();
    }
  }

  resume(): void {
    this.wakeAt = this.#lent;
    this.#lent = never;
    this.#engine.rearm(this.#number);
  }

  lastAt(): Time {
    this.settle();
    return this.#lastSkipped;
  }

  nextAt(): Time {
    this.settle();
    return this.#lent;
  }

  #skip(): void {
    this.#lent = this.wakeAt;
    this.wakeAt = never;
    this.#lastSkipped = -1;
    this.#ledger.hold(this, [this.#lamp.fact], [{fact: this.#ticked, leg: 0}]);
  }

  /** Drawn by the number of the tick, so that it is the same whoever asks, and when. */
  #nextPeriod(): Time {
    return drawWhole(this.#stream, this.ticks, ...this.#period);
  }
}
