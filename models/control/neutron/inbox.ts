import type {Engine} from '../../../engine/engine.ts';
import type {Thread} from './process.ts';

/** Things that wait for a thread, each with the cause under which it came. */
export class Inbox<Item> {
  readonly #engine: Engine;
  readonly #waiting: {readonly item: Item; readonly cause: number}[] = [];
  #wake: (() => void) | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  put(item: Item): void {
    this.#waiting.push({item, cause: this.#engine.cause});
    this.#wake?.();
  }

  /** The next thing, under its cause. One thread takes. */
  *take(): Thread<Item> {
    while (this.#waiting.length === 0) {
      yield done => {
        this.#wake = done;
      };
      this.#wake = undefined;
    }
    const {item, cause} = this.#waiting.shift()!;
    this.#engine.cause = cause;
    return item;
  }
}
