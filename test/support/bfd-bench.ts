import {milliseconds, toSeconds, type Time} from '../../engine/time.ts';
import {OvsBfd, ovsBfdDefaults, type OvsBfdSettings} from '../../models/protocols/ovs-bfd.ts';
import type {BfdControl, BfdState} from '../../models/wire/bfd.ts';

export const ourDiscriminator = 7;
export const peerDiscriminator = 9;

/** A control packet of a peer that is up, knows us and has the default timers, unless `changes` say otherwise. */
export function bfdPacket(changes: Partial<BfdControl> = {}): BfdControl {
  const {state = 'up'} = changes;
  return {
    kind: 'bfd',
    version: 1,
    diagnostic: 'no-diagnostic',
    state,
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    authentication: false,
    demand: false,
    multipoint: false,
    detectMult: 3,
    myDiscriminator: peerDiscriminator,
    yourDiscriminator: state === 'down' || state === 'admin-down' ? 0 : ourDiscriminator,
    desiredMinTx: milliseconds(state === 'up' ? 100 : 1000),
    requiredMinRx: milliseconds(1000),
    requiredMinEchoRx: 0,
    ...changes,
  };
}

export type BfdBenchOptions = {
  readonly settings?: Partial<OvsBfdSettings>;
  readonly phase?: Time;
  readonly discriminator?: number;
  readonly threadStarts?: boolean;
  /** The share of the jitter that is drawn next. */
  readonly jitter?: () => number;
  /** Where its packets go besides the record. */
  readonly transmit?: (packet: BfdControl, at: Time) => void;
  readonly beginsAt?: Time;
};

export type BfdSent = {readonly at: Time; readonly packet: BfdControl};

/** One end of a BFD session and a clock. What it sends and becomes is kept, and told as lines. */
export class BfdBench {
  readonly session: OvsBfd;
  readonly sent: BfdSent[] = [];
  readonly lines: string[] = [];
  readonly changes: {readonly at: Time; readonly from: BfdState; readonly to: BfdState}[] = [];
  /** How often the monitor thread has looked at the session. */
  wakes = 0;
  /** What the tunnel's counter shows. */
  packets = 0;
  readonly beginsAt: Time;
  #now: Time;

  constructor(options: BfdBenchOptions = {}) {
    const {settings = {}, phase = 0, discriminator = ourDiscriminator, threadStarts = true, beginsAt = 0} = options;
    const {jitter = () => 0, transmit} = options;
    this.#now = this.beginsAt = beginsAt;
    this.session = new OvsBfd(
      {discriminator, phase, jitter},
      {...ovsBfdDefaults, ...settings},
      {
        send: packet => {
          this.sent.push({at: this.#now, packet});
          this.#note(`sends ${describe(packet)}`);
          transmit?.(packet, this.#now);
        },
        changed: (from, to) => {
          this.changes.push({at: this.#now, from, to});
          const told = from === to ? `${to}, the peer is different` : `${from} → ${to}`;
          this.#note(told);
        },
        receivedPackets: () => this.packets,
      },
      threadStarts ? beginsAt : undefined,
      beginsAt,
    );
  }

  get now(): Time {
    return this.#now;
  }

  /** When its packets left. */
  get sentAt(): readonly Time[] {
    return this.sent.map(({at}) => at);
  }

  get last(): BfdControl {
    return this.sent[this.sent.length - 1].packet;
  }

  /** Lets time pass, with what is due at `time` itself. */
  until(time: Time): this {
    while (this.session.wakeAt <= time) {
      this.#now = Math.max(this.session.wakeAt, this.#now);
      this.wakes += 1;
      this.session.wake(this.#now);
    }
    this.#now = time;
    return this;
  }

  /** The clock shows `time`, and nothing that is due has been done yet. */
  stand(time: Time): this {
    this.#now = time;
    return this;
  }

  pass(time: Time): this {
    return this.until(this.#now + time);
  }

  /** A packet comes in. */
  hear(changes: Partial<BfdControl> = {}): this {
    return this.take(bfdPacket(changes));
  }

  take(packet: BfdControl): this {
    this.packets += 1;
    this.session.receive(packet, this.#now);
    return this;
  }

  configure(settings: Partial<OvsBfdSettings>): this {
    this.session.configure({...this.session.settings, ...settings}, this.#now);
    return this;
  }

  /** Up with a peer of these timers, having sent a packet that says so. */
  up(changes: Partial<BfdControl> = {}): this {
    const patient = {...changes, desiredMinTx: milliseconds(1000), detectMult: 3};
    this.until(this.#now).hear({...patient, state: 'init'});
    while (this.last.state !== 'up') this.until(this.session.wakeAt).hear(patient);
    return this.hear(changes).clear();
  }

  /** Lets time pass while the peer sends the same packet every `every`. */
  heartbeats(until: Time, every: Time, changes: Partial<BfdControl> = {}): this {
    while (this.#now + every <= until) this.pass(every).hear(changes);
    return this.until(until);
  }

  /** Forgets what was kept so far. */
  clear(): this {
    this.sent.length = this.lines.length = this.changes.length = 0;
    this.wakes = 0;
    return this;
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#now).toFixed(3)} ${line}`);
  }
}

/** A packet as a few words: state, flags, timers in milliseconds, diagnostic, to whom. */
export function describe(packet: BfdControl): string {
  const {state, poll, final, desiredMinTx, requiredMinRx, diagnostic, yourDiscriminator} = packet;
  return [
    state,
    ...(poll ? ['poll'] : []),
    ...(final ? ['final'] : []),
    `${desiredMinTx / 1000}/${requiredMinRx / 1000}`,
    ...(diagnostic === 'no-diagnostic' ? [] : [diagnostic]),
    yourDiscriminator === 0 ? 'to nobody' : 'to the peer',
  ].join(' ');
}
