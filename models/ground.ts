import type {Chance, Stream} from '../engine/chance.ts';
import type {Engine} from '../engine/engine.ts';
import type {Ledger} from '../engine/ledger.ts';
import {never, type Time} from '../engine/time.ts';
import type {WorldJournal} from './events/announcements.ts';
import type {Counters} from './tables/counters.ts';
import type {Losses} from './tables/losses.ts';
import type {Taps} from './tables/taps.ts';

/** What every model of one world stands on. Handed to each; there is no other way to reach it. */
export type Ground = {
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly journal: WorldJournal;
  readonly chance: Chance;
  readonly counters: Counters;
  readonly losses: Losses;
  readonly later: Later;
  readonly streams: Streams;
  readonly taps: Taps;
};

/** Does things later that no actor waits for: a frame that arrives, a packet that goes on. */
export class Later {
  readonly wakeAt: Time = never;
  readonly #engine: Engine;
  readonly #number: number;
  #asked = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#number = engine.add(this);
  }

  /** Calls `act` at `at`, under the present cause, after what was asked for earlier for the same instant. */
  at(at: Time, act: () => void): void {
    this.#engine.post(at, this.#number, this.#number, this.#asked++, act);
  }

  wake(): void {
    // It has no alarm.
  }

  hear(message: unknown): void {
    (message as () => void)();
  }
}

/** The streams of entities by name, so that each name is hashed once. */
export class Streams {
  readonly #chance: Chance;
  readonly #streams = new Map<string, Stream>();

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  of(name: string): Stream {
    let stream = this.#streams.get(name);
    if (stream === undefined) this.#streams.set(name, (stream = this.#chance.stream(name)));
    return stream;
  }
}
