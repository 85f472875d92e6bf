import {quantile} from '../statistics.ts';
import type {Bootstrap, Interval} from './bootstrap.ts';
import {rankSum, signedRank, type Verdict} from './rank-tests.ts';

/** A metric of one sweep against that of another. */
export type Comparison = Verdict & {
  /** Pairs, or values of the smaller of both. */
  readonly n: number;
  readonly base: number;
  readonly median: number;
  /** Of the medians; undefined where the base is 0 and the other is not, or either never ended. */
  readonly ratio: number | undefined;
  /** Of the means, and its interval of 95 %; undefined where something never ended. */
  readonly difference: number | undefined;
  readonly interval: Interval | undefined;
};

/**
 * Compares values seed by seed: both have the same seeds in the same order. Undefined if no seed has both. Two that never
 * ended are equal.
 */
export function comparePairs(
  values: ArrayLike<number>,
  base: ArrayLike<number>,
  bootstrap: Bootstrap,
): Comparison | undefined {
  const pairs = Array.from(values, (value, index) => [value, base[index]] as const).filter(
    pair => !pair.some(Number.isNaN),
  );
  if (pairs.length === 0) return undefined;
  const differences = pairs.map(([value, other]) => (value === other ? 0 : value - other));
  const sides = {values: pairs.map(([value]) => value), base: pairs.map(([, other]) => other)};
  const isFinite = differences.every(Number.isFinite);
  return {
    n: pairs.length,
    ...medians(sides.values, sides.base),
    difference: isFinite ? mean(differences) : undefined,
    interval: isFinite ? bootstrap.mean(differences) : undefined,
    ...signedRank(differences),
  };
}

/** Compares values that have nothing to do with each other. Undefined if one side has none. */
export function compareGroups(
  values: ArrayLike<number>,
  base: ArrayLike<number>,
  bootstrap: Bootstrap,
): Comparison | undefined {
  const [own, other] = [values, base].map(side => Array.from(side).filter(value => !Number.isNaN(value)));
  if (own.length === 0 || other.length === 0) return undefined;
  const isFinite = [...own, ...other].every(Number.isFinite);
  return {
    n: Math.min(own.length, other.length),
    ...medians(own, other),
    difference: isFinite ? mean(own) - mean(other) : undefined,
    interval: isFinite ? bootstrap.difference(own, other) : undefined,
    ...rankSum(own, other),
  };
}

function medians(values: readonly number[], base: readonly number[]): Pick<Comparison, 'base' | 'median' | 'ratio'> {
  const [median, other] = [values, base].map(side => quantile(Float64Array.from(side).sort(), 0.5));
  const ratio = median === other ? 1 : median / other;
  return {base: other, median, ratio: Number.isFinite(ratio) && Number.isFinite(other) ? ratio : undefined};
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
