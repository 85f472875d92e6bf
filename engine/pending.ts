import type {Appointment} from './agenda.ts';

const none = -1;

/**
 * Pending appointments in typed columns. Each has a slot, which is used again once it is taken out. A million of them
 * kept as objects would cost the garbage collector more than putting them in order does.
 */
export class Pending {
  #at = new Float64Array(64);
  #receiver = new Int32Array(64);
  #sender = new Int32Array(64);
  #number = new Float64Array(64);
  #cause = new Uint32Array(64);
  #following = new Int32Array(64);
  #messages: unknown[] = [];
  #free = none;
  #end = 0;

  /** When the appointment of each slot is. To be read anew after `put`: columns double when full. */
  get at(): Float64Array {
    return this.#at;
  }

  /** For whoever chains slots to a list, until they are taken out. To be read anew after `put`. */
  get following(): Int32Array {
    return this.#following;
  }

  /** Takes an appointment in and returns its slot. */
  put(appointment: Appointment): number {
    const slot = this.#freeSlot();
    this.#at[slot] = appointment.at;
    this.#receiver[slot] = appointment.receiver;
    this.#sender[slot] = appointment.sender;
    this.#number[slot] = appointment.number;
    this.#cause[slot] = appointment.cause;
    this.#messages[slot] = appointment.message;
    return slot;
  }

  /** Takes an appointment out and gives its slot free. */
  take(slot: number): Appointment {
    const message = this.#messages[slot];
    this.#messages[slot] = undefined;
    this.#following[slot] = this.#free;
    this.#free = slot;
    return {
      at: this.#at[slot],
      receiver: this.#receiver[slot],
      sender: this.#sender[slot],
      number: this.#number[slot],
      message,
      cause: this.#cause[slot],
    };
  }

  /** Whether the appointment of slot `a` comes before that of `b`: `compareAppointments` on columns. */
  isBefore(a: number, b: number): boolean {
    if (this.#at[a] !== this.#at[b]) return this.#at[a] < this.#at[b];
    if (this.#receiver[a] !== this.#receiver[b]) return this.#receiver[a] < this.#receiver[b];
    if (this.#sender[a] !== this.#sender[b]) return this.#sender[a] < this.#sender[b];
    return this.#number[a] < this.#number[b];
  }

  #freeSlot(): number {
    const slot = this.#free;
    if (slot === none) {
      if (this.#end === this.#at.length) this.#grow();
      return this.#end++;
    }
    this.#free = this.#following[slot];
    return slot;
  }

  #grow(): void {
    const size = 2 * this.#at.length;
    this.#at = copyInto(new Float64Array(size), this.#at);
    this.#receiver = copyInto(new Int32Array(size), this.#receiver);
    this.#sender = copyInto(new Int32Array(size), this.#sender);
    this.#number = copyInto(new Float64Array(size), this.#number);
    this.#cause = copyInto(new Uint32Array(size), this.#cause);
    this.#following = copyInto(new Int32Array(size), this.#following);
  }
}

function copyInto<T extends Float64Array | Int32Array | Uint32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
