import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import type {HostProfile, Step} from './host-profile.ts';

/** A machine on which daemons run. */
export class Host {
  readonly name: string;
  /** Its clocks show units that begin this many microseconds before ours: drawn below 100 ms. */
  readonly phase: Time;
  /** The moment of its kernel's jiffy 0; see `phaseSpan`. */
  readonly kernelPhase: Time;
  readonly profile: HostProfile;
  readonly #ground: Ground;
  readonly #done = new Map<string, number>();

  constructor(ground: Ground, name: string, profile: HostProfile) {
    this.name = name;
    this.profile = profile;
    this.#ground = ground;
    const phases = ground.chance.sequence(`${name}/phases`);
    this.phase = Math.floor(phases() * 100_000);
    this.kernelPhase = Math.floor(phases() * phaseSpan);
  }

  /** How long the step takes the next time `who` does it. */
  take(step: Step, who: string): Time {
    const name = `${this.name}/${who}/${step}`;
    const count = this.#done.get(name) ?? 0;
    this.#done.set(name, count + 1);
    return this.profile.take(step, this.#ground.streams.of(name), count);
  }

  /** How long the step takes the `count`-th time, for those that count themselves. */
  takeNumbered(step: Step, who: string, count: number): Time {
    return this.profile.take(step, this.#ground.streams.of(`${this.name}/${who}/${step}`), count);
  }
}
