import {Chance} from '../../engine/chance.ts';

/** Seeded luck for tests that make things up: the same name, the same things. */
export class Luck {
  readonly #next: () => number;

  constructor(name: string) {
    this.#next = new Chance(name).sequence('luck');
  }

  /** A whole number in [least, most]. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  happens(share: number): boolean {
    return this.#next() < share;
  }
}
