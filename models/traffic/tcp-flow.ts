import {never, type Time} from '../../engine/time.ts';
import type {FlowEnd, ServiceEnd} from '../dataplane/flow-end.ts';
import type {DropReason, Passage, Verdict} from '../dataplane/passage.ts';
import type {FlowResult} from '../events/results.ts';
import type {Ground} from '../ground.ts';
import type {TcpEnd} from '../protocols/tcp-socket.ts';
import {shifted} from '../protocols/tcp-socket-state.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {advanced} from '../wire/sequence.ts';
import {FlowConnection, type Arrival, type ConnectionState, type Side} from './flow-connection.ts';
import {Outcomes} from './outcomes.ts';
import {SteadyCycle, type Snapshot} from './steady-cycle.ts';

/** Who says what: one end goes on talking, they ask and answer, or each question has a connection of its own. */
export type TcpPattern = 'upload' | 'download' | 'push' | 'ping-pong' | 'connect';

export type TcpFlowSettings = {
  readonly number: number;
  readonly name: string;
  readonly group: string;
  readonly from: FlowEnd;
  readonly to: FlowEnd | undefined;
  /** Others who answer if packets come to them: a floating address may be moved. */
  readonly others: readonly FlowEnd[];
  /** Who answers for a service at a host; undefined if it is no service that is asked. */
  readonly service: ((host: string) => ServiceEnd | undefined) | undefined;
  readonly listening: boolean;
  readonly destination: Ipv4;
  readonly pattern: TcpPattern;
  readonly every: Time;
  readonly start: Time;
  /** `never` is without end. */
  readonly count: number;
  /** Messages later than this are lost. */
  readonly limit: Time;
  readonly sourcePort: number;
  readonly port: number;
  /** Bytes of a message. */
  readonly size: number;
  /** After how long the client connects again when a connection has failed; `never` if it does not. */
  readonly reconnect: Time;
};

type Fate = {readonly reason: DropReason; readonly place: string; readonly cause: number};

/** A message without an outcome yet: when it counts as lost, and what became of the last packet that bore it. */
type Undecided = {readonly deadline: Time; fate: Fate | undefined};

/** An arrival under the number that it was posted with. */
type Posted = {readonly number: number; readonly arrival: Arrival};

/** Who sends the messages, and whether they are answered. */
const talkers: Readonly<Record<TcpPattern, {readonly side: Side; readonly answered: boolean}>> = {
  upload: {side: 'client', answered: false},
  download: {side: 'server', answered: false},
  push: {side: 'server', answered: false},
  'ping-pong': {side: 'client', answered: true},
  connect: {side: 'client', answered: true},
};

/** What a program is told by the end of its connection. */
const reasonOf: Readonly<Record<TcpEnd, DropReason>> = {
  closed: 'not connected',
  reset: 'connection reset',
  refused: 'connection refused',
  unreachable: 'neighbour unreachable',
  'timed out': 'connection timed out',
};

/** net.ipv4.ip_local_port_range; a client's ports come one after the other, each second one (inet_hashtables.c). */
const firstPort = 32_768;
const ports = 28_232;
const portStride = 7;

/**
 * Messages at equal intervals over a TCP connection, which TCP sends again until they get there. A message counts as lost
 * if it is not there, or not answered, within the limit; when it comes later it is late. A client whose connection fails
 * connects again. While a connection is well and its messages fare alike they are counted.
 */
export class TcpFlow {
  readonly settings: TcpFlowSettings;
  readonly #ground: Ground;
  readonly #actor: number;
  readonly #outcomes: Outcomes;
  readonly #steady: SteadyCycle<ConnectionState, Posted>;
  readonly #undecided = new Map<number, Undecided>();
  /** Those of which somebody still knows, the one in use last. */
  #connections: FlowConnection[] = [];
  #current: FlowConnection | undefined;
  /** The connection of each message that has one of its own. */
  readonly #own = new Map<number, FlowConnection>();
  /** Messages to which a service answers that it cannot do what was asked. */
  readonly #refused = new Map<number, Fate>();
  /** Messages that wait for the server to be there. */
  #backlog: number[] = [];
  #opened = 0;
  #sent = 0;
  #late = 0;
  #misdelivered = 0;
  #errors = 0;
  #posted = 0;
  #packets: Record<Side, number> = {client: 0, server: 0};
  #reconnectAt: Time = never;
  /** Why there is no connection, or why the present one is stuck. */
  #trouble: Fate | undefined;
  readonly #ends = {refused: 0, reset: 0, 'timed out': 0, unreachable: 0};

  constructor(ground: Ground, settings: TcpFlowSettings) {
    this.#ground = ground;
    this.settings = settings;
    this.#outcomes = new Outcomes(ground, settings.number, number => this.#sendAt(number));
    this.#steady = new SteadyCycle(ground, {
      actor: () => this.#actor,
      count: settings.count,
      sendAt: number => this.#sendAt(number),
      take: () => this.#take(),
      shift: (state, cycles) => this.#shift(state, cycles),
      shiftMessage: (posted, cycles) => this.#shiftPosted(posted, cycles),
      counted: (sent, decided, cause) => {
        this.#sent += sent;
        this.#outcomes.decideAlike(decided, {kind: 'delivered', cause});
      },
      goOn: (from, next, undecided) => {
        this.#goOn(from, next, undecided);
      },
      repost: ({arrival}, at, number, cause) => {
        ground.engine.post(at, this.#actor, this.#actor, number, {number, arrival} satisfies Posted, cause);
      },
    });
    this.#reconnectAt = settings.pattern === 'connect' ? never : settings.start;
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    if (this.#steady.isHeld) return never;
    const [oldest] = this.#undecided.values();
    const timers = this.#connections.map(({wakeAt}) => wakeAt);
    return Math.min(this.#nextSendAt, oldest?.deadline ?? never, this.#reconnectAt, ...timers);
  }

  wake(now: Time): void {
    if (now >= this.#nextSendAt && this.#steady.begin(this.#sent)) return;
    if (now < this.#nextSendAt) this.#steady.step();
    this.#noteDeaths();
    this.#expire(now);
    for (const connection of this.#connections) connection.wake(now);
    if (now >= this.#reconnectAt) this.#connect();
    if (now >= this.#nextSendAt) this.#send(now);
    this.#tidy();
    this.#steady.stepped();
  }

  hear(message: unknown): void {
    const posted = message as Posted;
    const {number, arrival} = posted;
    this.#steady.step({message: posted, number, cause: this.#ground.engine.cause});
    this.#noteDeaths();
    arrival.connection.hear(arrival);
    this.#tidy();
    this.#steady.stepped();
  }

  result(): FlowResult {
    const {number, name, group} = this.settings;
    const {delivered: arrived, lost, drops, scattered} = this.#outcomes;
    const connections = {opened: this.#opened, ...this.#ends};
    return {
      ...{number, name, group, sent: this.#sent, delivered: arrived, lost, late: this.#late},
      ...{duplicates: 0, misdelivered: this.#misdelivered, inFlight: this.#sent - arrived - lost, drops, connections},
      ...(scattered.length > 0 && {scattered}),
      ...(this.#errors > 0 && {icmpErrors: this.#errors}),
    };
  }

  get #nextSendAt(): Time {
    return this.#sent < this.settings.count ? this.#sendAt(this.#sent) : never;
  }

  #sendAt(number: number): Time {
    return this.settings.start + number * this.settings.every;
  }

  #send(now: Time): void {
    const {limit, pattern, from} = this.settings;
    const number = this.#sent++;
    this.#undecided.set(number, {deadline: now + limit, fate: undefined});
    const connection = pattern === 'connect' ? this.#connect(number) : this.#current;
    if (connection) this.#write(connection, number);
    else this.#lose(number, this.#trouble ?? {reason: 'not connected', place: from.name, cause: 0});
  }

  /** Hands a message to the connection; a server that is not there yet says it once it is. */
  #write(connection: FlowConnection, number: number): void {
    const {side} = talkers[this.settings.pattern];
    if (side === 'client' || connection.isOpen('server')) connection.write(side, this.settings.size, number);
    else this.#backlog.push(number);
  }

  /** Begins a connection, for one message or for all that come. */
  #connect(message?: number): FlowConnection {
    const {name, from, to, others, destination, port, sourcePort, listening, service} = this.settings;
    this.#reconnectAt = never;
    this.#backlog = [];
    const number = this.#opened++;
    const servers = listening ? [...(to ? [to] : []), ...others] : [];
    const connection: FlowConnection = new FlowConnection(
      this.#ground,
      {
        ...{name, number, from, destination, port},
        clientPort: firstPort + ((sourcePort * portStride + 2 * number) % ports),
        serverAt: host => servers.find(server => server.name === host) ?? service?.(host),
      },
      {
        count: side => this.#packets[side]++,
        post: (arrival, at, cause) => {
          const posted: Posted = {number: this.#posted++, arrival};
          this.#ground.engine.post(at, this.#actor, this.#actor, posted.number, posted, cause);
        },
        decided: (tag, verdict, passage) => {
          this.#packetDecided(connection, message ?? tag, verdict, passage);
        },
        opened: side => {
          this.#connected(connection, side);
        },
        deliver: (side, tag) => {
          this.#deliver(connection, side, tag);
        },
        finished: side => {
          connection.close(side);
        },
        ended: (side, why) => {
          this.#ended(connection, side, why);
        },
        complained: () => {
          this.#errors += 1;
        },
        strayed: passage => {
          passage.once();
          this.#misdelivered += 1;
        },
      },
    );
    this.#connections.push(connection);
    if (message === undefined) this.#current = connection;
    else this.#own.set(message, connection);
    connection.connect();
    return connection;
  }

  #connected(connection: FlowConnection, side: Side): void {
    if (connection !== this.#current) return;
    if (side === 'client') this.#trouble = undefined;
    else for (const number of this.#backlog.splice(0)) connection.write('server', this.settings.size, number);
  }

  #deliver(connection: FlowConnection, side: Side, tag: number): void {
    const {pattern} = this.settings;
    const {side: talker, answered} = talkers[pattern];
    const isAsked = answered && side !== talker;
    if (isAsked) this.#answer(connection, tag);
    else if (this.#refused.has(tag)) this.#lose(tag, this.#refused.get(tag)!);
    else this.#arrived(tag);
    if (pattern === 'connect' && !isAsked) connection.close('client');
  }

  /** A service that has nothing behind it says so, which is no answer to what was asked. */
  #answer(connection: FlowConnection, tag: number): void {
    const {answer, name = ''} = connection.server ?? {};
    if (answer?.kind === 'says nothing') return;
    if (answer?.kind === 'refuses') {
      this.#refused.set(tag, {reason: 'service unavailable', place: name, cause: answer.cause});
    }
    connection.write('server', this.settings.size, tag);
  }

  #arrived(number: number): void {
    this.#steady.decided(number);
    this.#trouble = undefined;
    this.#own.delete(number);
    if (this.#undecided.delete(number)) {
      this.#outcomes.decide(number, {kind: 'delivered', cause: this.#ground.engine.cause});
    } else this.#late += 1;
  }

  #lose(number: number, fate: Fate): void {
    this.#steady.spoil();
    this.#own.delete(number);
    this.#refused.delete(number);
    if (this.#undecided.delete(number)) this.#outcomes.decide(number, {kind: 'lost', ...fate});
  }

  #packetDecided(connection: FlowConnection, number: number, verdict: Verdict, passage: Passage): void {
    this.#steady.noted(verdict, passage);
    if (verdict.kind !== 'dropped') return;
    const fate = {reason: verdict.reason, place: verdict.place, cause: passage.cause};
    if (connection === this.#current) this.#trouble = fate;
    const undecided = this.#undecided.get(number);
    if (undecided) undecided.fate = fate;
  }

  #expire(now: Time): void {
    const {from, to} = this.settings;
    for (const [number, {deadline, fate}] of this.#undecided) {
      if (deadline > now) break;
      // A client that has a connection for each message gives it up when it has waited long enough.
      const own = this.#own.get(number);
      const parked = (own ?? this.#current)?.parked;
      this.#lose(number, fate ?? this.#trouble ?? parked ?? {reason: 'late', place: (to ?? from).name, cause: 0});
      own?.abort('client');
    }
  }

  #ended(connection: FlowConnection, side: Side, why: TcpEnd): void {
    this.#steady.spoil();
    if (side === 'server' || why === 'closed') return;
    this.#ends[why] += 1;
    const fate = {reason: reasonOf[why], place: this.settings.from.name, cause: this.#ground.engine.cause};
    for (const [number, own] of this.#own) {
      if (own === connection) this.#lose(number, this.#undecided.get(number)?.fate ?? fate);
    }
    if (connection === this.#current) this.#fail(fate, why);
  }

  /** What was under way is lost, and the client thinks of a new connection. */
  #fail(fate: Fate, why: string): void {
    const {number: flow, from, reconnect} = this.settings;
    const {journal, engine} = this.#ground;
    const cause = journal.announce('connection lost', {flow, host: from.name, why}, [fate.cause]);
    for (const [number, {fate: own}] of this.#undecided) this.#lose(number, own ?? {...fate, cause});
    this.#current = undefined;
    this.#trouble = {...fate, cause};
    this.#reconnectAt = reconnect === never ? never : engine.now + reconnect;
  }

  /** Machines that were off in between know nothing of their connections. */
  #noteDeaths(): void {
    for (const connection of this.#connections) {
      if (connection.isForgottenBy('server')) connection.forget('server');
      if (!connection.isForgottenBy('client')) continue;
      connection.forget('client');
      const fate = this.#trouble ?? {reason: 'host down', place: this.settings.from.name, cause: 0};
      if (connection === this.#current) this.#fail(fate, 'host down');
    }
  }

  #tidy(): void {
    if (!this.#connections.some(({isOver}) => isOver)) return;
    this.#connections = this.#connections.filter(({isOver}) => !isOver);
  }

  /** What goes on from message to message, if there is one connection and it is well. */
  #take(): Snapshot<ConnectionState> | undefined {
    const {client, server} = this.#packets;
    const state = this.#connections.length === 1 && this.#backlog.length === 0 ? this.#current?.state : undefined;
    return state && {state, counters: [this.#posted, client, server]};
  }

  #shift({client, server}: ConnectionState, cycles: number): ConnectionState {
    const {bytes, time} = this.#growth(cycles);
    return {
      client: shifted(client, {sent: bytes.client, heard: bytes.server, tags: cycles, time}),
      server: shifted(server, {sent: bytes.server, heard: bytes.client, tags: cycles, time}),
    };
  }

  #shiftPosted({number, arrival}: Posted, cycles: number): Posted {
    const {heard, to} = arrival;
    if ('kind' in heard) return {number, arrival};
    const {bytes} = this.#growth(cycles);
    const from = to === 'client' ? 'server' : 'client';
    const {acknowledgement, tag} = heard;
    const later = {
      sequence: advanced(heard.sequence, bytes[from]),
      acknowledgement: acknowledgement === undefined ? undefined : advanced(acknowledgement, bytes[to]),
      tag: tag < 0 ? tag : tag + cycles,
    };
    return {number, arrival: {...arrival, heard: {...heard, ...later}}};
  }

  /** Bytes of both ends, and the time, of so many messages. */
  #growth(cycles: number): {readonly bytes: Readonly<Record<Side, number>>; readonly time: Time} {
    const {pattern, size, every} = this.settings;
    const {side, answered} = talkers[pattern];
    const of = (end: Side): number => (answered || end === side ? size * cycles : 0);
    return {bytes: {client: of('client'), server: of('server')}, time: cycles * every};
  }

  #goOn({state, counters}: Snapshot<ConnectionState>, next: number, undecided: boolean): void {
    const [posted, client, server] = counters;
    this.#current?.restore(state);
    this.#posted = posted;
    this.#packets = {client, server};
    if (undecided) {
      const deadline = this.#sendAt(next - 1) + this.settings.limit;
      this.#undecided.set(next - 1, {deadline, fate: undefined});
    }
    this.#ground.engine.rearm(this.#actor);
  }
}
