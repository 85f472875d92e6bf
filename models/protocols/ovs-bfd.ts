import {milliseconds, never, type Time} from '../../engine/time.ts';
import type {BfdControl, BfdDiagnostic, BfdState} from '../wire/bfd.ts';

/** What `Interface:bfd` may set, in whole milliseconds; defaults of Open vSwitch (lib/bfd.c, bfd_configure). */
export type OvsBfdSettings = {
  readonly minTx: number;
  readonly minRx: number;
  readonly mult: number;
  /** 0 is off. */
  readonly decayMinRx: number;
};

export const ovsBfdDefaults: OvsBfdSettings = {minTx: 100, minRx: 1000, mult: 3, decayMinRx: 0};

/** What a session needs from its surroundings. */
export type OvsBfdPort = {
  /** Sends a control packet to the peer. */
  send(packet: BfdControl): void;
  /** The session's state has changed, or what the peer says of its own state or path. */
  changed(from: BfdState, to: BfdState): void;
  /** Packets of any kind that the tunnel has received so far; only asked when decay_min_rx is set. */
  receivedPackets(): number;
};

export type OvsBfdIdentity = {
  readonly discriminator: number;
  /** The host's clock shows whole milliseconds that begin this many microseconds before ours. */
  readonly phase: Time;
  /** The `count`-th percentage by which an interval is shortened, uniform in [0, 1). */
  jitter(count: number): number;
};

/** A session as `ovs-appctl bfd/show` tells it, in milliseconds; `…In` counts from now, and is negative for what is past. */
export type OvsBfdDetails = {
  readonly forwarding: boolean;
  readonly mult: number;
  readonly txInterval: number;
  readonly rxInterval: number;
  readonly detectIn: number;
  readonly nextTxIn: number;
  readonly lastTxIn: number;
  readonly local: OvsBfdEnd;
  readonly remote: OvsBfdEnd & {readonly mult: number};
};

export type OvsBfdEnd = {
  readonly poll: boolean;
  readonly final: boolean;
  readonly state: BfdState;
  readonly diagnostic: BfdDiagnostic;
  readonly discriminator: number;
  readonly minTx: number;
  readonly minRx: number;
};

/** The monitor thread looks at what was newly configured at least this often (ofproto-dpif-monitor.c). */
export const monitorInterval = 100;

/**
 * Received state → own state → what becomes of it. RFC 5880, 6.8.6; Open vSwitch never answers admin-down otherwise.
 *
 * |        | hears admin-down | hears down | hears init | hears up |
 * | ------ | ---------------- | ---------- | ---------- | -------- |
 * | down   | down             | init       | up         | down     |
 * | init   | down             | init       | up         | up       |
 * | up     | down             | down       | up         | up       |
 */
const onHearing: Readonly<Record<'down' | 'init' | 'up', Readonly<Record<BfdState, BfdState>>>> = {
  down: {'admin-down': 'down', down: 'init', init: 'up', up: 'down'},
  init: {'admin-down': 'down', down: 'init', init: 'up', up: 'up'},
  up: {'admin-down': 'down', down: 'down', init: 'up', up: 'up'},
};

/**
 * One end of a BFD session as Open vSwitch 3.1 runs it on a tunnel (lib/bfd.c). Its clock shows whole milliseconds. Who
 * runs it, the monitor thread, wakes when the session asked for it the last time it was looked at: a packet that brings
 * the next transmission forward does not wake it (ofproto-dpif-monitor.c: the heap is only changed by monitor_mport_run).
 */
export class OvsBfd {
  readonly #identity: OvsBfdIdentity;
  readonly #port: OvsBfdPort;
  #settings: OvsBfdSettings;

  #state: 'down' | 'init' | 'up' = 'down';
  #diagnostic: BfdDiagnostic = 'no-diagnostic';
  #poll = false;
  #final = false;
  #minTx = 1000;
  #minRx: number;
  #pollMinTx = 0;
  #pollMinRx = 0;
  #lastTx = 0;
  #nextTx = 0;
  #detectTime = 0;
  /** What `#detectTime` was last pushed out by. */
  #silence = 0;
  #jitters = 0;
  #runAt: number;

  #remoteState: BfdState = 'down';
  #remoteDiagnostic: BfdDiagnostic = 'no-diagnostic';
  #remoteDiscriminator = 0;
  #remoteMinRx = 1;
  #remoteMinTx = 0;
  #remoteMult = 0;
  #remotePoll = false;
  #remoteFinal = false;

  #inDecay = false;
  #decayPackets = 0;
  #decayHeard = 0;
  #decayAt = 0;

  /** `looksAt`: when the monitor thread first looks at the session, if that is not when it next looks at new ones. */
  constructor(
    identity: OvsBfdIdentity,
    settings: OvsBfdSettings,
    port: OvsBfdPort,
    looksAt: Time | undefined,
    now: Time,
  ) {
    this.#identity = identity;
    this.#settings = usable(settings);
    this.#port = port;
    this.#minTx = settings.minTx;
    this.#minRx = settings.minRx;
    this.#runAt = looksAt === undefined ? this.#nextMonitorRound(now) : this.#clock(looksAt);
    if (this.#settings.decayMinRx > 0) this.#beginDecay(now);
  }

  get state(): 'down' | 'init' | 'up' {
    return this.#state;
  }

  get diagnostic(): BfdDiagnostic {
    return this.#diagnostic;
  }

  get settings(): OvsBfdSettings {
    return this.#settings;
  }

  /** Whether the tunnel may carry traffic (bfd_forwarding__). */
  get forwarding(): boolean {
    return this.#state === 'up' && !isPathDown(this.#remoteDiagnostic);
  }

  /** When the monitor thread will look at the session again. */
  get wakeAt(): Time {
    return this.#ring(this.#runAt);
  }

  /** When the next control packet is due. */
  get sendAt(): Time {
    return this.#ring(this.#nextTx);
  }

  /** When the session goes down unless a packet comes; `never` while it is down. */
  get detectAt(): Time {
    return this.#state === 'down' ? never : this.#ring(this.#detectTime);
  }

  /** How long the peer may be silent after what it said last, or might have been before the session went down. */
  get detectionTime(): Time {
    return milliseconds(this.#silence);
  }

  /** The longest possible span between two of its packets. */
  get sendInterval(): Time {
    return milliseconds(this.#txInterval);
  }

  /** How it stands at `now`. (bfd_put_details) */
  details(now: Time): OvsBfdDetails {
    const clock = this.#clock(now);
    return {
      forwarding: this.forwarding,
      mult: this.#settings.mult,
      txInterval: this.#txInterval,
      rxInterval: this.#rxInterval,
      detectIn: this.#detectTime - clock,
      nextTxIn: this.#nextTx - clock,
      lastTxIn: this.#lastTx - clock,
      local: {
        ...{poll: this.#poll, final: this.#final, state: this.#state, diagnostic: this.#diagnostic},
        discriminator: this.#identity.discriminator,
        ...{minTx: this.#desiredMinTx, minRx: this.#minRx},
      },
      remote: {
        ...{poll: this.#remotePoll, final: this.#remoteFinal},
        ...{state: this.#remoteState, diagnostic: this.#remoteDiagnostic},
        discriminator: this.#remoteDiscriminator,
        ...{minTx: this.#remoteMinTx, minRx: this.#remoteMinRx, mult: this.#remoteMult},
      },
    };
  }

  /** Up and with nothing but its next packet on its mind, which will say what the last one said. */
  get steady(): boolean {
    const {minTx, minRx, decayMinRx} = this.#settings;
    const agreed = this.#minTx === minTx && this.#minRx === minRx && decayMinRx === 0;
    return this.#state === 'up' && !this.#poll && !this.#final && agreed;
  }

  /** Sets new timers. On a session that is not down a poll sequence begins. (bfd_configure) */
  configure(wanted: OvsBfdSettings, now: Time): void {
    const before = this.#settings;
    const settings = usable(wanted);
    this.#settings = settings;
    const idle = this.#state === 'up' && !this.#poll;
    if (before.minTx !== settings.minTx && (this.#state !== 'up' || (idle && settings.minTx < this.#minTx))) {
      this.#minTx = settings.minTx;
    }
    if (before.minRx !== settings.minRx && (this.#state !== 'up' || (idle && settings.minRx > this.#minRx))) {
      this.#minRx = settings.minRx;
    }
    if (before.decayMinRx !== settings.decayMinRx || before.minRx !== settings.minRx) {
      this.#inDecay = false;
      this.#beginDecay(now);
    }
    if (
      before.minTx !== settings.minTx ||
      before.minRx !== settings.minRx ||
      before.decayMinRx !== settings.decayMinRx
    ) {
      this.#beginPoll();
    }
    this.#runAt = Math.min(this.#runAt, this.#nextMonitorRound(now));
  }

  /** What the monitor thread does when it wakes, until nothing of this session is due. (monitor_run) */
  wake(now: Time): void {
    const clock = this.#clock(now);
    while (clock >= this.#runAt) this.#run(clock, now);
  }

  /** Whether the packet may be taken in at all. (bfd_process_packet; RFC 5880, 6.8.6) */
  accepts(packet: BfdControl): boolean {
    if (packet.version !== 1 || packet.authentication || packet.multipoint) return false;
    if (packet.detectMult === 0 || packet.myDiscriminator === 0) return false;
    if (packet.yourDiscriminator !== 0) return packet.yourDiscriminator === this.#identity.discriminator;
    return packet.state === 'down' || packet.state === 'admin-down';
  }

  /** Whether taking the packet in would do no more than push out the detection time. */
  expects(packet: BfdControl): boolean {
    return (
      this.steady &&
      packet.state === 'up' &&
      !packet.poll &&
      !packet.final &&
      packet.myDiscriminator === this.#remoteDiscriminator &&
      packet.yourDiscriminator === this.#identity.discriminator &&
      packet.diagnostic === this.#remoteDiagnostic &&
      packet.detectMult === this.#remoteMult &&
      packet.requiredMinRx === milliseconds(this.#remoteMinRx) &&
      packet.desiredMinTx === milliseconds(this.#remoteMinTx)
    );
  }

  /** Takes in a control packet. Wrong ones are ignored. (bfd_process_packet) */
  receive(packet: BfdControl, now: Time): void {
    this.#decayHeard += 1;
    if (!this.accepts(packet)) return;
    const clock = this.#clock(now);
    const from = this.#state;
    const {forwarding} = this;
    const seen = this.#remoteState;
    this.#remoteDiscriminator = packet.myDiscriminator;
    this.#remoteState = packet.state;
    this.#remoteDiagnostic = packet.diagnostic;
    this.#remotePoll = packet.poll;
    this.#remoteFinal = packet.final;
    this.#takePollBits(packet);
    this.#remoteMult = packet.detectMult;
    this.#takeRemoteMinRx(Math.max(Math.floor(packet.requiredMinRx / 1000), 1));
    this.#remoteMinTx = Math.max(Math.floor(packet.desiredMinTx / 1000), 1);
    this.#armDetection(clock);
    const to = onHearing[this.#state][packet.state] as 'down' | 'init' | 'up';
    if (to === 'down' && this.#state !== 'down') this.#become('down', 'neighbor-signaled-session-down', clock);
    else if (to !== this.#state) this.#become(to, this.#diagnostic, clock);
    else if (seen !== packet.state || forwarding !== this.forwarding) this.#port.changed(from, from);
    if (this.#final || clock >= this.#nextTx) this.#runAt = Math.min(this.#runAt, this.#nextMonitorRound(now));
  }

  /** Comes up out of nothing with a peer that has been up for long: both ends agree and the next packets are due. */
  settle(peer: OvsBfdSettings, remoteDiscriminator: number, heardAt: Time, sentAt: Time): void {
    this.#state = 'up';
    this.#remoteState = 'up';
    this.#remoteDiscriminator = remoteDiscriminator;
    this.#remoteMinRx = peer.minRx;
    this.#remoteMinTx = peer.minTx;
    this.#remoteMult = peer.mult;
    this.#armDetection(this.#clock(heardAt));
    this.#lastTx = this.#clock(sentAt);
    this.#setNextTx();
    this.#runAt = this.#wakeTime();
  }

  /**
   * A packet was sent at `now`, the same as the one before, without being made. Only for a steady session that hears from
   * its peer often enough to have nothing but its next packet to wake for.
   */
  countSent(now: Time): void {
    this.#lastTx = this.#clock(now);
    this.#setNextTx();
    this.#runAt = this.#nextTx;
  }

  /** A packet was taken in at `now`, the same as the one before, without being read. Only for a steady session. */
  countReceived(now: Time): void {
    this.#armDetection(this.#clock(now));
  }

  /** Sends if it is time, then looks at the deadlines. (monitor_mport_run, bfd_run) */
  #run(clock: number, now: Time): void {
    if (this.#final || clock >= this.#nextTx) this.#send(clock);
    if (this.#state !== 'down' && clock >= this.#detectTime)
      this.#become('down', 'control-detection-time-expired', clock);
    const wasInDecay = this.#inDecay;
    if (this.#state === 'up' && this.#settings.decayMinRx > 0 && clock >= this.#decayAt) this.#tryDecay(now);
    const {minTx, minRx, decayMinRx} = this.#settings;
    const rxDiffers = this.#minRx !== minRx && this.#minRx !== decayMinRx;
    if (this.#minTx !== minTx || rxDiffers || this.#inDecay !== wasInDecay) this.#beginPoll();
    this.#runAt = this.#wakeTime();
  }

  #send(clock: number): void {
    this.#port.send(this.#compose());
    this.#final = false;
    this.#lastTx = clock;
    this.#setNextTx();
  }

  #compose(): BfdControl {
    return {
      kind: 'bfd',
      version: 1,
      diagnostic: this.#diagnostic,
      state: this.#state,
      poll: this.#poll,
      final: this.#final,
      controlPlaneIndependent: false,
      authentication: false,
      demand: false,
      multipoint: false,
      detectMult: this.#settings.mult,
      myDiscriminator: this.#identity.discriminator,
      yourDiscriminator: this.#remoteDiscriminator,
      desiredMinTx: milliseconds(this.#poll ? this.#pollMinTx : this.#desiredMinTx),
      requiredMinRx: milliseconds(this.#poll ? this.#pollMinRx : this.#minRx),
      requiredMinEchoRx: 0,
    };
  }

  #armDetection(clock: number): void {
    this.#silence = this.#rxInterval * this.#remoteMult;
    this.#detectTime = clock + this.#silence;
  }

  #takePollBits(packet: BfdControl): void {
    if (packet.final && this.#poll) {
      this.#minTx = this.#pollMinTx;
      this.#minRx = this.#pollMinRx;
      this.#poll = false;
    }
    if (packet.poll) {
      this.#poll = false;
      this.#final = true;
    }
  }

  #takeRemoteMinRx(remoteMinRx: number): void {
    if (this.#remoteMinRx === remoteMinRx) return;
    this.#remoteMinRx = remoteMinRx;
    if (this.#nextTx > 0) this.#setNextTx();
  }

  #become(state: 'down' | 'init' | 'up', diagnostic: BfdDiagnostic, clock: number): void {
    const from = this.#state;
    this.#state = state;
    this.#diagnostic = diagnostic;
    if (state === 'down') {
      this.#remoteState = 'down';
      this.#remoteDiagnostic = 'no-diagnostic';
      this.#remotePoll = this.#remoteFinal = false;
      this.#remoteMinRx = 1;
      this.#remoteMinTx = 0;
      this.#remoteDiscriminator = 0;
      if (this.#inDecay) this.#minRx = this.#settings.minRx;
      this.#inDecay = false;
    }
    if (state === 'up' && this.#settings.decayMinRx > 0) this.#beginDecay(this.#ring(clock));
    this.#port.changed(from, state);
  }

  /** RFC 5880, 6.8.3: at least a second while not up. (bfd_min_tx) */
  get #desiredMinTx(): number {
    return this.#state === 'up' ? this.#minTx : Math.max(this.#minTx, 1000);
  }

  get #txInterval(): number {
    return Math.max(this.#desiredMinTx, this.#remoteMinRx);
  }

  get #rxInterval(): number {
    return Math.max(this.#minRx, this.#remoteMinTx);
  }

  /** Shortened by a whole percentage of 0 to 25, or 10 to 25 with a multiplier of one. (bfd_set_next_tx) */
  #setNextTx(): void {
    const interval = this.#txInterval;
    const drawn = this.#identity.jitter(this.#jitters);
    this.#jitters += 1;
    const percent = this.#settings.mult === 1 ? 10 + Math.floor(drawn * 16) : Math.floor(drawn * 26);
    this.#nextTx = this.#lastTx + interval - Math.floor((interval * percent) / 100);
  }

  #beginPoll(): void {
    if (this.#state === 'down' || this.#poll || this.#final) return;
    this.#pollMinTx = this.#settings.minTx;
    this.#pollMinRx = this.#inDecay ? this.#settings.decayMinRx : this.#settings.minRx;
    this.#poll = true;
    this.#nextTx = 0;
  }

  /** bfd_wake_time: at once with a final to send, else the next transmission or detection. */
  #wakeTime(): number {
    if (this.#final) return 0;
    return this.#state === 'down' ? this.#nextTx : Math.min(this.#nextTx, this.#detectTime);
  }

  /** bfd_try_decay: doubled, because the interface's counter and the session's are not read at one moment. */
  #tryDecay(now: Time): void {
    const received = this.#port.receivedPackets() - this.#decayPackets;
    this.#inDecay = received <= 2 * Math.max(this.#decayHeard, 1);
    this.#beginDecay(now);
  }

  #beginDecay(now: Time): void {
    this.#decayPackets = this.#port.receivedPackets();
    this.#decayHeard = 0;
    this.#decayAt = this.#clock(now) + Math.max(this.#settings.decayMinRx, 2000);
  }

  #nextMonitorRound(now: Time): number {
    return (Math.floor(this.#clock(now) / monitorInterval) + 1) * monitorInterval;
  }

  #clock(now: Time): number {
    return Math.floor((now + this.#identity.phase) / 1000);
  }

  #ring(clock: number): Time {
    return Math.max(milliseconds(clock) - this.#identity.phase, 0);
  }
}

/** A decay_min_rx below min_rx is refused (bfd_configure). */
function usable(settings: OvsBfdSettings): OvsBfdSettings {
  return settings.decayMinRx < settings.minRx ? {...settings, decayMinRx: 0} : settings;
}

/** RFC 5880, 4.1: diagnostics by which a peer says that its path is down although the session is not. */
function isPathDown(diagnostic: BfdDiagnostic): boolean {
  return (
    diagnostic === 'path-down' ||
    diagnostic === 'concatenated-path-down' ||
    diagnostic === 'reverse-concatenated-path-down'
  );
}
