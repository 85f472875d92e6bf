import {never, seconds, type Time} from '../../engine/time.ts';
import {ConntrackChains} from './conntrack-chains.ts';
import type {ConntrackEntry, EntryHolder} from './conntrack-entry.ts';
import {isClosing} from './conntrack-tcp.ts';
import {jiffiesIn, jiffy, jiffyAt, kernelAlarm} from './timer-wheel.ts';

export type ConntrackLimits = {
  /** nf_conntrack_max: one number for the host, which each namespace may fill for itself. */
  readonly max: number;
  /** nf_conntrack_buckets */
  readonly buckets: number;
};

/** A host with 4 GiB or more (our measurement: MEASURED.md C). */
export const defaultConntrackLimits: ConntrackLimits = {max: 262_144, buckets: 262_144};

export type ConntrackHostIdentity = {
  /** The moment of the host's jiffy 0; see `phaseSpan`. */
  readonly phase: Time;
  /** The key of the hash, drawn evenly from the whole numbers of 32 bits. */
  readonly secret: number;
  /** When the connection tracker was loaded: the collector passes a second later and then on. */
  readonly startedAt: Time;
};

/** How many buckets are looked into for an entry that may go (NF_CT_EVICTION_RANGE). */
const evictionRange = 8;

/** The collector's constants (nf_conntrack_core.c, GC_SCAN_…), in jiffies. */
const longestInterval = jiffiesIn(seconds(60));
const shortestInterval = jiffiesIn(seconds(1));
const longestTimeout = jiffiesIn(seconds(300));
/** The average begins as if there were so many entries that live for the longest interval. */
const initialCount = 100;
/** A pass that has removed more than this goes on a jiffy later: 64000 a second. */
const mostRemoved = 256;

/**
 * What the namespaces of a Linux host share: the limit, the hash table and the collector. The collector comes back after the
 * average of what the entries have left, 1 to 60 s, and leans to 60 s: on a host with few entries it passes about once in a
 * minute, which is why `nf_conntrack_count` lags by anything up to that (14–54 s in our measurement: MEASURED.md C).
 *
 * Not modelled: that a pass takes time (it stops after 10 ms and goes on at once), and chains that are too long.
 */
export class ConntrackHost {
  readonly limits: ConntrackLimits;
  readonly chains: ConntrackChains;
  readonly #phase: Time;
  #passAt: Time;
  /** A namespace was full and nothing could go: the next pass makes room in those that are 95 % full. */
  #pressed = false;
  /** Where a pass goes on, with what it has summed up. */
  #nextBucket = 0;
  #average = 0;
  #count = 0;
  #beganAt = 0;

  constructor(limits: ConntrackLimits, identity: ConntrackHostIdentity) {
    this.limits = limits;
    this.chains = new ConntrackChains(limits.buckets, identity.secret);
    this.#phase = identity.phase;
    const first = jiffyAt(identity.startedAt, identity.phase) + jiffiesIn(seconds(1));
    this.#passAt = kernelAlarm(identity.startedAt, first, identity.phase);
  }

  /** When the collector passes next; `never` while it would find nothing. */
  get wakeAt(): Time {
    return this.chains.isEmpty ? never : this.#passAt;
  }

  /** Lets the collector pass if it is time. */
  wake(now: Time): void {
    if (now >= this.wakeAt) this.#pass(now);
  }

  /** Files an entry, for packets to find it. */
  file(entry: ConntrackEntry, now: Time): void {
    // While there was nothing nobody waited for the passes.
    if (this.chains.isEmpty) while (this.#passAt < now) this.#pass(this.#passAt);
    this.chains.file(entry);
  }

  /** Makes room in a full namespace around the bucket of the newcomer. Returns how many went. (early_drop) */
  makeRoom(holder: EntryHolder, bucket: number, now: Time): number {
    for (let i = 0; i < evictionRange; i++) {
      let dropped = 0;
      for (const {entry} of this.chains.live((bucket + i) % this.limits.buckets, now)) {
        if (entry.assured || entry.holder !== holder) continue;
        holder.forget(entry, 'early drop');
        dropped++;
      }
      if (dropped > 0) return dropped;
    }
    this.#pressed = true;
    return 0;
  }

  /** One run of gc_worker. */
  #pass(now: Time): void {
    const clock = jiffyAt(now, this.#phase);
    if (this.#nextBucket === 0) {
      this.#average = longestInterval;
      this.#count = initialCount;
      this.#beganAt = clock;
    }
    const full = this.#pressed ? Math.floor(this.limits.max / 100) * 95 : never;
    let removed = 0;
    for (const {entry, bucket} of this.chains.from(this.#nextBucket)) {
      if (removed > mostRemoved) {
        this.#nextBucket = bucket;
        this.#arm(now, 1);
        return;
      }
      const {holder} = entry;
      const left = holder.expiresAt(entry) - now;
      if (left <= 0) {
        holder.forget(entry, 'expired');
        removed++;
        continue;
      }
      this.#average += Math.trunc((clampTimeout(left) - this.#average) / ++this.#count);
      if (holder.count >= full && (!entry.assured || isClosing(entry.tcp.state))) {
        holder.forget(entry, 'early drop');
        removed++;
      }
    }
    this.#nextBucket = 0;
    const interval = Math.min(Math.max(this.#average, shortestInterval), longestInterval);
    this.#arm(now, Math.max(interval - Math.max(clock - this.#beganAt, 1), 1));
  }

  #arm(now: Time, delay: number): void {
    this.#pressed = false;
    this.#passAt = kernelAlarm(now, jiffyAt(now, this.#phase) + delay, this.#phase);
  }
}

function clampTimeout(left: Time): number {
  return Math.min(Math.max(Math.ceil(left / jiffy), shortestInterval), longestTimeout);
}
