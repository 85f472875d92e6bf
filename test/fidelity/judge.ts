import {quantile} from '../../reports/statistics.ts';
import {binomialInterval} from './binomial.ts';

export type Judgement = {
  /** `aside`: it agrees with the bench, which itself did not meet the closed form. */
  readonly verdict: 'agrees' | 'aside' | 'misses' | 'reported';
  /** Why it misses or is not judged. */
  readonly because: string;
};

/** What a bench measured of one thing. */
export type Spread = {readonly n: number; readonly min: number; readonly median: number; readonly max: number};

/** What a bench wrote down of many that it did not count. */
export type Range = {readonly min: number; readonly max: number};

export type Emulated = {
  readonly n: number;
  readonly p5: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
};

/** How far a bench's values may be off: by `grain` either way, and by up to `lag` more than they should be. */
export type Resolution = {readonly grain: number; readonly lag?: number};

/** Something that happened in `hits` of `n`. */
export type Portion = {readonly hits: number; readonly n: number};

/** A mean that follows from a formula, and what the bench had for it. */
export type ClosedForm = {readonly mean: number; readonly measured: number};

/** Fewer observations than these say too little to judge by. */
const leastObserved = 5;

const closedFormTolerance = 0.05;

/**
 * The emulated median must lie within what was measured and the measured median between the emulated 5th and 95th
 * percentile, both widened by what the bench could resolve; and the emulated mean within 5 % of the closed form's, where
 * there is one that the bench itself met.
 */
export function judgeSpread(
  measured: Spread,
  emulated: Emulated | undefined,
  {grain, lag = 0}: Resolution,
  closedForm?: ClosedForm,
): Judgement {
  if (measured.n < leastObserved) return tooFew(measured.n);
  if (!emulated) return {verdict: 'misses', because: 'never seen in the emulation'};
  const flaws: string[] = [];
  if (emulated.median < measured.min - grain - lag || emulated.median > measured.max + grain) {
    flaws.push('emulated median outside the measured range');
  }
  if (measured.median < emulated.p5 - grain || measured.median > emulated.p95 + grain + lag) {
    flaws.push('measured median outside the emulated 5–95 %');
  }
  if (closedForm && meetsClosedForm(closedForm) && !meetsClosedForm({...closedForm, measured: emulated.mean})) {
    flaws.push(`mean ${emulated.mean.toFixed(0)} is more than 5 % from ${closedForm.mean}`);
  }
  if (flaws.length > 0) return {verdict: 'misses', because: flaws.join('; ')};
  return {verdict: closedForm && !meetsClosedForm(closedForm) ? 'aside' : 'agrees', because: ''};
}

/** The emulated share must lie within the 95 % binomial interval of the measured one. */
export function judgePortion(measured: Portion, emulated: Portion): Judgement {
  if (measured.n < leastObserved) return tooFew(measured.n);
  if (emulated.n === 0) return {verdict: 'misses', because: 'never seen in the emulation'};
  const [low, high] = binomialInterval(measured.hits, measured.n);
  const portion = emulated.hits / emulated.n;
  const within = portion >= low && portion <= high;
  return {
    verdict: within ? 'agrees' : 'misses',
    because: within ? '' : 'emulated share outside the measured 95 % interval',
  };
}

/** Counts and outcomes must be those of the bench, in every run. */
export function judgeExact(measured: string, emulated: readonly string[]): Judgement {
  if (emulated.length === 0) return {verdict: 'misses', because: 'never seen in the emulation'};
  const others = [...new Set(emulated)].filter(outcome => outcome !== measured);
  return others.length === 0
    ? {verdict: 'agrees', because: ''}
    : {verdict: 'misses', because: `came to ${others.join(' and ')}`};
}

/** A bench that is further off itself measured something that the formula leaves out. */
export function meetsClosedForm({mean, measured}: ClosedForm): boolean {
  return Math.abs(measured - mean) <= mean * closedFormTolerance;
}

export function summarise(values: readonly number[]): Emulated | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return {
    n: sorted.length,
    p5: quantile(sorted, 0.05),
    median: quantile(sorted, 0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: quantile(sorted, 0.95),
  };
}

function tooFew(n: number): Judgement {
  return {verdict: 'reported', because: `n = ${n}`};
}
