import type {Time} from '../../engine/time.ts';
import type {DropReason} from '../dataplane/passage.ts';
import type {Drops, Scattered} from '../events/results.ts';
import type {Ground} from '../ground.ts';

/** What became of one packet. */
export type Outcome =
  | {readonly kind: 'delivered'; readonly cause: number}
  | {readonly kind: 'lost'; readonly reason: DropReason; readonly place: string; readonly cause: number};

/** So many packets in a row make an outage of what a standing loss rate does. */
const randomRun = 10;

type Gap = {
  readonly since: Time;
  readonly reason: DropReason;
  readonly place: string;
  readonly cause: number;
  lost: number;
  /** Whether all of it was bad luck so far. */
  random: boolean;
  announced: boolean;
  /** The causes of packets that are no outage so far. */
  readonly scattered: number[];
};

/**
 * The outcomes of a flow's packets in the order in which they were sent, and the outages that they make. An outage
 * reaches from the sending of its first lost packet to the sending of the next one that is delivered.
 */
export class Outcomes {
  readonly #ground: Ground;
  readonly #flow: number;
  readonly #sentAt: (number: number) => Time;
  readonly #early = new Map<number, Outcome>();
  readonly #drops = new Map<string, {-readonly [Key in keyof Drops]: Drops[Key]}>();
  /** Cause → packets lost to it that made no outage. */
  readonly #scattered = new Map<number, number>();
  #next = 0;
  #delivered = 0;
  #lost = 0;
  #gap: Gap | undefined;

  constructor(ground: Ground, flow: number, sentAt: (number: number) => Time) {
    this.#ground = ground;
    this.#flow = flow;
    this.#sentAt = sentAt;
  }

  get delivered(): number {
    return this.#delivered;
  }

  get lost(): number {
    return this.#lost;
  }

  /** How many packets have an outcome. */
  get decided(): number {
    return this.#next + this.#early.size;
  }

  get drops(): readonly Drops[] {
    return [...this.#drops.values()];
  }

  get scattered(): readonly Scattered[] {
    const all = new Map(this.#scattered);
    for (const cause of this.#gap?.scattered ?? []) addTo(all, cause);
    return [...all].map(([cause, packets]) => ({cause, packets}));
  }

  /** Packet number `number` has its outcome. What came later waits for what came before it. */
  decide(number: number, outcome: Outcome): void {
    if (number !== this.#next) {
      this.#early.set(number, outcome);
      return;
    }
    this.#take(number, outcome);
    this.#next += 1;
    for (let early = this.#early.get(this.#next); early; early = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#take(this.#next, early);
      this.#next += 1;
    }
  }

  /** The next `count` packets fared like the last one. */
  decideAlike(count: number, outcome: Outcome): void {
    if (count <= 0) return;
    if (outcome.kind === 'delivered') {
      this.#delivered += count;
    } else {
      this.#lost += count;
      this.#noteDrops(this.#next, count, outcome);
      if (!this.#gap) throw new Error(`flow ${this.#flow} is said to go on losing, but it loses nothing`);
      this.#gap.lost += count;
    }
    this.#next += count;
  }

  #take(number: number, outcome: Outcome): void {
    if (outcome.kind === 'delivered') {
      this.#delivered += 1;
      this.#endGap(number, outcome.cause);
      return;
    }
    this.#lost += 1;
    this.#noteDrops(number, 1, outcome);
    this.#widenGap(number, outcome);
  }

  #widenGap(number: number, {reason, place, cause}: Extract<Outcome, {kind: 'lost'}>): void {
    const random = reason === 'random loss';
    this.#gap ??= {since: this.#sentAt(number), reason, place, cause, lost: 0, random, announced: false, scattered: []};
    this.#gap.lost += 1;
    this.#gap.random &&= random;
    if (this.#gap.announced) return;
    if (this.#gap.random && this.#gap.lost < randomRun) {
      this.#gap.scattered.push(cause);
      return;
    }
    this.#gap.announced = true;
    this.#gap.scattered.length = 0;
    const {since} = this.#gap;
    const detail = {flow: this.#flow, since, reason: this.#gap.reason, place: this.#gap.place};
    this.#ground.journal.announce('flow lost', detail, [this.#gap.random ? this.#gap.cause : cause]);
  }

  #endGap(number: number, cause: number): void {
    const gap = this.#gap;
    this.#gap = undefined;
    for (const lot of gap?.scattered ?? []) addTo(this.#scattered, lot);
    if (!gap?.announced) return;
    const detail = {flow: this.#flow, since: gap.since, until: this.#sentAt(number), lost: gap.lost};
    this.#ground.journal.announce('flow restored', detail, [cause]);
  }

  #noteDrops(number: number, count: number, {reason, place}: Extract<Outcome, {kind: 'lost'}>): void {
    const key = `${reason} at ${place}`;
    const firstAt = this.#sentAt(number);
    const lastAt = this.#sentAt(number + count - 1);
    const drops = this.#drops.get(key);
    if (!drops) this.#drops.set(key, {reason, place, packets: count, firstAt, lastAt});
    else {
      drops.packets += count;
      drops.lastAt = lastAt;
    }
  }
}

function addTo(sums: Map<number, number>, cause: number): void {
  sums.set(cause, (sums.get(cause) ?? 0) + 1);
}
