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
  type ArpInterface,
  type OwnAddress,
} from './arp-policy.ts';
import {neighbourDefaults, type NeighbourSettings} from './neighbour-settings.ts';
import {Neighbour, type NeighbourInterface, type NeighbourPort} from './neighbour.ts';
import {jiffiesIn, jiffy, kernelTimer} from './timer-wheel.ts';

/** What the table needs from its surroundings: that of its entries, with ARP messages in place of requests. */
export type NeighbourTablePort<Packet> = Omit<NeighbourPort<Packet>, 'solicit'> & {
  send(arp: Arp, destination: Mac): void;
  /** Whether the address belongs to the host, on whichever interface. */
  isLocal(address: Ipv4): boolean;
  /** The source address of a packet that waits. */
  sourceOf(packet: Packet): Ipv4;
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

/** The periodic work follows the root namespace's settings, whatever the interface's are (neigh_periodic_work). */
const tidyInterval = neighbourDefaults.baseReachableTime / 2;
const redrawInterval = seconds(300);

const noMac: Mac = 0;

/**
 * The neighbours of one interface of a Linux host, and its answers to ARP (net/ipv4/arp.c). An entry is created by a
 * packet to an address that has none, by a request for an own address, for its sender, and, if `arp_accept` allows it,
 * by an ARP that nobody asked for. It goes when the carrier is lost, the MAC changes, the interface goes down or loses
 * its last address, and, on a crowded host, when it was not used for long.
 *
 * Not modelled: gc_thresh2 and gc_thresh3, which would refuse or evict where `#entry` creates; proxy ARP, which would
 * come before the last part of `hear`; next hops that need no ARP, such as broadcast.
 */
export class NeighbourTable<Packet> {
  readonly #settings: NeighbourSettings;
  readonly #identity: NeighbourTableIdentity;
  readonly #port: NeighbourTablePort<Packet>;
  readonly #entries = new Map<Ipv4, Neighbour<Packet>>();
  readonly #entryPort: NeighbourPort<Packet>;
  readonly #interface: NeighbourInterface & {reachableTime: Time};
  readonly #policy: ArpInterface & {addresses: readonly OwnAddress[]};
  #mac: Mac;
  #crowded = false;
  #tidyAt: Time;
  #redrawAt: Time;
  #draws = 0;
  /** No entry wants waking before; it may be too early. */
  #wakeAt: Time = never;

  constructor(
    settings: NeighbourSettings,
    identity: NeighbourTableIdentity,
    addresses: readonly OwnAddress[],
    port: NeighbourTablePort<Packet>,
  ) {
    this.#settings = settings;
    this.#identity = identity;
    this.#port = port;
    this.#mac = identity.mac;
    this.#policy = {settings, addresses, isLocal: address => port.isLocal(address)};
    this.#tidyAt = identity.tidyAt;
    this.#redrawAt = identity.redrawAt;
    this.#interface = {settings, phase: identity.phase, reachableTime: this.#drawReachableTime()};
    this.#entryPort = {
      solicit: (target, to, latest) => this.#ask(target, to, latest),
      forward: (packet, to) => port.forward(packet, to),
      drop: (packet, reason) => port.drop(packet, reason),
      changed: (target, from) => port.changed(target, from),
      usedAt: target => port.usedAt(target),
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
    return this.#crowded && this.#entries.size > 0 ? Math.min(this.#wakeAt, this.#tidyAt) : this.#wakeAt;
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

  /** Takes a packet of `bytes` for a next hop. Returns the MAC to send it to; undefined if it waits or was dropped. */
  output(nextHop: Ipv4, packet: Packet, bytes: number, now: Time): Mac | undefined {
    this.#catchUp(now);
    const entry = this.#entry(nextHop, now);
    const mac = entry.output(packet, bytes, now);
    this.#noteWish(entry);
    return mac;
  }

  /** Takes in a frame that has reached the interface; only ARP for this host or for many matters. (arp_process) */
  hear(frame: Frame, now: Time): void {
    const arp = frame.payload;
    const toMe = frame.destination === this.#mac;
    if (arp.kind !== 'arp' || !(toMe || isGroupMac(frame.destination))) return;
    if (!isHeeded(arp, this.#policy)) return;
    this.#catchUp(now);
    const asksMe = arp.operation === 'request' && this.#port.isLocal(arp.targetIp);
    // Somebody looks whether an address is free: answered, nothing to learn (RFC 5227, 2.1).
    if (arp.senderIp === 0) {
      if (asksMe && isAnswered(arp, this.#policy)) this.#reply(arp);
    } else if (asksMe && isBelievable(arp.senderIp, this.#policy)) {
      if (!isAnswered(arp, this.#policy)) return;
      this.#learn(this.#entry(arp.senderIp, now), arp, {toMe, asksMe}, now);
      this.#reply(arp);
    } else {
      const accepted = this.#entries.has(arp.senderIp) || isAccepted(arp, this.#policy);
      if (accepted) this.#learn(this.#entry(arp.senderIp, now), arp, {toMe, asksMe: false}, now);
    }
  }

  /** Does what is due: the periodic work first, then entries by their time and address. */
  wake(now: Time): void {
    this.#catchUp(now);
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
    const entry = this.#entry(address, now);
    entry.pin(mac, now);
    this.#noteWish(entry);
  }

  /** Takes an entry out. */
  remove(address: Ipv4, now: Time): void {
    this.#entries.get(address)?.evict(now);
    this.#entries.delete(address);
  }

  /** The link has no carrier any more: entries go, permanent ones stay. (neigh_carrier_down) */
  carrierLost(now: Time): void {
    if (this.#settings.arpEvictNocarrier) this.#evict(entry => entry.state !== 'permanent', now);
  }

  /** The interface is set down: all entries go. (neigh_ifdown) */
  linkDown(now: Time): void {
    this.#evict(() => true, now);
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
    if (addresses.length === 0) this.#evict(() => true, now);
  }

  /** Sends one gratuitous request for each address, as some drivers do after a migration (NETDEV_NOTIFY_PEERS). */
  announce(): void {
    for (const {address} of this.#policy.addresses) this.#request(address, address, broadcastMac);
  }

  /** Whether the host holds gc_thresh1 entries or more, all interfaces together: below, Linux collects none. */
  setCrowded(crowded: boolean, now: Time): void {
    this.#catchUp(now);
    this.#crowded = crowded;
  }

  /** A new entry. Here gc_thresh3 would refuse it. */
  #entry(address: Ipv4, now: Time): Neighbour<Packet> {
    let entry = this.#entries.get(address);
    if (!entry) {
      entry = new Neighbour(address, this.#interface, this.#entryPort, now);
      this.#entries.set(address, entry);
    }
    return entry;
  }

  #learn(entry: Neighbour<Packet>, arp: Arp, how: {toMe: boolean; asksMe: boolean}, now: Time): void {
    entry.hear(arp, {...how, gratuitous: isAnnouncement(arp, this.#policy)}, now);
    this.#noteWish(entry);
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
      this.#tidy(this.#tidyAt);
      this.#tidyAt = kernelTimer(this.#tidyAt, tidyInterval, this.#identity.phase);
    }
  }

  #tidy(now: Time): void {
    if (now > this.#redrawAt) {
      this.#redrawAt = now + redrawInterval;
      this.#interface.reachableTime = this.#drawReachableTime();
    }
    if (this.#crowded) this.#evict(entry => entry.isCollectable(now), now);
  }

  /** From half to three halves of base_reachable_time, in whole jiffies. (neigh_rand_reach_time) */
  #drawReachableTime(): Time {
    const base = jiffiesIn(this.#settings.baseReachableTime);
    const drawn = Math.floor(this.#identity.draw(this.#draws++) * base);
    return (drawn + Math.floor(base / 2)) * jiffy;
  }
}
