import type {Fact, Ledger} from '../../engine/ledger.ts';

/**
 * The facts of a table, one for each key that somebody relies on or that changed for a known reason, whether there is a
 * row under that key or not: that there is none is a fact as well.
 */
export class KeyedFacts {
  readonly #ledger: Ledger;
  readonly #facts = new Map<number, Fact>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The fact under `key`. */
  of(key: number): Fact {
    let fact = this.#facts.get(key);
    if (fact === undefined) this.#facts.set(key, (fact = this.#ledger.add()));
    return fact;
  }

  /** What stands under `key` changed because of the announcement `cause`. */
  changed(key: number, cause: number): void {
    if (cause > 0) this.#ledger.changed(this.of(key), cause);
    else {
      const fact = this.#facts.get(key);
      if (fact !== undefined) this.#ledger.changed(fact, cause);
    }
  }
}

/** One key of two row numbers. */
export function pair(a: number, b: number): number {
  return a * 0x1_0000_0000 + b;
}
