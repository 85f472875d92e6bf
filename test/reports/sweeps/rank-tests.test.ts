import test from 'ava';
import {upperTail} from '../../../reports/sweeps/normal.ts';
import {rankSum, signedRank} from '../../../reports/sweeps/rank-tests.ts';
import {draw} from '../../../engine/chance.ts';

const isNear = (actual: number, expected: number, relative = 1e-12): boolean =>
  Math.abs(actual - expected) <= Math.abs(expected) * relative;

test('the tail of the normal distribution is as tables have it', t => {
  const tails: readonly (readonly [number, number])[] = [
    [0, 0.5],
    [1, 0.15865525393145705],
    [1.959963984540054, 0.025],
    [2.9999, 0.0013503412829549248],
    [3, 0.0013498980316300946],
    [5, 2.866515718791939e-7],
    [10, 7.619853024160527e-24],
  ];
  for (const [z, expected] of tails) t.true(isNear(upperTail(z), expected), `${z}: ${upperTail(z)}`);
});

test('the signed-rank test gives the p of published examples', t => {
  // Hollander and Wolfe (1973), p. 29: depression before and after; R's wilcox.test prints V = 40, p-value = 0.03906.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
  const depression = signedRank(before.map((value, index) => value - after[index]));
  t.is(depression.p, 2 * (10 / 512));
  t.true(isNear(depression.effect, (40 - 5) / 45));
  // Darwin's maize, the example of scipy.stats.wilcoxon: statistic 24, p 0.041259765625.
  const maize = signedRank([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]);
  t.is(maize.p, 0.041259765625);
});

test('the rank-sum test gives the p of published examples', t => {
  // Hollander and Wolfe (1973), p. 69: permeability; R prints W = 35, and one-sided p-value = 0.1272.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];
  const permeability = rankSum(term, early);
  t.is(permeability.p.toFixed(4), '0.2544');
  t.true(isNear(permeability.effect, (2 * 35) / 50 - 1));
  // The example of scipy.stats.mannwhitneyu: U = 17, p = 0.1111.
  t.true(isNear(rankSum([19, 22, 16, 29, 24], [20, 11, 17, 12]).p, 1 / 9));
});

/** Of all choices of the numbers up to `most`, or of `size` of them, the share whose sum is as far out as `sum`. */
function countedOut(most: number, sum: number, size?: number): number {
  let ways = new Map([[0, 1]]);
  for (let number = 1; number <= most; number++) {
    const next = new Map(ways);
    // A key is the sum and, above it, how many were chosen.
    for (const [key, count] of ways) {
      const chosen = key + number + (size === undefined ? 0 : 100_000);
      next.set(chosen, (next.get(chosen) ?? 0) + count);
    }
    ways = next;
  }
  const wanted = [...ways].filter(([key]) => size === undefined || Math.floor(key / 100_000) === size);
  const count = (of: typeof wanted) => of.reduce((total, [, own]) => total + own, 0);
  const below = count(wanted.filter(([key]) => key % 100_000 <= sum));
  const above = count(wanted.filter(([key]) => key % 100_000 >= sum));
  return Math.min(1, (2 * Math.min(below, above)) / count(wanted));
}

test('where ranks are taken as normal, p is near the one that is counted out', t => {
  const n = 60;
  const values = Array.from({length: n}, (_, count) => draw(7, count) - 0.5);
  const others = Array.from({length: 30}, (_, count) => draw(8, count) - 0.5);
  const signed = signedRank(values.map(value => value + 0.05));
  const positive = Math.round(((signed.effect + 1) / 2) * ((n * (n + 1)) / 2));
  t.true(isNear(signed.p, countedOut(n, positive), 0.05), `${signed.p}`);
  const summed = rankSum(
    values.slice(0, 25).map(value => value + 0.05),
    others,
  );
  const sum = Math.round(((summed.effect + 1) / 2) * 25 * 30) + (25 * 26) / 2;
  t.true(isNear(summed.p, countedOut(55, sum, 25), 0.05), `${summed.p}`);
});

test('values that are all the same, and values that never end, have ranks too', t => {
  t.deepEqual(signedRank([0, 0, 0]), {p: 1, effect: 0});
  t.deepEqual(rankSum([3, 3, 3], [3, 3]), {p: 1, effect: 0});
  t.deepEqual(rankSum(new Array<number>(60).fill(3), new Array<number>(60).fill(3)), {p: 1, effect: 0});
  t.is(signedRank([Infinity, Infinity, 1, 2, 3]).effect, 1);
  t.is(rankSum([Infinity, 5], [1, 2]).effect, 1);
});

test('exchanging both sides turns the effect round and leaves p', t => {
  for (let round = 0; round < 50; round++) {
    const sideOf = (stream: number, size: number) =>
      Array.from({length: size}, (_, count) => Math.floor(draw(stream, count) * 9));
    const [a, b] = [sideOf(round, 5 + round), sideOf(round + 500, 30)];
    const [one, other] = [rankSum(a, b), rankSum(b, a)];
    t.true(isNear(one.p, other.p, 1e-9) && Math.abs(one.effect + other.effect) < 1e-12);
    const differences = a.map(value => value - 4);
    const turned = differences.map(value => -value);
    t.true(isNear(signedRank(differences).p, signedRank(turned).p, 1e-9));
    t.is(signedRank(differences).effect, -signedRank(turned).effect);
  }
});

test('of chance alone p is below 5 % about as often as it says', t => {
  const share = (size: number, flaw: (a: readonly number[], b: readonly number[]) => number): number => {
    const below = Array.from({length: 400}, (_, round) => {
      const [a, b] = [2 * round, 2 * round + 1].map(stream =>
        Array.from({length: size}, (_, count) => draw(stream * 7919, count)),
      );
      return flaw(a, b) < 0.05;
    });
    return below.filter(Boolean).length / below.length;
  };
  // Four standard deviations of a share of 400: 4.4 %; counted tests stay a little below 5 %.
  for (const size of [12, 60]) {
    const signed = share(size, (a, b) => signedRank(a.map((value, index) => value - b[index])).p);
    const summed = share(size, (a, b) => rankSum(a, b).p);
    t.true(signed < 0.094 && signed > 0.006, `signed ${size}: ${signed}`);
    t.true(summed < 0.094 && summed > 0.006, `sum ${size}: ${summed}`);
  }
});
