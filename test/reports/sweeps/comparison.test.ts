import test from 'ava';
import {draw} from '../../../engine/chance.ts';
import {Bootstrap} from '../../../reports/sweeps/bootstrap.ts';
import {compareGroups, comparePairs} from '../../../reports/sweeps/comparison.ts';

const bootstrap = new Bootstrap();
const some = (stream: number, size: number): number[] =>
  Array.from({length: size}, (_, count) => 1000 + 500 * draw(stream, count));

test('sweeps that are the same differ in nothing', t => {
  const values = some(1, 30);
  t.like(comparePairs(values, values, bootstrap), {n: 30, ratio: 1, difference: 0, interval: [0, 0], p: 1, effect: 0});
});

test('a shift that is smaller than the spread shows in pairs and not in groups', t => {
  const base = some(2, 40);
  const values = base.map((value, index) => value + 20 + 10 * draw(9, index));
  const pairs = comparePairs(values, base, bootstrap)!;
  const groups = compareGroups(values, base, bootstrap)!;
  t.true(pairs.p < 1e-6 && pairs.effect === 1);
  t.true(pairs.interval![0] > 20 && pairs.interval![1] < 30);
  t.true(groups.p > 0.05 && groups.interval![0] < 0 && groups.interval![1] > 25);
  t.true(Math.abs(groups.difference! - pairs.difference!) < 1e-9);
});

test('only seeds that have both are pairs', t => {
  t.like(comparePairs([1, NaN, 3, 9], [1, 2, NaN, 6], bootstrap), {n: 2, base: 3.5, median: 5, difference: 1.5});
  t.is(comparePairs([NaN], [1], bootstrap), undefined);
  t.is(compareGroups([NaN], [1], bootstrap), undefined);
  t.like(compareGroups([5, NaN], [1, 2, 3], bootstrap), {n: 1, base: 2, median: 5, ratio: 2.5});
});

test('never is longer than anything, as long as never, and has no ratio', t => {
  const comparison = comparePairs([Infinity, Infinity, 5, Infinity], [Infinity, 4, 5, 4], bootstrap);
  t.like(comparison, {n: 4, median: Infinity, effect: 1});
  t.is(comparison?.ratio, undefined);
  t.is(comparison?.difference, undefined);
  t.is(comparison?.interval, undefined);
});

test('nothing has no ratio to something', t => {
  t.is(comparePairs([3, 3], [0, 0], bootstrap)?.ratio, undefined);
  t.is(comparePairs([0, 0], [0, 0], bootstrap)?.ratio, 1);
  t.is(comparePairs([0, 0], [2, 2], bootstrap)?.ratio, 0);
});
