import {milliseconds, seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Stream, StreamEnd} from '../wire/stream.ts';
import type {Tcp} from '../wire/tcp.ts';
import {delivered, dropped, Passage, type DropReason} from './passage.ts';
import type {Station} from './station.ts';

/** What of TCP matters to daemons that talk over a network that fails. */
type Segment =
  | {readonly kind: 'syn'}
  | {readonly kind: 'syn-ack'}
  | {readonly kind: 'data'; readonly number: number; readonly message: object}
  | {readonly kind: 'ack'; readonly number: number}
  | {readonly kind: 'end'; readonly why: StreamEnd};

/** Retransmission time-outs double from here (Linux: TCP_TIMEOUT_INIT, TCP_RTO_MIN, TCP_RTO_MAX). */
const firstSynTimeout: Time = seconds(1);
const leastTimeout: Time = milliseconds(200);
const mostTimeout: Time = seconds(120);

/** Bytes of what daemons say: no message is so long that its length would matter. */
const messageSize = 64;

/** The client's port: the first of Linux's ip_local_port_range. Which one it is matters to nobody. */
const clientPort = 32_768;

/** A program that takes connections. */
export type Listener = {
  readonly station: Station;
  readonly port: number;
  /** Whether a process holds the port open. Without one the kernel answers with a reset. */
  readonly listening: () => boolean;
  /** The announcement since which that is so; 0 if it has always been. */
  readonly cause: () => number;
  readonly accept: (stream: Stream) => void;
};

/**
 * A TCP connection as its two programs see it: messages in order, each sent again until it is acknowledged, one at a time
 * because what daemons say is short. A path that is cut without a word leaves both ends waiting.
 */
export class TcpConnection {
  readonly #ground: Ground;
  readonly #name: string;
  readonly #listener: Listener;
  readonly #client: End;
  readonly #server: End;
  readonly #outcome: (result: Stream | 'refused' | 'unreachable') => void;
  #segments = 0;
  #established = false;
  #givenUp = false;

  constructor(
    ground: Ground,
    name: string,
    client: Station,
    listener: Listener,
    outcome: (result: Stream | 'refused' | 'unreachable') => void,
    settled = false,
  ) {
    this.#ground = ground;
    this.#name = name;
    this.#listener = listener;
    this.#outcome = outcome;
    this.#client = new End(
      client,
      (end, segment) => {
        this.#transmit(end, this.#server, segment);
      },
      ground,
    );
    this.#server = new End(
      listener.station,
      (end, segment) => {
        this.#transmit(end, this.#client, segment);
      },
      ground,
    );
    if (!settled) this.#sendSyn(firstSynTimeout);
  }

  /** A connection that was made before the run. */
  static settled(ground: Ground, name: string, client: Station, listener: Listener): TcpConnection {
    const connection = new TcpConnection(ground, name, client, listener, () => undefined, true);
    connection.#established = connection.#client.open = connection.#server.open = true;
    return connection;
  }

  /** The client's end. */
  get dialled(): Stream {
    return this.#client;
  }

  /** The server's end. */
  get accepted(): Stream {
    return this.#server;
  }

  /** Both programs are told that the connection is gone, as a firewall that rejects tells them. */
  reset(): void {
    this.#client.endedBy('reset by peer');
    this.#server.endedBy('reset by peer');
  }

  /** The client gives up trying. */
  giveUp(): void {
    this.#givenUp = true;
  }

  #sendSyn(timeout: Time): void {
    if (this.#givenUp || this.#established) return;
    this.#transmit(this.#client, this.#server, {kind: 'syn'});
    this.#ground.later.at(this.#ground.engine.now + timeout, () => {
      this.#sendSyn(timeout * 2);
    });
  }

  #refuse(why: 'refused' | 'unreachable'): void {
    if (this.#givenUp || this.#established) return;
    this.#givenUp = true;
    this.#outcome(why);
  }

  #transmit(from: End, to: End, segment: Segment): void {
    const passage = new Passage(this.#ground, {sender: this.#name, number: this.#segments++}, verdict => {
      if (verdict.kind !== 'dropped') return;
      from.whySilent = to.whySilent = Math.max(from.whySilent, passage.cause);
      this.#transmitFailed(segment, verdict.reason);
    });
    passage.once();
    passage.arrive = host => {
      if (host !== to.station.name) return dropped('not addressed to this host', host);
      passage.because(() => {
        this.#ground.later.at(passage.arrivesAt, () => {
          this.#arrive(to, segment);
        });
      });
      return delivered;
    };
    passage.finish(
      from.station.send(
        {
          kind: 'ipv4',
          source: from.station.address,
          destination: to.station.address,
          ttl: 64,
          tos: 0,
          identification: 0,
          dontFragment: true,
          payload: this.#segment(from, segment),
        },
        passage,
      ),
    );
  }

  /** Of the header only ports and flags matter; sequence numbers are those of `Segment`. */
  #segment(from: End, segment: Segment): Tcp {
    const {port} = this.#listener;
    const [sourcePort, destinationPort] = from === this.#client ? [clientPort, port] : [port, clientPort];
    const {kind} = segment;
    return {
      kind: 'tcp',
      sourcePort,
      destinationPort,
      sequence: 0,
      acknowledgement: 0,
      window: 0xffff,
      syn: kind === 'syn' || kind === 'syn-ack',
      ack: kind !== 'syn',
      fin: kind === 'end' && segment.why === 'closed by peer',
      rst: kind === 'end' && segment.why === 'reset by peer',
      psh: kind === 'data',
      payload: {kind: 'payload', size: kind === 'data' ? messageSize : 0, bytes: undefined},
    };
  }

  #transmitFailed(segment: Segment, reason: DropReason): void {
    if (segment.kind === 'syn') {
      const outcome = outcomeOf(reason);
      if (outcome) this.#refuse(outcome);
    } else if (reason === 'rejected') this.reset();
  }

  #arrive(to: End, segment: Segment): void {
    if (!to.station.on) return;
    this.#client.whySilent = this.#server.whySilent = 0;
    if (to === this.#server && segment.kind === 'syn') this.#answerSyn();
    else if (segment.kind === 'syn-ack') this.#establish();
    else if (segment.kind === 'end') this.#end(to, segment.why);
    else if (to.open) to.take(segment);
    else this.#transmit(to, to === this.#client ? this.#server : this.#client, {kind: 'end', why: 'reset by peer'});
  }

  #answerSyn(): void {
    const {engine} = this.#ground;
    engine.cause = Math.max(engine.cause, this.#listener.cause());
    if (!this.#listener.listening()) {
      this.#transmit(this.#server, this.#client, {kind: 'end', why: 'reset by peer'});
      return;
    }
    if (!this.#server.open && !this.#established) {
      this.#server.open = true;
      this.#listener.accept(this.#server);
    }
    this.#transmit(this.#server, this.#client, {kind: 'syn-ack'});
  }

  #establish(): void {
    if (this.#established) return;
    if (this.#givenUp) {
      this.#transmit(this.#client, this.#server, {kind: 'end', why: 'reset by peer'});
      return;
    }
    this.#established = true;
    this.#client.open = true;
    this.#outcome(this.#client);
  }

  #end(to: End, why: StreamEnd): void {
    if (to === this.#client && !this.#established) this.#refuse('refused');
    else to.endedBy(why);
  }
}

/** What the kernel tells a program at once about a packet that did not get through. */
function outcomeOf(reason: DropReason): 'refused' | 'unreachable' | undefined {
  if (reason === 'rejected') return 'refused';
  return reason === 'no carrier' || reason === 'neighbour unreachable' ? 'unreachable' : undefined;
}

/** One end: what it still has to get across, and what it expects. */
class End implements Stream {
  readonly station: Station;
  onMessage: ((message: object) => void) | undefined;
  onEnd: ((why: StreamEnd) => void) | undefined;
  open = false;
  whySilent = 0;
  readonly #transmit: (end: End, segment: Segment) => void;
  readonly #ground: Ground;
  readonly #queue: object[] = [];
  #acknowledged = 0;
  #expected = 0;

  constructor(station: Station, transmit: (end: End, segment: Segment) => void, ground: Ground) {
    this.station = station;
    this.#transmit = transmit;
    this.#ground = ground;
  }

  send(message: object): void {
    if (!this.open) return;
    this.#queue.push(message);
    if (this.#queue.length === 1) this.#sendHead(leastTimeout);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#queue.length = 0;
    this.#transmit(this, {kind: 'end', why: 'closed by peer'});
  }

  endedBy(why: StreamEnd): void {
    if (!this.open) return;
    this.open = false;
    this.#queue.length = 0;
    this.onEnd?.(why);
  }

  take(segment: Segment): void {
    if (segment.kind === 'ack') {
      if (segment.number !== this.#acknowledged) return;
      this.#acknowledged += 1;
      this.#queue.shift();
      if (this.#queue.length > 0) this.#sendHead(leastTimeout);
    } else if (segment.kind === 'data') {
      this.#transmit(this, {kind: 'ack', number: segment.number});
      if (segment.number !== this.#expected) return;
      this.#expected += 1;
      this.onMessage?.(segment.message);
    }
  }

  #sendHead(timeout: Time): void {
    const [message] = this.#queue;
    if (!this.open || message === undefined) return;
    const number = this.#acknowledged;
    this.#transmit(this, {kind: 'data', number, message});
    this.#ground.later.at(this.#ground.engine.now + timeout, () => {
      if (this.#acknowledged === number) this.#sendHead(Math.min(timeout * 2, mostTimeout));
    });
  }
}
