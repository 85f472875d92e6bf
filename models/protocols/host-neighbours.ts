import {never, seconds, type Time} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {neighbourDefaults, neighbourThresholds, type NeighbourThresholds} from './neighbour-settings.ts';
import {jiffiesIn, jiffyAt, kernelTimer} from './timer-wheel.ts';

/** An entry as its host sees it. */
export type CountedNeighbour = {
  readonly address: Ipv4;
  /** Whether something is under way, so that forced collection passes over it: its timer holds on to it. */
  readonly isHeld: boolean;
  /** Whether the periodic work may take it out. */
  isCollectable(now: Time): boolean;
  /** Whether it may be taken out to make room for another. */
  isForfeit(now: Time): boolean;
};

/** The table that an entry stands in. */
export type NeighbourOwner = {
  remove(address: Ipv4, now: Time): void;
  /** The periodic work may now find something to collect: the wish of the table is earlier. */
  rearm(): void;
};

/** What a host's statistics say (`/proc/net/stat/arp_cache`), as it happens. */
export type NeighbourStatistics = {
  /** An entry has made room for another by force. */
  evicted(): void;
  /** There was no room for an entry (`table_fulls`), and the kernel logs a "neighbor table overflow". */
  refused(now: Time): void;
};

export type HostNeighboursIdentity = {
  /** The moment of the host's jiffy 0, that of its tables. */
  readonly phase: Time;
  /** When the periodic work passes next, that of its tables. */
  readonly tidyAt: Time;
};

/** The periodic work follows the root namespace's settings, whatever the interface's are (neigh_periodic_work). */
export const tidyInterval = neighbourDefaults.baseReachableTime / 2;

/** From gc_thresh2 on entries are taken out by force this long after the last time, and not sooner (neigh_alloc). */
const forcedInterval = jiffiesIn(seconds(5));

/**
 * The neighbour entries of a whole Linux host, of all its interfaces and namespaces: gc_thresh1, 2 and 3 count them
 * together (net/core/neighbour.c of 6.1 and 6.18). Permanent entries count for gc_thresh1 only.
 */
export class HostNeighbours {
  readonly #thresholds: NeighbourThresholds;
  readonly #phase: Time;
  readonly #statistics: NeighbourStatistics | undefined;
  readonly #owners = new Map<CountedNeighbour, NeighbourOwner>();
  /** Those that may have to go for others, in the order in which they came (gc_list). */
  readonly #evictable = new Set<CountedNeighbour>();
  /** The jiffy in which entries were last taken out by force (last_flush). */
  #forcedAt = Number.NEGATIVE_INFINITY;
  #tidyAt: Time;
  /** Permanent entries that stand in no table of ours. */
  #foreign = 0;

  constructor(
    identity: HostNeighboursIdentity,
    thresholds: NeighbourThresholds = neighbourThresholds,
    statistics?: NeighbourStatistics,
  ) {
    this.#thresholds = thresholds;
    this.#phase = identity.phase;
    this.#tidyAt = identity.tidyAt;
    this.#statistics = statistics;
  }

  /** All entries. */
  get size(): number {
    return this.#owners.size + this.#foreign;
  }

  /** Those that gc_thresh2 and gc_thresh3 count: all but the permanent ones. */
  get evictable(): number {
    return this.#evictable.size;
  }

  /** When the periodic work passes next; never while there is nothing for it to do. */
  get wakeAt(): Time {
    return this.#isCrowded ? this.#tidyAt : never;
  }

  /** Below gc_thresh1 the periodic work collects nothing. */
  get #isCrowded(): boolean {
    return this.size >= this.#thresholds.gcThresh1;
  }

  /** Whether there is room for another entry, which others may have to leave for. (neigh_alloc) */
  makeRoom(now: Time): boolean {
    this.catchUp(now);
    const {gcThresh2, gcThresh3} = this.#thresholds;
    const isFull = this.#evictable.size >= gcThresh3;
    const isDue = jiffyAt(now, this.#phase) > this.#forcedAt + forcedInterval;
    if (!isFull && !(isDue && this.#evictable.size >= gcThresh2)) return true;
    const evicted = this.#evict(this.#evictable.size + 1 - gcThresh2, now);
    if (evicted > 0 || !isFull) return true;
    this.#statistics?.refused(now);
    return false;
  }

  /** Counts a new entry. */
  add(entry: CountedNeighbour, owner: NeighbourOwner, now: Time): void {
    this.catchUp(now);
    const wasCrowded = this.#isCrowded;
    this.#owners.set(entry, owner);
    this.#evictable.add(entry);
    if (!wasCrowded) this.#rearmIfCrowded();
  }

  /** Counts one permanent entry more or less of a device that keeps its own, as one of VXLAN that answers ARP. */
  countPermanent(more: 1 | -1, now: Time): void {
    this.catchUp(now);
    const wasCrowded = this.#isCrowded;
    this.#foreign += more;
    if (!wasCrowded) this.#rearmIfCrowded();
  }

  /** The entry is permanent from now on. (neigh_update_gc_list) */
  exempt(entry: CountedNeighbour): void {
    this.#evictable.delete(entry);
  }

  /** The entry is gone. */
  remove(entry: CountedNeighbour): void {
    this.#owners.delete(entry);
    this.#evictable.delete(entry);
  }

  /** Does the passes of the periodic work that were due until now. (neigh_periodic_work) */
  catchUp(now: Time): void {
    while (this.#tidyAt <= now) {
      const at = this.#tidyAt;
      this.#tidyAt = kernelTimer(at, tidyInterval, this.#phase);
      if (this.#isCrowded) this.#collect(at);
    }
  }

  #collect(now: Time): void {
    for (const [entry, owner] of [...this.#owners]) if (entry.isCollectable(now)) owner.remove(entry.address, now);
  }

  #rearmIfCrowded(): void {
    if (!this.#isCrowded) return;
    for (const each of new Set(this.#owners.values())) each.rearm();
  }

  /**
   * Takes out the oldest that may go. Where gc_thresh2 is above gc_thresh3 there are none too many, but Linux looks at one
   * before it finds that out. (neigh_forced_gc; 6.18 also stops after a millisecond of its own time)
   */
  #evict(most: number, now: Time): number {
    let evicted = 0;
    for (const entry of [...this.#evictable]) {
      if (entry.isHeld) continue;
      if (entry.isForfeit(now)) {
        this.#owners.get(entry)?.remove(entry.address, now);
        this.#statistics?.evicted();
        evicted += 1;
      }
      if (evicted >= most) break;
    }
    this.#forcedAt = jiffyAt(now, this.#phase);
    return evicted;
  }
}
