import {createHash} from 'node:crypto';

/**
 * A short name for everything a run announced and counted: equal for equal runs, whatever way they were computed. Taken
 * over lines of text, in the order given.
 */
export class Fingerprint {
  readonly #hash = createHash('sha256');

  add(line: string): void {
    this.#hash.update(`${line}\n`);
  }

  /** Sixteen hexadecimal digits. Nothing can be added afterwards. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}
