import {seconds, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {Stream} from '../../wire/stream.ts';
import type {Destination, FromBroker, Letter, QueueDeclaration, ToBroker} from './messages.ts';
import {Process, type Thread} from './process.ts';
import type {NeutronSettings} from './settings.ts';

/** `rabbit_transient_queues_ttl` (oslo_messaging/_drivers/impl_rabbit.py). */
const unusedQueueLifetime: Time = seconds(1800);

type Message = {readonly letter: Letter; readonly expiresAt: Time; readonly cause: number};

type Client = {
  readonly stream: Stream;
  /** What it has been given and has not acknowledged. */
  readonly unacknowledged: Map<number, {readonly queue: Queue; readonly message: Message}>;
  heard: boolean;
  said: boolean;
};

type Queue = {
  readonly name: string;
  readonly exchange: string | undefined;
  readonly consumers: Client[];
  waiting: Message[];
  /** Whose turn it is among the consumers. */
  turn: number;
  unusedSince: Time;
};

/**
 * RabbitMQ, one node. Nothing is durable (`amqp_durable_queues` is off): what waits in its queues dies with it. While it
 * lives a queue outlives its consumers, so a dead agent's letters wait for the next one of its name; those to a fan-out
 * exchange wait in a queue of the dead process, which nobody reads any more.
 */
export class MessageBroker implements Program {
  readonly #ground: Ground;
  readonly #host: Host;
  readonly #settings: NeutronSettings;
  readonly #process: Process;
  readonly #clients = new Set<Client>();
  readonly #queues = new Map<string, Queue>();
  #listening = true;
  #delivered = 0;
  /** Messages of one moment go on in the order in which they came. */
  #routedUntil: Time = 0;

  constructor(ground: Ground, host: Host, settings: NeutronSettings) {
    this.#ground = ground;
    this.#host = host;
    this.#settings = settings;
    this.#process = new Process(ground);
  }

  get listening(): boolean {
    return this.#listening;
  }

  /** How many letters wait in a queue; undefined if there is no such queue. */
  waitingIn(queue: string): number | undefined {
    return this.#queues.get(queue)?.waiting.length;
  }

  /** A client has connected. */
  accept(stream: Stream): void {
    this.#accept(stream);
  }

  /** A client that has consumed these queues since before the run. */
  acceptSettled(stream: Stream, queues: readonly QueueDeclaration[]): void {
    this.#consume(this.#accept(stream), queues);
  }

  die(): void {
    this.#process.die();
    this.#listening = false;
    for (const {stream} of this.#clients) stream.close();
    this.#clients.clear();
    this.#queues.clear();
  }

  start(): void {
    this.#listening = true;
    this.#routedUntil = 0;
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  #accept(stream: Stream): Client {
    const client: Client = {stream, unacknowledged: new Map(), heard: true, said: true};
    this.#clients.add(client);
    stream.onMessage = message => {
      this.#process.hear(() => {
        client.heard = true;
        this.#take(client, message as ToBroker);
      });
    };
    stream.onEnd = () => {
      this.#process.hear(() => {
        this.#drop(client);
      });
    };
    this.#process.run(this.#sendHeartbeats(client));
    this.#process.run(this.#expectHeartbeats(client));
    return client;
  }

  #take(client: Client, message: ToBroker): void {
    switch (message.kind) {
      case 'consume':
        this.#consume(client, message.queues);
        this.#say(client, {kind: 'ready'});
        return;
      case 'publish':
        this.#process.run(this.#route(client, message));
        return;
      case 'acknowledge':
        client.unacknowledged.delete(message.number);
        return;
      case 'heartbeat':
        return;
    }
  }

  *#route(client: Client, {number, to, letter, expiration}: Extract<ToBroker, {kind: 'publish'}>): Thread {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#routedUntil = Math.max(this.#routedUntil, engine.now + this.#host.take('bus-route', 'rabbitmq-server'));
    yield* this.#process.sleep(this.#routedUntil - engine.now);
    if (this.#clients.has(client)) this.#say(client, {kind: 'confirmed', number});
    for (const queue of this.#queuesFor(to)) {
      queue.waiting.push({letter, expiresAt: engine.now + expiration, cause});
      this.#deliver(queue);
    }
  }

  /** A letter to a queue that nobody has declared is dropped: nothing is said to be mandatory. */
  #queuesFor(to: Destination): readonly Queue[] {
    if ('exchange' in to) return [...this.#queues.values()].filter(({exchange}) => exchange === to.exchange);
    const queue = this.#queues.get(to.queue);
    return queue ? [queue] : [];
  }

  #consume(client: Client, queues: readonly QueueDeclaration[]): void {
    for (const {name, exchange} of queues) {
      let queue = this.#queues.get(name);
      if (!queue) {
        queue = {name, exchange, consumers: [], waiting: [], turn: 0, unusedSince: 0};
        this.#queues.set(name, queue);
      }
      queue.consumers.push(client);
      this.#deliver(queue);
    }
  }

  /** Hands out all that waits, in turn among the consumers: nothing limits how much one is given in advance. */
  #deliver(queue: Queue): void {
    const {engine} = this.#ground;
    if (queue.consumers.length === 0) return;
    const {waiting} = queue;
    queue.waiting = [];
    for (const message of waiting) {
      if (message.expiresAt < engine.now) continue;
      const client = queue.consumers[queue.turn++ % queue.consumers.length];
      const number = ++this.#delivered;
      client.unacknowledged.set(number, {queue, message});
      const before = engine.cause;
      engine.cause = Math.max(before, message.cause);
      this.#say(client, {kind: 'deliver', number, queue: queue.name, letter: message.letter});
      engine.cause = before;
    }
  }

  /** What a client that is gone has not acknowledged goes back to the head of its queue. */
  #drop(client: Client): void {
    if (!this.#clients.delete(client)) return;
    for (const {queue, message} of [...client.unacknowledged.values()].reverse()) queue.waiting.unshift(message);
    for (const queue of this.#queues.values()) {
      const place = queue.consumers.indexOf(client);
      if (place < 0) continue;
      queue.consumers.splice(place, 1);
      if (queue.consumers.length === 0) this.#leaveUnused(queue);
      else this.#deliver(queue);
    }
  }

  /** Queues of fan-out exchanges and replies expire (`x-expires`); those that have a host's name do not. */
  #leaveUnused(queue: Queue): void {
    const {engine} = this.#ground;
    const since = (queue.unusedSince = engine.now);
    if (queue.exchange === undefined && !queue.name.startsWith('reply_')) return;
    this.#process.after(unusedQueueLifetime, () => {
      if (queue.consumers.length === 0 && queue.unusedSince === since) this.#queues.delete(queue.name);
    });
  }

  /** Something is said at least every half of the time-out (rabbit_heartbeat.erl, start_heartbeat_sender). */
  *#sendHeartbeats(client: Client): Thread {
    for (;;) {
      yield* this.#process.sleep(this.#settings.heartbeatTimeoutThreshold / 2);
      if (!this.#clients.has(client)) return;
      if (!client.said) this.#say(client, {kind: 'heartbeat'});
      client.said = false;
    }
  }

  /** Looks once in every time-out, and gives up at the second look without news (start_heartbeat_receiver). */
  *#expectHeartbeats(client: Client): Thread {
    let silent = 0;
    for (;;) {
      yield* this.#process.sleep(this.#settings.heartbeatTimeoutThreshold);
      if (!this.#clients.has(client)) return;
      silent = client.heard ? 0 : silent + 1;
      client.heard = false;
      if (silent < 2) continue;
      client.stream.close();
      this.#drop(client);
      return;
    }
  }

  #say(client: Client, message: FromBroker): void {
    client.said = true;
    client.stream.send(message);
  }
}
