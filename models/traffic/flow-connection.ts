import {draw} from '../../engine/chance.ts';
import {never, type Time} from '../../engine/time.ts';
import type {FlowEnd, ServiceEnd} from '../dataplane/flow-end.ts';
import {delivered, Passage, type DropReason, type Verdict} from '../dataplane/passage.ts';
import type {Ground} from '../ground.ts';
import {TcpSocket, tcpHeaders, type TcpEnd, type TcpSegment, type TcpTrouble} from '../protocols/tcp-socket.ts';
import type {TcpSocketState} from '../protocols/tcp-socket-state.ts';
import {readQuote, quotedBy} from '../wire/icmp-quote.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Tcp} from '../wire/tcp.ts';
import {unreachableCodes} from '../wire/icmp.ts';

export type Side = 'client' | 'server';

/** Something that has reached one side, as it will be heard there. */
export type Arrival = {
  readonly connection: FlowConnection;
  readonly to: Side;
  /** Where it got to, and from where: a server that does not know the connection yet begins with that. */
  readonly host: string;
  readonly from: Address;
  /** What it was addressed to when it got there. */
  readonly at: Address;
  readonly heard: TcpSegment | TcpTrouble;
};

/** Who takes connections: a host at the port that was asked for, or a service at its own. */
export type Listener = FlowEnd & Partial<Pick<ServiceEnd, 'port' | 'answer'>>;

type Address = {readonly address: Ipv4; readonly port: number};

export type ConnectionSettings = {
  readonly name: string;
  /** Among the connections of its flow. */
  readonly number: number;
  readonly from: FlowEnd;
  readonly destination: Ipv4;
  readonly port: number;
  readonly clientPort: number;
  /** Who listens at a host; undefined if nobody does. */
  serverAt(host: string): Listener | undefined;
};

/** What a connection needs from its flow, and tells it. */
export type ConnectionPort = {
  /** How many packets a side has sent before: what their luck depends on. */
  count(side: Side): number;
  post(arrival: Arrival, at: Time, cause: number): void;
  /** What became of a packet, and which stretch it bore. */
  decided(tag: number, verdict: Verdict, passage: Passage): void;
  opened(side: Side): void;
  deliver(side: Side, tag: number): void;
  finished(side: Side): void;
  ended(side: Side, why: TcpEnd): void;
  /** An ICMP error has reached the client. */
  complained(): void;
  strayed(passage: Passage): void;
};

/** One end, for as long as its machine runs. */
type Held = {
  readonly end: Listener;
  readonly life: number;
  /** Undefined: the machine's own address, and the client's port. */
  readonly at: Address | undefined;
  readonly peer: Address;
  readonly socket: TcpSocket;
};

/** What both ends know, to go on from later. */
export type ConnectionState = {readonly client: TcpSocketState; readonly server: TcpSocketState};

/** A TCP connection of a flow: two sockets, and the packets between them. */
export class FlowConnection {
  readonly #ground: Ground;
  readonly #settings: ConnectionSettings;
  readonly #port: ConnectionPort;
  readonly #client: Held;
  #server: Held | undefined;
  /** Packets of which it is not decided what becomes of them, in the order of sending. */
  readonly #waiting = new Set<Passage>();

  constructor(ground: Ground, settings: ConnectionSettings, port: ConnectionPort) {
    this.#ground = ground;
    this.#settings = settings;
    this.#port = port;
    const {from, destination, port: listened} = settings;
    this.#client = this.#hold('client', from, {address: destination, port: listened});
  }

  /** Who has taken the connection. */
  get server(): Listener | undefined {
    return this.#server?.end;
  }

  get wakeAt(): Time {
    return Math.min(this.#client.socket.wakeAt, this.#server?.socket.wakeAt ?? never);
  }

  /** Whether nobody will say anything more. */
  get isOver(): boolean {
    return isSilent(this.#client) && (!this.#server || isSilent(this.#server));
  }

  /** What both ends know; undefined unless both have the connection and it is open. */
  get state(): ConnectionState | undefined {
    const server = this.#server?.socket;
    const client = this.#client.socket;
    if (client.phase !== 'established' || server?.phase !== 'established') return undefined;
    return {client: client.state, server: server.state};
  }

  restore({client, server}: ConnectionState): void {
    this.#client.socket.restore(client);
    this.#server?.socket.restore(server);
  }

  /** What the first of its packets that are still under way waits for. */
  get parked(): {readonly reason: DropReason; readonly place: string; readonly cause: number} | undefined {
    const [first] = [...this.#waiting].filter(({parked}) => parked);
    return first?.parked && {...first.parked, cause: first.cause};
  }

  connect(): void {
    this.#client.socket.connect(this.#now);
  }

  isOpen(side: Side): boolean {
    const phase = this.#heldBy(side)?.socket.phase;
    return phase === 'established' || phase === 'close-wait';
  }

  /** Whether the machine of a side has been off since. */
  isForgottenBy(side: Side): boolean {
    const held = this.#heldBy(side);
    return held !== undefined && held.end.life !== held.life;
  }

  write(side: Side, size: number, tag: number): void {
    this.#heldBy(side)?.socket.send(size, tag, this.#now);
  }

  close(side: Side): void {
    this.#heldBy(side)?.socket.close(this.#now);
  }

  /** The program gives up. */
  abort(side: Side): void {
    this.#heldBy(side)?.socket.abort();
  }

  /** The machine of a side has forgotten it. */
  forget(side: Side): void {
    const held = this.#heldBy(side);
    if (!held) return;
    const state = held.socket.state;
    held.socket.restore({
      ...state,
      phase: 'closed',
      retransmitAt: never,
      acknowledgeAt: never,
      stretches: [],
      early: [],
    });
  }

  wake(now: Time): void {
    for (const held of [this.#client, this.#server]) if (held && held.socket.wakeAt <= now) held.socket.wake(now);
  }

  /** What has arrived is heard, if there is still somebody who hears it. */
  hear({to, host, from, at, heard}: Arrival): void {
    if ('kind' in heard) {
      this.#heldBy(to)?.socket.hearTrouble(heard, this.#now);
      return;
    }
    if (to === 'server' && heard.syn && heard.acknowledgement === undefined) this.#accept(host, from, at, heard);
    else this.#heldBy(to)?.socket.receive(heard, this.#now);
  }

  get #now(): Time {
    return this.#ground.engine.now;
  }

  #heldBy(side: Side): Held | undefined {
    return side === 'client' ? this.#client : this.#server;
  }

  #accept(host: string, from: Address, at: Address, syn: TcpSegment): void {
    const known = this.#server;
    if (known && known.end.name === host && !isGone(known)) {
      known.socket.receive(syn, this.#now);
      return;
    }
    const end = this.#settings.serverAt(host);
    if (!end) return;
    this.#server = this.#hold('server', end, from, at);
    this.#server.socket.accept(syn, this.#now);
  }

  #hold(side: Side, end: Listener, peer: Address, at?: Address): Held {
    const {name, number} = this.#settings;
    const {streams} = this.#ground;
    const drawn = draw(streams.of(`${name}/${side}/sequence numbers`), number);
    const socket = new TcpSocket(
      {
        transmit: (segment, confirms) => {
          this.#transmit(side, segment, confirms);
        },
        opened: () => {
          this.#port.opened(side);
        },
        deliver: tag => {
          this.#port.deliver(side, tag);
        },
        finished: () => {
          this.#port.finished(side);
        },
        ended: why => {
          this.#port.ended(side, why);
        },
      },
      end.kernelPhase,
      Math.floor(drawn * 2 ** 32),
      end.mtuTo(peer.address) - tcpHeaders,
    );
    return {end, life: end.life, at, peer, socket};
  }

  #transmit(side: Side, segment: TcpSegment, confirms: boolean): void {
    const held = this.#heldBy(side);
    if (!held || held.end.life !== held.life) return;
    const {tag} = segment;
    const identity = {sender: `${this.#settings.name}/${side}`, number: this.#port.count(side)};
    const passage = new Passage(this.#ground, identity, (verdict, passed) => {
      this.#waiting.delete(passed);
      this.#port.decided(tag, verdict, passed);
    });
    this.#waiting.add(passage);
    passage.confirms = confirms;
    passage.arrive = (host, packet, arriving) => this.#arrive(host, packet, segment, arriving);
    passage.finish(held.end.send(this.#packetOf(held, segment), passage));
  }

  #packetOf({end, at, peer, socket}: Held, segment: TcpSegment): Ipv4Packet {
    const {address, port} = at ?? {address: end.address, port: this.#settings.clientPort};
    const {sequence, acknowledgement, syn, fin, rst, size} = segment;
    const payload: Tcp = {
      kind: 'tcp',
      sourcePort: port,
      destinationPort: peer.port,
      sequence,
      acknowledgement: acknowledgement ?? 0,
      ...{syn, ack: acknowledgement !== undefined, fin, rst, psh: size > 0, window: 0xffff},
      payload: {kind: 'payload', size, bytes: undefined},
    };
    // What another socket was told of the way counts for this one, too (tcp_current_mss).
    const segmentSize = Math.min(socket.segmentSize, end.mtuTo(peer.address) - tcpHeaders);
    const train = {pieces: {count: Math.ceil(size / segmentSize), size: segmentSize + tcpHeaders}};
    return {
      ...{kind: 'ipv4', source: address, destination: peer.address, ttl: 64, tos: 0, identification: 0},
      ...{dontFragment: true, payload},
      ...(size > segmentSize && train),
    };
  }

  /** A packet of the connection, or what a kernel has answered to one, has reached a host. */
  #arrive(host: string, packet: Ipv4Packet, sent: TcpSegment, passage: Passage): Verdict | undefined {
    const {payload} = packet;
    const original = quotedBy(payload);
    if (original) return this.#complain(host, packet, original, passage);
    if (payload.kind !== 'tcp') return undefined;
    const to = this.#sideAt(host, packet, payload);
    if (!to) {
      if (host !== this.#settings.from.name && !this.#settings.serverAt(host)) this.#port.strayed(passage);
      return undefined;
    }
    const isAnswer = payload.rst && !sent.rst;
    const heard: TcpSegment = {
      ...(isAnswer ? {...sent, size: 0, tag: -1, segmentSize: undefined} : sent),
      ...{sequence: payload.sequence, syn: payload.syn, fin: payload.fin, rst: payload.rst},
      acknowledgement: payload.ack ? payload.acknowledgement : undefined,
    };
    const from = {address: packet.source, port: payload.sourcePort};
    const at = {address: packet.destination, port: payload.destinationPort};
    this.#port.post({connection: this, to, host, from, at, heard}, passage.arrivesAt, passage.cause);
    return delivered;
  }

  /** Whose socket a segment is for; none if nobody at that host knows the connection or would begin it. */
  #sideAt(host: string, {source}: Ipv4Packet, tcp: Tcp): Side | undefined {
    const {from, port, clientPort} = this.#settings;
    const isMine = (held: Held): boolean =>
      !isGone(held) && held.peer.address === source && held.peer.port === tcp.sourcePort;
    if (host === from.name && tcp.destinationPort === clientPort) return isMine(this.#client) ? 'client' : undefined;
    const listener = this.#settings.serverAt(host);
    if (!listener || tcp.destinationPort !== (listener.port ?? port)) return undefined;
    if (tcp.syn && !tcp.ack) return 'server';
    return this.#server?.end.name === host && isMine(this.#server) ? 'server' : undefined;
  }

  #complain(host: string, {payload, source}: Ipv4Packet, original: Uint8Array, passage: Passage): Verdict | undefined {
    const quote = readQuote(original);
    const {port, clientPort} = this.#settings;
    const sides = [
      ['client', this.#client, clientPort],
      ['server', this.#server, this.#server?.at?.port ?? port],
    ] as const;
    for (const [to, held, own] of sides) {
      if (held?.end.name !== host || quote?.source !== held.end.address || quote.sourcePort !== own) continue;
      const heard = troubleOf(payload);
      if (!heard) return delivered;
      if (heard.kind === 'too big') held.end.learnMtu(quote.destination, heard.mtu);
      if (to === 'client') this.#port.complained();
      const from = {address: source, port: 0};
      const at = {address: held.end.address, port: own};
      this.#port.post({connection: this, to, host, from, at, heard}, passage.arrivesAt, passage.cause);
      return delivered;
    }
    return undefined;
  }
}

function isSilent(held: Held): boolean {
  return isGone(held) || held.socket.phase === 'time-wait';
}

function isGone({end, life, socket}: Held): boolean {
  return end.life !== life || socket.phase === 'closed';
}

function troubleOf(payload: Ipv4Packet['payload']): TcpTrouble | undefined {
  if (payload.kind === 'icmp-too-big') return {kind: 'too big', mtu: payload.nextHopMtu};
  if (payload.kind !== 'icmp-unreachable') return undefined;
  return {kind: payload.code === unreachableCodes.port ? 'port unreachable' : 'unreachable'};
}
