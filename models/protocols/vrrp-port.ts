import type {Time} from '../../engine/time.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Vrrp} from '../wire/vrrp.ts';
import type {VirtualAddress, VirtualRoute} from './keepalived-configuration.ts';
import type {AdvertFlaw} from './vrrp-check.ts';

export type VrrpState = 'init' | 'backup' | 'master' | 'fault';

/** Why an instance changed its state, for who reads its log. */
export type VrrpReason =
  | {readonly why: 'started'}
  /** No advertisement since `heardAt`, the last one that counted; undefined: since it became a backup. */
  | {readonly why: 'no advert'; readonly heardAt: Time | undefined}
  /** The master gave up by priority 0 at `heardAt`. */
  | {readonly why: 'priority 0'; readonly heardAt: Time}
  | {readonly why: 'owner'}
  | {readonly why: 'higher priority'; readonly from: Ipv4; readonly priority: number}
  | {readonly why: 'higher address'; readonly from: Ipv4}
  | {readonly why: 'failed'; readonly what: string}
  | {readonly why: 'recovered'; readonly what: string}
  | {readonly why: 'reloaded'};

/** What an instance does, in order. Its daemon does one thing after the other, and nothing else meanwhile. */
export type VrrpPort = {
  advertise(priority: number): void;
  setAddress(address: VirtualAddress, present: boolean): void;
  setRoute(route: VirtualRoute, present: boolean): void;
  /** Sends one gratuitous ARP. */
  announce(address: VirtualAddress): void;
  /** Between the addresses of a new master and its announcements: the daemon looks what the kernel has to say. */
  poll(): void;
  /** It is in another state, and says so in its log. */
  entered(from: VrrpState, to: VrrpState, reason: VrrpReason): void;
  /** It writes a line to its log. */
  log(): void;
  priorityChanged?(from: number, to: number): void;
  /** An advertisement was not believed. */
  discarded?(from: Ipv4, flaw: AdvertFlaw): void;
};

/** An advertisement as it was heard. */
export type Advert = {readonly from: Ipv4; readonly ttl: Ipv4Packet['ttl']; readonly vrrp: Vrrp};

/** How an instance stands after a long quiet time. */
export type SettledRole =
  | {readonly state: 'master'; /** Of its next advert. */ readonly dueAt: Time}
  | {
      readonly state: 'backup';
      readonly heardAt: Time;
      readonly master: {readonly address: Ipv4; readonly priority: number};
    }
  | {readonly state: 'fault'};
