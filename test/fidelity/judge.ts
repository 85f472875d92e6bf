import {quantile} from '../../reports/statistics.ts';
import {binomialInterval} from './binomial.ts';
import type {Measured} from './measured.ts';
import type {Share} from './shares.ts';

export type Judgement = {
  readonly verdict: 'agrees' | 'misses' | 'reported';
  /** Why it misses or is not judged. */
  readonly because: string;
};

export type Emulated = {
  readonly n: number;
  readonly p5: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
};

export type RowVerdict = Judgement & {readonly row: Measured; readonly emulated: Emulated | undefined};

export type ShareVerdict = Judgement & {
  readonly share: Share;
  readonly measured: {readonly hits: number; readonly n: number; readonly interval: readonly [number, number]};
  readonly emulated: {readonly hits: number; readonly n: number};
};

/** Fewer observations than these say too little to judge by. */
const leastObserved = 5;

/** The bench's probes were 10 ms apart and its clocks good for 1 ms. */
const probe = 10;
const clock = 1;

/** In the link cases the origin lies before the command that cut the link, which took up to this long, in ms. */
const slowestCommand = 62;

const closedFormTolerance = 0.05;

/**
 * The emulated median must lie within what was measured and the measured median between the emulated 5th and 95th
 * percentile, both widened by what the bench could resolve; and the emulated mean within 5 % of the closed form's, where
 * there is one that the bench itself met.
 */
export function judgeRow(row: Measured, values: readonly number[]): RowVerdict {
  const emulated = summarise(values);
  if (row.n < leastObserved) return {row, emulated, verdict: 'reported', because: `n = ${row.n}`};
  if (!emulated) return {row, emulated, verdict: 'misses', because: 'never seen in the emulation'};
  const counts = /lost|changes/.test(row.metric);
  const resolution = counts ? 1 : /probe/.test(row.metric) ? probe : clock;
  const lag = hasLag(row) ? (counts ? Math.ceil(slowestCommand / probe) : slowestCommand) : 0;
  const flaws: string[] = [];
  if (emulated.median < row.min - resolution - lag || emulated.median > row.max + resolution) {
    flaws.push('emulated median outside the measured range');
  }
  if (row.median < emulated.p5 - resolution || row.median > emulated.p95 + resolution + lag) {
    flaws.push('measured median outside the emulated 5–95 %');
  }
  const expected = closedFormMean(row);
  if (expected !== undefined && meetsClosedForm(row.mean, expected) && !meetsClosedForm(emulated.mean, expected)) {
    flaws.push(`mean ${emulated.mean.toFixed(0)} is more than 5 % from ${expected}`);
  }
  return {row, emulated, verdict: flaws.length === 0 ? 'agrees' : 'misses', because: flaws.join('; ')};
}

/** The emulated share must lie within the 95 % binomial interval of the measured one. `seen` holds 1 and 0. */
export function judgeShare(share: Share, hits: number, n: number, seen: readonly number[]): ShareVerdict {
  const measured = {hits, n, interval: binomialInterval(hits, n)};
  const emulated = {hits: seen.reduce((sum, hit) => sum + hit, 0), n: seen.length};
  if (n < leastObserved) return {share, measured, emulated, verdict: 'reported', because: `n = ${n}`};
  const portion = emulated.hits / emulated.n;
  const within = portion >= measured.interval[0] && portion <= measured.interval[1];
  return {
    share,
    measured,
    emulated,
    verdict: within ? 'agrees' : 'misses',
    because: within ? '' : 'emulated share outside the measured 95 % interval',
  };
}

/** "… mean 2559" in the formula's text. */
export function closedFormMean({formula}: Measured): number | undefined {
  const match = /mean (\d+)/.exec(formula);
  return match ? Number(match[1]) : undefined;
}

/** A bench that is further off itself measured something that the formula leaves out. */
export function meetsClosedForm(mean: number, expected: number): boolean {
  return Math.abs(mean - expected) <= expected * closedFormTolerance;
}

/** What was lost while the mending command was still at work counts among what was lost after it. */
function hasLag({bench, metric, phase}: Measured): boolean {
  if (!bench.includes('link') && bench !== 'gw_prov_only') return false;
  if (/lost/.test(metric)) return phase.startsWith('recover');
  return !/END|changes|minus/.test(metric);
}

function summarise(values: readonly number[]): Emulated | undefined {
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
