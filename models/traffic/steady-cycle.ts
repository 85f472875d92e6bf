import {alarmPlace, type Place} from '../../engine/engine.ts';
import type {Fact, Repeat} from '../../engine/ledger.ts';
import {never, type Time} from '../../engine/time.ts';
import type {Passage, Verdict} from '../dataplane/passage.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';

/** What a flow knows, and its counters, which grow by the same each time; how many messages it has posted is the first. */
export type Snapshot<State> = {readonly state: State; readonly counters: readonly number[]};

/** What a message and all that follows from it went through, for the next ones to be counted by. */
export type CyclicFlow<State, Message> = {
  actor(): number;
  /** When message `number` is sent. */
  sendAt(number: number): Time;
  /** How many messages there are. */
  readonly count: number;
  /** All that the flow knows, as values; undefined if the next message cannot fare like the last. */
  take(): Snapshot<State> | undefined;
  /** The state after so many cycles more, and a message of it. */
  shift(state: State, cycles: number): State;
  shiftMessage(message: Message, cycles: number): Message;
  /** So many messages were sent, and so many of them decided like those before. */
  counted(sent: number, decided: number, cause: number): void;
  /** Goes on step by step from where it stood: `next` messages were sent, of which the last may not be decided yet. */
  goOn(from: Snapshot<State>, next: number, undecided: boolean): void;
  repost(message: Message, at: Time, number: number, cause: number): void;
};

/** One of the moments of a cycle: an alarm of the flow, or a message that it hears. */
type Step<State, Message> = {
  readonly offset: Time;
  readonly heard: {readonly message: Message; readonly number: number; readonly cause: number} | undefined;
  readonly facts: Fact[];
  readonly kept: Fact[];
  readonly counted: Counter[];
  readonly again: ((times: number) => void)[];
  after: Snapshot<State> | undefined;
};

/** One message's way there and back, watched for whether it changes anything but numbers and times. */
type Trial<State, Message> = {
  readonly number: number;
  readonly before: Snapshot<State>;
  /** By how much the counters grew. */
  growth: readonly number[];
  readonly steps: Step<State, Message>[];
  /** By the numbers under which they are held; another's once they are told. */
  readonly watches: Set<number>;
  decidedIn: number;
  cause: number;
  sound: boolean;
};

/**
 * Counts the messages of a flow that does the same for each of them over and over: a message is a cycle of steps, each at its
 * distance from the sending. Once a cycle has left the flow as it found it, but for numbers and times, those that follow are
 * counted until a fact changes that one of its packets relied on.
 */
export class SteadyCycle<State, Message> implements Repeat {
  readonly #ground: Ground;
  readonly #flow: CyclicFlow<State, Message>;
  #trial: Trial<State, Message> | undefined;
  #pattern: Trial<State, Message> | undefined;
  #held = -1;
  /** The first message that was counted, and how many have come to each step. */
  #first = 0;
  #counts: number[] = [];

  constructor(ground: Ground, flow: CyclicFlow<State, Message>) {
    this.#ground = ground;
    this.#flow = flow;
  }

  /** Whether messages are being counted. */
  get isHeld(): boolean {
    return this.#held >= 0;
  }

  /** Message `number` is about to be sent. Returns whether it is counted instead. */
  begin(number: number): boolean {
    const {ledger} = this.#ground;
    const last = this.#close();
    if (!ledger.skipping) return false;
    const before = this.#flow.take();
    if (before === undefined) return false;
    if (last && this.#repeats(last, before)) {
      this.#hold(last, number);
      return true;
    }
    this.#trial = {number, before, growth: [], steps: [], watches: new Set(), decidedIn: -1, cause: 0, sound: true};
    this.#step(undefined);
    return false;
  }

  /** Something else happens to the flow: an alarm, or a message that it hears. */
  step(heard?: {readonly message: Message; readonly number: number; readonly cause: number}): void {
    if (this.#trial) this.#step(heard);
  }

  /** What happened is over. */
  stepped(): void {
    const step = this.#trial?.steps.at(-1);
    if (step) step.after = this.#flow.take();
  }

  /** A packet of the flow has made its way, or has not. */
  noted(verdict: Verdict, passage: Passage): void {
    const trial = this.#trial;
    const step = trial?.steps.at(-1);
    if (!trial || !step) return;
    if (verdict.kind !== 'delivered' || !passage.repeatable) {
      this.spoil();
      return;
    }
    const facts = [...new Set(passage.relied)];
    step.facts.push(...facts);
    step.kept.push(...passage.kept);
    step.counted.push(...passage.counted);
    step.again.push(...passage.effects);
    this.#watch(trial, facts);
  }

  /** The message is there. */
  decided(number: number): void {
    const trial = this.#trial;
    if (trial?.number !== number) return;
    trial.decidedIn = trial.steps.length - 1;
    trial.cause = this.#ground.engine.cause;
  }

  /** What happens here does not happen again. */
  spoil(): void {
    if (this.#trial) this.#trial.sound = false;
  }

  settle(): void {
    const pattern = this.#pattern;
    if (!pattern) return;
    const before = [...this.#counts];
    this.#counts = pattern.steps.map((_, index) => this.#reachedCount(index, before[index]));
    const grown = this.#counts.map((count, index) => count - before[index]);
    const whole = this.#counts[this.#counts.length - 1];
    const underWay = this.#counts.filter(count => count > whole).length;
    const order = [...pattern.steps.keys()].map(index => (index + underWay) % pattern.steps.length);
    for (const index of order) this.#countStep(pattern.steps[index], grown[index]);
    this.#flow.counted(grown[0], grown[pattern.decidedIn], pattern.cause);
  }

  resume(): void {
    const pattern = this.#pattern!;
    this.#held = -1;
    this.#pattern = undefined;
    const {steps, number, decidedIn} = pattern;
    const whole = this.#counts[steps.length - 1];
    const underWay = this.#counts.filter(count => count > whole).length;
    const last =
      underWay === 0
        ? {step: steps[steps.length - 1], message: whole - 1}
        : {step: steps[underWay - 1], message: whole};
    const cycles = last.message - number;
    const {state, counters} = last.step.after!;
    const from = {
      state: this.#flow.shift(state, cycles),
      counters: counters.map((counter, index) => counter + cycles * pattern.growth[index]),
    };
    this.#flow.goOn(from, this.#counts[0], underWay > 0 && decidedIn >= underWay);
    const next = underWay > 0 ? steps[underWay] : undefined;
    if (!next?.heard) return;
    const {message, cause} = next.heard;
    const at = this.#flow.sendAt(whole) + next.offset;
    const ahead = whole - number;
    this.#flow.repost(this.#flow.shiftMessage(message, ahead), at, numberOf(pattern, next.heard, whole), cause);
  }

  lastAt(leg: number): Time {
    this.settle();
    const count = this.#counts[leg];
    if (!this.#pattern || count <= this.#first) return -1;
    return this.#flow.sendAt(count - 1) + this.#pattern.steps[leg].offset;
  }

  nextAt(leg: number): Time {
    this.settle();
    const count = this.#counts[leg];
    return this.#pattern && count < this.#flow.count
      ? this.#flow.sendAt(count) + this.#pattern.steps[leg].offset
      : never;
  }

  #step(heard: Step<State, Message>['heard']): void {
    const trial = this.#trial!;
    const offset = this.#ground.engine.now - this.#flow.sendAt(trial.number);
    const before = trial.steps.at(-1);
    // A step must not fall on the instant of the one before it, or nobody could tell which of them have happened.
    if (before && offset <= before.offset) trial.sound = false;
    trial.steps.push({offset, heard, facts: [], kept: [], counted: [], again: [], after: undefined});
  }

  /** What the packets of a trial relied on must not change before it is over. */
  #watch(trial: Trial<State, Message>, facts: readonly Fact[]): void {
    const watch: Repeat = {
      settle: () => undefined,
      resume: () => {
        trial.sound = false;
        trial.watches.delete(number);
      },
      lastAt: () => -1,
      nextAt: () => never,
    };
    const number = this.#ground.ledger.hold(watch, facts, []);
    trial.watches.add(number);
  }

  /** Ends the trial. Returns it if nothing in it was out of order. */
  #close(): Trial<State, Message> | undefined {
    const trial = this.#trial;
    this.#trial = undefined;
    if (!trial) return undefined;
    for (const watch of trial.watches) this.#ground.ledger.release(watch);
    const isSound = trial.sound && trial.decidedIn >= 0 && trial.steps.every(({after}) => after !== undefined);
    return isSound ? trial : undefined;
  }

  /** Whether the cycle has left the flow as it found it. */
  #repeats(trial: Trial<State, Message>, now: Snapshot<State>): boolean {
    const {before, steps, number} = trial;
    const period = this.#flow.sendAt(number + 1) - this.#flow.sendAt(number);
    trial.growth = now.counters.map((counter, index) => counter - before.counters[index]);
    const heard = steps.filter(step => step.heard).length;
    if (steps[steps.length - 1].offset >= period || trial.growth[0] !== heard) return false;
    return JSON.stringify(this.#flow.shift(before.state, 1)) === JSON.stringify(now.state);
  }

  #hold(pattern: Trial<State, Message>, first: number): void {
    this.#pattern = pattern;
    this.#first = first;
    this.#counts = pattern.steps.map(() => first);
    const facts = [...new Set(pattern.steps.flatMap(step => step.facts))];
    const kept = pattern.steps.flatMap((step, leg) => [...new Set(step.kept)].map(fact => ({fact, leg})));
    this.#held = this.#ground.ledger.hold(this, facts, kept);
  }

  #countStep({counted, again}: Step<State, Message>, times: number): void {
    if (times <= 0) return;
    for (const counter of counted) this.#ground.counters.add(counter, times);
    for (const act of again) act(times);
  }

  /** How many messages have come to a step. */
  #reachedCount(index: number, from: number): number {
    const {engine} = this.#ground;
    const {offset} = this.#pattern!.steps[index];
    const {count} = this.#flow;
    const period = this.#flow.sendAt(1) - this.#flow.sendAt(0);
    const passed = Math.ceil((engine.now - this.#flow.sendAt(0) - offset) / period);
    let next = Math.max(from, Math.min(count, passed));
    while (next < count && engine.reached(this.#placeOf(index, next))) next += 1;
    return next;
  }

  #placeOf(index: number, message: number): Place {
    const actor = this.#flow.actor();
    const {offset, heard} = this.#pattern!.steps[index];
    const at = this.#flow.sendAt(message) + offset;
    if (!heard) return alarmPlace(actor, at);
    return {at, receiver: actor, sender: actor, number: numberOf(this.#pattern!, heard, message)};
  }
}

/** The number of a posted message in the cycle of another message: each cycle posts as many as it hears. */
function numberOf({steps, number}: Trial<unknown, unknown>, heard: {readonly number: number}, message: number): number {
  return heard.number + (message - number) * steps.filter(step => step.heard).length;
}
