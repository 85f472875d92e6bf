import {milliseconds, never, type Time} from '../../../engine/time.ts';
import type {LogicalRouter} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';

/** An address that is to be announced on a router's external network, under a MAC. */
export type Announceable = {readonly router: LogicalRouter; readonly address: Ipv4; readonly mac: Mac};

export type Announced = Announceable & {readonly round: number; readonly cause: number};

type Schedule = Announceable & {readonly cause: number; at: Time; backoff: number; round: number};

const longestBackoff = 16;

/**
 * When addresses that live on a chassis are announced (ovn-controller's pinctrl.c, send_garp_rarp): one second after they
 * came, again 2, 4, 8 and 16 seconds after the one before, and then no more until they go and come back.
 */
export class Announcer {
  readonly #schedules = new Map<string, Schedule>();

  /** When the next announcement is due. */
  get wakeAt(): Time {
    let earliest = never;
    for (const {at} of this.#schedules.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  /** These addresses are to be announced from now on, because of `cause`, and no others; those known keep their schedule. */
  keep(wanted: readonly Announceable[], cause: number, now: Time): void {
    const keys = new Set(wanted.map(keyOf));
    for (const key of [...this.#schedules.keys()]) if (!keys.has(key)) this.#schedules.delete(key);
    for (const announceable of wanted) {
      const key = keyOf(announceable);
      if (this.#schedules.has(key)) continue;
      this.#schedules.set(key, {...announceable, cause, at: now + milliseconds(1000), backoff: 1, round: 1});
    }
  }

  /** These addresses were announced long ago. */
  keepSettled(wanted: readonly Announceable[]): void {
    for (const announceable of wanted) {
      this.#schedules.set(keyOf(announceable), {
        ...announceable,
        cause: 0,
        at: never,
        backoff: longestBackoff,
        round: 6,
      });
    }
  }

  /** What is due at `now`, in a fixed order. Each is due again later. */
  take(now: Time): readonly Announced[] {
    const due = [...this.#schedules.values()].filter(({at}) => at <= now);
    return due.map(schedule => {
      const {router, address, mac, round, cause} = schedule;
      if (schedule.backoff < longestBackoff) {
        schedule.backoff *= 2;
        schedule.at = now + milliseconds(schedule.backoff * 1000);
        schedule.round += 1;
      } else schedule.at = never;
      return {router, address, mac, round, cause};
    });
  }
}

function keyOf({router, address}: Announceable): string {
  return `${router.number} ${address}`;
}
