import type {Engine} from './engine.ts';
import type {Time} from './time.ts';

/** What was announced when, and from which earlier announcements it followed. Numbers count from 1. */
export type Entry<Kinds> = {
  [Kind in keyof Kinds]: {
    readonly number: number;
    readonly at: Time;
    readonly kind: Kind;
    readonly detail: Kinds[Kind];
    readonly parents: readonly number[];
  };
}[keyof Kinds];

/**
 * Typed announcements in the order of the run. Each keeps its parents, so that what happened can be walked back to what
 * caused it; by default the parent is the cause under which the engine runs.
 */
export class Journal<Kinds extends Record<keyof Kinds, object>> {
  readonly #engine: Engine;
  readonly #entries: Entry<Kinds>[] = [];
  readonly #listeners: ((entry: Entry<Kinds>) => void)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get entries(): readonly Entry<Kinds>[] {
    return this.#entries;
  }

  /** Announces and returns the number of the announcement. Parents of 0 (unknown) are left out. */
  announce<Kind extends keyof Kinds>(
    kind: Kind,
    detail: Kinds[Kind],
    parents: readonly number[] = [this.#engine.cause],
  ): number {
    const number = this.#entries.length + 1;
    const known = parents.filter((parent, index) => parent > 0 && parents.indexOf(parent) === index);
    const entry = {number, at: this.#engine.now, kind, detail, parents: known} as Entry<Kinds>;
    this.#entries.push(entry);
    for (const listener of this.#listeners) listener(entry);
    return number;
  }

  /** The announcement with this number. */
  entry(number: number): Entry<Kinds> {
    const entry = this.#entries[number - 1];
    if (!entry) throw new Error(`nothing was announced as number ${number}`);
    return entry;
  }

  /** Calls `listener` with every announcement from now on. */
  listen(listener: (entry: Entry<Kinds>) => void): void {
    this.#listeners.push(listener);
  }
}
