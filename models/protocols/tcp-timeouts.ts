import {milliseconds, seconds, type Time} from '../../engine/time.ts';
import {isAfter} from '../wire/sequence.ts';

/** TCP_TIMEOUT_INIT, TCP_RTO_MIN and TCP_RTO_MAX of Linux (RFC 6298 has 1 s as the least). */
export const firstTimeout: Time = seconds(1);
export const leastTimeout: Time = milliseconds(200);
export const mostTimeout: Time = seconds(120);

/** What is known of the round trip, in the units of Linux: `smoothed` is eight times the mean in µs, the others are µs. */
export type RoundTrip = {
  readonly smoothed: number;
  readonly deviation: number;
  readonly largestDeviation: number;
  readonly variance: number;
  /** The variance may shrink once what comes after this is acknowledged. */
  readonly shrinksAfter: number;
};

/** Takes in a measured round trip: RFC 6298 in whole numbers, with the variance never below 200 ms (tcp_rtt_estimator). */
export function measured(known: RoundTrip | undefined, sample: Time, unacknowledged: number, next: number): RoundTrip {
  if (!known) {
    const variance = Math.max(2 * sample, leastTimeout);
    const both = {largestDeviation: variance, variance};
    return {smoothed: Math.max(1, 8 * sample), deviation: 2 * sample, ...both, shrinksAfter: next};
  }
  let {variance, largestDeviation, shrinksAfter} = known;
  const difference = sample - Math.floor(known.smoothed / 8);
  const quarter = Math.floor(known.deviation / 4);
  let change = Math.abs(difference) - quarter;
  // A round trip that gets faster does not make the estimate jump.
  if (difference < 0 && change > 0) change = Math.floor(change / 8);
  const deviation = known.deviation + change;
  if (deviation > largestDeviation) {
    largestDeviation = deviation;
    variance = Math.max(variance, deviation);
  }
  if (isAfter(unacknowledged, shrinksAfter)) {
    if (largestDeviation < variance) variance -= Math.floor((variance - largestDeviation) / 4);
    shrinksAfter = next;
    largestDeviation = leastTimeout;
  }
  return {smoothed: Math.max(1, known.smoothed + difference), deviation, largestDeviation, variance, shrinksAfter};
}

/** How long the next acknowledgement is waited for. */
export function timeoutFor(known: RoundTrip | undefined): Time {
  return known ? Math.min(Math.floor(known.smoothed / 8) + known.variance, mostTimeout) : firstTimeout;
}
