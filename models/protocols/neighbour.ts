import {never, seconds, type Time} from '../../engine/time.ts';
import type {Arp} from '../wire/arp.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {NeighbourSettings} from './neighbour-settings.ts';
import {jiffiesIn, jiffyAt, kernelAlarm} from './timer-wheel.ts';
import {WaitingPackets} from './waiting-packets.ts';

export type NeighbourState = 'none' | 'incomplete' | 'reachable' | 'stale' | 'delay' | 'probe' | 'failed' | 'permanent';

/** Why a packet that waited, or wanted to, is gone. Who sent it is told of the unreachable ones. */
export type NeighbourDrop = 'queue overflow' | 'unreachable' | 'never asked' | 'evicted';

/** What an entry needs from its surroundings; one for all entries of an interface. Nothing in it may call back at once. */
export type NeighbourPort<Packet> = {
  /** Asks `target` for its MAC: everybody, or `to` alone. `latest` is the newest packet that waits for the answer. */
  solicit(target: Ipv4, to: Mac | undefined, latest: Packet | undefined): void;
  /** Sends a packet that has waited; they come in the order in which they came. */
  forward(packet: Packet, to: Mac): void;
  drop(packet: Packet, reason: NeighbourDrop): void;
  /** Bytes of the buffers of a packet, with their IP headers. */
  sizesOf(packet: Packet): readonly number[];
  /** State or MAC is different now. `sentAsBefore`: to packets that makes no difference, they go to the same MAC. */
  changed(target: Ipv4, from: NeighbourState, sentAsBefore: boolean): void;
  /** When a packet last went to `target` without `output` being called for it, because it was counted; -1 if never. */
  usedAt(target: Ipv4): Time;
  /**
   * When a packet will next go to `target` that is counted, `never` if none is: the first one matters now, so who is about to
   * count packets must look again.
   */
  nextUseAt(target: Ipv4): Time;
  /** When an upper layer last confirmed `target` without `confirm` being called; -1 if never. */
  confirmedAt(target: Ipv4): Time;
};

/** What the entries of an interface have in common. */
export type NeighbourInterface = {
  readonly settings: NeighbourSettings;
  /** The moment of the host's jiffy 0. */
  readonly phase: Time;
  /** How long a confirmation holds; all entries of an interface follow one draw (neigh_rand_reach_time). */
  readonly reachableTime: Time;
};

/** How an ARP message came. */
export type Hearing = {
  /** In a frame to the host's own MAC, not in a broadcast. */
  readonly toMe: boolean;
  /** As a request for an address of the host, or for one that it answers for. */
  readonly asksMe: boolean;
  /** As an announcement that Linux believes at once (arp_is_garp). */
  readonly gratuitous: boolean;
};

/** The least distance of two looks at an entry, in jiffies: HZ / 100. */
const leastDelay = 2;

/** How long an entry is safe after its last change. */
const forfeitAfter = seconds(5);

/** State → what becomes of a packet: it starts the search, waits, is sent, or is sent and makes the entry suspect. */
const onPacket: Readonly<Record<NeighbourState, 'search' | 'wait' | 'send' | 'suspect'>> = {
  none: 'search',
  incomplete: 'wait',
  reachable: 'send',
  stale: 'suspect',
  delay: 'send',
  probe: 'send',
  failed: 'search',
  permanent: 'send',
};

/** The states in which the MAC is known and used (NUD_VALID). */
const known: Readonly<Record<NeighbourState, boolean>> = {
  none: false,
  incomplete: false,
  reachable: true,
  stale: true,
  delay: true,
  probe: true,
  failed: false,
  permanent: true,
};

const inTimer: Readonly<Record<NeighbourState, boolean>> = {
  none: false,
  incomplete: true,
  reachable: true,
  stale: false,
  delay: true,
  probe: true,
  failed: false,
  permanent: false,
};

/**
 * What Linux knows of one neighbour's MAC (net/core/neighbour.c of 6.18), for IPv4 over Ethernet.
 *
 * |            | a packet     | its timer                                        | hears "reachable" | hears "stale" |
 * | ---------- | ------------ | ------------------------------------------------ | ----------------- | ------------- |
 * | none       | → incomplete | –                                                | reachable         | stale         |
 * | incomplete | waits        | asks again; asked enough → failed                | reachable         | stale *       |
 * | reachable  | sent         | confirmed → stays; lately used → delay; → stale  | reachable         | stale **      |
 * | stale      | → delay      | –                                                | reachable         | stale         |
 * | delay      | sent         | confirmed → reachable; → probe                   | reachable         | stale **      |
 * | probe      | sent         | asks again; asked enough → failed                | reachable         | stale **      |
 * | failed     | → incomplete | –                                                | reachable         | stale         |
 * | permanent  | sent         | –                                                | permanent         | permanent     |
 *
 * `*` and the packets that waited are sent, which makes it delay. `**` only with another MAC; the same changes nothing.
 * Another MAC than the known one is refused within locktime of the last change unless the message overrides that. What
 * is heard is "reachable" for a unicast reply and "stale" for all others.
 */
export class Neighbour<Packet> {
  readonly address: Ipv4;
  readonly #on: NeighbourInterface;
  readonly #port: NeighbourPort<Packet>;
  #state: NeighbourState = 'none';
  #mac: Mac = 0;
  #wakeAt: Time = never;
  #asked = 0;
  #waiting: WaitingPackets<Packet> | undefined;
  /** Whether a packet has passed, from when on packets to a reachable neighbour do not touch the entry (hh_cache). */
  #headerKnown = false;
  #updatedAt: Time;
  #usedAt: Time;
  #confirmedAt: Time;
  /** When the first packet is counted that makes a stale entry suspect, unless something changes before. */
  #suspectAt: Time = never;
  /** What was confirmed before this moment was another MAC. */
  #movedAt: Time = -1;

  constructor(address: Ipv4, on: NeighbourInterface, port: NeighbourPort<Packet>, now: Time) {
    this.address = address;
    this.#on = on;
    this.#port = port;
    this.#updatedAt = now;
    this.#usedAt = now;
    this.#confirmedAt = now - 2 * on.settings.baseReachableTime;
  }

  get state(): NeighbourState {
    this.#noteUse();
    return this.#state;
  }

  /** The MAC that packets are sent to; undefined while there is none. */
  get mac(): Mac | undefined {
    return known[this.#state] ? this.#mac : undefined;
  }

  get wakeAt(): Time {
    return this.#wakeAt;
  }

  /** How many packets wait for the MAC. */
  get waiting(): number {
    return this.#waiting?.whole.length ?? 0;
  }

  /** Takes a packet. Returns the MAC to send it to; undefined if it waits or was dropped. (neigh_output, __neigh_event_send) */
  output(packet: Packet, now: Time): Mac | undefined {
    this.#noteUse();
    const does = onPacket[this.#state];
    if (does === 'search' || does === 'wait') {
      this.#usedAt = now;
      if (does === 'search') this.#search(packet, now);
      else this.#queue(packet);
      return undefined;
    }
    this.#pass(now);
    return this.#mac;
  }

  /** Takes in an ARP message whose sender has this address. (the end of arp_process) */
  hear(arp: Arp, how: Hearing, now: Time): void {
    const confirms = arp.operation === 'reply' && how.toMe;
    const overrides = how.asksMe || how.gratuitous || !this.#within(this.#updatedAt, this.#on.settings.locktime, now);
    this.#learn(arp.senderMac, confirms ? 'reachable' : 'stale', overrides, now);
  }

  /** An upper layer has had an answer from the neighbour: a TCP acknowledgement, say. (neigh_confirm) */
  confirm(now: Time): void {
    this.#confirmedAt = now;
  }

  /** Sets the MAC for good, as an administrator or an agent does. */
  pin(mac: Mac, now: Time): void {
    this.#update(mac, 'permanent', now);
  }

  /** Sets the MAC as a program does that knows it, to be confirmed when it is used (SIOCSARP with ATF_COM: arp_req_set). */
  set(mac: Mac, now: Time): void {
    this.#update(mac, 'stale', now);
  }

  /** Does what the timer has rung for. (neigh_timer_handler) */
  wake(now: Time): void {
    if (now < this.#wakeAt) return;
    if (this.#state === 'stale') {
      this.#noteUse();
      if (this.#state === 'stale') this.#wakeAt = this.#nextLook('stale', now);
      return;
    }
    const before = this.#state;
    let next = this.#afterTimer(now);
    if (next === 'probe' && before === 'delay') this.#asked = 0;
    if ((next === 'probe' || next === 'incomplete') && this.#asked >= this.#mostAsked(next)) next = 'failed';
    if (next !== before) this.#enter(next, now);
    this.#wakeAt = this.#nextLook(next, now);
    if (next === 'failed') this.#dropAll('unreachable');
    if (next === 'probe' || next === 'incomplete') this.#ask();
  }

  /** The entry is taken out of its table; what waited is lost. */
  evict(now: Time): void {
    this.#wakeAt = never;
    this.#enter('none', now);
    this.#dropAll('evicted');
  }

  /** Whether the periodic work may take the entry out. (neigh_periodic_work) */
  isCollectable(now: Time): boolean {
    this.#noteUse();
    if (this.#state === 'failed') return true;
    if (this.#state !== 'stale' && this.#state !== 'none') return false;
    this.#noteConfirmation();
    const idleSince = Math.max(this.#usedAt, this.#confirmedAt);
    return (
      jiffyAt(now, this.#on.phase) - jiffyAt(idleSince, this.#on.phase) >= jiffiesIn(this.#on.settings.gcStaleTime)
    );
  }

  /** Whether its timer runs. (NUD_IN_TIMER) */
  get isHeld(): boolean {
    this.#noteUse();
    return inTimer[this.#state];
  }

  /** Whether the entry may be taken out to make room: nothing is under way and nothing new came for 5 s. (neigh_forced_gc) */
  isForfeit(now: Time): boolean {
    this.#noteUse();
    if (this.#state === 'failed') return true;
    return (this.#state === 'stale' || this.#state === 'none') && !this.#within(this.#updatedAt, forfeitAfter, now);
  }

  /** A packet goes out. Linux notes the use only where the packet goes through the entry. */
  #pass(now: Time): void {
    const connected = this.#state === 'reachable' || this.#state === 'permanent';
    if (connected && this.#headerKnown) return;
    this.#usedAt = now;
    this.#headerKnown = true;
    if (onPacket[this.#state] !== 'suspect') return;
    this.#enter('delay', now);
    this.#wakeAt = this.#timer(now, this.#on.settings.delayFirstProbeTime);
  }

  /** Makes up for the packet that was counted. */
  #noteUse(): void {
    if (this.#state === 'stale' && this.#port.usedAt(this.address) >= this.#suspectAt) this.#pass(this.#suspectAt);
  }

  #search(packet: Packet, now: Time): void {
    const {mcastSolicit, appSolicit, ucastSolicit} = this.#on.settings;
    if (mcastSolicit + appSolicit === 0) {
      this.#enter('failed', now);
      this.#port.drop(packet, 'never asked');
      return;
    }
    this.#asked = ucastSolicit;
    this.#enter('incomplete', now);
    this.#wakeAt = this.#nextLook('incomplete', now);
    this.#queue(packet);
    this.#ask();
  }

  #queue(packet: Packet): void {
    this.#waiting ??= new WaitingPackets();
    for (const gone of this.#waiting.push(packet, this.#port.sizesOf(packet), this.#on.settings.unresQlenBytes)) {
      this.#port.drop(gone, 'queue overflow');
    }
  }

  /** Unicast requests come first, then a daemon's tries, then broadcasts. (arp_solicit) */
  #ask(): void {
    const {ucastSolicit, appSolicit} = this.#on.settings;
    const asked = this.#asked++;
    if (asked < ucastSolicit) this.#port.solicit(this.address, this.#mac, undefined);
    else if (asked >= ucastSolicit + appSolicit) {
      this.#port.solicit(this.address, undefined, this.#waiting?.latest);
    }
  }

  #mostAsked(state: 'probe' | 'incomplete'): number {
    const {ucastSolicit, appSolicit, mcastSolicit, mcastResolicit} = this.#on.settings;
    return ucastSolicit + appSolicit + (state === 'probe' ? mcastResolicit : mcastSolicit);
  }

  #afterTimer(now: Time): NeighbourState {
    const {delayFirstProbeTime} = this.#on.settings;
    if (this.#state !== 'reachable' && this.#state !== 'delay') return this.#state;
    this.#noteConfirmation();
    if (this.#state === 'delay')
      return this.#within(this.#confirmedAt, delayFirstProbeTime, now) ? 'reachable' : 'probe';
    if (this.#within(this.#confirmedAt, this.#on.reachableTime, now)) return 'reachable';
    return this.#within(this.#usedAt, delayFirstProbeTime, now) ? 'delay' : 'stale';
  }

  /** Takes in what upper layers have told since. */
  #noteConfirmation(): void {
    const at = this.#port.confirmedAt(this.address);
    if (at > this.#movedAt) this.#confirmedAt = Math.max(this.#confirmedAt, at);
  }

  #nextLook(state: NeighbourState, now: Time): Time {
    const {retransTime, delayFirstProbeTime} = this.#on.settings;
    switch (state) {
      case 'incomplete':
      case 'probe':
        return this.#timer(now, retransTime);
      case 'delay':
        return this.#timer(now, delayFirstProbeTime);
      case 'reachable':
        return this.#timer(now, this.#on.reachableTime, this.#confirmedAt);
      case 'stale':
        // A moment later it can be seen whether it came.
        this.#suspectAt = this.#port.nextUseAt(this.address);
        return this.#suspectAt + 1;
      default:
        return never;
    }
  }

  /** The kernel timer that is armed at `now` for `delay` after `since`. */
  #timer(now: Time, delay: Time, since = now): Time {
    const {phase} = this.#on;
    const expires = Math.max(jiffyAt(since, phase) + jiffiesIn(delay), jiffyAt(now, phase) + leastDelay);
    return kernelAlarm(now, expires, phase);
  }

  /** What was heard is weighed against what is known. (neigh_update) */
  #learn(mac: Mac, heard: 'reachable' | 'stale', overrides: boolean, now: Time): void {
    if (this.#state === 'permanent') return;
    const same = known[this.#state] && mac === this.#mac;
    // Even an answer that is refused proves to Linux that somebody is there.
    if (heard === 'reachable') this.#confirmedAt = now;
    if (same ? heard === 'stale' : known[this.#state] && !overrides) return;
    this.#update(mac, heard, now);
  }

  #update(mac: Mac, next: NeighbourState, now: Time): void {
    this.#noteUse();
    const before = this.#state;
    const moved = !known[before] || mac !== this.#mac;
    const connected = next === 'reachable' || next === 'permanent';
    if (connected) this.#confirmedAt = now;
    else if (moved) {
      this.#confirmedAt = now - 2 * this.#on.settings.baseReachableTime;
      this.#movedAt = now;
    }
    this.#mac = mac;
    if (next !== before) {
      this.#enter(next, now, moved);
      if (next === 'reachable') this.#usedAt = now;
      this.#wakeAt = this.#nextLook(next, now);
    } else if (moved) {
      this.#updatedAt = now;
      this.#port.changed(this.address, before, false);
    }
    if (!known[before]) this.#forwardAll(now);
  }

  #enter(next: NeighbourState, now: Time, moved = false): void {
    const before = this.#state;
    if (before === 'delay' || before === 'probe') {
      const usedAt = this.#port.usedAt(this.address);
      if (usedAt >= this.#updatedAt) this.#usedAt = Math.max(this.#usedAt, usedAt);
    }
    this.#state = next;
    this.#suspectAt = never;
    this.#updatedAt = now;
    this.#port.changed(this.address, before, known[before] && known[next] && !moved);
  }

  #forwardAll(now: Time): void {
    for (const packet of this.#takeWaiting()) {
      this.#pass(now);
      this.#port.forward(packet, this.#mac);
    }
  }

  #dropAll(reason: NeighbourDrop): void {
    for (const packet of this.#takeWaiting()) this.#port.drop(packet, reason);
  }

  #takeWaiting(): readonly Packet[] {
    const packets = this.#waiting?.whole ?? [];
    this.#waiting = undefined;
    return packets;
  }

  /** Whether no more than `span` has passed since, as the kernel sees it: in whole jiffies. */
  #within(since: Time, span: Time, now: Time): boolean {
    const {phase} = this.#on;
    return jiffyAt(now, phase) - jiffyAt(since, phase) <= jiffiesIn(span);
  }
}
