import {Table} from './table.ts';
import {never, type Time} from './time.ts';

/**
 * A thing that repeats rely on, keep alive, or both: "the port of this MAC on this switch", absence included. A fact
 * changes; an entry is kept.
 */
export type Fact = number;

/**
 * Something that would happen again in the same way until a fact it relies on changes, and is counted instead of run.
 * What it would have done is put right by `settle`, as far as the run has come, and never later than anyone can see it.
 * How far that is says `Engine.reached`, which asks that a leg never falls on the instant of the one before it.
 */
export type Repeat = {
  /** Counts what was skipped up to the present place of the run. May be called at any time and any number of times. */
  settle(): void;
  /**
   * Goes on step by step: takes its deadlines back, and posts what was under way when it was settled, under the cause
   * that it was sent with. Called after `settle`, while the fact's change is still going on; it may change facts itself.
   */
  resume(): void;
  /** When leg `leg` last happened, as far as the run has come, settled or not; -1 if not since the repeat began. */
  lastAt(leg: number): Time;
  /** When leg `leg` happens next if no fact changes before; `never` if it does not, or if that is not known beforehand. */
  nextAt(leg: number): Time;
};

/** A fact that a repeat keeps alive, by which of its legs. */
export type Kept = {readonly fact: Fact; readonly leg: number};

const none = -1;
const reliesOn = none;
/** Before everything that is kept alive, or is not. */
const notAwaited = none - 1;

/**
 * Which repeats rely on which facts, and how long facts have been kept alive. Cost follows what changes: a fact nobody
 * relies on costs nothing to change.
 */
export class Ledger {
  /** Whether repeats may be skipped. A run gives the same results either way. */
  #skipping: boolean;
  #facts = new Table({first: 'row', keptAt: 'number', awaitedAt: 'number', cause: 'number'});
  #edges = new Table({fact: 'row', repeat: 'row', leg: 'row', next: 'row', previous: 'row', nextOfRepeat: 'row'});
  #repeats = new Table({first: 'row'});
  readonly #held: (Repeat | undefined)[] = [];

  constructor(skipping: boolean) {
    this.#skipping = skipping;
  }

  get skipping(): boolean {
    return this.#skipping;
  }

  /** How many repeats are being skipped at present. */
  get held(): number {
    return this.#repeats.count;
  }

  /** A new fact. */
  add(): Fact {
    const fact = this.#facts.add();
    this.#facts.columns.first[fact] = none;
    this.#facts.columns.keptAt[fact] = none;
    this.#facts.columns.awaitedAt[fact] = notAwaited;
    return fact;
  }

  /** The fact changed because of the announcement `cause`: every repeat that relies on it is settled and goes on in steps. */
  changed(fact: Fact, cause: number): void {
    this.#facts.columns.cause[fact] = cause;
    if (this.#facts.columns.first[fact] === none) return;
    for (const {number, repeat} of this.#repeatsRelyingOn(fact)) {
      // One that resumes may change facts in turn: the next may be gone by then, and its number another's.
      if (this.#held[number] !== repeat) continue;
      this.release(number);
      repeat.resume();
    }
  }

  /** The announcement that last changed the fact; 0 if it never changed. */
  causeOf(fact: Fact): number {
    return this.#facts.columns.cause[fact];
  }

  /** Something kept the fact alive at `at`. */
  keep(fact: Fact, at: Time): void {
    const {keptAt} = this.#facts.columns;
    if (at > keptAt[fact]) keptAt[fact] = at;
  }

  /** When the fact was last kept alive, by what was run and by what was skipped; -1 if never. */
  keptAt(fact: Fact): Time {
    let last = this.#facts.columns.keptAt[fact];
    const {repeat, leg, next} = this.#edges.columns;
    for (let edge = this.#facts.columns.first[fact]; edge !== none; edge = next[edge]) {
      if (leg[edge] === reliesOn) continue;
      last = Math.max(last, this.#held[repeat[edge]]?.lastAt(leg[edge]) ?? none);
    }
    return last;
  }

  /**
   * Whether something kept the fact alive after `since`. Looks no further than the first that did: where many repeats keep
   * one fact alive, asking each of them when it last did would be what costs most.
   */
  keptSince(fact: Fact, since: Time): boolean {
    if (this.#facts.columns.keptAt[fact] > since) return true;
    const {repeat, leg, next} = this.#edges.columns;
    for (let edge = this.#facts.columns.first[fact]; edge !== none; edge = next[edge]) {
      if (leg[edge] === reliesOn) continue;
      const at = this.#held[repeat[edge]]?.lastAt(leg[edge]) ?? none;
      this.keep(fact, at);
      if (at > since) return true;
    }
    return false;
  }

  /**
   * To whom it matters when the fact is kept alive the next time: says when that is if no fact changes before, `never` if
   * nothing that is skipped keeps it alive. A repeat that relies on the fact without that has only noted how something
   * fared before now, and goes on step by step. One that does not know when it happens next looks at `isAwaited` when it does.
   */
  awaitKeep(fact: Fact, now: Time): Time {
    this.#facts.columns.awaitedAt[fact] = now;
    const keepers = new Set<number>();
    let at = never;
    const {repeat, leg, next} = this.#edges.columns;
    for (let edge = this.#facts.columns.first[fact]; edge !== none; edge = next[edge]) {
      if (leg[edge] === reliesOn) continue;
      keepers.add(repeat[edge]);
      at = Math.min(at, this.#held[repeat[edge]]?.nextAt(leg[edge]) ?? never);
    }
    for (const {number, repeat: noted} of this.#repeatsRelyingOn(fact)) {
      if (keepers.has(number) || this.#held[number] !== noted) continue;
      this.release(number);
      noted.resume();
    }
    return at;
  }

  /** Whether it matters to somebody when the fact is kept alive the next time: what does it is to be run. */
  isAwaited(fact: Fact): boolean {
    const {keptAt, awaitedAt} = this.#facts.columns;
    return keptAt[fact] <= awaitedAt[fact];
  }

  /** Begins to skip a repeat until one of the facts changes. Returns the number by which it can be released. */
  hold(repeat: Repeat, facts: readonly Fact[], kept: readonly Kept[]): number {
    const number = this.#repeats.add();
    this.#repeats.columns.first[number] = none;
    this.#held[number] = repeat;
    for (const fact of facts) this.#link(number, fact, reliesOn);
    for (const {fact, leg} of kept) this.#link(number, fact, leg);
    return number;
  }

  /** Settles a repeat and skips it no longer, without resuming it. Returns it, or undefined if it was not held. */
  release(number: number): Repeat | undefined {
    const repeat = this.#held[number];
    if (!repeat) return undefined;
    this.#recordKept(number, repeat);
    this.#unlink(number);
    this.#held[number] = undefined;
    this.#repeats.remove(number);
    repeat.settle();
    return repeat;
  }

  /** From now on everything is run step by step. Changes nothing else: what is skipped goes on as if a fact had changed. */
  stopSkipping(): void {
    this.#skipping = false;
    for (const [number, repeat] of [...this.#held].entries()) {
      if (!repeat || this.#held[number] !== repeat) continue;
      this.release(number);
      repeat.resume();
    }
  }

  /** Settles everything skipped, so that counters can be read. Changes nothing else. */
  settle(): void {
    for (const repeat of this.#held) repeat?.settle();
  }

  /** Repeats in order of their number, each once: it may rely on a fact by several legs. */
  #repeatsRelyingOn(fact: Fact): {readonly number: number; readonly repeat: Repeat}[] {
    const {repeat, leg, next} = this.#edges.columns;
    const found = new Set<number>();
    for (let edge = this.#facts.columns.first[fact]; edge !== none; edge = next[edge]) {
      if (leg[edge] === reliesOn) found.add(repeat[edge]);
    }
    return [...found].sort((a, b) => a - b).map(number => ({number, repeat: this.#held[number]!}));
  }

  #recordKept(number: number, repeat: Repeat): void {
    const {fact, leg, nextOfRepeat} = this.#edges.columns;
    let asked = reliesOn;
    let at = none;
    for (let edge = this.#repeats.columns.first[number]; edge !== none; edge = nextOfRepeat[edge]) {
      if (leg[edge] === reliesOn) continue;
      if (leg[edge] !== asked) at = repeat.lastAt((asked = leg[edge]));
      this.keep(fact[edge], at);
    }
  }

  #link(repeat: number, fact: Fact, leg: number): void {
    const edge = this.#edges.add();
    const edges = this.#edges.columns;
    const firstOfFact = this.#facts.columns.first[fact];
    edges.fact[edge] = fact;
    edges.repeat[edge] = repeat;
    edges.leg[edge] = leg;
    edges.previous[edge] = none;
    edges.next[edge] = firstOfFact;
    if (firstOfFact !== none) edges.previous[firstOfFact] = edge;
    this.#facts.columns.first[fact] = edge;
    edges.nextOfRepeat[edge] = this.#repeats.columns.first[repeat];
    this.#repeats.columns.first[repeat] = edge;
  }

  #unlink(repeat: number): void {
    const edges = this.#edges.columns;
    let edge = this.#repeats.columns.first[repeat];
    while (edge !== none) {
      const following = edges.nextOfRepeat[edge];
      const next = edges.next[edge];
      const previous = edges.previous[edge];
      if (previous === none) this.#facts.columns.first[edges.fact[edge]] = next;
      else edges.next[previous] = next;
      if (next !== none) edges.previous[next] = previous;
      this.#edges.remove(edge);
      edge = following;
    }
  }
}
