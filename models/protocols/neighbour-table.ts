import {never, seconds, type Time} from '../../engine/time.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, isGroupMac, type Mac} from '../wire/mac.ts';
import {
  askingAddress,
  isAccepted,
  isAnnouncement,
  isAnswered,
  isBelievable,
  isHeeded,
  isProxied,
  type ArpInterface,
  type OwnAddress,
} from './arp-policy.ts';
import {tidyInterval, type HostNeighbours, type NeighbourOwner} from './host-neighbours.ts';
import type {NeighbourSettings} from './neighbour-settings.ts';
import {Neighbour, type NeighbourInterface, type NeighbourPort} from './neighbour.ts';
import {ProxyQueue} from './proxy-queue.ts';
import {jiffiesIn, jiffy, kernelTimer} from './timer-wheel.ts';

/** What the table needs from its surroundings: that of its entries, with ARP messages in place of requests. */
export type NeighbourTablePort<Packet> = Omit<NeighbourPort<Packet>, 'solicit'> & {
  send(arp: Arp, destination: Mac): void;
  /** Whether the address belongs to the host, on whichever interface. */
  isLocal(address: Ipv4): boolean;
  /** The source address of a packet that waits. */
  sourceOf(packet: Packet): Ipv4;
  /** The host has no room for an entry, so the packet is gone; without this it is dropped as unreachable. */
  overflow?(packet: Packet): void;
  /**
   * Whether the host would forward what comes in here from `sender` for `target`, and out of another interface: what
   * proxy ARP asks the routes.
   */
  leavesElsewhere?(target: Ipv4, sender: Ipv4): boolean;
  /** `wakeAt` is earlier than it was, because of what happened on another interface of the host. */
  rearm?(): void;
};

export type NeighbourTableIdentity = {
  readonly mac: Mac;
  /** The moment of the host's jiffy 0; see `phaseSpan`. */
  readonly phase: Time;
  /** The `count`-th number of this interface, uniform in [0, 1). */
  draw(count: number): number;
  /** When the host's periodic work passes next; passes are 15.1 s apart. The same for all interfaces of a host. */
  readonly tidyAt: Time;
  /** After this moment the next pass draws new reachable times, and every 300 s from then on. The same for the host. */
  readonly redrawAt: Time;
};

const redrawInterval = seconds(300);

/** Draws for proxy ARP are counted from here, so that they change no reachable time. */
const firstProxyDraw = 2 ** 31;

const noMac: Mac = 0;

/**
 * The neighbours of one interface of a Linux host, and its answers to ARP (net/ipv4/arp.c). An entry is created by a
 * packet to an address that has none, by a request for an own address, for its sender, and, if `arp_accept` allows it,
 * by an ARP that nobody asked for. It goes when the carrier is lost, the MAC changes, the interface goes down or loses
 * its last address, and, given the `host` whose entries are counted together, when that is crowded and it was not used
 * for long, or others need its place.
 *
 * Not modelled: next hops that need no ARP, such as broadcast.
 */
export class NeighbourTable<Packet> {
  readonly #settings: NeighbourSettings;
  readonly #identity: NeighbourTableIdentity;
  readonly #port: NeighbourTablePort<Packet>;
  readonly #entries = new Map<Ipv4, Neighbour<Packet>>();
  readonly #entryPort: NeighbourPort<Packet>;
  readonly #interface: NeighbourInterface & {reachableTime: Time};
  readonly #host: HostNeighbours | undefined;
  readonly #owner: NeighbourOwner;
  readonly #proxied: ProxyQueue | undefined;
  readonly #policy: ArpInterface & {addresses: readonly OwnAddress[]};
  #mac: Mac;
  #tidyAt: Time;
  #redrawAt: Time;
  #draws = 0;
  #proxyDraws = 0;
  /** No entry wants waking before; it may be too early. */
  #wakeAt: Time = never;

  constructor(
    settings: NeighbourSettings,
    identity: NeighbourTableIdentity,
    addresses: readonly OwnAddress[],
    port: NeighbourTablePort<Packet>,
    host?: HostNeighbours,
  ) {
    this.#settings = settings;
    this.#identity = identity;
    this.#port = port;
    this.#mac = identity.mac;
    this.#host = host;
    this.#owner = {remove: (address, now) => this.remove(address, now), rearm: () => port.rearm?.()};
    this.#proxied = settings.proxyArp ? new ProxyQueue(settings.proxyQlen, identity.phase) : undefined;
    this.#policy = {
      settings,
      addresses,
      isLocal: address => port.isLocal(address),
      leavesElsewhere: (target, sender) => port.leavesElsewhere?.(target, sender) ?? false,
    };
    this.#tidyAt = identity.tidyAt;
    this.#redrawAt = identity.redrawAt;
    this.#interface = {settings, phase: identity.phase, reachableTime: this.#drawReachableTime()};
    this.#entryPort = {
      solicit: (target, to, latest) => this.#ask(target, to, latest),
      forward: (packet, to) => port.forward(packet, to),
      drop: (packet, reason) => port.drop(packet, reason),
      sizesOf: packet => port.sizesOf(packet),
      changed: (target, from, sentAsBefore) => port.changed(target, from, sentAsBefore),
      usedAt: target => port.usedAt(target),
      nextUseAt: target => port.nextUseAt(target),
      confirmedAt: target => port.confirmedAt(target),
    };
  }

  get mac(): Mac {
    return this.#mac;
  }

  get addresses(): readonly OwnAddress[] {
    return this.#policy.addresses;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The periodic work is waited for only where it can collect; its draws are made up for when they are needed. */
  get wakeAt(): Time {
    const tidyAt = this.#entries.size > 0 ? (this.#host?.wakeAt ?? never) : never;
    return Math.min(this.#wakeAt, tidyAt, this.#proxied?.wakeAt ?? never);
  }

  get(address: Ipv4): Neighbour<Packet> | undefined {
    return this.#entries.get(address);
  }

  /** The entries in the order in which they were created. */
  entries(): Iterable<Neighbour<Packet>> {
    return this.#entries.values();
  }

  /** How long a confirmation holds on this interface. */
  reachableTime(now: Time): Time {
    this.#catchUp(now);
    return this.#interface.reachableTime;
  }

  /** Takes a packet for a next hop. Returns the MAC to send it to; undefined if it waits or was dropped. */
  output(nextHop: Ipv4, packet: Packet, now: Time): Mac | undefined {
    this.#catchUp(now);
    const entry = this.#entry(nextHop, now);
    if (!entry) {
      if (this.#port.overflow) this.#port.overflow(packet);
      else this.#port.drop(packet, 'never asked');
      return undefined;
    }
    const mac = entry.output(packet, now);
    this.#noteWish(entry);
    return mac;
  }

  /** Takes in a frame that has reached the interface; only ARP for this host or for many matters. (arp_process) */
  hear(frame: Frame, now: Time): void {
    const arp = frame.payload;
    const toMe = frame.destination === this.#mac;
    if (arp.kind !== 'arp' || !(toMe || isGroupMac(frame.destination))) return;
    if (this.ignores(arp) || !isHeeded(arp, this.#policy)) return;
    this.#catchUp(now);
    this.#process(arp, toMe, false, now);
  }

  /** Whether a message would change nothing here, as things stand: a request that asks others, of a sender known or of no interest. */
  ignores({operation, senderMac, senderIp, targetIp}: Arp): boolean {
    const {proxyArp, arpAccept} = this.#settings;
    if (operation !== 'request' || proxyArp || this.#port.isLocal(targetIp)) return false;
    const entry = this.#entries.get(senderIp);
    return entry ? entry.mac === senderMac : arpAccept === 0;
  }

  /** Does what is due: the periodic work first, then answers for others, then entries by their time and address. */
  wake(now: Time): void {
    this.#catchUp(now);
    for (const arp of this.#proxied?.takeDue(now) ?? []) this.#process(arp, false, true, now);
    if (now < this.#wakeAt) return;
    const due = [...this.#entries.values()].filter(entry => entry.wakeAt <= now);
    due.sort((a, b) => a.wakeAt - b.wakeAt || a.address - b.address);
    for (const entry of due) entry.wake(now);
    this.#wakeAt = never;
    for (const entry of this.#entries.values()) this.#noteWish(entry);
  }

  /** Sets the MAC of a neighbour for good. */
  pin(address: Ipv4, mac: Mac, now: Time): void {
    this.#catchUp(now);
    const entry = this.#entries.get(address) ?? this.#create(address, now);
    entry.pin(mac, now);
    this.#host?.exempt(entry);
    this.#noteWish(entry);
  }

  /** Sets the MAC of a neighbour as a program does that knows it; false if there is no room for it. */
  set(address: Ipv4, mac: Mac, now: Time): boolean {
    this.#catchUp(now);
    const entry = this.#entry(address, now);
    if (!entry) return false;
    entry.set(mac, now);
    this.#noteWish(entry);
    return true;
  }

  /** Takes an entry out. */
  remove(address: Ipv4, now: Time): void {
    const entry = this.#entries.get(address);
    if (!entry) return;
    entry.evict(now);
    this.#entries.delete(address);
    this.#host?.remove(entry);
  }

  /** The link has no carrier any more: entries go, permanent ones stay. (neigh_carrier_down) */
  carrierLost(now: Time): void {
    if (!this.#settings.arpEvictNocarrier) return;
    this.#evict(entry => entry.state !== 'permanent', now);
    this.#proxied?.clear();
  }

  /** The interface is set down: all entries go. (neigh_ifdown) */
  linkDown(now: Time): void {
    this.#evict(() => true, now);
    this.#proxied?.clear();
  }

  /** The interface is set up. That the carrier comes back later is not announced. (inetdev_event, NETDEV_UP) */
  linkUp(): void {
    if (this.#settings.arpNotify) this.announce();
  }

  /** The interface has another MAC: all entries go. (neigh_changeaddr) */
  changeMac(mac: Mac, now: Time): void {
    this.#mac = mac;
    this.#evict(() => true, now);
    if (this.#settings.arpNotify) this.announce();
  }

  /** Sets the addresses. A new one is not announced; with the last one all entries go. (fib_disable_ip) */
  setAddresses(addresses: readonly OwnAddress[], now: Time): void {
    this.#policy.addresses = addresses;
    if (addresses.length === 0) this.linkDown(now);
  }

  /** Sends one gratuitous request for each address, as some drivers do after a migration (NETDEV_NOTIFY_PEERS). */
  announce(only?: Ipv4): void {
    for (const {address} of this.#policy.addresses) {
      if (only === undefined || only === address) this.#request(address, address, broadcastMac);
    }
  }

  /** What is done with an ARP message, a second time for one that a proxy has let wait. (arp_process, parp_redo) */
  #process(arp: Arp, toMe: boolean, hasWaited: boolean, now: Time): void {
    const asksMe = arp.operation === 'request' && this.#port.isLocal(arp.targetIp);
    // Somebody looks whether an address is free: answered, nothing to learn (RFC 5227, 2.1).
    if (arp.senderIp === 0) {
      if (asksMe && isAnswered(arp, this.#policy)) this.#reply(arp);
    } else if (asksMe && isBelievable(arp.senderIp, this.#policy)) {
      if (!isAnswered(arp, this.#policy)) return;
      // Linux answers nobody whom it has no room to remember.
      if (this.#learn(arp, {toMe, asksMe}, now)) this.#reply(arp);
    } else if (isProxied(arp, this.#policy)) {
      this.#learn(arp, {toMe, asksMe: true}, now);
      if (toMe || hasWaited || this.#settings.proxyDelay === 0) this.#reply(arp);
      else this.#postpone(arp, now);
    } else if (this.#entries.has(arp.senderIp) || isAccepted(arp, this.#policy)) {
      this.#learn(arp, {toMe, asksMe: false}, now);
    }
  }

  /** The entry for an address, a new one if there is none; undefined if the host has no room for it. */
  #entry(address: Ipv4, now: Time): Neighbour<Packet> | undefined {
    const entry = this.#entries.get(address);
    if (entry) return entry;
    return this.#host && !this.#host.makeRoom(now) ? undefined : this.#create(address, now);
  }

  #create(address: Ipv4, now: Time): Neighbour<Packet> {
    const entry = new Neighbour(address, this.#interface, this.#entryPort, now);
    this.#entries.set(address, entry);
    this.#host?.add(entry, this.#owner, now);
    return entry;
  }

  /** Takes in what a message says of its sender; false if there is no room for that. */
  #learn(arp: Arp, how: {toMe: boolean; asksMe: boolean}, now: Time): boolean {
    const entry = this.#entry(arp.senderIp, now);
    if (!entry) return false;
    entry.hear(arp, {...how, gratuitous: isAnnouncement(arp, this.#policy)}, now);
    this.#noteWish(entry);
    return true;
  }

  /** The answer comes after a part of proxy_delay, in whole jiffies. (neigh_proxy_delay) */
  #postpone(arp: Arp, now: Time): void {
    const drawn = this.#identity.draw(firstProxyDraw + this.#proxyDraws++);
    this.#proxied?.push(arp, Math.floor(drawn * jiffiesIn(this.#settings.proxyDelay)), now);
  }

  #noteWish(entry: Neighbour<Packet>): void {
    this.#wakeAt = Math.min(this.#wakeAt, entry.wakeAt);
  }

  #evict(which: (entry: Neighbour<Packet>) => boolean, now: Time): void {
    for (const entry of [...this.#entries.values()]) if (which(entry)) this.remove(entry.address, now);
  }

  #reply(arp: Arp): void {
    const {senderMac, senderIp, targetIp} = arp;
    const answer: Arp = {
      kind: 'arp',
      operation: 'reply',
      senderMac: this.#mac,
      senderIp: targetIp,
      targetMac: senderMac,
      targetIp: senderIp,
    };
    this.#port.send(answer, senderMac);
  }

  #ask(target: Ipv4, to: Mac | undefined, latest: Packet | undefined): void {
    const source = latest === undefined ? 0 : this.#port.sourceOf(latest);
    this.#request(askingAddress(target, source, this.#policy), target, to ?? broadcastMac);
  }

  #request(senderIp: Ipv4, targetIp: Ipv4, destination: Mac): void {
    const {mac} = this;
    this.#port.send(
      {kind: 'arp', operation: 'request', senderMac: mac, senderIp, targetMac: noMac, targetIp},
      destination,
    );
  }

  /** Does the passes of the periodic work that were due until now. */
  #catchUp(now: Time): void {
    while (this.#tidyAt <= now) {
      if (this.#tidyAt > this.#redrawAt) {
        this.#redrawAt = this.#tidyAt + redrawInterval;
        this.#interface.reachableTime = this.#drawReachableTime();
      }
      this.#tidyAt = kernelTimer(this.#tidyAt, tidyInterval, this.#identity.phase);
    }
    this.#host?.catchUp(now);
  }

  /** From half to three halves of base_reachable_time, in whole jiffies. (neigh_rand_reach_time) */
  #drawReachableTime(): Time {
    const base = jiffiesIn(this.#settings.baseReachableTime);
    const drawn = Math.floor(this.#identity.draw(this.#draws++) * base);
    return (drawn + Math.floor(base / 2)) * jiffy;
  }
}
