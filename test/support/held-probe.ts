import type {Fact, Repeat} from '../../engine/ledger.ts';
import type {Time} from '../../engine/time.ts';
import type {World} from '../../models/world/world.ts';
import {sendProbe, type Account, type Probe} from './probe.ts';
import type {Reliance} from './traced-passage.ts';

export type Again = {
  readonly after: Account;
  readonly differs: boolean;
  /** Whether a fact that the packet had noted had changed. */
  readonly told: boolean;
  /** The kinds of facts without which nothing would have been told. */
  readonly needed: readonly string[];
};

/**
 * A probe that was sent once and is held as a flow would be that goes on sending it, so that it can be seen whether it is
 * told before it would fare otherwise. Beside it stand watches that lack one kind of fact each.
 */
export class HeldProbe {
  /** How the packet fared. */
  readonly before: Account;
  readonly #world: World;
  readonly #probe: Probe;
  readonly #whole: Watch;
  readonly #partial: readonly (readonly [string, Watch])[];

  /** Sends the probe; undefined if it left something behind, and so would not be held. */
  static send(world: World, probe: Probe): HeldProbe | undefined {
    const {account, passage} = sendProbe(world.ground, probe);
    // Heartbeats that are lost are never skipped.
    const lostHeartbeat = probe.ownFacts !== undefined && account.verdict.kind === 'dropped';
    return account.repeatable && !lostHeartbeat ? new HeldProbe(world, probe, account, passage.reliances) : undefined;
  }

  private constructor(world: World, probe: Probe, before: Account, reliances: readonly Reliance[]) {
    this.#world = world;
    this.#probe = probe;
    this.before = before;
    const own = probe.ownFacts?.() ?? [];
    this.#whole = new Watch(world, [...own, ...reliances.map(({fact}) => fact)], before.kept);
    this.#partial = [...new Set(reliances.map(({kind}) => kind))].map(left => {
      const rest = reliances.filter(({kind}) => kind !== left).map(({fact}) => fact);
      return [left, new Watch(world, [...own, ...rest], [])];
    });
  }

  /** Whether a fact that the packet noted has changed. */
  get told(): boolean {
    return this.#whole.told;
  }

  /** Sends the packet again, and says what had been told before that. */
  again(): Again {
    const told = this.#whole.told;
    const needed = this.#partial.filter(([, watch]) => !watch.told).map(([kind]) => kind);
    const after = sendProbe(this.#world.ground, this.#probe).account;
    return {after, differs: JSON.stringify(after) !== JSON.stringify(this.before), told, needed};
  }

  release(): void {
    for (const watch of [this.#whole, ...this.#partial.map(([, watch]) => watch)]) watch.release();
  }
}

/** Notes that it was resumed. What it keeps alive is kept alive all the time. */
class Watch implements Repeat {
  told = false;
  readonly #world: World;
  readonly #number: number;

  constructor(world: World, facts: readonly Fact[], kept: readonly Fact[]) {
    this.#world = world;
    const legs = [...new Set(kept)].map(fact => ({fact, leg: 0}));
    this.#number = world.ground.ledger.hold(this, [...new Set(facts)], legs);
  }

  release(): void {
    if (!this.told) this.#world.ground.ledger.release(this.#number);
  }

  settle(): void {
    // Nothing is counted.
  }

  resume(): void {
    this.told = true;
  }

  lastAt(): Time {
    return this.#world.now;
  }

  nextAt(): Time {
    return this.#world.now + 1;
  }
}
