import type {Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {none, routerKey, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {Topology} from '../../tables/topology.ts';
import type {Stream} from '../../wire/stream.ts';
import type {Notice, Request, Write} from './southbound-messages.ts';

type Client = {readonly stream: Stream; monitoring: boolean};

/**
 * ovsdb-server with the southbound database: takes in one request after the other, tells every client that monitors of
 * every change, and keeps its contents on disk when it dies.
 */
export class SouthboundServer implements Program {
  readonly #ground: Ground;
  readonly #host: Host;
  readonly #topology: Topology;
  readonly #contents: SouthboundContents;
  readonly #clients = new Set<Client>();
  #listening = true;
  #frozen = false;
  #life = 0;
  #busyUntil: Time = 0;
  #postponed: (() => void)[] = [];

  constructor(ground: Ground, host: Host, topology: Topology, contents: SouthboundContents) {
    this.#ground = ground;
    this.#host = host;
    this.#topology = topology;
    this.#contents = contents;
  }

  get listening(): boolean {
    return this.#listening;
  }

  /** A client has connected. */
  accept(stream: Stream): void {
    const client: Client = {stream, monitoring: false};
    this.#clients.add(client);
    stream.onMessage = message => {
      this.#queue(client, message as Request);
    };
    stream.onEnd = () => {
      this.#clients.delete(client);
    };
  }

  /** A client that has monitored since before the run. */
  acceptSettled(stream: Stream): void {
    this.accept(stream);
    for (const client of this.#clients) if (client.stream === stream) client.monitoring = true;
  }

  die(): void {
    this.#life += 1;
    this.#listening = false;
    this.#postponed = [];
    this.#frozen = false;
    for (const {stream} of this.#clients) stream.close();
    this.#clients.clear();
  }

  start(): void {
    this.#listening = true;
    this.#busyUntil = 0;
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const act of postponed) act();
  }

  /** One request after the other, each when the one before is done. */
  #queue(client: Client, request: Request): void {
    const {engine} = this.#ground;
    const at = Math.max(this.#busyUntil, engine.now) + this.#host.take('database-transaction', 'ovsdb-server-sb');
    this.#busyUntil = at;
    const life = this.#life;
    this.#ground.later.at(at, () => {
      if (this.#life !== life) return;
      const act = (): void => {
        if (this.#clients.has(client)) this.#serve(client, request);
      };
      if (this.#frozen) this.#postponed.push(act);
      else act();
    });
  }

  #serve(client: Client, request: Request): void {
    switch (request.kind) {
      case 'echo':
        this.#tell(client, {kind: 'echo reply'});
        return;
      case 'ask':
        if (request.last) client.monitoring = true;
        this.#tell(client, {
          kind: 'answer',
          number: request.number,
          watermark: request.last ? this.#contents.latest : undefined,
        });
        return;
      case 'transact':
        this.#apply(request.writes);
        this.#tell(client, {kind: 'reply', number: request.number});
        return;
    }
  }

  #apply(writes: readonly Write[]): void {
    const before = this.#contents.latest;
    let cause = this.#ground.engine.cause;
    for (const write of this.#withReferences(writes)) {
      const was = this.#contents.read(write.table, write.key, this.#contents.latest);
      if (was === write.value) continue;
      cause = Math.max(this.#announce(write, was) ?? write.cause, cause);
      this.#contents.write({...write, cause});
    }
    if (this.#contents.latest === before) return;
    const {engine} = this.#ground;
    const outer = engine.cause;
    engine.cause = cause;
    for (const client of this.#clients) {
      if (client.monitoring) this.#tell(client, {kind: 'update', watermark: this.#contents.latest, cause});
    }
    engine.cause = outer;
  }

  /** Weak references: with its row a chassis goes out of the groups and of what they refer to, in the same transaction. */
  #withReferences(writes: readonly Write[]): readonly Write[] {
    return writes.flatMap(write => {
      if (write.table !== 'Chassis' || write.value === 1) return [write];
      const references = this.#topology.routers.flatMap(({number}) =>
        (['HA_Chassis', 'Ref_Chassis'] as const).map((table): Write => ({
          ...write,
          table,
          key: routerKey(number, write.key),
          value: 0,
        })),
      );
      return [write, ...references];
    });
  }

  #announce({table, key, value, cause}: Write, was: number): number | undefined {
    const {journal} = this.#ground;
    const {chassis, routers} = this.#topology;
    const name = (number: number): string | undefined => (number === none ? undefined : chassis[number]);
    const router = routers[Math.floor(key / 0x1_0000_0000)];
    switch (table) {
      case 'Port_Binding':
        return journal.announce(
          'binding changed',
          {port: this.#topology.portName(key), from: name(was), to: name(value)},
          [cause],
        );
      case 'Chassis': {
        const kind = value === 1 ? 'chassis registered' : 'chassis unregistered';
        return journal.announce(kind, {chassis: chassis[key]}, [cause]);
      }
      case 'MAC_Binding':
        return journal.announce(
          'mac binding changed',
          {router: router.name, address: key % 0x1_0000_0000, mac: value},
          [cause],
        );
      default:
        return undefined;
    }
  }

  #tell({stream}: Client, notice: Notice): void {
    stream.send(notice);
  }
}
