import type {Agenda} from '../engine/agenda.ts';
import {draw} from '../engine/chance.ts';
import {HeapAgenda} from '../engine/heap-agenda.ts';
import {LadderAgenda} from '../engine/ladder-agenda.ts';
import type {Findings} from './findings.ts';
import {collectGarbage, cpuSeconds, median} from './measure.ts';

/** How far ahead things are scheduled, in µs: a table to cycle through, so that no drawing is measured. */
type Mix = {readonly increments: Float64Array; readonly longest: number; readonly grain: number};

function makeMix(grain: number, increment: (chance: number, other: number) => number): Mix {
  const increments = Float64Array.from({length: 65_536}, (_, i) => increment(draw(1, i), draw(2, i)));
  return {increments, longest: increments.reduce((a, b) => Math.max(a, b)), grain};
}

const linkDelays = [10, 50, 100, 500];

const mixes: Readonly<Record<string, Mix>> = {
  /** Exponential, mean 100 ms. */
  smooth: makeMix(1, chance => Math.ceil(-Math.log(1 - chance) * 100_000)),
  /** Half link delays, 30 % BFD between 75 and 100 ms, 20 % anything up to 2 s. */
  mixed: makeMix(1, (chance, other) => {
    if (chance < 0.5) return linkDelays[Math.floor(other * linkDelays.length)];
    return chance < 0.8 ? 75_000 + Math.floor(other * 25_000) : 1 + Math.floor(other * 2_000_000);
  }),
  /** Whole milliseconds from 1 to 100: thousands at one instant. */
  tied: makeMix(1_000, chance => 1_000 * (1 + Math.floor(chance * 100))),
};

const sizes = [
  {pending: 1_000, rounds: 5, holds: 400_000},
  {pending: 100_000, rounds: 5, holds: 400_000},
  {pending: 1_000_000, rounds: 3, holds: 400_000},
];

/**
 * The hold model (take the next, schedule one more) on both agendas by turns, a new one each time. They must hand out the
 * same in the same order.
 */
export function agenda(): Findings {
  const rows: string[][] = [];
  holdRepeatedly(() => new HeapAgenda(), mixes['mixed'], 1_000, 400_000);
  holdRepeatedly(() => new LadderAgenda(), mixes['mixed'], 1_000, 400_000);
  for (const [name, mix] of Object.entries(mixes)) {
    for (const {pending, rounds, holds} of sizes) {
      const heap: number[] = [];
      const ladder: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const reference = holdRepeatedly(() => new HeapAgenda(), mix, pending, holds);
        const fast = holdRepeatedly(() => new LadderAgenda(), mix, pending, holds);
        if (reference.order !== fast.order) throw new Error(`the agendas differ: ${name}, ${pending} pending`);
        heap.push(reference.nanoseconds);
        ladder.push(fast.nanoseconds);
      }
      const ratio = median(heap) / median(ladder);
      rows.push([name, String(pending), median(heap).toFixed(0), median(ladder).toFixed(0), `${ratio.toFixed(1)} ×`]);
    }
  }
  return {
    title:
      'Hold model, ns of CPU time a hold: take the next appointment, look at the time of the one after, add one more',
    head: ['increments', 'pending', 'heap', 'ladder', 'heap / ladder'],
    rows,
  };
}

function holdRepeatedly(make: () => Agenda, mix: Mix, pending: number, holds: number) {
  collectGarbage();
  const agenda = make();
  for (let receiver = 0; receiver < pending; receiver++) add(agenda, residual(mix, receiver), receiver);
  hold(agenda, mix.increments, holds / 2);
  let order = 0;
  const seconds = cpuSeconds(() => {
    order = hold(agenda, mix.increments, holds);
  });
  return {nanoseconds: (seconds * 1e9) / holds, order};
}

/** Returns a number that depends on the order of what was handed out. */
function hold(agenda: Agenda, increments: Float64Array, holds: number): number {
  let order = 0;
  for (let i = 0; i < holds; i++) {
    const next = agenda.pop();
    if (!next || agenda.nextAt < next.at) throw new Error('time runs backwards');
    order = (Math.imul(order, 31) + next.receiver) | 0;
    add(agenda, next.at + increments[i & 65_535], next.receiver);
  }
  return order;
}

function add(agenda: Agenda, at: number, receiver: number): void {
  agenda.add({at, receiver, sender: -1, number: 0, message: undefined, cause: 0});
}

/** What is left of an increment in progress when the run has long been going on: long ones are met more often. */
function residual({increments, longest, grain}: Mix, receiver: number): number {
  for (let count = 0; ; count += 3) {
    const increment = increments[Math.floor(draw(receiver, count) * increments.length)];
    if (draw(receiver, count + 1) * longest > increment) continue;
    return grain * Math.floor((draw(receiver, count + 2) * increment) / grain);
  }
}
