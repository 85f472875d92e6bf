import type {Time} from './time.ts';

/**
 * Whoever something can happen to. An actor has one alarm: it says when it wants waking, and it is woken then or,
 * harmlessly, earlier. Deadlines are looked at when the alarm rings and never moved when a packet arrives.
 */
export type Actor = {
  /** When it next wants to be woken; `never` if it waits for nothing. */
  readonly wakeAt: Time;
  /** Does what is due. May come too early, and then does nothing. */
  wake(now: Time): void;
  /** Takes in a message that was posted to it. */
  hear?(message: unknown, now: Time): void;
};
