import {upperTail} from './normal.ts';

export type Verdict = {
  /** Two-sided: how likely ranks are as uneven as these, or more, if nothing but luck sets the two apart. */
  readonly p: number;
  /** From -1, all smaller, to 1, all larger. */
  readonly effect: number;
};

/** Up to so many values the distribution of ranks is counted out; above, it is taken as normal. */
const mostCounted = 50;

/**
 * Wilcoxon's signed-rank test of differences between pairs; those of 0 are left out, as Wilcoxon did. The effect is the
 * matched-pairs rank-biserial correlation (Kerby 2014).
 */
export function signedRank(differences: ArrayLike<number>): Verdict {
  const known = Array.from(differences).filter(difference => difference !== 0);
  if (known.length === 0) return {p: 1, effect: 0};
  const {ranks, ties} = rank(known.map(Math.abs));
  const total = (known.length * (known.length + 1)) / 2;
  const positive = ranks.reduce((sum, own, index) => (known[index] > 0 ? sum + own : sum), 0);
  const n = known.length;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  const p = n <= mostCounted ? countedSums(ranks, positive) : normal(positive - total / 2, variance);
  return {p, effect: (2 * positive - total) / total};
}

/** The rank-sum test of Mann, Whitney and Wilcoxon of `values` against `base`. The effect is Cliff's delta. */
export function rankSum(values: ArrayLike<number>, base: ArrayLike<number>): Verdict {
  const [n, m] = [values.length, base.length];
  if (n === 0 || m === 0) return {p: 1, effect: 0};
  const {ranks, ties} = rank([...Array.from(values), ...Array.from(base)]);
  const sum = ranks.slice(0, n).reduce((total, own) => total + own, 0);
  const above = sum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  const p = n + m <= mostCounted ? countedChoices(ranks, n, sum) : normal(above - (n * m) / 2, variance);
  return {p, effect: (2 * above) / (n * m) - 1};
}

/** Ranks from 1, equal values sharing the mean of theirs, and the sum of t³ - t over groups of t equal values. */
function rank(values: readonly number[]): {readonly ranks: readonly number[]; readonly ties: number} {
  const order = [...values.keys()].sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : a - b));
  const ranks = new Array<number>(values.length);
  let ties = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to += 1;
    for (const index of order.slice(from, to)) ranks[index] = (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return {ranks, ties};
}

/** Of all ways to give signs to the ranks, the share in which their positive sum is as far out as `sum`. */
function countedSums(ranks: readonly number[], sum: number): number {
  // Ranks are whole or half: twice a rank is a whole number.
  let ways: Float64Array = new Float64Array(1).fill(1);
  for (const own of ranks.map(each => 2 * each)) {
    const next = new Float64Array(ways.length + own);
    for (const [index, count] of ways.entries()) {
      next[index] += count / 2;
      next[index + own] += count / 2;
    }
    ways = next;
  }
  return bothTails(ways, 2 * sum);
}

/** Of all ways to choose `size` of the ranks, the share in which their sum is as far out as `sum`. */
function countedChoices(ranks: readonly number[], size: number, sum: number): number {
  const doubled = ranks.map(own => 2 * own);
  const length = doubled.reduce((total, own) => total + own, 0) + 1;
  const ways = Array.from({length: size + 1}, () => new Float64Array(length));
  ways[0][0] = 1;
  for (const [done, own] of doubled.entries()) {
    for (let chosen = Math.min(size, done + 1); chosen > 0; chosen--) {
      for (let index = length - 1; index >= own; index--) ways[chosen][index] += ways[chosen - 1][index - own];
    }
  }
  const all = ways[size].reduce((total, count) => total + count, 0);
  return bothTails(
    ways[size].map(count => count / all),
    2 * sum,
  );
}

function bothTails(shares: Float64Array, at: number): number {
  let below = 0;
  let above = 0;
  for (const [index, share] of shares.entries()) {
    if (index <= at) below += share;
    if (index >= at) above += share;
  }
  return Math.min(1, 2 * Math.min(below, above));
}

/** With the correction for continuity. */
function normal(distance: number, variance: number): number {
  const apart = Math.max(0, Math.abs(distance) - 0.5);
  return variance === 0 ? 1 : Math.min(1, 2 * upperTail(apart / Math.sqrt(variance)));
}
