import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';

/** The one thread of a daemon: it does one thing after the other, stands still while it is stopped, and ends with its process. */
export class DaemonThread {
  readonly #ground: Ground;
  #life = 0;
  #frozen = false;
  #freeAt: Time = 0;
  #heldBack: (() => void)[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Does `act` when it is through with everything before, and with this, which takes so long. */
  run(takes: Time, act: () => void): void {
    this.#freeAt = Math.max(this.#freeAt, this.#ground.engine.now) + takes;
    this.at(this.#freeAt, act);
  }

  /** Does `act` at `at`. */
  at(at: Time, act: () => void): void {
    const life = this.#life;
    this.#ground.later.at(at, () => {
      if (life !== this.#life) return;
      if (this.#frozen) this.#hold(act);
      else act();
    });
  }

  die(): void {
    this.#life += 1;
    this.#frozen = false;
    this.#freeAt = 0;
    this.#heldBack = [];
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    this.#frozen = false;
    for (const act of this.#heldBack.splice(0)) {
      act();
      engine.cause = before;
    }
  }

  #hold(act: () => void): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#heldBack.push(() => {
      engine.cause = Math.max(engine.cause, cause);
      act();
    });
  }
}
