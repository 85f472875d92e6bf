import type {Time} from '../../engine/time.ts';
import {VrrpBench, type BenchOptions} from './vrrp-bench.ts';

type Flight = {readonly at: Time; readonly from: number; readonly to: number; readonly priority: number};

/** How long an advert is under way and until it is read. */
export const onTheWay: Time = 100;

/** Instances on one wire, without the engine. What can be read goes before timers, as in the daemon. */
export class VrrpLan {
  readonly benches: readonly VrrpBench[];
  now: Time = 0;
  readonly #addresses: readonly string[];
  readonly #deaf = new Set<number>();
  /** What each has been seen to say. */
  readonly #seen: number[];
  #flights: Flight[] = [];

  constructor(...options: readonly (BenchOptions & {readonly address: string})[]) {
    this.benches = options.map(own => new VrrpBench(own));
    this.#addresses = options.map(({address}) => address);
    this.#seen = options.map(() => 0);
  }

  /** Adverts no longer reach that one, or do again. */
  deafen(index: number, deaf = true): this {
    if (deaf) this.#deaf.add(index);
    else this.#deaf.delete(index);
    return this;
  }

  until(at: Time): this {
    for (;;) {
      const flight = this.#flights.reduce<Flight | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
      const wakes = this.benches.map(({vrrp}) => vrrp.wakeAt);
      const next = Math.min(flight?.at ?? Infinity, ...wakes);
      if (next > at) break;
      this.now = next;
      if (flight?.at === next) {
        this.#flights = this.#flights.filter(other => other !== flight);
        const bench = this.benches[flight.to];
        bench.now = next;
        bench.hear(flight.priority, this.#addresses[flight.from]);
        this.#listen(flight.to);
      } else {
        const index = wakes.indexOf(next);
        this.benches[index].until(next);
        this.#listen(index);
      }
    }
    this.now = at;
    for (const bench of this.benches) bench.now = at;
    return this;
  }

  /** Lets one do something. */
  do(index: number, act: (bench: VrrpBench) => void): this {
    this.benches[index].now = this.now;
    act(this.benches[index]);
    this.#listen(index);
    return this;
  }

  get masters(): readonly number[] {
    return [...this.benches.keys()].filter(index => this.benches[index].vrrp.state === 'master');
  }

  /** All that was said and done from a moment on, in order; who did it stands before it. */
  storyFrom(at: Time): readonly string[] {
    return this.benches
      .flatMap(({lines}, index) => lines.map(line => ({index, line, at: Math.round(Number(line.split(' ')[0]) * 1e6)})))
      .filter(told => told.at >= at)
      .sort((a, b) => a.at - b.at)
      .map(({index, line}) => `${index + 1}: ${line.slice(line.indexOf(' ') + 1)}`);
  }

  /** What it has said since goes out to all that hear. */
  #listen(index: number): void {
    const {lines} = this.benches[index];
    for (const line of lines.slice(this.#seen[index])) {
      const advert = / advert (\d+)$/.exec(line);
      if (!advert) continue;
      for (const to of this.benches.keys()) {
        if (to === index || this.#deaf.has(to)) continue;
        this.#flights.push({at: this.now + onTheWay, from: index, to, priority: Number(advert[1])});
      }
    }
    this.#seen[index] = lines.length;
  }
}
