import type {Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import type {HostProfile, Pace, Step} from './host-profile.ts';

type Work = {readonly pace: Pace; done: number};

/** A machine on which daemons run. */
export class Host {
  readonly name: string;
  /** Its clocks show units that begin this many microseconds before ours: drawn below 100 ms. */
  readonly phase: Time;
  /** The moment of its kernel's jiffy 0; see `phaseSpan`. */
  readonly kernelPhase: Time;
  readonly profile: HostProfile;
  readonly #ground: Ground;
  /** By who does it and what it is. */
  readonly #work = new Map<string, Map<Step, Work>>();

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
    const work = this.#workOf(step, who);
    return work.pace(work.done++);
  }

  /** How long the step takes the `count`-th time, for those that count themselves. */
  takeNumbered(step: Step, who: string, count: number): Time {
    return this.paceOf(step, who)(count);
  }

  /** The same for those that ask often. */
  paceOf(step: Step, who: string): Pace {
    return this.profile.paceOf(step, this.#ground.streams.of(`${this.name}/${who}/${step}`));
  }

  #workOf(step: Step, who: string): Work {
    let steps = this.#work.get(who);
    if (!steps) this.#work.set(who, (steps = new Map()));
    let work = steps.get(step);
    if (!work) steps.set(step, (work = {pace: this.paceOf(step, who), done: 0}));
    return work;
  }
}
