import {never, type Time} from '../../../engine/time.ts';
import {Daemon, type Program} from '../../daemons/daemon.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {ConntrackEntry} from '../../protocols/conntrack-entry.ts';
import {Conntrackd, type ConntrackdCommand, type SyncMessage} from '../../protocols/conntrackd/conntrackd.ts';
import {isNews, isSynced, syncedOf, type SyncedConnection} from '../../protocols/conntrackd/synced-connection.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {TrackedConnections} from '../linux/tracked-connections.ts';
import type {Namespace} from '../linux/namespace.ts';
import {delivered, type Passage, type Verdict} from '../passage.ts';
import {DaemonThread} from './daemon-thread.ts';
import {SyncChannel, type SyncPacket} from './sync-channel.ts';

export type ConntrackdSettings = {
  readonly host: Host;
  /** The router, as results call it. */
  readonly name: string;
  /** HashLimit: how many connections each cache has room for. */
  readonly limit: number;
  /** The device that it talks by, and the address there, whose packets it does not synchronise. */
  readonly device: string;
  readonly address: Ipv4;
  readonly port: number;
  /** Those of the same router on other hosts. */
  readonly peers: Set<SyncChannel>;
};

/** Who waits for a command to have been done. */
type Client = {done: () => void};

/** conntrackd in a namespace: between the kernel's connections there and its like on other hosts. */
export class ConntrackdProcess implements Program {
  readonly daemon: Daemon;
  readonly settings: ConntrackdSettings;
  readonly #ground: Ground;
  /** As counters call it. */
  readonly #place: string;
  readonly #connections: TrackedConnections;
  readonly #thread: DaemonThread;
  readonly #channel: SyncChannel;
  #machine: Conntrackd;
  readonly #clients = new Set<Client>();
  /** What the kernel has told of a connection. */
  #told = new WeakMap<ConntrackEntry, SyncedConnection>();
  /** It is the daemon itself that changes the kernel's table at present: nobody is told. */
  #changesKernel = false;

  constructor(ground: Ground, namespace: Namespace, connections: TrackedConnections, settings: ConntrackdSettings) {
    const {host, name, device, address, port, peers} = settings;
    this.#ground = ground;
    this.#place = namespace.place;
    this.settings = settings;
    this.#connections = connections;
    this.#thread = new DaemonThread(ground);
    this.daemon = new Daemon(ground, host, 'conntrackd', 'conntrackd-start', this, {
      of: name,
      startedBy: 'another program',
    });
    this.#channel = new SyncChannel(ground, {
      ...{namespace, device, address, port, peers},
      runs: () => this.daemon.running,
      hear: (packet, from, at) => {
        this.#thread.at(at, () => {
          this.#thread.run(this.#take('conntrackd-receive'), () => {
            this.#read(packet, from);
          });
        });
      },
    });
    this.#machine = this.#makeMachine();
  }

  /** What it knows; undefined if there is no process. */
  get machine(): Conntrackd | undefined {
    return this.daemon.running ? this.#machine : undefined;
  }

  /** It has long been running. */
  beginSettled(): void {
    this.daemon.beginSettled();
    this.#listen();
  }

  start(): void {
    this.#machine = this.#makeMachine();
    this.#listen();
    this.#machine.start(this.#ground.engine.now);
  }

  die(): void {
    this.#thread.die();
    this.#connections.watcher = undefined;
    this.#channel.forget();
    for (const client of [...this.#clients]) this.#finish(client);
  }

  freeze(): void {
    this.#thread.freeze();
  }

  thaw(): void {
    this.#thread.thaw();
  }

  /** The namespace goes, or the host. */
  kill(how: string): void {
    this.daemon.kill('namespace', how);
    this.#channel.close();
  }

  /** A user runs `conntrackd` with a command. `done` once it returns: at once if no daemon is there, never while that is stopped. */
  command(which: ConntrackdCommand, done: () => void): void {
    if (!this.daemon.running) {
      done();
      return;
    }
    const client = {done};
    this.#clients.add(client);
    const size = which === '-c' ? this.#machine.external.size : 0;
    this.#thread.run(size * (size > 0 ? this.#take('conntrackd-commit') : 0), () => {
      if (which === '-c') this.#commit();
      else this.#machine.command(which, this.#ground.engine.now);
      this.#awaitPurge();
      this.#finish(client);
    });
  }

  /** A packet for its group: a verdict if it listens. */
  arrive(packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    if (!this.daemon.running || !this.#channel.hears(packet)) return undefined;
    passage.heardBy?.(this.#channel);
    return delivered;
  }

  #read(packet: SyncPacket, from: SyncChannel): void {
    const {now} = this.#ground.engine;
    if (packet.kind === 'state') {
      const {counters} = this.#ground;
      counters.add(counters.of(this.#place, 'connection messages received'), packet.messages.length);
      for (const message of packet.messages) this.#machine.heard(message, now);
    }
    if (packet.kind === 'resync') this.#machine.askedForAll();
    this.#channel.read(packet, from);
  }

  #listen(): void {
    this.#told = new WeakMap();
    this.#connections.watcher = (what, entry) => {
      this.#watch(what, entry);
    };
  }

  /** The kernel tells, and it is read some time later. */
  #watch(what: SyncMessage['what'], entry: ConntrackEntry): void {
    if (!isSynced(entry, this.settings.address)) return;
    const {now} = this.#ground.engine;
    const connection = syncedOf(entry, now);
    if (this.#changesKernel) {
      if (what === 'destroy') this.#machine.internal.delete(connection.original);
      return;
    }
    const before = this.#told.get(entry);
    this.#told.set(entry, connection);
    if (what === 'update' && before && !isNews(before, connection)) return;
    this.#thread.run(this.#take('conntrackd-event'), () => {
      this.#machine.happened({what, connection}, this.#ground.engine.now);
    });
  }

  #makeMachine(): Conntrackd {
    const {table} = this.#connections;
    const {engine} = this.#ground;
    return new Conntrackd(this.settings.limit, {
      send: messages => {
        const {counters} = this.#ground;
        counters.add(counters.of(this.#place, 'connection messages sent'), messages.length);
        this.#channel.tell(messages);
      },
      requestResync: () => {
        this.#channel.requestResync();
      },
      dump: () => this.#synced().map(entry => syncedOf(entry, engine.now)),
      create: (connection, timeout) => this.#silently(() => this.#connections.adopt(connection, timeout)),
      destroy: ({original}) =>
        this.#silently(() => {
          const found = table.find(original, engine.now);
          if (found) table.forget(found.entry, 'deleted');
          return found !== undefined;
        }),
      purge: () => {
        this.#silently(() => {
          for (const entry of this.#synced()) table.forget(entry, 'deleted');
        });
      },
    });
  }

  #synced(): readonly ConntrackEntry[] {
    const all = this.#connections.table.list(this.#ground.engine.now);
    return all.filter(entry => isSynced(entry, this.settings.address));
  }

  #silently<Result>(act: () => Result): Result {
    this.#changesKernel = true;
    const result = act();
    this.#changesKernel = false;
    return result;
  }

  #commit(): void {
    const {engine, journal, counters} = this.#ground;
    const {external} = this.#machine;
    const {name: router, host} = this.settings;
    const refusedBefore = external.counters.commitFailed;
    const detail = {chassis: host.name, router, connections: external.size};
    engine.cause = journal.announce('connections committed', detail);
    this.#machine.command('-c', engine.now);
    const refused = external.counters.commitFailed - refusedBefore;
    counters.add(counters.of(this.#place, 'connections not committed'), refused);
  }

  #awaitPurge(): void {
    const at = this.#machine.wakeAt;
    if (at === never) return;
    this.#thread.at(at, () => {
      this.#machine.wake(this.#ground.engine.now);
    });
  }

  #finish(client: Client): void {
    if (this.#clients.delete(client)) client.done();
  }

  #take(step: Step): Time {
    return this.settings.host.take(step, this.daemon.label);
  }
}
