import {quantile} from '../../reports/statistics.ts';
import type {Measured} from './measured.ts';

export type Emulated = {
  readonly n: number;
  readonly p5: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
};

export type Verdict = {
  readonly row: Measured;
  readonly emulated: Emulated | undefined;
  readonly verdict: 'agrees' | 'misses' | 'reported';
  /** Why it misses or is not judged. */
  readonly because: string;
};

/** Fewer observations than these say too little to judge by. */
const leastObserved = 5;

/** The bench's probes were 10 ms apart and its clocks good for 1 ms. */
const probe = 10;
const clock = 1;

/** In the link cases the origin lies before the command that cut the link, which took up to this long. */
const slowestCommand = 62;

const closedFormTolerance = 0.05;

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

/**
 * The emulated median must lie within what was measured and the measured median between the emulated 5th and 95th
 * percentile, both widened by what the bench could resolve; and the emulated mean within 5 % of the closed form's, where
 * there is one.
 */
export function judge(row: Measured, values: readonly number[]): Verdict {
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
  if (expected !== undefined && Math.abs(emulated.mean - expected) > expected * closedFormTolerance) {
    flaws.push(`mean ${emulated.mean.toFixed(0)} is more than 5 % from ${expected}`);
  }
  return {row, emulated, verdict: flaws.length === 0 ? 'agrees' : 'misses', because: flaws.join('; ')};
}

/** What was lost while the mending command was still at work counts among what was lost after it. */
function hasLag({bench, metric, phase}: Measured): boolean {
  if (!bench.includes('link') && bench !== 'gw_prov_only') return false;
  if (/lost/.test(metric)) return phase.startsWith('recover');
  return !/END|changes|minus/.test(metric);
}

/** "… mean 2559" in the formula's text, unless the bench itself was further from it: then it leaves something out. */
export function closedFormMean({formula, mean}: Measured): number | undefined {
  const match = /mean (\d+)/.exec(formula);
  if (!match) return undefined;
  const expected = Number(match[1]);
  return Math.abs(mean - expected) <= expected * closedFormTolerance ? expected : undefined;
}
