import {milliseconds, seconds, type Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {jiffiesIn, jiffyAt} from './timer-wheel.ts';

/** icmp_ratelimit: one error to each address in this time, once a burst is used up (inetpeer.c, XRLIM_BURST_FACTOR). */
const ratelimit = jiffiesIn(milliseconds(1000));
const burst = 6;

/** icmp_msgs_per_sec and icmp_msgs_burst, of all errors of a namespace (net/ipv4/icmp.c, icmp_global_allow). */
const globalRate = 1000;
const globalBurst = 50;

type Bucket = {tokens: number; lastAt: number};

/**
 * How many ICMP errors a Linux namespace sends: 6 to an address and then one a second, 50 to all and then 1,000 a second.
 * "Fragmentation needed" and what goes to the host itself are not limited.
 *
 * Not modelled: the noise of up to 3 that the kernel adds to the global limit so that nobody can count by it.
 */
export class IcmpLimits {
  readonly #phase: Time;
  readonly #peers = new Map<Ipv4, Bucket>();
  #credit = globalBurst;
  #creditAt: Time = 0;

  /** `phase` is the moment of the host's jiffy 0. */
  constructor(phase: Time) {
    this.#phase = phase;
  }

  /** Whether an error to an address may go; if so it is counted. */
  allow(to: Ipv4, now: Time): boolean {
    return this.#allowGlobally(now) && this.#allowTo(to, now);
  }

  #allowGlobally(now: Time): boolean {
    const earned = Math.floor(((now - this.#creditAt) * globalRate) / seconds(1));
    if (earned > 0) {
      this.#credit = Math.min(globalBurst, this.#credit + earned);
      this.#creditAt = now;
    }
    if (this.#credit === 0) return false;
    this.#credit -= 1;
    return true;
  }

  #allowTo(to: Ipv4, now: Time): boolean {
    const clock = jiffyAt(now, this.#phase);
    const bucket = this.#peers.get(to) ?? {tokens: burst * ratelimit, lastAt: clock};
    this.#peers.set(to, bucket);
    bucket.tokens = Math.min(burst * ratelimit, bucket.tokens + clock - bucket.lastAt);
    bucket.lastAt = clock;
    if (bucket.tokens < ratelimit) return false;
    bucket.tokens -= ratelimit;
    return true;
  }
}
