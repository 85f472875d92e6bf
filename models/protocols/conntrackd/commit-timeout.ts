import {seconds, toSeconds, type Time} from '../../../engine/time.ts';
import type {Cached} from './connection-cache.ts';

/** What a connection is given whose time would be over: it was in use, but nobody told of that (src/cache-ct.c). */
const arbitrary = 60;

/**
 * How long a connection lives that is committed into the kernel, if no packet comes: what was left when it was last told of,
 * less the seconds since. Who only refreshes a connection tells nobody, so of a UDP stream of some minutes this is 60 s.
 */
export function commitTimeout({connection, updatedAt}: Cached, now: Time): Time {
  const passed = Math.floor(toSeconds(now)) - Math.floor(toSeconds(updatedAt));
  const left = connection.timeout - passed;
  // Of exactly nothing left the daemon makes no estimate, and the time that it was told stands.
  return seconds(left < 0 ? arbitrary : left || connection.timeout);
}
