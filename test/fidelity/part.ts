import {judgeExact, judgePortion, judgeSpread, summarise} from './judge.ts';
import type {ClosedForm, Judgement, Portion, Range, Resolution, Spread} from './judge.ts';
import {binomialInterval} from './binomial.ts';

/** One of the benches, and how the emulation does in its cases. */
export type Part = {
  /** Its word on the command line. */
  readonly name: string;
  /** Its heading on the page. */
  readonly title: string;
  /** Seeds enough for the tests. */
  readonly fewSeeds: number;
  /** Names of rows about what is too rare to be judged by so few. */
  readonly rare: readonly string[];
  /** Runs the bench's cases; `done` is told after each. */
  readonly compare: (seeds: number, done: (finished: string) => void) => Comparison;
};

export type Comparison = {
  /** What the bench was, how its cases are run here and what else a row must meet to agree. Markdown. */
  readonly method: string;
  /** What there is to say about the rows as a whole. */
  readonly remarks: readonly string[];
  readonly tables: readonly Table[];
  /** What the bench saw and nothing here answers to, by name. */
  readonly notEmulated: readonly NotEmulated[];
};

export type Table = {
  readonly title: string;
  readonly notes: readonly string[];
  /** Headings of the cells; the verdict has the last column. */
  readonly head: readonly string[];
  readonly rows: readonly Row[];
};

/** A judged row. `name` says which one it is where it stands alone. */
export type Row = Judgement & {readonly name: string; readonly cells: readonly string[]};

export type NotEmulated = {readonly what: string; readonly because: string};

export const spreadHead = [
  'n',
  'measured min – median – max',
  'n',
  'emulated 5 % – median – 95 %',
  'mean',
  'closed form',
];

/** Times, or counts that vary: the rule of medians. `first` are the cells before those of `spreadHead`. */
export function spreadRow(
  first: readonly string[],
  measured: Spread,
  values: readonly number[],
  resolution: Resolution,
  closedForm?: ClosedForm & {readonly text: string},
): Row {
  const emulated = summarise(values);
  return {
    ...judgeSpread(measured, emulated, resolution, closedForm),
    name: first.join(' '),
    cells: [
      ...first,
      `${measured.n}`,
      `${figure(measured.min)} – ${figure(measured.median)} – ${figure(measured.max)}`,
      `${emulated?.n ?? 0}`,
      emulated ? `${figure(emulated.p5)} – ${figure(emulated.median)} – ${figure(emulated.p95)}` : '',
      emulated ? figure(emulated.mean) : '',
      closedForm?.text ?? '',
    ],
  };
}

/** Of what only the least and the most were written down: they must lie within the emulated ones. */
export function rangeRow(
  first: readonly string[],
  {min, max}: Range,
  values: readonly number[],
  {grain}: Resolution,
): Row {
  const emulated = summarise(values);
  const covers = values.some(value => value <= min + grain) && values.some(value => value >= max - grain);
  return {
    verdict: covers ? 'agrees' : 'misses',
    because: covers ? '' : 'measured range outside the emulated one',
    name: first.join(' '),
    cells: [
      ...first,
      '',
      `${figure(min)} – ${figure(max)}`,
      `${values.length}`,
      emulated ? `${figure(emulated.p5)} – ${figure(emulated.median)} – ${figure(emulated.p95)}` : '',
      emulated ? figure(emulated.mean) : '',
      '',
    ],
  };
}

export const portionHead = ['measured', '95 % interval', 'emulated'];

/** What happened in some runs and not in others: the rule of shares. */
export function portionRow(first: readonly string[], measured: Portion, emulated: Portion): Row {
  const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  return {
    ...judgePortion(measured, emulated),
    name: first.join(' '),
    cells: [
      ...first,
      `${measured.hits} of ${measured.n}`,
      binomialInterval(measured.hits, measured.n).map(percent).join(' – '),
      `${percent(emulated.hits / emulated.n)} of ${emulated.n}`,
    ],
  };
}

export const exactHead = ['n', 'measured', 'n', 'emulated'];

/** What came out the same way each time: it must here. `n` is how often the bench looked. */
export function exactRow(first: readonly string[], n: number, measured: string, emulated: readonly string[]): Row {
  return {
    ...judgeExact(measured, emulated),
    name: first.join(' '),
    cells: [...first, `${n}`, measured, `${emulated.length}`, [...new Set(emulated)].join(', ')],
  };
}

export function figure(value: number): string {
  return value.toFixed(Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
}
