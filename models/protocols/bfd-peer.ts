import {milliseconds, never, seconds, type Time} from '../../engine/time.ts';
import type {BfdControl, BfdDiagnostic, BfdState} from '../wire/bfd.ts';
import {onHearing} from './bfd-states.ts';

export type BfdPeerSettings = {readonly minTx: Time; readonly minRx: Time; readonly detectMult: number};

/** What FRR has when nothing is configured (bfdd/bfd.h: BFD_DEFDESIREDMINTX, BFD_DEFREQUIREDMINRX, BFD_DEFDETECTMULT). */
export const bfdPeerDefaults: BfdPeerSettings = {
  minTx: milliseconds(300),
  minRx: milliseconds(300),
  detectMult: 3,
};

export type BfdPeerPort = {
  send(packet: BfdControl): void;
  changed(from: BfdState, to: BfdState, why: BfdDiagnostic): void;
};

export type BfdPeerIdentity = {
  readonly discriminator: number;
  /** The `count`-th percentage by which an interval is shortened, uniform in [0, 1). */
  jitter(count: number): number;
};

/** RFC 5880, 6.8.3: while it is not up it says that it sends no faster than this, and does not. */
const slowMinTx: Time = seconds(1);

/**
 * One end of a BFD session of a router by the book: RFC 5880 in asynchronous mode, in the active role, without echo,
 * demand and authentication. Where the RFC leaves a choice it is that of FRR: a packet goes out at once when the session
 * comes up or goes down, and with the former begins a poll for the timers that hold from then on.
 */
export class BfdPeer {
  readonly #identity: BfdPeerIdentity;
  readonly #settings: BfdPeerSettings;
  readonly #port: BfdPeerPort;
  #state: BfdState = 'down';
  #diagnostic: BfdDiagnostic = 'no-diagnostic';
  #poll = false;
  /** What it keeps to at present; 1 s or more while it is not up, and until the peer has answered the poll. */
  #minTx: Time;
  #sendAt: Time;
  #detectAt: Time = never;
  #detectionTime: Time = 0;
  #remoteDiscriminator = 0;
  #remoteMinRx: Time = 1;
  #jitters = 0;

  constructor(identity: BfdPeerIdentity, settings: BfdPeerSettings, port: BfdPeerPort, now: Time) {
    this.#identity = identity;
    this.#settings = settings;
    this.#port = port;
    this.#minTx = this.#slow;
    this.#sendAt = now;
  }

  get state(): BfdState {
    return this.#state;
  }

  get wakeAt(): Time {
    return Math.min(this.sendAt, this.#detectAt);
  }

  /** When the next packet is due. */
  get sendAt(): Time {
    return this.#remoteMinRx > 0 ? this.#sendAt : never;
  }

  /** How long the peer may be silent: its multiplier times the slower of the two (6.8.4). */
  get detectionTime(): Time {
    return this.#detectionTime;
  }

  /** Has long been up with a peer of these timers, of which it heard and to which it spoke before the run. */
  settle(peer: BfdPeerSettings, remoteDiscriminator: number, heardAt: Time, sentAt: Time): void {
    this.#state = 'up';
    this.#minTx = this.#settings.minTx;
    this.#remoteDiscriminator = remoteDiscriminator;
    this.#remoteMinRx = peer.minRx;
    this.#detectionTime = peer.detectMult * Math.max(this.#settings.minRx, peer.minTx);
    this.#detectAt = heardAt + this.#detectionTime;
    this.#sendAt = Math.max(sentAt + this.#drawInterval(), 0);
  }

  wake(now: Time): void {
    if (now >= this.#detectAt) this.#expire();
    if (now < this.sendAt) return;
    this.#send(false);
    this.#sendAt = now + this.#drawInterval();
  }

  /** Whether the packet may be taken in: the checks of 6.8.6. */
  accepts(packet: BfdControl): boolean {
    if (packet.version !== 1 || packet.authentication || packet.multipoint) return false;
    if (packet.detectMult === 0 || packet.myDiscriminator === 0) return false;
    if (packet.yourDiscriminator !== 0) return packet.yourDiscriminator === this.#identity.discriminator;
    return packet.state === 'down' || packet.state === 'admin-down';
  }

  /** Takes in a control packet of the peer; wrong ones are ignored. */
  receive(packet: BfdControl, now: Time): void {
    if (!this.accepts(packet)) return;
    this.#remoteDiscriminator = packet.myDiscriminator;
    this.#remoteMinRx = packet.requiredMinRx;
    if (packet.final && this.#poll) this.#endPoll(now);
    this.#detectionTime = packet.detectMult * Math.max(this.#settings.minRx, packet.desiredMinTx);
    this.#detectAt = now + this.#detectionTime;
    const to = onHearing[this.#state][packet.state];
    if (to !== this.#state) this.#become(to, to === 'down' ? 'neighbor-signaled-session-down' : 'no-diagnostic');
    if (packet.poll) this.#send(true);
  }

  get #slow(): Time {
    return Math.max(this.#settings.minTx, slowMinTx);
  }

  /** A whole detection time without a packet: the peer's discriminator is forgotten (6.8.1), and the session is down. */
  #expire(): void {
    this.#detectAt = never;
    this.#remoteDiscriminator = 0;
    if (this.#state === 'init' || this.#state === 'up') this.#become('down', 'control-detection-time-expired');
  }

  #become(state: BfdState, why: BfdDiagnostic): void {
    const from = this.#state;
    this.#state = state;
    this.#diagnostic = why;
    if (state === 'down') this.#minTx = this.#slow;
    this.#poll = state === 'up';
    this.#port.changed(from, state, why);
    if (state !== 'init') this.#send(false);
  }

  #endPoll(now: Time): void {
    this.#poll = false;
    this.#minTx = this.#settings.minTx;
    this.#sendAt = Math.min(this.#sendAt, now + this.#drawInterval());
  }

  #send(final: boolean): void {
    const {minTx, minRx, detectMult} = this.#settings;
    this.#port.send({
      kind: 'bfd',
      version: 1,
      diagnostic: this.#diagnostic,
      state: this.#state,
      poll: this.#poll && !final,
      final,
      controlPlaneIndependent: false,
      authentication: false,
      demand: false,
      multipoint: false,
      detectMult,
      myDiscriminator: this.#identity.discriminator,
      yourDiscriminator: this.#remoteDiscriminator,
      desiredMinTx: this.#poll ? minTx : this.#minTx,
      requiredMinRx: minRx,
      requiredMinEchoRx: 0,
    });
  }

  /** Shortened by a whole percentage of 0 to 25, or 10 to 25 with a multiplier of one (6.8.7). */
  #drawInterval(): Time {
    const interval = Math.max(this.#minTx, this.#remoteMinRx);
    const drawn = this.#identity.jitter(this.#jitters);
    this.#jitters += 1;
    const percent = this.#settings.detectMult === 1 ? 10 + Math.floor(drawn * 16) : Math.floor(drawn * 26);
    return interval - Math.floor((interval * percent) / 100);
  }
}
