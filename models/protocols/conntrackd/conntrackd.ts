import {never, seconds, type Time} from '../../../engine/time.ts';
import {commitTimeout} from './commit-timeout.ts';
import {ConnectionCache} from './connection-cache.ts';
import type {SyncedConnection} from './synced-connection.ts';

/** What the kernel tells of a connection, and conntrackd the others. */
export type SyncMessage = {readonly what: 'new' | 'update' | 'destroy'; readonly connection: SyncedConnection};

/** What a user may ask of the daemon: commit, flush both caches, read the kernel, bulk, timers, resync. */
export type ConntrackdCommand = '-c' | '-f' | '-R' | '-B' | '-t' | '-n';

/** What conntrackd needs from its surroundings. */
export type ConntrackdPort = {
  /** To all others, in this order. */
  send(messages: readonly SyncMessage[]): void;
  /** Asks all others for everything. */
  requestResync(): void;
  /** All connections of the kernel that are synchronised. */
  dump(): readonly SyncedConnection[];
  /** Makes a connection in the kernel. False if it has one with a tuple of it. */
  create(connection: SyncedConnection, timeout: Time): boolean;
  /** Deletes the connection with the first tuple. False if there is none. */
  destroy(connection: SyncedConnection): boolean;
  /** Deletes all connections that are synchronised. */
  purge(): void;
};

/** PurgeTimeout */
const purgeTimeout = seconds(60);

/**
 * conntrackd in FT-FW mode (conntrack-tools 1.4, src/sync-mode.c): what the kernel tells goes into the internal cache and to
 * the others, what these tell into the external cache; nothing of that is in the kernel until somebody commits it.
 */
export class Conntrackd {
  readonly internal: ConnectionCache;
  readonly external: ConnectionCache;
  readonly #port: ConntrackdPort;
  #purgeAt: Time = never;

  constructor(limit: number, port: ConntrackdPort) {
    this.internal = new ConnectionCache(limit);
    this.external = new ConnectionCache(limit);
    this.#port = port;
  }

  /** When the kernel's table is to be emptied. */
  get wakeAt(): Time {
    return this.#purgeAt;
  }

  /** It reads what the kernel has, and tells nobody. */
  start(now: Time): void {
    this.#populate(now);
  }

  wake(now: Time): void {
    if (now < this.#purgeAt) return;
    this.#purgeAt = never;
    this.internal.flush();
    this.#port.purge();
  }

  /** The kernel tells of a connection. */
  happened(message: SyncMessage, now: Time): void {
    if (this.#note(this.internal, message, now)) this.#port.send([message]);
  }

  /** Another one tells of a connection. */
  heard(message: SyncMessage, now: Time): void {
    this.#note(this.external, message, now);
  }

  /** Another one wants everything. */
  askedForAll(): void {
    this.#sendAll();
  }

  command(which: ConntrackdCommand, now: Time): void {
    switch (which) {
      case '-c':
        this.#purgeAt = never;
        this.#commit(now);
        return;
      case '-f':
        this.#purgeAt = never;
        this.internal.flush();
        this.external.flush();
        return;
      case '-R':
        this.#populate(now);
        return;
      case '-B':
        this.#sendAll();
        return;
      case '-t':
        if (this.#purgeAt === never) this.#purgeAt = now + purgeTimeout;
        return;
      case '-n':
        this.#port.requestResync();
    }
  }

  /** Returns whether it is to be told on. */
  #note(cache: ConnectionCache, {what, connection}: SyncMessage, now: Time): boolean {
    switch (what) {
      case 'new':
        return cache.add(connection, now);
      case 'update':
        return cache.update(connection, now);
      case 'destroy':
        return cache.delete(connection.original);
    }
  }

  #populate(now: Time): void {
    for (const connection of this.#port.dump()) this.internal.update(connection, now);
  }

  #sendAll(): void {
    this.#port.send(this.internal.list().map(({connection}) => ({what: 'update', connection})));
  }

  /** A connection that is in the kernel's way is deleted, if it has the same first tuple; what comes of it is told to nobody. */
  #commit(now: Time): void {
    const {counters} = this.external;
    for (const cached of this.external.list()) {
      const {connection} = cached;
      const timeout = commitTimeout(cached, now);
      const made =
        this.#port.create(connection, timeout) ||
        (this.#port.destroy(connection) && this.#port.create(connection, timeout));
      if (made) counters.committed += 1;
      else counters.commitFailed += 1;
      if (made) this.internal.update({...connection, timeout: Math.floor(timeout / seconds(1))}, now);
    }
  }
}
