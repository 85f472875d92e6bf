import type {Time} from '../../../engine/time.ts';
import {HeldBack} from '../../daemons/held-back.ts';
import type {Ground} from '../../ground.ts';

/** Something to wait for: begins the wait and calls `done` once, when it is over. */
export type Wait = (done: () => void) => void;

/** A green thread of a Python program, written as it runs: it yields what it waits for. */
export type Thread<Result = void> = Generator<Wait, Result, undefined>;

/**
 * The inside of a process: threads that wait, stand still while it is stopped, and end with it. A thread goes on under
 * the cause of what it waited for.
 */
export class Process {
  readonly #ground: Ground;
  #life = 0;
  #frozen = false;
  readonly #heldBack: HeldBack;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#heldBack = new HeldBack(ground);
  }

  /** Begins a thread; it runs at once until it first waits. */
  run(thread: Thread): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#resume(thread);
    engine.cause = cause;
  }

  /** Something from outside reaches the process: at once, or when it goes on. */
  hear(act: () => void): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    if (this.#frozen) {
      this.#heldBack.add(act);
      return;
    }
    act();
    engine.cause = cause;
  }

  *sleep(span: Time): Thread {
    yield done => {
      this.after(span, done);
    };
  }

  /** Calls `act` later, as long as the process is there. */
  after(span: Time, act: () => void): void {
    const {engine, later} = this.#ground;
    const life = this.#life;
    later.at(engine.now + Math.max(0, span), () => {
      if (this.#life === life) act();
    });
  }

  /** All threads are gone. */
  die(): void {
    this.#life += 1;
    this.#frozen = false;
    this.#heldBack.clear();
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#heldBack.release();
  }

  #resume(thread: Thread): void {
    const life = this.#life;
    const next = thread.next();
    if (next.done) return;
    next.value(() => {
      if (this.#life !== life) return;
      this.hear(() => {
        this.#resume(thread);
      });
    });
  }
}
