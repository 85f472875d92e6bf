import {toSeconds, type Time} from '../../engine/time.ts';
import {BfdPeer, type BfdPeerSettings} from '../../models/protocols/bfd-peer.ts';
import {NextHopBfd, nextHopBfdDefaults, type NextHopBfdSettings} from '../../models/protocols/next-hop-bfd.ts';
import type {BfdControl, BfdState} from '../../models/wire/bfd.ts';
import {describe} from './bfd-bench.ts';

type End = 'ovn' | 'peer';
type Frame = {readonly at: Time; readonly to: End; readonly packet: BfdControl};

export type NextHopPairOptions = {
  /** How long a packet takes that leaves at `at`, or that it is lost. */
  readonly link?: (from: End, at: Time) => Time | 'lost';
  readonly ovn?: Partial<NextHopBfdSettings>;
  readonly peer?: Partial<BfdPeerSettings>;
  /** Of the clock of OVN's host. */
  readonly phase?: Time;
  /** The shares of the jitter that are drawn. */
  readonly jitter?: (count: number) => number;
};

export const ovnDiscriminator = 7;
export const peerDiscriminator = 9;

/** A session of ovn-controller and a router by the book, with a toy link between them. What they say is kept as lines. */
export class NextHopPair {
  readonly lines: string[] = [];
  ovn: NextHopBfd;
  readonly peer: BfdPeer;
  readonly #options: NextHopPairOptions;
  #frames: Frame[] = [];
  #now: Time = 0;

  constructor(options: NextHopPairOptions = {}) {
    this.#options = options;
    this.ovn = this.#makeOvn();
    const {peer = {}, jitter = () => 0} = options;
    this.peer = new BfdPeer(
      {discriminator: peerDiscriminator, jitter},
      {...nextHopBfdDefaults, ...peer},
      this.#portOf('peer'),
      0,
    );
  }

  get now(): Time {
    return this.#now;
  }

  get states(): string {
    return `${this.ovn.state} ${this.peer.state}`;
  }

  /** Another chassis runs OVN's end from now on, and its main loop has seen the row twice. */
  moves(): this {
    this.ovn = this.#makeOvn();
    this.ovn.begin();
    return this;
  }

  /** Lets time pass, one thing after the other; at one instant packets come before alarms. */
  until(time: Time): this {
    for (;;) {
      const frame = this.#first();
      const at = Math.min(frame?.at ?? Infinity, this.ovn.wakeAt, this.peer.wakeAt);
      if (at > time) break;
      this.#now = Math.max(at, this.#now);
      if (frame && frame.at <= at) this.#deliver(frame);
      else {
        if (this.ovn.wakeAt <= this.#now) this.ovn.wake(this.#now);
        if (this.peer.wakeAt <= this.#now) this.peer.wake(this.#now);
      }
    }
    this.#now = time;
    return this;
  }

  clear(): this {
    this.lines.length = 0;
    return this;
  }

  #deliver(frame: Frame): void {
    this.#frames = this.#frames.filter(other => other !== frame);
    if (frame.to === 'peer') this.peer.receive(frame.packet, this.#now);
    else {
      this.ovn.receive(frame.packet, this.#now);
      this.ovn.wake(this.#now);
    }
  }

  #makeOvn(): NextHopBfd {
    const {ovn = {}, phase = 0, jitter = () => 0} = this.#options;
    return new NextHopBfd(
      {discriminator: ovnDiscriminator, phase, jitter},
      {...nextHopBfdDefaults, ...ovn},
      this.#portOf('ovn'),
      this.#now,
    );
  }

  #portOf(end: End) {
    return {
      send: (packet: BfdControl) => {
        this.#note(end, `says ${describe(packet)}`);
        const taken = this.#options.link?.(end, this.#now) ?? 1_000;
        if (taken === 'lost') return;
        this.#frames.push({at: this.#now + taken, to: end === 'ovn' ? 'peer' : 'ovn', packet});
      },
      changed: (from: BfdState, to: BfdState, why: string) => {
        this.#note(end, `${from} → ${to}${why === 'no-diagnostic' ? '' : ` (${why})`}`);
      },
    };
  }

  #note(end: End, text: string): void {
    this.lines.push(`${toSeconds(this.#now).toFixed(3)} ${end}: ${text}`);
  }

  #first(): Frame | undefined {
    let first: Frame | undefined;
    for (const frame of this.#frames) if (!first || frame.at < first.at) first = frame;
    return first;
  }
}
