import {never, seconds, type Time} from '../../engine/time.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {isProxied, proxyReply} from './arp-proxy.ts';
import type {Lesson} from './mac-table.ts';
import {jiffiesIn, jiffyAt, kernelAlarm, kernelTimer} from './timer-wheel.ts';

export type VxlanSettings = {
  /** The device's own MAC, whose frames it does not take from the underlay. */
  readonly mac: Mac;
  /** Whether the sources of frames from the underlay are learnt; Linux does unless told `nolearning`. */
  readonly learning: boolean;
  /** Whether ARP is answered here or nowhere. */
  readonly proxy: boolean;
  /** `ageing`: how long after its last frame a learnt MAC may be forgotten; 0 forgets none. */
  readonly ageingTime: Time;
  /** The moment of the host's jiffy 0; see `phaseSpan`. */
  readonly phase: Time;
};

/** What a Linux VXLAN device starts with (FDB_AGE_DEFAULT). */
export const defaultVxlanAgeingTime: Time = seconds(300);

/** 224.0.0.1, which Neutron's agents have for all networks alike (`vxlan_group`). */
export const defaultVxlanGroup: Ipv4 = 0xe000_0001;

/** Under this MAC are listed the endpoints that get what no other entry is for: a group, or everyone. */
export const everyMac: Mac = 0;

export type VxlanTablePort = {
  /** The MAC that the device's own neighbour table has for an address, if the entry is valid. */
  neighbour(address: Ipv4): Mac | undefined;
  /**
   * When the last frame from `mac` came in, learnt or counted. Until Linux 6.14 a frame *to* `mac` counts as well, so
   * that a MAC that moved silently is kept for as long as it is spoken to; whoever models that answers so.
   */
  lastSeenAt(mac: Mac): Time;
  /** `mac` was learnt to be at `remote`, and is forgotten. */
  removed(mac: Mac, remote: Ipv4): void;
};

/** What becomes of a frame from the bridge. */
export type VxlanTransmission =
  /** A copy to each of them, in this order; `known` if the MAC has an entry of its own. */
  | {readonly kind: 'sent'; readonly remotes: readonly Ipv4[]; readonly known: boolean}
  /** The bridge gets this back from the device. */
  | {readonly kind: 'answered'; readonly reply: Frame}
  | {readonly kind: 'swallowed'; readonly reason: 'arp not answered' | 'no remote'};

/** What becomes of a frame from the underlay: the bridge gets it, or not. */
export type VxlanReception =
  | {readonly kind: 'taken'; readonly lesson: Lesson}
  | {readonly kind: 'swallowed'; readonly reason: 'own frame' | 'no host as source' | 'listed elsewhere'};

/** The collector passes at least so often (FDB_AGE_INTERVAL). */
const passInterval: Time = seconds(10);

/**
 * Where a Linux VXLAN device sends what the bridge hands it, and what it takes from the underlay
 * (drivers/net/vxlan/vxlan_core.c). Entries are listed, by an agent or as the default of the device, or learnt. Listed
 * ones never age, and learning never moves them. The device is up for as long as the table exists.
 */
export class VxlanTable {
  readonly #settings: VxlanSettings;
  readonly #port: VxlanTablePort;
  readonly #listed = new Map<Mac, readonly Ipv4[]>();
  readonly #learnt = new Map<Mac, Ipv4>();
  readonly #ageing: number;
  /** The next pass that may find something; those before it are skipped. */
  #passAt: Time;

  constructor(settings: VxlanSettings, port: VxlanTablePort, now: Time) {
    this.#settings = settings;
    this.#port = port;
    this.#ageing = jiffiesIn(settings.ageingTime);
    this.#passAt = kernelTimer(now, passInterval, settings.phase);
  }

  /** When the collector passes next; `never` while it would find nothing. */
  get wakeAt(): Time {
    return this.#ageing > 0 && this.#learnt.size > 0 ? this.#passAt : never;
  }

  /** The endpoints of the MAC's own entry, in the order in which they were listed; empty without one. */
  remotesOf(mac: Mac): readonly Ipv4[] {
    const listed = this.#listed.get(mac);
    if (listed) return listed;
    const learnt = this.#learnt.get(mac);
    return learnt === undefined ? [] : [learnt];
  }

  /** Whether the MAC's entry was listed and not learnt. */
  isListed(mac: Mac): boolean {
    return this.#listed.has(mac);
  }

  /** All entries, listed ones first. */
  *entries(): Iterable<readonly [Mac, readonly Ipv4[]]> {
    yield* this.#listed;
    for (const [mac, remote] of this.#learnt) yield [mac, [remote]];
  }

  /** `bridge fdb replace`: lists a host at one endpoint and no other. Says whether that changed anything. */
  replace(mac: Mac, remote: Ipv4): boolean {
    if (isForMany(mac)) throw new Error('what many endpoints get is appended and removed, never replaced');
    if (this.#listed.get(mac)?.[0] === remote) return false;
    this.#learnt.delete(mac);
    this.#listed.set(mac, [remote]);
    return true;
  }

  /**
   * `bridge fdb append`: lists one endpoint more. Only groups and `everyMac` have several: a host that has an entry
   * keeps the endpoint of that, though it is listed from now on. Says whether that changed anything.
   */
  append(mac: Mac, remote: Ipv4): boolean {
    const remotes = this.remotesOf(mac);
    const fits = isForMany(mac) ? !remotes.includes(remote) : remotes.length === 0;
    if (!fits && this.#listed.has(mac)) return false;
    this.#learnt.delete(mac);
    this.#listed.set(mac, fits ? [...remotes, remote] : remotes);
    return true;
  }

  /** `bridge fdb del … dst …`: takes one endpoint off an entry, listed or learnt. Says whether it was there. */
  remove(mac: Mac, remote: Ipv4): boolean {
    if (!this.remotesOf(mac).includes(remote)) return false;
    const left = this.remotesOf(mac).filter(other => other !== remote);
    this.#learnt.delete(mac);
    if (left.length > 0) this.#listed.set(mac, left);
    else this.#listed.delete(mac);
    return true;
  }

  /** Forgets all that was learnt, as a device does that goes down. (vxlan_flush) */
  flush(): void {
    const gone = [...this.#learnt];
    this.#learnt.clear();
    for (const [mac, remote] of gone) this.#port.removed(mac, remote);
  }

  /** The bridge hands the device a frame. (vxlan_xmit) */
  transmit(frame: Frame): VxlanTransmission {
    if (this.#settings.proxy && frame.payload.kind === 'arp') return this.#proxy(frame.payload);
    const own = this.remotesOf(frame.destination);
    const known = own.length > 0;
    const remotes = known ? own : this.remotesOf(everyMac);
    if (remotes.length === 0) return {kind: 'swallowed', reason: 'no remote'};
    // The first keeps the frame itself until all the others have got their copies.
    return {kind: 'sent', remotes: [...remotes.slice(1), remotes[0]], known};
  }

  /** A frame of the device's network comes out of the underlay, sent by `remote`. (vxlan_set_mac, vxlan_snoop) */
  receive({source}: Frame, remote: Ipv4, now: Time): VxlanReception {
    if (source === this.#settings.mac) return {kind: 'swallowed', reason: 'own frame'};
    if (isForMany(source)) return {kind: 'swallowed', reason: 'no host as source'};
    if (!this.#settings.learning) return {kind: 'taken', lesson: 'nothing'};
    const listed = this.#listed.get(source);
    if (!listed) return {kind: 'taken', lesson: this.#learn(source, remote, now)};
    return listed[0] === remote
      ? {kind: 'taken', lesson: 'unchanged'}
      : {kind: 'swallowed', reason: 'listed elsewhere'};
  }

  /** Lets the collector pass if it is time. (vxlan_cleanup) */
  wake(now: Time): void {
    if (now < this.wakeAt) return;
    const {phase} = this.#settings;
    const clock = jiffyAt(now, phase);
    let earliest = never;
    for (const [mac, remote] of this.#learnt) {
      const deadline = jiffyAt(this.#port.lastSeenAt(mac), phase) + this.#ageing;
      if (deadline > clock) earliest = Math.min(earliest, deadline);
      else this.#forget(mac, remote);
    }
    this.#passAt = kernelAlarm(now, Math.min(earliest, clock + jiffiesIn(passInterval)), phase);
    this.#skipUntil(earliest);
  }

  /** Answers a request for a host that the neighbour table knows; no ARP goes any further. (arp_reduce) */
  #proxy(arp: Arp): VxlanTransmission {
    const mac = isProxied(arp) ? this.#port.neighbour(arp.targetIp) : undefined;
    if (mac === undefined) return {kind: 'swallowed', reason: 'arp not answered'};
    return {kind: 'answered', reply: proxyReply(arp, mac)};
  }

  #learn(mac: Mac, remote: Ipv4, now: Time): Lesson {
    const before = this.#learnt.get(mac);
    if (before === remote) return 'unchanged';
    if (before === undefined && this.#learnt.size === 0) {
      // While the table was empty nobody waited for the passes, which went on all the same.
      while (this.#passAt < now) this.#passAt = kernelTimer(this.#passAt, passInterval, this.#settings.phase);
      this.#skipUntil(jiffyAt(now, this.#settings.phase) + this.#ageing);
    }
    this.#learnt.set(mac, remote);
    return before === undefined ? 'new' : 'moved';
  }

  /** Skips the passes that find no deadline, in jiffies, closer than the pass after them. */
  #skipUntil(earliest: number): void {
    if (this.#ageing === 0 || earliest === never) return;
    const {phase} = this.#settings;
    const interval = jiffiesIn(passInterval);
    while (jiffyAt(this.#passAt, phase) + interval <= earliest) {
      this.#passAt = kernelTimer(this.#passAt, passInterval, phase);
    }
  }

  #forget(mac: Mac, remote: Ipv4): void {
    this.#learnt.delete(mac);
    this.#port.removed(mac, remote);
  }
}

/** Whether a MAC stands for more than one host, or for none. */
function isForMany(mac: Mac): boolean {
  return mac === everyMac || isGroupMac(mac);
}
