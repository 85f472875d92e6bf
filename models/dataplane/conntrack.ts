import type {Fact} from '../../engine/ledger.ts';
import {seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {ovsNewPeers, ovsTcpTimeout, type OvsPeers} from '../protocols/ovs-conntrack-tcp.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** One direction of a connection. For ICMP echo both ports are the identifier. */
export type Tuple = {
  readonly protocol: 'udp' | 'icmp' | 'tcp';
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
};

export type Connection = {
  /** As the first packet came. */
  readonly original: Tuple;
  /** As answers come. */
  readonly reply: Tuple;
  readonly fact: Fact;
  /** Whether an answer has come. */
  answered: boolean;
  /** Where both ends of a TCP connection stand: who began it, and who answers. */
  peers: OvsPeers;
};

/** Idle time-outs of the userspace datapath for UDP and ICMP alike: before an answer and after (lib/conntrack-tp.c). */
const unansweredTimeout: Time = seconds(60);
const answeredTimeout: Time = seconds(30);

/** How many ports are tried in the first round and in the last one (lib/conntrack.c, nat_get_unique_l4). */
const mostTries = 128;
const leastTries = 8;

/** The connections of one router on one chassis. */
export class Conntrack {
  readonly #ground: Ground;
  readonly #connections = new Map<string, Connection>();
  readonly #absent = new Map<string, Fact>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The connections there are, in the order in which they began. */
  list(): readonly Connection[] {
    return [...new Set([...this.#connections.values()].filter(connection => this.#alive(connection)))];
  }

  /** The connection that a packet with this tuple belongs to, in either direction. */
  find(tuple: Tuple): Connection | undefined {
    const connection = this.#connections.get(keyOf(tuple));
    return connection && this.#alive(connection) ? connection : undefined;
  }

  /** What a packet with this tuple relies on: its connection, or that there is none. */
  factOf(tuple: Tuple): Fact {
    const key = keyOf(tuple);
    const connection = this.find(tuple);
    if (connection) return connection.fact;
    let fact = this.#absent.get(key);
    if (fact === undefined) this.#absent.set(key, (fact = this.#ground.ledger.add()));
    return fact;
  }

  /** Begins a connection, in place of dead ones under its tuples. */
  add(original: Tuple, reply: Tuple): Connection {
    const {ledger, engine} = this.#ground;
    const connection = {original, reply, fact: ledger.add(), answered: false, peers: ovsNewPeers};
    for (const tuple of [original, reply]) {
      const key = keyOf(tuple);
      const before = this.#connections.get(key);
      if (before) this.#remove(before);
      this.#connections.set(key, connection);
      const absent = this.#absent.get(key);
      if (absent !== undefined) ledger.changed(absent, engine.cause);
    }
    ledger.keep(connection.fact, engine.now);
    return connection;
  }

  /**
   * A free port for translating to `address` towards the destination, as lib/conntrack.c of Open vSwitch 3.1 looks for one
   * (nat_get_unique_l4): the packet's own and those after it in its range, 128 in all; then 64, 32, 16 and 8 from places in
   * the range that `draw`, in [0, 1), chooses. An ICMP identifier is never changed. Undefined if none is free.
   */
  freePort(tuple: Tuple, address: Ipv4, draw: () => number): number | undefined {
    const isFree = (port: number): boolean => this.find(replyTo(under(tuple, address, port))) === undefined;
    if (tuple.protocol === 'icmp') return isFree(tuple.sourcePort) ? tuple.sourcePort : undefined;
    const [least, most] = rangeOf(tuple.sourcePort);
    let port = tuple.sourcePort;
    for (let tries = mostTries; tries >= leastTries; tries /= 2) {
      if (tries < mostTries) port = least + Math.floor(draw() * (most - least + 1));
      for (let left = tries; left > 0; left--) {
        if (isFree(port)) return port;
        port = port < least || port >= most ? least : port + 1;
      }
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    const {ledger, engine} = this.#ground;
    const facts = new Set([...this.#connections.values()].map(({fact}) => fact));
    this.#connections.clear();
    for (const fact of facts) ledger.changed(fact, engine.cause);
  }

  /** Ends a connection in whose place another one begins. */
  forget(connection: Connection): void {
    this.#remove(connection);
  }

  #alive(connection: Connection): boolean {
    const {ledger, engine} = this.#ground;
    return ledger.keptSince(connection.fact, engine.now - timeoutOf(connection));
  }

  #remove({original, reply, fact}: Connection): void {
    this.#connections.delete(keyOf(original));
    this.#connections.delete(keyOf(reply));
    this.#ground.ledger.changed(fact, this.#ground.engine.cause);
  }
}

function timeoutOf({original, answered, peers}: Connection): Time {
  if (original.protocol === 'tcp') return ovsTcpTimeout(peers);
  return answered ? answeredTimeout : unansweredTimeout;
}

/** Where another port is looked for; the own one is tried even if it is not in there (lib/conntrack.c, set_sport_range). */
function rangeOf(port: number): readonly [least: number, most: number] {
  if (port < 512) return [1, 511];
  return port < 1024 ? [600, 1023] : [1024, 65_535];
}

/** The tuple as it is sent under another address and port. */
export function under(tuple: Tuple, address: Ipv4, port: number): Tuple {
  const destinationPort = tuple.protocol === 'icmp' ? port : tuple.destinationPort;
  return {...tuple, source: address, sourcePort: port, destinationPort};
}

/** The tuple of an answer. */
export function replyTo(tuple: Tuple): Tuple {
  return {
    protocol: tuple.protocol,
    source: tuple.destination,
    sourcePort: tuple.destinationPort,
    destination: tuple.source,
    destinationPort: tuple.sourcePort,
  };
}

function keyOf({protocol, source, sourcePort, destination, destinationPort}: Tuple): string {
  return `${protocol} ${source}:${sourcePort} ${destination}:${destinationPort}`;
}
