import {never, seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {Dialler, Stream, StreamEnd} from '../../wire/stream.ts';
import type {Destination, FromBroker, Letter, QueueDeclaration, ToBroker} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {NeutronSettings} from './settings.ts';

/** `kombu_reconnect_delay`, before each attempt (oslo_messaging/_drivers/impl_rabbit.py, Connection.ensure). */
const reconnectDelay: Time = seconds(1);
/** `rabbit_retry_interval`, `rabbit_retry_backoff`, and `rabbit_interval_max` on top of the first. */
const firstRetryInterval: Time = seconds(1);
const retryBackoff: Time = seconds(2);
const mostRetryInterval: Time = seconds(31);
/** How long an attempt may take (kombu/connection.py, connect_timeout). */
const connectTimeout: Time = seconds(5);

export type BusMember = {
  readonly chassis: string;
  readonly daemon: string;
  readonly dialler: Dialler;
  readonly settings: NeutronSettings;
  /** The queues that it consumes, declared at every connection. */
  readonly queues: readonly QueueDeclaration[];
  /** A letter from one of its queues. */
  take(queue: string, letter: Letter): void;
};

type Unconfirmed = {
  readonly message: Extract<ToBroker, {kind: 'publish'}>;
  readonly cause: number;
  readonly patience: Time;
  readonly done: () => void;
};

/**
 * A daemon's connection to RabbitMQ (oslo.messaging, kombu, py-amqp): dials until there is one, declares its queues, sends
 * heartbeats and expects some. What is to be sent waits for a connection as long as it takes, and is sent again over the
 * next one unless it was confirmed.
 */
export class BusConnection {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #member: BusMember;
  readonly #unconfirmed = new Map<number, Unconfirmed>();
  #stream: Stream | undefined;
  #ready = false;
  #published = 0;
  #heard = false;
  #said = false;
  /** Ends the present wait of the thread that keeps the connection. */
  #noteLoss: (() => void) | undefined;
  #reason = '';

  constructor(ground: Ground, process: Process, member: BusMember) {
    this.#ground = ground;
    this.#process = process;
    this.#member = member;
  }

  /** The queues that it consumes. */
  get queues(): readonly QueueDeclaration[] {
    return this.#member.queues;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Connects, and again whenever the connection is lost. */
  start(): void {
    this.#process.run(this.#stayConnected());
  }

  /** Has been connected since before the run. */
  beginSettled(stream: Stream): void {
    this.#adopt(stream);
    this.#ready = true;
    this.#process.run(this.#stayConnected());
  }

  /** The process is gone. */
  close(): void {
    this.#leave();
    this.#unconfirmed.clear();
  }

  /** Sends a letter and waits until RabbitMQ has it. It may wait there for `expiration`. */
  *publish(to: Destination, letter: Letter, expiration: Time): Thread {
    yield done => {
      const {cause} = this.#ground.engine;
      const number = ++this.#published;
      const patience = Math.min(expiration, this.#member.settings.heartbeatTimeoutThreshold);
      const message = {kind: 'publish', number, to, letter, expiration} as const;
      this.#unconfirmed.set(number, {message, cause, patience, done});
      if (this.#ready) this.#publish(number);
    };
  }

  *#stayConnected(): Thread {
    for (;;) {
      if (!this.#stream) {
        yield* this.#connect();
        this.#announceConnected();
      }
      yield* this.#keep();
      this.#announceLost();
      yield* this.#process.sleep(reconnectDelay);
    }
  }

  *#connect(): Thread {
    for (let interval = firstRetryInterval; ; interval = Math.min(interval + retryBackoff, mostRetryInterval)) {
      let outcome: Stream | undefined;
      yield done => {
        this.#dial(stream => {
          outcome = stream;
          done();
        });
      };
      if (outcome) {
        this.#adopt(outcome);
        this.#say({kind: 'consume', queues: this.#member.queues});
        yield done => {
          this.#noteLoss = done;
          if (!this.#stream) done();
        };
        if (this.#ready) return;
      }
      yield* this.#process.sleep(reconnectDelay + interval);
    }
  }

  #dial(outcome: (stream: Stream | undefined) => void): void {
    let open = true;
    const finish = (stream: Stream | undefined): void => {
      if (!open) return;
      open = false;
      outcome(stream);
    };
    const giveUp = this.#member.dialler.connect(result => {
      finish(typeof result === 'string' ? undefined : result);
    });
    this.#process.after(connectTimeout, () => {
      if (!open) return;
      giveUp();
      finish(undefined);
    });
  }

  #adopt(stream: Stream): void {
    this.#stream = stream;
    this.#heard = this.#said = true;
    stream.onMessage = message => {
      this.#process.hear(() => {
        if (this.#stream !== stream) return;
        this.#heard = true;
        this.#take(message as FromBroker);
      });
    };
    stream.onEnd = why => {
      this.#process.hear(() => {
        if (this.#stream === stream) this.#lose(why);
      });
    };
  }

  /** Until the connection is lost (py-amqp, heartbeat_tick; looked at by oslo.messaging twice as often as it is sent). */
  *#keep(): Thread {
    const {heartbeatTimeoutThreshold, heartbeatRate} = this.#member.settings;
    const {engine} = this.#ground;
    let heardAt = engine.now;
    let saidAt = engine.now;
    while (this.#stream) {
      yield* this.#tick(Math.floor(heartbeatTimeoutThreshold / heartbeatRate / 2));
      if (!this.#ready) return;
      if (this.#heard) heardAt = engine.now;
      if (this.#said) saidAt = engine.now;
      this.#heard = this.#said = false;
      if (engine.now > saidAt + heartbeatTimeoutThreshold / heartbeatRate) {
        this.#say({kind: 'heartbeat'});
        saidAt = engine.now;
        this.#said = false;
      }
      if (engine.now > heardAt + 2 * heartbeatTimeoutThreshold) this.#lose('too many heartbeats missed');
    }
  }

  *#tick(span: Time): Thread {
    yield done => {
      let waits = true;
      const finish = (): void => {
        if (!waits) return;
        waits = false;
        done();
      };
      this.#noteLoss = finish;
      this.#process.after(span, finish);
    };
  }

  #take(message: FromBroker): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        for (const number of [...this.#unconfirmed.keys()]) this.#publish(number);
        this.#noteLoss?.();
        return;
      case 'confirmed': {
        const unconfirmed = this.#unconfirmed.get(message.number);
        this.#unconfirmed.delete(message.number);
        unconfirmed?.done();
        return;
      }
      case 'deliver':
        // oslo_messaging/rpc/server.py: acknowledged before it is worked off.
        this.#say({kind: 'acknowledge', number: message.number});
        this.#member.take(message.queue, message.letter);
        return;
      case 'heartbeat':
        return;
    }
  }

  /** Without a confirmation in time the socket times out (impl_rabbit.py, _transport_socket_timeout). */
  #publish(number: number): void {
    const unconfirmed = this.#unconfirmed.get(number);
    const stream = this.#stream;
    if (!unconfirmed || !stream) return;
    const {engine} = this.#ground;
    const before = engine.cause;
    // What is sent again over a new connection follows from that too.
    engine.cause = Math.max(before, unconfirmed.cause);
    this.#say(unconfirmed.message);
    engine.cause = before;
    this.#process.after(unconfirmed.patience, () => {
      this.#process.hear(() => {
        if (this.#stream === stream && this.#unconfirmed.has(number)) this.#lose('a message was not confirmed');
      });
    });
  }

  #lose(why: StreamEnd | 'too many heartbeats missed' | 'a message was not confirmed'): void {
    const {engine} = this.#ground;
    this.#reason = why;
    engine.cause = Math.max(engine.cause, this.#stream?.whySilent ?? 0);
    this.#leave();
    this.#noteLoss?.();
  }

  /** What may still arrive on it is not heard any more. */
  #leave(): void {
    if (this.#stream) this.#stream.onMessage = this.#stream.onEnd = undefined;
    this.#stream?.close();
    this.#stream = undefined;
    this.#ready = false;
  }

  #say(message: ToBroker): void {
    this.#said = true;
    this.#stream?.send(message);
  }

  #announceConnected(): void {
    const {chassis, daemon} = this.#member;
    this.#ground.journal.announce('bus connected', {chassis, daemon});
  }

  #announceLost(): void {
    const {chassis, daemon} = this.#member;
    this.#ground.journal.announce('bus lost', {chassis, daemon, reason: this.#reason});
  }
}

/** Letters that are nobody's call never expire. */
export const noExpiration: Time = never;
