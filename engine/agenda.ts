import type {Time} from './time.ts';

/**
 * Something that will happen: `message` reaches `receiver` at `at`. An alarm is an appointment of an actor with itself.
 * `number` is the sender's own count of what it sends, so that the order at one instant depends on what happens and
 * never on who asked first. Receivers and senders lie below 2^31.
 */
export type Appointment = {
  readonly at: Time;
  readonly receiver: number;
  readonly sender: number;
  readonly number: number;
  readonly message: unknown;
  readonly cause: number;
};

/** The total order of a run: time, then receiver, then sender, then the sender's own number. */
export const compareAppointments = (a: Appointment, b: Appointment): number => a.at - b.at || compareAtOneInstant(a, b);

/** The order among appointments that fall on the same instant. */
export const compareAtOneInstant = (a: Appointment, b: Appointment): number =>
  a.receiver - b.receiver || a.sender - b.sender || a.number - b.number;

/** Whether there can be an appointment at `at` when the last one handed out was at `last`. */
export const isPossible = (at: Time, last: Time): boolean => at >= last && Number.isSafeInteger(at);

/** What an agenda throws when asked for an appointment that is not possible. */
export const impossible = (at: Time, last: Time): Error =>
  new Error(
    at < last ? `an appointment at ${at} lies before ${last}` : `an appointment at ${at}, not a whole microsecond`,
  );

/**
 * Everything that is still to happen. `pop` hands out appointments in total order among those present; what is added
 * during an instant for that same instant comes after what was already handed out. Appointments that are equal in all
 * four (alarms of one actor) come in the order in which they were added. `test/engine/agenda-contract.ts` is the contract
 * in full.
 */
export type Agenda = {
  /** How many appointments are pending. */
  readonly size: number;
  /** When the next appointment is; `never` if there is none. */
  readonly nextAt: Time;
  /** Adds an appointment. Throws if its time lies before the last one handed out or is no whole number of microseconds. */
  add(appointment: Appointment): void;
  /** Removes and returns the next appointment, or undefined if there is none. */
  pop(): Appointment | undefined;
};
