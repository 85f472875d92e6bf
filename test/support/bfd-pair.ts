import type {Time} from '../../engine/time.ts';
import type {OvsBfdSettings} from '../../models/protocols/ovs-bfd.ts';
import type {BfdControl} from '../../models/wire/bfd.ts';
import {BfdBench} from './bfd-bench.ts';

/** What becomes of a packet that leaves at `at`: how long it takes, or that it is lost. */
export type Link = (from: 'a' | 'b', at: Time, number: number) => Time | 'lost';

type Frame = {readonly at: Time; readonly to: BfdBench; readonly packet: BfdControl};

export type PairOptions = {
  readonly link: Link;
  readonly settings?: readonly [Partial<OvsBfdSettings>, Partial<OvsBfdSettings>];
  readonly phases?: readonly [Time, Time];
  readonly jitters?: readonly [() => number, () => number];
  /** When the second end begins; the first begins at 0. */
  readonly later?: Time;
};

/** Two ends of a BFD session with a toy link between them. Both begin at 0 unless the second comes later. */
export class BfdPair {
  readonly a: BfdBench;
  readonly b: BfdBench;
  readonly #frames: Frame[] = [];
  #now: Time = 0;

  constructor({link, settings = [{}, {}], phases = [0, 0], jitters = [() => 0, () => 0], later = 0}: PairOptions) {
    let [fromA, fromB] = [0, 0];
    const carry = (to: BfdBench, verdict: Time | 'lost', at: Time, packet: BfdControl): void => {
      if (verdict !== 'lost' && at + verdict >= to.beginsAt) this.#frames.push({at: at + verdict, to, packet});
    };
    this.a = new BfdBench({
      settings: settings[0],
      phase: phases[0],
      jitter: jitters[0],
      discriminator: 1,
      transmit: (packet, at) => {
        carry(this.b, link('a', at, fromA++), at, packet);
      },
    });
    this.b = new BfdBench({
      settings: settings[1],
      phase: phases[1],
      jitter: jitters[1],
      discriminator: 2,
      beginsAt: later,
      transmit: (packet, at) => {
        carry(this.a, link('b', at, fromB++), at, packet);
      },
    });
  }

  get states(): string {
    return `${this.a.session.state} ${this.b.session.state}`;
  }

  /** Lets time pass, one thing after the other; at one instant packets come before alarms. */
  until(time: Time): this {
    for (;;) {
      const frame = this.#first();
      const at = Math.min(frame?.at ?? Infinity, this.a.session.wakeAt, this.b.session.wakeAt);
      if (at > time) break;
      this.#now = Math.max(at, this.#now);
      if (frame && frame.at <= at) {
        this.#frames.splice(this.#frames.indexOf(frame), 1);
        frame.to.stand(this.#now).take(frame.packet);
      } else {
        this.a.until(Math.max(this.#now, this.a.now));
        this.b.until(Math.max(this.#now, this.b.now));
      }
    }
    this.#now = time;
    this.a.until(time);
    this.b.until(time);
    return this;
  }

  /** Everything that both have said and become, in order; `a` first at one instant. */
  get story(): readonly string[] {
    return [...this.a.lines.map(line => `${line} (a)`), ...this.b.lines.map(line => `${line} (b)`)]
      .map((line, index) => ({line, index, at: Number(line.split(' ', 1)[0])}))
      .sort((x, y) => x.at - y.at || x.index - y.index)
      .map(({line}) => line);
  }

  clear(): this {
    this.a.clear();
    this.b.clear();
    return this;
  }

  #first(): Frame | undefined {
    let first: Frame | undefined;
    for (const frame of this.#frames) if (!first || frame.at < first.at) first = frame;
    return first;
  }
}
