import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import {keyOf} from '../../protocols/conntrackd/connection-cache.ts';
import type {SyncMessage} from '../../protocols/conntrackd/conntrackd.ts';
import {messageSize} from '../../protocols/conntrackd/synced-connection.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {parseIpv4, type Ipv4} from '../../wire/ipv4.ts';
import type {Namespace} from '../linux/namespace.ts';
import {Passage} from '../passage.ts';

/** What a packet between two daemons carries. */
export type SyncPacket =
  | {readonly kind: 'state'; readonly messages: readonly SyncMessage[]}
  /** Everything is wanted. */
  | {readonly kind: 'resync'}
  /** Nothing but that it is there. */
  | {readonly kind: 'alive'}
  /** Who sends it has not got all that another one has sent. */
  | {readonly kind: 'nack'; readonly to: SyncChannel};

export type SyncChannelSettings = {
  readonly namespace: Namespace;
  /** The device and the address that it sends by. */
  readonly device: string;
  readonly address: Ipv4;
  /** The UDP port of the group. */
  readonly port: number;
  /** Those of the same router, itself among them. */
  readonly peers: Set<SyncChannel>;
  /** Whether its process is there. */
  runs(): boolean;
  /** A packet is in its socket, `at` so late. */
  hear(packet: SyncPacket, from: SyncChannel, at: Time): void;
};

/** ha_conntrackd_ipv4_mcast_addr, ha_conntrackd_group (neutron/conf/agent/l3/ha.py). */
export const syncGroup = parseIpv4('225.0.0.50')!;
export const firstSyncPort = 3780;

/** ALIVE_INT (src/sync-ftfw.c) */
const aliveInterval = seconds(1);

const headers = 28;
const emptySize = 8;
const trackingSize = 16;

/**
 * FT-FW, by which daemons talk (src/sync-ftfw.c): multicast, in which who misses something says so once it hears anything else,
 * and is told again how things are. Everybody says each second that it is there; here only as long as somebody misses
 * something, for else nothing follows from it.
 */
export class SyncChannel {
  readonly #ground: Ground;
  readonly #settings: SyncChannelSettings;
  /** What of its own others have not got, by who and by which connection. */
  readonly #missed = new Map<SyncChannel, Map<string, SyncMessage>>();
  #sent = 0;
  #lastSentAt: Time = 0;
  #ticks = false;

  constructor(ground: Ground, settings: SyncChannelSettings) {
    this.#ground = ground;
    this.#settings = settings;
    settings.peers.add(this);
  }

  /** Whether a packet is one of the group's. */
  hears({destination, payload}: Ipv4Packet): boolean {
    return destination === syncGroup && payload.kind === 'udp' && payload.destinationPort === this.#settings.port;
  }

  /** Tells all others, as many messages in a packet as fit. */
  tell(messages: readonly SyncMessage[]): void {
    const {namespace, device, peers} = this.#settings;
    const room = (namespace.interfaces.get(device)?.mtu ?? 0) - headers;
    for (const peer of peers) if (peer !== this && peer.#settings.runs()) this.#note(peer, messages);
    let packed: SyncMessage[] = [];
    let size = 0;
    for (const message of messages) {
      const more = messageSize(message.connection);
      if (packed.length > 0 && size + more > room) {
        this.#transmit({kind: 'state', messages: packed}, size);
        packed = [];
        size = 0;
      }
      packed.push(message);
      size += more;
    }
    if (packed.length > 0) this.#transmit({kind: 'state', messages: packed}, size);
    this.#tick();
  }

  /** Asks all others for everything. */
  requestResync(): void {
    this.#transmit({kind: 'resync'}, trackingSize);
  }

  /** Takes in a packet that has been read; what is about the connections is for the daemon. */
  read(packet: SyncPacket, from: SyncChannel): void {
    const misses = (from.#missed.get(this)?.size ?? 0) > 0;
    if (misses) this.#transmit({kind: 'nack', to: from}, trackingSize);
    if (packet.kind === 'nack' && packet.to === this) this.tell([...(this.#missed.get(from)?.values() ?? [])]);
  }

  /** Its process is gone, and knows of nothing any more. */
  forget(): void {
    this.#missed.clear();
    for (const peer of this.#settings.peers) peer.#missed.delete(this);
  }

  /** The namespace is gone. */
  close(): void {
    this.forget();
    this.#settings.peers.delete(this);
  }

  #note(peer: SyncChannel, messages: readonly SyncMessage[]): void {
    let missed = this.#missed.get(peer);
    if (!missed) this.#missed.set(peer, (missed = new Map()));
    for (const message of messages) missed.set(keyOf(message.connection.original), message);
  }

  #transmit(packet: SyncPacket, size: number): void {
    const {namespace, device, address, port} = this.#settings;
    this.#lastSentAt = this.#ground.engine.now;
    const passage = new Passage(this.#ground, {sender: `${namespace.place}/conntrackd`, number: this.#sent++});
    passage.once();
    passage.heardBy = listener => {
      if (listener instanceof SyncChannel && listener !== this) this.#arrived(listener, packet, passage.arrivesAt);
    };
    const payload = {kind: 'payload', size, bytes: undefined} as const;
    const verdict = namespace.sendToGroup(
      device,
      {
        ...{kind: 'ipv4', source: address, destination: syncGroup, ttl: 1, tos: 0, identification: 0},
        dontFragment: true,
        payload: {kind: 'udp', sourcePort: port, destinationPort: port, checksummed: true, payload},
      },
      passage,
    );
    passage.finish(verdict);
  }

  #arrived(peer: SyncChannel, packet: SyncPacket, at: Time): void {
    const missed = this.#missed.get(peer);
    for (const message of packet.kind === 'state' ? packet.messages : []) {
      const key = keyOf(message.connection.original);
      if (missed?.get(key) === message) missed.delete(key);
    }
    peer.#settings.hear(packet, this, at);
  }

  get #isMissed(): boolean {
    return [...this.#missed.values()].some(({size}) => size > 0);
  }

  #tick(): void {
    if (this.#ticks || !this.#isMissed) return;
    this.#ticks = true;
    this.#ground.later.at(this.#lastSentAt + aliveInterval, () => {
      this.#ticks = false;
      if (!this.#settings.runs() || !this.#isMissed) return;
      if (this.#ground.engine.now >= this.#lastSentAt + aliveInterval) this.#transmit({kind: 'alive'}, emptySize);
      this.#tick();
    });
  }
}
