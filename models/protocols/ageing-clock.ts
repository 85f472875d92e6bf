import {seconds, type Time} from '../../engine/time.ts';
import {jiffiesIn, jiffyAt, kernelAlarm} from './timer-wheel.ts';

/** In what ticks a switch counts the age of a MAC, and when it wakes. */
export type AgeingClock = {
  /** The tick in which a moment falls. */
  at(moment: Time): number;
  /** A span in ticks, rounded up. */
  in(span: Time): number;
  /** When it wakes that wants to at a tick, not before `now`. */
  alarm(now: Time, tick: number): Time;
};

/** Jiffies and the timer wheel of a kernel; `phase` is the moment of its jiffy 0. */
export function kernelClock(phase: Time): AgeingClock {
  return {
    at: moment => jiffyAt(moment, phase),
    in: jiffiesIn,
    alarm: (now, tick) => kernelAlarm(now, tick, phase),
  };
}

const second: Time = seconds(1);

/** The whole seconds that ovs-vswitchd counts in (`time_now`), and wakes for to the millisecond (mac_learning_wait). */
export function secondsClock(phase: Time): AgeingClock {
  return {
    at: moment => Math.floor((moment - phase) / second),
    in: span => Math.ceil(span / second),
    alarm: (now, tick) => Math.max(now, phase + tick * second),
  };
}
