import type {Time} from '../../../engine/time.ts';
import {HeldBack} from '../../daemons/held-back.ts';
import type {Ground} from '../../ground.ts';

/** The one thread of a daemon: it does one thing after the other, stands still while it is stopped, and ends with its process. */
export class DaemonThread {
  readonly #ground: Ground;
  #life = 0;
  #frozen = false;
  #freeAt: Time = 0;
  readonly #heldBack: HeldBack;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#heldBack = new HeldBack(ground);
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
      if (this.#frozen) this.#heldBack.add(act);
      else act();
    });
  }

  die(): void {
    this.#life += 1;
    this.#frozen = false;
    this.#freeAt = 0;
    this.#heldBack.clear();
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#heldBack.release();
  }
}
