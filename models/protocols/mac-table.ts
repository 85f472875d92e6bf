import {milliseconds, never, seconds, type Time} from '../../engine/time.ts';
import type {Mac} from '../wire/mac.ts';
import type {AgeingClock} from './ageing-clock.ts';

export type MacTableSettings = {
  /** `ageing_time`: how long after its last frame a MAC may be forgotten. 0 learns nothing and floods everything. */
  readonly ageingTime: Time;
  readonly clock: AgeingClock;
};

/** What a Linux bridge starts with. */
export const defaultAgeingTime: Time = seconds(300);

export type MacTablePort = {
  /** When the last frame from `mac` came in, learnt or counted. */
  lastSeenAt(mac: Mac): Time;
  /** `mac` is not known on `port` any more. */
  removed(mac: Mac, port: number): void;
};

/** What a frame has taught: nothing at all if the table does not learn. */
export type Lesson = 'new' | 'moved' | 'unchanged' | 'nothing';

/** Coming up, a bridge lets the collector pass for the first time (br_stp_enable_bridge). */
const firstPassDelay = milliseconds(100);

/** Passes are never closer (br_fdb_cleanup). */
const leastPassDelay = milliseconds(10);

/** How many ticks of deadlines are filed together. */
const drawerWidth = 256;

/**
 * Which MAC is behind which port of a Linux bridge (net/bridge/br_fdb.c). An entry goes on forwarding after its age
 * until the collector passes, which comes back for the earliest deadline it has seen, as kernel timers ring.
 * Frames towards a MAC keep nothing alive; only frames from it do, and the owner knows when the last one came.
 */
export class MacTable {
  readonly #ageing: number;
  readonly #clock: AgeingClock;
  readonly #port: MacTablePort;
  readonly #ports = new Map<Mac, number>();
  /**
   * Every MAC once, under the deadline it had when last asked for; since then it can only have moved away. Only the
   * first drawers are ever looked at, so a pass does not cost more because the table is large.
   */
  readonly #drawers = new Map<number, Mac[]>();
  #firstDrawer = 0;
  #passAt: Time;

  constructor(settings: MacTableSettings, port: MacTablePort, now: Time) {
    const {clock, ageingTime} = settings;
    this.#clock = clock;
    this.#ageing = clock.in(ageingTime);
    this.#port = port;
    this.#passAt = this.#timer(now, clock.in(firstPassDelay));
  }

  get size(): number {
    return this.#ports.size;
  }

  /** When the collector passes next; `never` while it would find nothing. */
  get wakeAt(): Time {
    return this.#ports.size > 0 ? this.#passAt : never;
  }

  /** The port behind which `mac` is; undefined if a frame to it must be flooded. */
  lookup(mac: Mac): number | undefined {
    return this.#ports.get(mac);
  }

  /** MACs and ports, in the order in which they were learnt. */
  entries(): Iterable<readonly [Mac, number]> {
    return this.#ports.entries();
  }

  /** A frame from `mac` has come in at `port`. A MAC moves with its first frame from elsewhere. (br_fdb_update) */
  learn(mac: Mac, port: number, now: Time): Lesson {
    if (this.#ageing === 0) return 'nothing';
    const before = this.#ports.get(mac);
    if (before === port) return 'unchanged';
    if (before === undefined) this.#add(mac, now);
    this.#ports.set(mac, port);
    return before === undefined ? 'new' : 'moved';
  }

  /** Forgets what is behind a port whose link went down or that was removed. (br_fdb_delete_by_port) */
  flush(port: number): void {
    const gone = [...this.#ports].filter(([, behind]) => behind === port);
    if (gone.length === 0) return;
    for (const [mac] of gone) this.#ports.delete(mac);
    for (const [drawer, macs] of this.#drawers) {
      this.#drawers.set(
        drawer,
        macs.filter(mac => this.#ports.has(mac)),
      );
    }
    for (const [mac] of gone) this.#port.removed(mac, port);
  }

  /** Lets the collector pass if it is time. (br_fdb_cleanup) */
  wake(now: Time): void {
    if (now < this.wakeAt) return;
    const tick = this.#clock.at(now);
    const earliest = this.#collect(tick);
    const delay = Math.max(Math.min(earliest - tick, this.#ageing), this.#clock.in(leastPassDelay));
    this.#passAt = this.#timer(now, delay);
  }

  #add(mac: Mac, now: Time): void {
    const deadline = this.#clock.at(now) + this.#ageing;
    if (this.#ports.size === 0) {
      // While the table was empty nobody waited for the passes, which still were `ageing_time` apart.
      while (this.#passAt < now) this.#passAt = this.#timer(this.#passAt, this.#ageing);
      this.#drawers.clear();
      this.#firstDrawer = drawerOf(deadline);
    }
    this.#file(mac, deadline);
  }

  #timer(now: Time, ticks: number): Time {
    return this.#clock.alarm(now, this.#clock.at(now) + ticks);
  }

  #file(mac: Mac, deadline: number): void {
    const drawer = drawerOf(deadline);
    const macs = this.#drawers.get(drawer);
    if (macs) macs.push(mac);
    else this.#drawers.set(drawer, [mac]);
  }

  /** Removes what has expired and returns the earliest deadline of the rest, in ticks. */
  #collect(tick: number): number {
    for (; this.#ports.size > 0; this.#firstDrawer++) {
      const macs = this.#drawers.get(this.#firstDrawer) ?? [];
      this.#drawers.delete(this.#firstDrawer);
      let earliest = never;
      for (const mac of macs) {
        const deadline = this.#clock.at(this.#port.lastSeenAt(mac)) + this.#ageing;
        if (deadline <= tick) {
          this.#remove(mac);
          continue;
        }
        this.#file(mac, deadline);
        if (drawerOf(deadline) === this.#firstDrawer) earliest = Math.min(earliest, deadline);
      }
      if (earliest !== never) return earliest;
    }
    return never;
  }

  #remove(mac: Mac): void {
    const port = this.#ports.get(mac)!;
    this.#ports.delete(mac);
    this.#port.removed(mac, port);
  }
}

function drawerOf(deadline: number): number {
  return Math.floor(deadline / drawerWidth);
}
