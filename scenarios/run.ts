import {Fingerprint} from '../engine/fingerprint.ts';
import {LadderAgenda} from '../engine/ladder-agenda.ts';
import {seconds, type Time} from '../engine/time.ts';
import type {NatSample, RunResult} from '../models/events/results.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {WorldPlan} from '../models/world/world-plan.ts';
import {World} from '../models/world/world.ts';

export type RunOptions = {
  /** Runs everything step by step; slower, with the same results. */
  readonly stepped?: boolean;
  /** Called with every announcement as it is made. */
  readonly onAnnouncement?: (announcement: Announcement) => void;
};

/** How often address translation is sampled. */
const sampleInterval: Time = seconds(10);

/** A plan being run. Advances in slices, which do not show in the results. */
export class Run {
  readonly plan: WorldPlan;
  readonly world: World;
  readonly #nat: NatSample[] = [];
  #sampledAt: Time = 0;

  constructor(plan: WorldPlan, {stepped = false, onAnnouncement}: RunOptions = {}) {
    this.plan = plan;
    this.world = new World(plan, {agenda: new LadderAgenda(), skipping: !stepped});
    if (onAnnouncement) this.world.journal.listen(onAnnouncement);
  }

  get now(): Time {
    return this.world.now;
  }

  get done(): boolean {
    return this.now >= this.plan.duration;
  }

  /**
   * Runs until `until` or the end, whichever comes first, or stops after `budget` events between two samples, perhaps
   * within an instant. Returns whether it got there.
   */
  advance(until: Time, budget = Infinity): boolean {
    const end = Math.min(until, this.plan.duration);
    while (this.now < end) {
      const next = Math.min(this.#sampledAt + sampleInterval, end);
      if (!this.world.advance(next, budget)) return false;
      if (next < this.#sampledAt + sampleInterval && next < this.plan.duration) continue;
      this.#nat.push(...this.world.natSamples());
      this.#sampledAt = next;
    }
    return true;
  }

  /** What is left of the run once it is done. */
  result(): RunResult {
    const flows = this.world.results();
    const counters = this.world.ground.counters.list();
    const announcements = this.world.journal.entries;
    const fingerprint = new Fingerprint();
    for (const {number, at, kind, detail, parents} of announcements) {
      fingerprint.add(`${number} ${at} ${kind} ${JSON.stringify(detail)} ${parents.join(' ')}`);
    }
    for (const flow of flows) fingerprint.add(JSON.stringify(flow));
    for (const {owner, name, value} of counters) fingerprint.add(`${owner} ${name} ${value}`);
    for (const sample of this.#nat) fingerprint.add(JSON.stringify(sample));
    return {
      seed: this.plan.seed,
      duration: this.plan.duration,
      announcements,
      flows,
      nat: this.#nat,
      counters,
      drops: this.world.ground.losses.list(),
      fingerprint: fingerprint.digest(),
    };
  }
}

/** Runs a plan from beginning to end. */
export function runPlan(plan: WorldPlan, options?: RunOptions): RunResult {
  const run = new Run(plan, options);
  run.advance(plan.duration);
  return run.result();
}
