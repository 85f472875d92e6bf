import {Heap} from 'heap-js';
import {compareAtOneInstant, impossible, isPossible, type Agenda, type Appointment} from './agenda.ts';
import {never, type Time} from './time.ts';

/**
 * The reference agenda: a heap of distinct instants with a list of appointments at each, the list sorted when its
 * instant comes. A heap of instants instead of appointments because many timers share an instant and a number compares
 * faster than an object.
 */
export class HeapAgenda implements Agenda {
  #instants = new Heap<Time>((a, b) => a - b);
  #waiting = new Map<Time, Appointment[]>();
  #openedAt: Time = -1;
  #opened: Appointment[] = [];
  #next = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Time {
    if (this.#next < this.#opened.length) return this.#openedAt;
    return this.#instants.peek() ?? never;
  }

  add(appointment: Appointment): void {
    const {at} = appointment;
    const last = Math.max(0, this.#openedAt);
    if (!isPossible(at, last)) throw impossible(at, last);
    this.#size += 1;
    if (at === this.#openedAt) {
      this.#insertIntoOpened(appointment);
      return;
    }
    const waiting = this.#waiting.get(at);
    if (waiting) {
      waiting.push(appointment);
    } else {
      this.#waiting.set(at, [appointment]);
      this.#instants.push(at);
    }
  }

  pop(): Appointment | undefined {
    if (this.#next === this.#opened.length && !this.#openNextInstant()) return undefined;
    this.#size -= 1;
    return this.#opened[this.#next++];
  }

  #openNextInstant(): boolean {
    const at = this.#instants.pop();
    if (at === undefined) return false;
    const waiting = this.#waiting.get(at);
    if (!waiting) throw new Error(`no list for the instant ${at}`);
    this.#waiting.delete(at);
    if (waiting.length > 1) waiting.sort(compareAtOneInstant);
    this.#openedAt = at;
    this.#opened = waiting;
    this.#next = 0;
    return true;
  }

  #insertIntoOpened(appointment: Appointment): void {
    let low = this.#next;
    let high = this.#opened.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAtOneInstant(this.#opened[middle], appointment) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#opened.splice(low, 0, appointment);
  }
}
