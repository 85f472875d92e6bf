import type {Thread} from './process.ts';

/** Many readers or one writer, who comes first among those that wait (neutron/agent/dhcp/agent.py, _SYNC_STATE_LOCK). */
export class SyncLock {
  #readers = 0;
  #writes = false;
  #waiting: (() => void)[] = [];

  *read(work: Thread): Thread {
    while (this.#writes) yield* this.#wait();
    this.#readers += 1;
    yield* work;
    this.#readers -= 1;
    this.#wakeAll();
  }

  *write(work: Thread): Thread {
    while (this.#writes) yield* this.#wait();
    this.#writes = true;
    while (this.#readers > 0) yield* this.#wait();
    yield* work;
    this.#writes = false;
    this.#wakeAll();
  }

  *#wait(): Thread {
    yield done => {
      this.#waiting.push(done);
    };
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }
}
