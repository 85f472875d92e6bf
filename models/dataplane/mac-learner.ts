import type {Fact} from '../../engine/ledger.ts';
import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {AgeingClock} from '../protocols/ageing-clock.ts';
import {MacTable} from '../protocols/mac-table.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {Mac} from '../wire/mac.ts';
import type {Passage} from './passage.ts';

export type MacLearnerSettings = {
  /** The switch, as results call it. */
  readonly place: string;
  readonly ageing: Time;
  /** When the switch came up. */
  readonly since: Time;
  readonly clock: AgeingClock;
  /** What is behind a port, as results call it. */
  portName(port: number): string;
};

/** A switch's MAC table as packets meet it: what they rely on, keep alive and teach. */
export class MacLearner {
  readonly #ground: Ground;
  readonly #settings: MacLearnerSettings;
  readonly #table: MacTable;
  readonly #facts: KeyedFacts;
  readonly #actor: number;

  constructor(ground: Ground, settings: MacLearnerSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.#facts = new KeyedFacts(ground.ledger);
    this.#table = new MacTable(
      {ageingTime: settings.ageing, clock: settings.clock},
      {
        lastSeenAt: mac => ground.ledger.keptAt(this.#facts.of(mac)),
        removed: mac => {
          this.#facts.changed(mac, ground.engine.cause);
        },
      },
      settings.since,
    );
    this.#actor = ground.engine.add(this.#table);
  }

  /** MACs and ports, in the order in which they were learnt. */
  entries(): Iterable<readonly [Mac, number]> {
    return this.#table.entries();
  }

  /** When the last frame from `mac` came in, run or counted. */
  lastSeenAt(mac: Mac): Time {
    return this.#ground.ledger.keptAt(this.#facts.of(mac));
  }

  /** The port that a frame to `mac` goes to; undefined if it is not known. */
  lookup(mac: Mac, passage: Passage): number | undefined {
    passage.rely(this.#facts.of(mac));
    return this.#table.lookup(mac);
  }

  /** Learns from a frame that has come in at `port`. */
  learn(mac: Mac, port: number, passage: Passage): void {
    const {engine, journal} = this.#ground;
    const fact: Fact = this.#facts.of(mac);
    passage.rely(fact);
    passage.keep(fact);
    const before = this.#table.lookup(mac);
    const lesson = this.#table.learn(mac, port, engine.now);
    if (lesson === 'unchanged' || lesson === 'nothing') return;
    engine.rearm(this.#actor);
    passage.once();
    const {place, portName} = this.#settings;
    passage.because(() => {
      const was = before === undefined ? undefined : portName(before);
      const detail = {segment: place, mac, from: was, to: portName(port)};
      const cause = lesson === 'moved' ? journal.announce('mac moved', detail) : engine.cause;
      this.#facts.changed(mac, cause);
    });
  }

  /** Forgets what is behind a port. */
  flush(port: number): void {
    this.#table.flush(port);
  }
}
