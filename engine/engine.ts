import type {Actor} from './actor.ts';
import {compareAppointments, isPossible, type Agenda, type Appointment} from './agenda.ts';
import {LadderAgenda} from './ladder-agenda.ts';
import {never, type Time} from './time.ts';

/** The sender of alarms: before every real sender, so that an actor's own deadlines come before what it hears. */
export const ownAlarm = -1;

/** The order of something within a run, as in `Appointment`. */
export type Place = {
  readonly at: Time;
  readonly receiver: number;
  readonly sender: number;
  readonly number: number;
};

/** The place at which the alarm of an actor rings. */
export const alarmPlace = (actor: number, at: Time): Place => ({at, receiver: actor, sender: ownAlarm, number: 0});

/**
 * Runs actors in the total order of their appointments. Knows nothing of what they are.
 */
export class Engine {
  readonly #agenda: Agenda;
  readonly #actors: Actor[] = [];
  readonly #armedAt: Time[] = [];
  #now: Time = 0;
  #over = false;
  #cause = 0;
  #receiver = -1;
  #sender = -1;
  #number = -1;
  #latest: Appointment | undefined;

  constructor(agenda: Agenda = new LadderAgenda()) {
    this.#agenda = agenda;
  }

  /** The present moment. */
  get now(): Time {
    return this.#now;
  }

  /** The announcement from which what happens now follows; 0 if none is known. */
  get cause(): number {
    return this.#cause;
  }

  set cause(announcement: number) {
    this.#cause = announcement;
  }

  /** Takes in an actor and returns its number. Numbers decide the order at one instant. */
  add(actor: Actor): number {
    const number = this.#actors.length;
    this.#actors.push(actor);
    this.#armedAt.push(never);
    this.rearm(number);
    return number;
  }

  /** To be called when an actor's wish may have become earlier outside of its own `wake` and `hear`. */
  rearm(number: number): void {
    const at = Math.max(this.#actors[number].wakeAt, this.#now);
    if (at >= this.#armedAt[number]) return;
    this.#agenda.add({at, receiver: number, sender: ownAlarm, number: 0, message: undefined, cause: 0});
    this.#armedAt[number] = at;
  }

  /**
   * Lets `receiver` hear `message` at `at`; `number` is the sender's own count, a new one each time. The present cause
   * goes with it unless another one is given.
   */
  post(at: Time, receiver: number, sender: number, number: number, message: unknown, cause = this.#cause): void {
    if (at < this.#now) throw new Error(`a message for ${at} was sent at ${this.#now}`);
    if (!(sender >= 0)) throw new Error(`there is no sender ${sender}`);
    this.#agenda.add({at, receiver, sender, number, message, cause});
  }

  /**
   * Runs everything before `until` and stands at `until` afterwards, or stops after `budget` appointments, perhaps within
   * an instant. Returns whether it got to `until`; if not, `advance` goes on where it stopped.
   */
  advance(until: Time, budget = Infinity): boolean {
    if (!isPossible(until, this.#now)) throw new Error(`cannot advance from ${this.#now} to ${until}`);
    if (until === this.#now) return true;
    for (let left = budget; this.#agenda.nextAt < until; left--) {
      if (left <= 0) return false;
      this.#step();
    }
    this.#now = until;
    this.#receiver = this.#sender = this.#number = -1;
    this.#over = true;
    return true;
  }

  /**
   * Whether something that had been due at `place` since before the present instant would have happened by now. What is
   * skipped instead of run asks this to know how far the run has come. What happens at present counts as having happened,
   * so a deadline that is skipped must be the first of its actor's `wake`.
   */
  reached(place: Place): boolean {
    if (place.at !== this.#now) return place.at < this.#now;
    if (this.#over) return false;
    return (
      place.receiver < this.#receiver ||
      (place.receiver === this.#receiver &&
        (place.sender < this.#sender || (place.sender === this.#sender && place.number <= this.#number)))
    );
  }

  #step(): void {
    const next = this.#agenda.pop();
    if (!next) return;
    if (next.at > this.#now || this.#over) {
      this.#now = next.at;
      this.#over = false;
      this.#receiver = this.#sender = this.#number = -1;
    }
    if (this.#latest && next.sender !== ownAlarm && compareAppointments(this.#latest, next) === 0) {
      throw new Error(`sender ${next.sender} numbered two messages ${next.number} to ${next.receiver} at ${next.at}`);
    }
    this.#latest = next;
    this.#markReached(next.receiver, next.sender, next.number);
    const actor = this.#actors[next.receiver];
    if (next.sender === ownAlarm) this.#ring(actor, next.receiver, next.at);
    else this.#deliver(actor, next.receiver, next.message, next.cause);
  }

  #ring(actor: Actor, number: number, at: Time): void {
    // Armed for another moment since: whether such an alarm is left over depends on what was skipped, so it does nothing.
    if (at !== this.#armedAt[number]) return;
    this.#armedAt[number] = never;
    if (actor.wakeAt <= at) {
      this.#cause = 0;
      actor.wake(at);
      this.#cause = 0;
      if (actor.wakeAt <= at) throw new Error(`actor ${number} asks to be woken at ${at} over and over`);
    }
    this.rearm(number);
  }

  #deliver(actor: Actor, number: number, message: unknown, cause: number): void {
    if (!actor.hear) throw new Error(`actor ${number} cannot hear`);
    this.#cause = cause;
    actor.hear(message, this.#now);
    this.#cause = 0;
    this.rearm(number);
  }

  /** Keeps the highest place that was reached within the instant: what comes later within it may have a lower one. */
  #markReached(receiver: number, sender: number, number: number): void {
    const higher =
      receiver > this.#receiver ||
      (receiver === this.#receiver && (sender > this.#sender || (sender === this.#sender && number > this.#number)));
    if (!higher) return;
    this.#receiver = receiver;
    this.#sender = sender;
    this.#number = number;
  }
}
