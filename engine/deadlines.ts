import {Heap} from 'heap-js';
import {never, type Time} from './time.ts';

type Alarm = {readonly at: Time; readonly row: number};

/**
 * The deadlines of an owner of many: a neighbour table, a MAC table. One deadline a row, set and taken back freely;
 * what was moved away from an alarm is found out when it rings. Rows that are due together come in order of their number.
 */
export class Deadlines {
  readonly #alarms = new Heap<Alarm>((a, b) => a.at - b.at || a.row - b.row);
  readonly #deadlines = new Map<number, Time>();
  /** When the alarm of a row rings that counts; others are left over from before it was set to an earlier time. */
  readonly #armedAt = new Map<number, Time>();

  /** When the next alarm rings, which may be earlier than the next deadline; `never` if there is none. */
  get nextAt(): Time {
    return this.#alarms.peek()?.at ?? never;
  }

  /** Sets the deadline of `row`, in place of the one it had; `never` takes it back. */
  set(row: number, at: Time): void {
    if (at === never) {
      this.#deadlines.delete(row);
      return;
    }
    this.#deadlines.set(row, at);
    if (at < (this.#armedAt.get(row) ?? never)) this.#arm(row, at);
  }

  /** Takes back the deadline of `row`. */
  clear(row: number): void {
    this.#deadlines.delete(row);
  }

  /** Takes out and returns the next row whose deadline has come, or undefined. */
  takeDue(now: Time): number | undefined {
    for (let alarm = this.#alarms.peek(); alarm && alarm.at <= now; alarm = this.#alarms.peek()) {
      this.#alarms.pop();
      if (this.#armedAt.get(alarm.row) !== alarm.at) continue;
      this.#armedAt.delete(alarm.row);
      const deadline = this.#deadlines.get(alarm.row);
      if (deadline === undefined) continue;
      if (deadline > alarm.at) {
        this.#arm(alarm.row, deadline);
        continue;
      }
      this.#deadlines.delete(alarm.row);
      return alarm.row;
    }
    return undefined;
  }

  #arm(row: number, at: Time): void {
    this.#armedAt.set(row, at);
    this.#alarms.push({at, row});
  }
}
