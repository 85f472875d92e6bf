import {milliseconds, seconds, type Time} from '../../engine/time.ts';

/** The tick of a Linux kernel with HZ = 250. */
export const jiffy: Time = milliseconds(4);

/**
 * A host's phase, the moment of its jiffy 0, should be drawn evenly from a span as long as this one: the buckets of a
 * level begin at multiples of its grain, and this is the grain of the level that ends at 17 minutes.
 */
export const phaseSpan: Time = seconds(16.384);

/** Each level of the wheel is 8 times as coarse as the one below it (kernel/time/timer.c, LVL_CLK_DIV). */
const coarser = 8;

/** Jiffies from which on a timer does not go to the finest level any more (LVL_START). */
const finestReach = 63;

const levels = 9;

/** The jiffy in which a moment falls. */
export function jiffyAt(moment: Time, phase: Time): number {
  return Math.floor((moment - phase) / jiffy);
}

/** A span as jiffies, rounded up (msecs_to_jiffies). */
export function jiffiesIn(span: Time): number {
  return Math.ceil(span / jiffy);
}

/**
 * When a timer rings that a Linux kernel arms at `now` for `delay`: never early, and late by up to the grain of its
 * level, which is 4 ms below 0.25 s, 32 ms below 2 s, 256 ms below 16 s, 2 s below 129 s and 16 s below 17 minutes.
 */
export function kernelTimer(now: Time, delay: Time, phase: Time): Time {
  return kernelAlarm(now, jiffyAt(now, phase) + jiffiesIn(delay), phase);
}

/** The same for a timer that is armed for a jiffy, as the kernel does inside (calc_wheel_index, calc_index). */
export function kernelAlarm(now: Time, expires: number, phase: Time): Time {
  const clock = jiffyAt(now, phase);
  const distance = expires - clock;
  if (distance < 0) return phase + (clock + 1) * jiffy;
  let grain = 1;
  let reach = finestReach;
  for (let level = 1; level < levels && distance >= reach; level++) {
    grain *= coarser;
    reach *= coarser;
  }
  return phase + (Math.floor(expires / grain) + 1) * grain * jiffy;
}
