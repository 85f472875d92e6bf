import type {Time} from '../../../engine/time.ts';
import {formatTuple, type Tuple} from '../conntrack-tuple.ts';
import type {SyncedConnection} from './synced-connection.ts';

/** What a cache has of a connection, since when, and when it last heard of it. */
export type Cached = {readonly connection: SyncedConnection; readonly since: Time; readonly updatedAt: Time};

/** The counters of `conntrackd -s cache`. */
export type CacheCounters = {
  added: number;
  /** There was no room. */
  addFailed: number;
  updated: number;
  deleted: number;
  committed: number;
  commitFailed: number;
};

/**
 * One of conntrackd's caches (src/cache.c): the internal one has what is in the kernel's own table, the external one what the
 * others told. `limit` is HashLimit; what is beyond is not taken in.
 */
export class ConnectionCache {
  readonly counters: CacheCounters = {
    ...{added: 0, addFailed: 0, updated: 0, deleted: 0},
    ...{committed: 0, commitFailed: 0},
  };
  readonly #limit: number;
  readonly #cached = new Map<string, Cached>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#cached.size;
  }

  find(original: Tuple): Cached | undefined {
    return this.#cached.get(keyOf(original));
  }

  /** All there is, the oldest first. */
  list(): readonly Cached[] {
    return [...this.#cached.values()];
  }

  /** A connection that is new, whatever was known of one with its tuple. False if there is no room. */
  add(connection: SyncedConnection, now: Time): boolean {
    const key = keyOf(connection.original);
    if (this.#cached.delete(key)) this.counters.deleted += 1;
    if (this.#cached.size >= this.#limit) {
      this.counters.addFailed += 1;
      return false;
    }
    this.#cached.set(key, {connection, since: now, updatedAt: now});
    this.counters.added += 1;
    return true;
  }

  /** How a connection is now; it is added if it was not known. False if there is no room. */
  update(connection: SyncedConnection, now: Time): boolean {
    const key = keyOf(connection.original);
    const known = this.#cached.get(key);
    if (!known) return this.add(connection, now);
    this.#cached.set(key, {connection, since: known.since, updatedAt: now});
    this.counters.updated += 1;
    return true;
  }

  /** False if it was not known. */
  delete(original: Tuple): boolean {
    const known = this.#cached.delete(keyOf(original));
    if (known) this.counters.deleted += 1;
    return known;
  }

  flush(): void {
    this.counters.deleted += this.#cached.size;
    this.#cached.clear();
  }
}

/** By what a connection is found: the tuple of its first packet. */
export function keyOf(original: Tuple): string {
  return `${original.protocol} ${formatTuple(original)}`;
}
