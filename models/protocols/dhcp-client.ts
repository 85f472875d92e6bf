import {never, seconds, type Time} from '../../engine/time.ts';
import type {Dhcp, DhcpMessageType} from '../wire/dhcp.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {leaseIn, type DhcpLease} from './dhcp-lease.ts';

/** The names of RFC 2131, figure 5; `stopped` is before the machine is on. */
export type DhcpClientState =
  'stopped' | 'init' | 'selecting' | 'requesting' | 'init-reboot' | 'rebooting' | 'bound' | 'renewing' | 'rebinding';

export type DhcpClientSettings = {
  readonly mac: Mac;
  readonly clientId: string;
  /** Luck in [0, 1), the `count`-th number of this client. */
  draw(count: number): number;
};

/** What a client does to its host. */
export type DhcpClientPort = {
  /** To everybody, from no address; or to the server, from the client's own. */
  send(message: Dhcp, to: Ipv4 | 'everybody'): void;
  /** The address may be used from now on; `again` if it was in use already. */
  bound(lease: DhcpLease, again: boolean): void;
  /** The address may no longer be used. */
  lost(lease: DhcpLease, why: 'expired' | 'refused'): void;
};

/** Requests for one offer, and for the address of before a restart (MAX_REQUEST_ATTEMPTS, …_ON_REBOOTING). */
const mostRequests = 5;
const mostRequestsOnReboot = 2;

/** After a refusal, and from a server that stays silent (RESTART_AFTER_NAK_MIN_USEC and _MAX_USEC). */
const leastRestartDelay: Time = seconds(1);
const mostRestartDelay: Time = seconds(1800);

const leastRenewalInterval: Time = seconds(60);

/** Retransmissions and renewals come up to a second earlier or later (RFC 2131, 4.1). */
const fuzz: Time = seconds(1);

/**
 * The DHCP client of systemd-networkd, which cloud images of Ubuntu have (sd-dhcp-client.c). The first offer is taken.
 * Nobody is asked by ARP whether he has the address: that goes with SendDecline=, which is off.
 */
export class DhcpClient {
  readonly #settings: DhcpClientSettings;
  readonly #port: DhcpClientPort;
  #state: DhcpClientState = 'stopped';
  #xid = 0;
  #drawn = 0;
  #discovers = 0;
  #requests = 0;
  #restartDelay: Time = 0;
  #lease: DhcpLease | undefined;
  /** The address of before: a client that is stopped remembers it as long as its machine is on. */
  #before: Ipv4 | undefined;
  #resendAt: Time = never;
  #renewAt: Time = never;
  #rebindAt: Time = never;
  #expireAt: Time = never;

  constructor(settings: DhcpClientSettings, port: DhcpClientPort) {
    this.#settings = settings;
    this.#port = port;
  }

  get state(): DhcpClientState {
    return this.#state;
  }

  /** The lease that is held or has been offered. */
  get lease(): DhcpLease | undefined {
    return this.#lease;
  }

  get wakeAt(): Time {
    return Math.min(this.#resendAt, this.#renewAt, this.#rebindAt, this.#expireAt);
  }

  /** Begins: where the client had an address before it asks for it again. */
  start(now: Time): void {
    this.#restartDelay = 0;
    this.#begin(this.#before === undefined ? 'init' : 'init-reboot', now);
  }

  /** Has held a lease since before the run, and will renew it in time. */
  beginBound(lease: DhcpLease): void {
    this.#xid = this.#newXid();
    this.#hold(lease);
  }

  /** The machine stops it; with `release` it tells the server that it gives up the address (SendRelease=). */
  stop(release: boolean): void {
    const lease = this.#isHeld ? this.#lease : undefined;
    if (lease && release) {
      const message = {...this.#compose('release'), clientAddress: lease.address, serverId: lease.serverId};
      this.#port.send(message, lease.serverId);
    }
    this.#disarm();
    this.#state = 'stopped';
    this.#lease = undefined;
  }

  /** The machine lost its memory. */
  forget(): void {
    this.stop(false);
    this.#before = undefined;
  }

  wake(now: Time): void {
    while (now >= this.wakeAt) {
      if (now >= this.#expireAt) this.#expire(now);
      else if (now >= this.#rebindAt) {
        this.#rebindAt = this.#renewAt = never;
        this.#ask('rebinding', now);
      } else if (now >= this.#renewAt) {
        this.#renewAt = never;
        this.#ask('renewing', now);
      } else this.#resend(now);
    }
  }

  hear(message: Dhcp, now: Time): void {
    if (message.operation !== 'reply' || message.xid !== this.#xid || message.clientMac !== this.#settings.mac) return;
    if (this.#state === 'selecting') {
      const lease = message.messageType === 'offer' ? leaseIn(message, now) : undefined;
      if (lease) this.#take(lease, now);
    } else if (awaitsAnswer.has(this.#state)) this.#hearAnswer(message, now);
  }

  get #isHeld(): boolean {
    return this.#state === 'bound' || this.#state === 'renewing' || this.#state === 'rebinding';
  }

  #hearAnswer(message: Dhcp, now: Time): void {
    if (message.messageType === 'nak') {
      // One that another server sends is no reason to give up.
      if (this.#lease && this.#lease.serverId !== message.serverId) return;
      this.#refused(now);
      return;
    }
    const lease = message.messageType === 'ack' ? leaseIn(message, now) : undefined;
    if (!lease) return;
    const again = this.#isHeld && this.#lease?.address === lease.address;
    if (this.#isHeld && !again && this.#lease) this.#port.lost(this.#lease, 'refused');
    this.#hold(lease);
    this.#port.bound(lease, again);
  }

  #take(lease: DhcpLease, now: Time): void {
    this.#disarm();
    this.#lease = lease;
    this.#state = 'requesting';
    this.#requests = 0;
    this.#resendAt = now;
  }

  #hold(lease: DhcpLease): void {
    this.#disarm();
    this.#state = 'bound';
    this.#lease = lease;
    this.#before = lease.address;
    this.#restartDelay = this.#discovers = 0;
    if (lease.lasts === never) return;
    this.#expireAt = lease.givenAt + lease.lasts;
    this.#renewAt = lease.givenAt + lease.renewAfter + this.#fuzz();
    this.#rebindAt = Math.max(this.#renewAt, lease.givenAt + lease.rebindAfter + this.#fuzz());
  }

  #expire(now: Time): void {
    const lease = this.#lease;
    if (lease) this.#port.lost(lease, 'expired');
    this.#restartDelay = 0;
    this.#begin('init', now);
  }

  /** client_restart: a refusal of what was asked for after a restart is followed by a discover at once. */
  #refused(now: Time): void {
    if (this.#isHeld && this.#lease) this.#port.lost(this.#lease, 'refused');
    const isReboot = this.#state === 'rebooting';
    this.#restartDelay = isReboot ? 0 : Math.min(Math.max(this.#restartDelay * 2, leastRestartDelay), mostRestartDelay);
    this.#begin('init', now);
  }

  #begin(state: 'init' | 'init-reboot', now: Time): void {
    this.#disarm();
    this.#lease = undefined;
    this.#xid = this.#newXid();
    this.#state = state;
    this.#resendAt = now + this.#restartDelay;
  }

  #ask(state: 'renewing' | 'rebinding', now: Time): void {
    this.#state = state;
    this.#resend(now);
  }

  /** client_timeout_resend */
  #resend(now: Time): void {
    this.#resendAt = never;
    switch (this.#state) {
      case 'init':
      case 'selecting':
        this.#state = 'selecting';
        this.#discovers += 1;
        this.#resendAt = now + this.#patience(this.#discovers);
        this.#port.send({...this.#compose('discover'), requestedAddress: this.#before}, 'everybody');
        return;
      case 'init-reboot':
        this.#state = 'rebooting';
        this.#requests = 0;
        this.#request(mostRequestsOnReboot, 4, {requestedAddress: this.#before}, now);
        return;
      case 'rebooting':
        this.#request(mostRequestsOnReboot, 4, {requestedAddress: this.#before}, now);
        return;
      case 'requesting': {
        const {address, serverId} = this.#lease!;
        this.#request(mostRequests, 1, {requestedAddress: address, serverId}, now);
        return;
      }
      case 'renewing':
        this.#resendAt = now + untilNext(now, this.#rebindAt);
        this.#port.send({...this.#compose('request'), clientAddress: this.#lease!.address}, this.#lease!.serverId);
        return;
      case 'rebinding':
        this.#resendAt = now + untilNext(now, this.#expireAt);
        this.#port.send({...this.#compose('request'), clientAddress: this.#lease!.address}, 'everybody');
        return;
      case 'bound':
      case 'stopped':
        return;
    }
  }

  #request(most: number, faster: number, options: Partial<Dhcp>, now: Time): void {
    if (this.#requests >= most) {
      this.#refused(now);
      return;
    }
    this.#requests += 1;
    this.#resendAt = now + Math.floor(this.#patience(this.#requests) / faster);
    this.#port.send({...this.#compose('request'), ...options}, 'everybody');
  }

  /** 4, 8, 16, 32 and then 64 seconds (RFC 2131, 4.1). */
  #patience(attempt: number): Time {
    return seconds(2 ** Math.min(attempt + 1, 6)) + this.#fuzz();
  }

  #fuzz(): Time {
    return Math.floor(this.#draw() * 2 * fuzz) - fuzz;
  }

  #newXid(): number {
    return Math.floor(this.#draw() * 0x1_0000_0000);
  }

  #draw(): number {
    return this.#settings.draw(this.#drawn++);
  }

  #disarm(): void {
    this.#resendAt = this.#renewAt = this.#rebindAt = this.#expireAt = never;
  }

  #compose(messageType: DhcpMessageType): Dhcp {
    const {mac, clientId} = this.#settings;
    return {
      ...{kind: 'dhcp', operation: 'request', xid: this.#xid, broadcast: false, clientAddress: 0, yourAddress: 0},
      ...{clientMac: mac, messageType, clientId, requestedAddress: undefined, serverId: undefined},
      ...{leaseSeconds: undefined, renewalSeconds: undefined, rebindingSeconds: undefined},
      ...{subnetMask: undefined, router: undefined, dns: [], mtu: undefined, routes: []},
    };
  }
}

const awaitsAnswer: ReadonlySet<DhcpClientState> = new Set(['rebooting', 'requesting', 'renewing', 'rebinding']);

/** Half of what is left, but not less than a minute (RFC 2131, 4.4.5). */
function untilNext(now: Time, end: Time): Time {
  return Math.max(Math.floor((end - now) / 2), leastRenewalInterval);
}
