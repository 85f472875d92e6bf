import type {ScriptBlock} from './keepalived-configuration.ts';

/** What the exit of a script means for those who track it: nothing new, or a verdict. */
export type ScriptVerdict = 'good' | 'bad';

/**
 * A script that keepalived runs again and again (vrrp_script_child_thread). Its `result` goes up with each success and
 * down with each failure; from `rise` on it is good.
 *
 * | exit    | result            | becomes         | verdict                           |
 * | ------- | ----------------- | --------------- | --------------------------------- |
 * | success | below rise − 1    | one more        |                                   |
 * | success | rise − 1          | rise + fall − 1 | good                              |
 * | success | rise or above     | rise + fall − 1 |                                   |
 * | failure | above rise        | one less        |                                   |
 * | failure | rise              | 0               | bad                               |
 * | failure | below rise        | 0               | bad if it is the very first exit  |
 *
 * Before its first exit the result is rise − 1: one success is enough.
 */
export class TrackScript {
  readonly #rise: number;
  readonly #top: number;
  #result: number;
  #isNew = true;

  constructor({rise, fall}: Pick<ScriptBlock, 'rise' | 'fall'>) {
    this.#rise = rise;
    this.#top = rise + fall - 1;
    this.#result = rise - 1;
  }

  /** Whether it has not exited yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  get isGood(): boolean {
    return this.#result >= this.#rise;
  }

  /** Takes in an exit. */
  exited(success: boolean): ScriptVerdict | undefined {
    const verdict = success ? this.#succeeded() : this.#failed();
    this.#isNew = false;
    return verdict;
  }

  #succeeded(): ScriptVerdict | undefined {
    if (this.#result < this.#rise - 1) {
      this.#result += 1;
      return undefined;
    }
    const wasBad = !this.isGood;
    this.#result = this.#top;
    return wasBad ? 'good' : undefined;
  }

  #failed(): ScriptVerdict | undefined {
    if (this.#result > this.#rise) {
      this.#result -= 1;
      return undefined;
    }
    const isNews = this.#result === this.#rise || this.#isNew;
    this.#result = 0;
    return isNews ? 'bad' : undefined;
  }
}
