import {draw, type Stream} from '../../../engine/chance.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import {BusConnection, noExpiration, type BusMember} from './bus-connection.ts';
import type {Call, CallName, Calls, Cast, CastName, Casts, Destination, Letter, QueueDeclaration} from './messages.ts';
import type {Process, Thread} from './process.ts';

export type Answer<Name extends CallName> = {readonly answer: Calls[Name]['answers']} | 'timed out';

/** A call that waits to be answered. */
export type Asked = {readonly call: Call; readonly replyTo: string; readonly number: number};

export type RpcMember = Omit<BusMember, 'take' | 'queues'> & {
  /** Queues on which it hears calls and casts. */
  readonly listensTo: readonly QueueDeclaration[];
  heardCall(asked: Asked, queue: string): void;
  heardCast(cast: Cast, queue: string): void;
};

/**
 * Remote calls over RabbitMQ, as Neutron makes them (neutron_lib/rpc.py, BackingOffClient): a call that is not answered in
 * time doubles the time-out of its method for the rest of the process and makes its caller wait up to the usual time-out
 * before it learns so; a call with a time-out of its own does neither.
 */
export class Rpc {
  readonly bus: BusConnection;
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #member: RpcMember;
  readonly #replyQueue: string;
  readonly #luck: Stream;
  readonly #timeouts = new Map<CallName, Time>();
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  /** Answers that came before the confirmation of their call. */
  readonly #early = new Map<number, unknown>();
  #asked = 0;
  #waits = 0;

  constructor(ground: Ground, process: Process, member: RpcMember, life: number) {
    this.#ground = ground;
    this.#process = process;
    this.#member = member;
    const {chassis, daemon} = member;
    this.#luck = ground.streams.of(`${chassis}/${daemon}/${life}/rpc`);
    this.#replyQueue = `reply_${chassis}_${daemon}_${life}`;
    this.bus = new BusConnection(ground, process, {
      ...member,
      queues: [...member.listensTo, {name: this.#replyQueue, exchange: undefined}],
      take: (queue, letter) => {
        this.#take(queue, letter);
      },
    });
  }

  /** Calls a method and waits for the answer. The time-out counts from when RabbitMQ has the call. */
  *call<Name extends CallName>(
    queue: string,
    method: Name,
    argument: Calls[Name]['takes'],
    ownTimeout?: Time,
  ): Thread<Answer<Name>> {
    const {rpcResponseTimeout, rpcResponseMaxTimeout} = this.#member.settings;
    const timeout = ownTimeout ?? this.#timeouts.get(method) ?? rpcResponseTimeout;
    const number = ++this.#asked;
    const call = {method, argument} as Call;
    this.#waiting.set(number, answer => {
      this.#early.set(number, answer);
    });
    yield* this.bus.publish({queue}, {kind: 'call', call, replyTo: this.#replyQueue, number}, timeout);
    const answered = yield* this.#awaitAnswer(number, timeout);
    if (answered) return {answer: answered.answer as Calls[Name]['answers']};
    const {chassis, daemon} = this.#member;
    const {engine, journal} = this.#ground;
    engine.cause = journal.announce('call timed out', {chassis, daemon, method, timeout});
    if (ownTimeout === undefined) {
      this.#timeouts.set(method, Math.min(timeout * 2, rpcResponseMaxTimeout));
      yield* this.#process.sleep(Math.floor(draw(this.#luck, this.#waits++) * Math.min(timeout, rpcResponseTimeout)));
    }
    return 'timed out';
  }

  /** Says something without waiting for more than RabbitMQ's confirmation. */
  *cast<Name extends CastName>(to: Destination, method: Name, argument: Casts[Name]): Thread {
    yield* this.bus.publish(to, {kind: 'cast', cast: {method, argument} as Cast}, noExpiration);
  }

  /** Answers a call. */
  *reply({replyTo, number}: Asked, answer: unknown): Thread {
    yield* this.bus.publish({queue: replyTo}, {kind: 'reply', number, answer}, noExpiration);
  }

  #take(queue: string, letter: Letter): void {
    switch (letter.kind) {
      case 'call':
        this.#member.heardCall(letter, queue);
        return;
      case 'cast':
        this.#member.heardCast(letter.cast, queue);
        return;
      case 'reply':
        this.#waiting.get(letter.number)?.(letter.answer);
        return;
    }
  }

  *#awaitAnswer(number: number, timeout: Time): Thread<{readonly answer: unknown} | undefined> {
    let answered: {readonly answer: unknown} | undefined;
    if (this.#early.has(number)) answered = {answer: this.#early.get(number)};
    else {
      yield done => {
        let waits = true;
        const finish = (): void => {
          if (!waits) return;
          waits = false;
          done();
        };
        this.#waiting.set(number, answer => {
          if (waits) answered = {answer};
          finish();
        });
        this.#process.after(timeout, finish);
      };
    }
    this.#waiting.delete(number);
    this.#early.delete(number);
    return answered;
  }
}
