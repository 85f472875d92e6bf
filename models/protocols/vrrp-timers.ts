import {milliseconds, seconds, type Time} from '../../engine/time.ts';

const priorities = 256;
const centisecond = milliseconds(10);

/**
 * How much longer a backup waits for each step that its priority is below 256: in version 2 a share of a second whatever
 * the interval (RFC 3768, 6.1), in version 3 a share of the interval, which keepalived counts in whole hundredths of a
 * second (RFC 5798, 6.1; VRRP_TIMER_SKEW). Whole microseconds, cut off.
 */
export function skewTime(version: 2 | 3, priority: number, advertInterval: Time): Time {
  const steps = priorities - priority;
  if (version === 2) return Math.floor((steps * seconds(1)) / priorities);
  return Math.floor((steps * Math.floor(advertInterval / centisecond) * 625) / 16);
}

/** After how long without so many advertisements a backup takes over (VRRP_MS_DOWN_TIMER). */
export function masterDownTime(version: 2 | 3, priority: number, advertInterval: Time, adverts: number): Time {
  return adverts * advertInterval + skewTime(version, priority, advertInterval);
}
