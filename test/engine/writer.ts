import type {Actor} from '../../engine/actor.ts';
import {never, type Time} from '../../engine/time.ts';

/** Writes down what happens to it, and does what it was given to do. */
export class Writer implements Actor {
  wakeAt: Time;
  readonly #name: string;
  readonly #lines: string[];
  readonly #onWake: (now: Time) => void;
  readonly #onHear: (message: unknown, now: Time) => void;

  constructor(
    name: string,
    lines: string[],
    {wakeAt = never, onWake = () => undefined, onHear = () => undefined}: WriterOptions = {},
  ) {
    this.#name = name;
    this.#lines = lines;
    this.wakeAt = wakeAt;
    this.#onWake = onWake;
    this.#onHear = onHear;
  }

  wake(now: Time): void {
    this.wakeAt = never;
    this.#lines.push(`${now} ${this.#name} wakes`);
    this.#onWake(now);
  }

  hear(message: unknown, now: Time): void {
    this.#lines.push(`${now} ${this.#name} hears ${String(message)}`);
    this.#onHear(message, now);
  }
}

type WriterOptions = {
  wakeAt?: Time;
  onWake?: (now: Time) => void;
  onHear?: (message: unknown, now: Time) => void;
};
