import {never, type Time} from '../../engine/time.ts';

type Job = {readonly takes: Time; readonly act: () => void};

/** What a program with one thread still has to do before it looks up again: one thing after the other. */
export class WorkQueue {
  readonly #jobs: Job[] = [];
  #until: Time = never;

  get busy(): boolean {
    return this.#jobs.length > 0;
  }

  /** When the present job is done. */
  get wakeAt(): Time {
    return this.#until;
  }

  /** Adds a job that takes so long; its effect comes at its end. */
  add(now: Time, takes: Time, act: () => void): void {
    if (this.#jobs.length === 0) this.#until = now + takes;
    this.#jobs.push({takes, act});
  }

  /** Finishes the jobs that are done by `now`. */
  run(now: Time): void {
    while (this.#jobs.length > 0 && this.#until <= now) {
      const done = this.#until;
      const [job] = this.#jobs;
      job.act();
      this.#jobs.shift();
      const next = this.#jobs.at(0);
      this.#until = next ? done + next.takes : never;
    }
  }

  /** The program stops, and what it was doing with it. */
  clear(): void {
    this.#jobs.length = 0;
    this.#until = never;
  }
}
