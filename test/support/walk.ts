import type {ExecutionContext} from 'ava';
import {milliseconds, seconds} from '../../engine/time.ts';
import type {World} from '../../models/world/world.ts';
import {repair, type Mutation} from './common-mutations.ts';
import {HeldProbe, type Again} from './held-probe.ts';
import {Luck} from './luck.ts';
import {answerOf, sendProbe, type Probe} from './probe.ts';

export type WalkSettings = {
  /** The first seeds; `SEEDS=400` walks through as many. */
  readonly worlds: number;
  /** Later seeds that show what none of the first does: a walk through many says which. */
  readonly also: readonly number[];
  readonly mutations: Readonly<Record<string, Mutation>>;
  someWorld(luck: Luck, seed: number): World;
  someProbe(world: World, luck: Luck): Probe;
};

const rounds = 8;
const mishaps = 8;

/** Sends packets through worlds in which one mishap follows the other, and looks whether each tells the packets that it concerns. */
export class Walk {
  readonly #settings: WalkSettings;
  /** How often each kind of fact alone would have told of what happened. */
  readonly #proofs = new Map<string, number>();
  readonly #harm: Map<string, number>;

  constructor(settings: WalkSettings) {
    this.#settings = settings;
    this.#harm = new Map(Object.keys(settings.mutations).map(name => [name, 0]));
  }

  /** Mishaps that never did any harm so far. */
  get harmless(): readonly string[] {
    return [...this.#harm].filter(([, count]) => count === 0).map(([name]) => name);
  }

  /** How many kinds of facts and of mishaps have mattered so far. */
  get #shown(): number {
    return this.#proofs.size - this.harmless.length;
  }

  /** Whether something would go unnoticed without a kind of fact. */
  isNeeded(kind: string): boolean {
    return (this.#proofs.get(kind) ?? 0) > 0;
  }

  /** All worlds, or up to the first thing that was not told. */
  run(t: ExecutionContext): void {
    const {worlds, also, someWorld} = this.#settings;
    const many = Number(process.env['SEEDS'] ?? 0);
    const first = Array.from({length: many || worlds}, (_, index) => 1 + index);
    for (const seed of many > 0 ? first : [...first, ...also]) {
      const before = this.#shown;
      const luck = new Luck(`walk ${seed}`);
      const world = someWorld(luck, seed);
      for (let round = 1; round <= rounds; round++) {
        const {held, probe} = this.#warmUp(world, luck) ?? {};
        if (!held || !probe) continue;
        const deeds: string[] = [];
        for (let mishap = 0; mishap < mishaps && !held.told; mishap++) {
          const [name, deed] = this.#mutate(world, luck);
          deeds.push(`${name}: ${deed}`);
          const story = [`seed ${seed}, round ${round}, at ${world.now} µs: ${probe.name}`, ...deeds];
          const again = held.again();
          if (!this.judge(t, held, again, story)) return;
          if (again.differs) this.#harm.set(name, (this.#harm.get(name) ?? 0) + 1);
        }
        held.release();
      }
      if (many > 0 && seed > worlds && this.#shown > before) t.log(`seed ${seed} shows what none before it does`);
    }
  }

  /** Whether the packet fares as before unless it was told. */
  judge(
    t: ExecutionContext,
    {before}: HeldProbe,
    {after, differs, told, needed}: Again,
    story: readonly string[],
  ): boolean {
    if (!differs) return true;
    if (!told) {
      t.fail([...story, JSON.stringify(before), JSON.stringify(after)].join('\n'));
      return false;
    }
    for (const kind of needed) this.#proofs.set(kind, (this.#proofs.get(kind) ?? 0) + 1);
    t.pass();
    return true;
  }

  /** One mishap and perhaps some time for what follows from it. */
  #mutate(world: World, luck: Luck): readonly [string, string] {
    const {mutations} = this.#settings;
    const name = luck.pick(Object.keys(mutations));
    const deed = mutations[name](world, luck) ?? 'nothing';
    // As after an operation of a scenario: what comes next does not follow from it by itself.
    world.ground.engine.cause = 0;
    const wait = luck.pick([0, 0, milliseconds(1), milliseconds(600), seconds(4)]);
    if (wait > 0) world.advance(world.now + wait);
    return [name, `${deed}; ${wait} µs pass`];
  }

  /** A probe that was sent until it left nothing behind. */
  #warmUp(world: World, luck: Luck): {readonly probe: Probe; readonly held: HeldProbe} | undefined {
    if (luck.happens(0.6)) {
      repair(world);
      world.advance(world.now + seconds(luck.whole(1, 3)));
    }
    if (luck.happens(0.4)) this.#mutate(world, luck);
    let probe = this.#settings.someProbe(world, luck);
    for (let tries = 0; tries < 4; tries++) {
      if (luck.happens(0.3)) {
        const {arrived} = sendProbe(world.ground, probe);
        probe = (arrived && answerOf(world, arrived)) ?? probe;
      }
      const held = HeldProbe.send(world, probe);
      if (held) return {probe, held};
      world.advance(world.now + milliseconds(luck.pick([1, 10, 1_200])));
    }
    return undefined;
  }
}
