import {seconds, type Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** How long what was learnt holds, and the least that is believed (net.ipv4.route.mtu_expires and min_pmtu). */
const lifetime: Time = seconds(600);
const least = 552;

/** What a Linux host has learnt of the ways to others: how large packets may be (net/ipv4/route.c, fnhe_pmtu). */
export class PathMtus {
  readonly #known = new Map<Ipv4, {readonly mtu: number; readonly until: Time}>();

  /** The limit that was learnt of the way to an address; undefined if there is none. */
  to(destination: Ipv4, now: Time): number | undefined {
    const known = this.#known.get(destination);
    return known && known.until > now ? known.mtu : undefined;
  }

  /** Takes in what a "fragmentation needed" says. Returns until when it holds. */
  learn(destination: Ipv4, mtu: number, now: Time): Time {
    const until = now + lifetime;
    this.#known.set(destination, {mtu: Math.max(mtu, least), until});
    return until;
  }
}
