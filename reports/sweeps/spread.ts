import {quantile, statisticOf} from '../statistics.ts';
import {estimated, type Bootstrap, type Intervals} from './bootstrap.ts';

/** How a metric spreads over runs. Infinity is never: of more than half the runs, and the median is. */
export type Spread = {
  /** Runs that have the metric. */
  readonly n: number;
  /** Those of them in which it never ended. */
  readonly never: number;
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly intervals: Intervals;
};

/** The spread of a metric's values, of which NaN are no values; undefined if there is none. */
export function spreadOf(values: ArrayLike<number>, bootstrap: Bootstrap): Spread | undefined {
  const sorted = Float64Array.from(values)
    .filter(value => !Number.isNaN(value))
    .sort();
  if (sorted.length === 0) return undefined;
  const [min, max] = [sorted[0], sorted[sorted.length - 1]];
  return {
    n: sorted.length,
    never: sorted.filter(value => value === Infinity).length,
    min,
    median: quantile(sorted, 0.5),
    mean: min === max ? min : statisticOf([...sorted], 'mean'),
    p90: quantile(sorted, 0.9),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max,
    intervals: min === max ? always(min) : bootstrap.intervals(sorted),
  };
}

function always(value: number): Intervals {
  return Object.fromEntries(estimated.map(name => [name, [value, value]])) as never;
}
