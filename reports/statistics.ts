import type {Statistic} from '../models/events/quantities.ts';

const quantiles: Partial<Record<Statistic, number>> = {min: 0, median: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, max: 1};

/** A statistic of values; of none at all it is 0. */
export function statisticOf(values: readonly number[], statistic: Statistic): number {
  if (statistic === 'count') return values.length;
  if (values.length === 0) return 0;
  const sum = values.reduce((total, value) => total + value, 0);
  if (statistic === 'sum') return sum;
  if (statistic === 'mean') return sum / values.length;
  return quantile(
    [...values].sort((a, b) => a - b),
    quantiles[statistic] ?? 0,
  );
}

/** The quantile of sorted values, with straight lines between neighbours; the last may be infinite. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  return between(sorted[below], sorted[Math.min(below + 1, sorted.length - 1)], place - below);
}

/** So far on the way from one value to another. */
export function between(from: number, to: number, share: number): number {
  return from === to || share === 0 ? from : from + (to - from) * share;
}
