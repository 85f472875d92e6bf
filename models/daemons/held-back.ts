import type {Ground} from '../ground.ts';

/** What reaches a process while it is stopped: done when it goes on, each under the cause that brought it. */
export class HeldBack {
  readonly #ground: Ground;
  #acts: (() => void)[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  add(act: () => void): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#acts.push(() => {
      engine.cause = Math.max(engine.cause, cause);
      act();
    });
  }

  /** The process goes on. */
  release(): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    for (const act of this.#acts.splice(0)) {
      act();
      engine.cause = before;
    }
  }

  /** The process is gone. */
  clear(): void {
    this.#acts = [];
  }
}
