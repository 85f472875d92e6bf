import {milliseconds, never, type Time} from '../../engine/time.ts';
import type {BfdControl, BfdDiagnostic, BfdState} from '../wire/bfd.ts';
import {onHearing} from './bfd-states.ts';

/** The timers of a row of OVN's table BFD; spans are whole milliseconds. */
export type NextHopBfdSettings = {readonly minTx: Time; readonly minRx: Time; readonly detectMult: number};

/** northd/northd.c: BFD_DEF_MINTX, BFD_DEF_MINRX, BFD_DEF_DETECT_MULT. */
export const nextHopBfdDefaults: NextHopBfdSettings = {
  minTx: milliseconds(1000),
  minRx: milliseconds(1000),
  detectMult: 5,
};

export type NextHopBfdPort = {
  /** Sends a control packet to the next hop. */
  send(packet: BfdControl): void;
  /** `why` is what RFC 5880 would have it say; OVN itself never says why. */
  changed(from: BfdState, to: BfdState, why: BfdDiagnostic): void;
};

export type NextHopBfdIdentity = {
  /** From the row: the same on whichever chassis the session runs. */
  readonly discriminator: number;
  /** The host's clock shows whole milliseconds that begin this many microseconds before ours. */
  readonly phase: Time;
  /** The `count`-th share by which an interval is shortened, uniform in [0, 1). */
  jitter(count: number): number;
};

/** Before the next hop was ever heard. It does not matter: a session that is down has no detection time. */
const firstDetectionTimeout = 30_000;

/**
 * One session of next-hop BFD as ovn-controller runs it (OVN 23.03, controller/pinctrl.c, `bfd_entry`). It differs from
 * RFC 5880 in what it leaves out:
 *
 * - It sends as fast as its timers say in every state, not once a second while it is not up (6.8.3).
 * - Silence is found out when its thread next looks, not when the detection time ends: see `wake`.
 * - It never polls; it answers a poll at once.
 * - It never says why it went down, and takes no packet that does not name its own discriminator. So it cannot be brought
 *   up by a peer that has not heard it yet.
 * - The peer's discriminator is forgotten only when the main loop has written `down` to the database.
 */
export class NextHopBfd {
  readonly #identity: NextHopBfdIdentity;
  readonly #settings: NextHopBfdSettings;
  readonly #port: NextHopBfdPort;
  #state: BfdState = 'admin-down';
  #remoteDiscriminator = 0;
  /** Milliseconds, as all that follows. RFC 5880, 6.8.1: 1 until it is known. */
  #remoteMinRx = 1;
  #detectionTimeout = firstDetectionTimeout;
  #heardAt: number;
  #sendAt: number;
  #jitters = 0;

  constructor(identity: NextHopBfdIdentity, settings: NextHopBfdSettings, port: NextHopBfdPort, now: Time) {
    this.#identity = identity;
    this.#settings = settings;
    this.#port = port;
    this.#heardAt = this.#sendAt = this.#clock(now);
  }

  get state(): BfdState {
    return this.#state;
  }

  /** When its thread is to look at it again: when the next packet is due. */
  get wakeAt(): Time {
    return this.#speaks ? this.#ring(this.#sendAt) : never;
  }

  /** When it would be down if its thread looked; `never` if silence does not matter. */
  get detectAt(): Time {
    return this.#listens ? this.#ring(this.#heardAt + this.#detectionTimeout) : never;
  }

  /** How long the next hop may be silent: its own multiplier decides (RFC 5880, 6.8.4). */
  get detectionTime(): Time {
    return milliseconds(this.#detectionTimeout);
  }

  /** The main loop has seen the row a second time: from now on there are packets. (bfd_monitor_run) */
  begin(): void {
    this.#state = 'down';
    this.#remoteDiscriminator = 0;
  }

  /** The main loop has written `down` to the database. (bfd_monitor_run) */
  forgetPeer(): void {
    this.#remoteDiscriminator = 0;
  }

  /** Has long been up with a next hop of these timers, of which it heard and to which it spoke before the run. */
  settle(peer: NextHopBfdSettings, remoteDiscriminator: number, heardAt: Time, sentAt: Time): void {
    this.#state = 'up';
    this.#remoteDiscriminator = remoteDiscriminator;
    this.#remoteMinRx = inMilliseconds(peer.minRx);
    this.#detectionTimeout = this.#timeoutFor(peer.detectMult, inMilliseconds(peer.minTx));
    this.#heardAt = this.#clock(heardAt);
    this.#sendAt = this.#clock(sentAt) + this.#drawInterval();
  }

  /**
   * What the thread does with the session whenever it wakes, for whatever reason: looks whether the next hop has been
   * silent for too long, then sends if it is time. (bfd_monitor_send_msg)
   */
  wake(now: Time): void {
    const clock = this.#clock(now);
    if (this.#listens && clock >= this.#heardAt + this.#detectionTimeout) {
      this.#become('down', 'control-detection-time-expired');
    }
    if (clock < this.#sendAt || !this.#speaks) return;
    this.#send(false);
    this.#sendAt = clock + this.#drawInterval();
  }

  /** Whether the packet is taken in at all. (pinctrl_check_bfd_msg, pinctrl_find_bfd_monitor_entry_by_disc) */
  accepts(packet: BfdControl): boolean {
    if (packet.version !== 1 || packet.authentication || packet.multipoint || packet.detectMult === 0) return false;
    if (packet.poll && packet.final) return false;
    return packet.myDiscriminator !== 0 && packet.yourDiscriminator === this.#identity.discriminator;
  }

  /** Takes in a control packet of the next hop; others are ignored. (pinctrl_handle_bfd_msg) */
  receive(packet: BfdControl, now: Time): void {
    if (!this.accepts(packet)) return;
    this.#remoteDiscriminator = packet.myDiscriminator;
    this.#remoteMinRx = inMilliseconds(packet.requiredMinRx);
    this.#detectionTimeout = this.#timeoutFor(packet.detectMult, inMilliseconds(packet.desiredMinTx));
    if (this.#state !== 'admin-down') this.#heardAt = this.#clock(now);
    const to = onHearing[this.#state][packet.state];
    if (to !== this.#state) this.#become(to, to === 'down' ? 'neighbor-signaled-session-down' : 'no-diagnostic');
    if (packet.poll) this.#send(true);
  }

  get #speaks(): boolean {
    return this.#state !== 'admin-down' && this.#remoteMinRx > 0;
  }

  get #listens(): boolean {
    return this.#state === 'init' || this.#state === 'up';
  }

  #become(state: BfdState, why: BfdDiagnostic): void {
    const from = this.#state;
    this.#state = state;
    this.#port.changed(from, state, why);
  }

  #send(final: boolean): void {
    const {minTx, minRx, detectMult} = this.#settings;
    this.#port.send({
      kind: 'bfd',
      version: 1,
      diagnostic: 'no-diagnostic',
      state: this.#state,
      poll: false,
      final,
      controlPlaneIndependent: false,
      authentication: false,
      demand: false,
      multipoint: false,
      detectMult,
      myDiscriminator: this.#identity.discriminator,
      yourDiscriminator: this.#remoteDiscriminator,
      desiredMinTx: minTx,
      requiredMinRx: minRx,
      requiredMinEchoRx: 0,
    });
  }

  #timeoutFor(remoteMult: number, remoteMinTx: number): number {
    return remoteMult * Math.max(remoteMinTx, inMilliseconds(this.#settings.minRx));
  }

  /** Shortened by whole milliseconds, up to but without a quarter. */
  #drawInterval(): number {
    const interval = Math.max(inMilliseconds(this.#settings.minTx), this.#remoteMinRx);
    const drawn = this.#identity.jitter(this.#jitters);
    this.#jitters += 1;
    return interval < 4 ? interval : interval - Math.floor(drawn * Math.floor(interval / 4));
  }

  #clock(now: Time): number {
    return inMilliseconds(now + this.#identity.phase);
  }

  #ring(clock: number): Time {
    return Math.max(milliseconds(clock) - this.#identity.phase, 0);
  }
}

function inMilliseconds(time: Time): number {
  return Math.floor(time / milliseconds(1));
}
