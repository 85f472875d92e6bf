import type {Ground} from '../ground.ts';
import {ovsMayBegin, ovsTcpStep} from '../protocols/ovs-conntrack-tcp.ts';
import {interfaceFor, type LogicalRouter, type Topology} from '../tables/topology.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Tcp} from '../wire/tcp.ts';
import {Conntrack, replyTo, under, type Connection, type Tuple} from './conntrack.ts';
import type {Passage} from './passage.ts';

export type TranslatorState = {
  readonly connections: number;
  readonly connectionsMax: number;
  /** Ports of the router's own address in use. */
  readonly snatPorts: number;
  /** Packets for which no port was left. */
  readonly insertFailed: number;
};

/** The limit of the userspace datapath (lib/conntrack.c, DEFAULT_N_CONN_LIMIT). */
const connectionsMax = 3_000_000;

/** Network address translation of one router on one chassis, with the connections it knows. */
export class Translator {
  readonly #ground: Ground;
  readonly #chassis: string;
  readonly #router: LogicalRouter;
  readonly #topology: Topology;
  readonly #connections: Conntrack;
  #failed = 0;

  constructor(ground: Ground, chassis: string, router: LogicalRouter, topology: Topology) {
    this.#ground = ground;
    this.#chassis = chassis;
    this.#router = router;
    this.#topology = topology;
    this.#connections = new Conntrack(ground);
  }

  state(): TranslatorState {
    const connections = this.#connections.list();
    const masqueraded = connections.filter(({reply}) => reply.destination === this.#router.external?.address);
    return {
      connections: connections.length,
      connectionsMax,
      snatPorts: new Set(masqueraded.map(({reply}) => reply.destinationPort)).size,
      insertFailed: this.#failed,
    };
  }

  /** The connections that it knows, in the order in which they began. */
  connections(): readonly Connection[] {
    return this.#connections.list();
  }

  clear(): void {
    this.#connections.clear();
  }

  /** A packet on its way out of the gateway port. Undefined if no port is left to send it under. */
  leaving(packet: Ipv4Packet, passage: Passage): Ipv4Packet | undefined {
    const tuple = tupleOf(packet);
    if (!tuple) return packet;
    const known = this.#follow(packet, tuple, passage);
    if (known) return rewrite(packet, known);
    if (!mayBegin(packet)) return packet;
    const address = this.#floatingSource(packet) ?? this.#masquerade(packet);
    if (address === undefined) return packet;
    const port = this.#connections.freePort(tuple, address, () => passage.draw('source port'));
    if (port === undefined) {
      passage.once();
      this.#failed += 1;
      return undefined;
    }
    return rewrite(packet, this.#begin(tuple, under(tuple, address, port), passage));
  }

  /** A packet that comes in by the gateway port. Undefined if nobody inside is meant. */
  entering(packet: Ipv4Packet, passage: Passage): Ipv4Packet | undefined {
    const tuple = tupleOf(packet);
    if (!tuple) return undefined;
    const known = this.#follow(packet, tuple, passage);
    if (known) return rewrite(packet, known);
    if (!mayBegin(packet)) return undefined;
    const floating = this.#topology.floating(packet.destination);
    if (floating?.router !== this.#router || floating.mac !== undefined) return undefined;
    const inside = {...tuple, destination: this.#topology.addressOf(floating.port)};
    return rewrite(packet, this.#begin(tuple, inside, passage));
  }

  /** What a packet of a known connection is rewritten to. */
  #follow(packet: Ipv4Packet, tuple: Tuple, passage: Passage): Tuple | undefined {
    passage.rely(this.#connections.factOf(tuple));
    const connection = this.#connections.find(tuple);
    if (!connection) return undefined;
    const asks = sameTuple(tuple, connection.original);
    if (packet.payload.kind === 'tcp' && !this.#followTcp(connection, asks, packet.payload, passage)) return undefined;
    if (!asks && !connection.answered) {
      passage.once();
      connection.answered = true;
    }
    passage.keep(connection.fact);
    passage.count(this.#ground.counters.of(this.#chassis, 'translations'));
    return replyTo(asks ? connection.reply : connection.original);
  }

  /** Notes what a segment means for its connection. False if it begins another one. */
  #followTcp(connection: Connection, asks: boolean, segment: Tcp, passage: Passage): boolean {
    const {sender, receiver} = connection.peers;
    const step = ovsTcpStep(asks ? {sender, receiver} : {sender: receiver, receiver: sender}, segment);
    if (step === 'begins anew') {
      passage.once();
      this.#connections.forget(connection);
      return false;
    }
    const after = asks ? step : {sender: step.receiver, receiver: step.sender};
    if (after.sender !== sender || after.receiver !== receiver) passage.once();
    connection.peers = after;
    return true;
  }

  #begin(original: Tuple, translated: Tuple, passage: Passage): Tuple {
    passage.once();
    passage.count(this.#ground.counters.of(this.#chassis, 'translations'));
    passage.because(() => this.#connections.add(original, replyTo(translated)));
    return translated;
  }

  /** The floating address of the sender, unless only the chassis of its VM translates to it. */
  #floatingSource(packet: Ipv4Packet): Ipv4 | undefined {
    const inside = interfaceFor(this.#router, packet.source);
    const port = inside && this.#topology.portByAddress(inside.switch, packet.source);
    const floating = port === undefined ? undefined : this.#topology.floatingOf(port);
    return floating?.mac === undefined ? floating?.address : undefined;
  }

  /** The router's own address, under which its networks leave. */
  #masquerade(packet: Ipv4Packet): Ipv4 | undefined {
    const inside = interfaceFor(this.#router, packet.source);
    return inside && this.#router.snat.has(inside.switch.number) ? this.#router.external?.address : undefined;
  }
}

function tupleOf({source, destination, payload}: Ipv4Packet): Tuple | undefined {
  if (payload.kind === 'udp' || payload.kind === 'tcp') {
    const {kind: protocol, sourcePort, destinationPort} = payload;
    return {protocol, source, sourcePort, destination, destinationPort};
  }
  if (payload.kind === 'icmp-echo') {
    const {identifier} = payload;
    return {protocol: 'icmp', source, sourcePort: identifier, destination, destinationPort: identifier};
  }
  return undefined;
}

/** Whether a packet that belongs to no connection may begin one. */
function mayBegin({payload}: Ipv4Packet): boolean {
  return payload.kind !== 'tcp' || ovsMayBegin(payload);
}

function rewrite(packet: Ipv4Packet, tuple: Tuple): Ipv4Packet {
  const {payload} = packet;
  const addressed = {...packet, source: tuple.source, destination: tuple.destination};
  if (payload.kind === 'udp' || payload.kind === 'tcp') {
    return {...addressed, payload: {...payload, sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort}};
  }
  if (payload.kind === 'icmp-echo') return {...addressed, payload: {...payload, identifier: tuple.sourcePort}};
  return addressed;
}

function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.protocol === b.protocol &&
    a.source === b.source &&
    a.sourcePort === b.sourcePort &&
    a.destination === b.destination &&
    a.destinationPort === b.destinationPort
  );
}
