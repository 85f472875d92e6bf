import test from 'ava';
import fc from 'fast-check';
import {draw} from '../../../engine/chance.ts';
import {Bootstrap, estimated} from '../../../reports/sweeps/bootstrap.ts';
import {spreadOf} from '../../../reports/sweeps/spread.ts';

const bootstrap = new Bootstrap();

test('a spread is what each of its names says', t => {
  const values = Array.from({length: 101}, (_, index) => 100 - index);
  t.like(spreadOf(values, bootstrap), {
    n: 101,
    never: 0,
    min: 0,
    median: 50,
    mean: 50,
    p90: 90,
    p95: 95,
    p99: 99,
    max: 100,
  });
});

test('what is no value does not count, and nothing has no spread', t => {
  t.like(spreadOf([NaN, 3, NaN, 5], bootstrap), {n: 2, min: 3, median: 4, max: 5});
  t.is(spreadOf([NaN, NaN], bootstrap), undefined);
  t.is(spreadOf([], bootstrap), undefined);
});

test('what never ended is longer than anything that did', t => {
  const spread = spreadOf([...new Array<number>(97).fill(2), 1, Infinity, Infinity], bootstrap);
  t.like(spread, {n: 100, never: 2, min: 1, median: 2, mean: Infinity, p90: 2, p95: 2, p99: Infinity, max: Infinity});
  t.deepEqual(spread?.intervals.median, [2, 2]);
  t.like(spreadOf([Infinity, Infinity], bootstrap), {n: 2, never: 2, min: Infinity, median: Infinity, mean: Infinity});
});

test('intervals lie within the values, around what they are of, and go with them', t => {
  const sorted = fc
    .array(fc.integer({min: 0, max: 5000}), {minLength: 2, maxLength: 60})
    .map(values => values.sort((a, b) => a - b));
  fc.assert(
    fc.property(sorted, values => {
      const intervals = bootstrap.intervals(values);
      const moved = bootstrap.intervals(values.map(value => 2 * value + 1024));
      for (const name of estimated) {
        const [low, high] = intervals[name];
        if (low > high || low < values[0] || high > values[values.length - 1]) return false;
        if (Math.abs(moved[name][0] - (2 * low + 1024)) > 1e-6) return false;
      }
      return true;
    }),
    {numRuns: 40},
  );
  t.pass();
});

test('an interval of 95 % holds the mean and the median about so often', t => {
  const rounds = 300;
  let means = 0;
  let medians = 0;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({length: 60}, (_, count) => draw(round * 104_729, count)).sort((a, b) => a - b);
    const {mean, median} = bootstrap.intervals(values);
    if (mean[0] <= 0.5 && mean[1] >= 0.5) means += 1;
    if (median[0] <= 0.5 && median[1] >= 0.5) medians += 1;
  }
  // Percentile intervals of 60 values hold a little less than they say; four standard deviations are 5 %.
  for (const share of [means / rounds, medians / rounds]) t.true(share > 0.89 && share < 0.99, String(share));
});

test('equal values have equal intervals, whoever asks and in whatever order', t => {
  const values = [1, 2, 3, 5, 8, 13];
  const other = new Bootstrap();
  other.difference([1, 2, 3], [4, 5, 6]);
  t.deepEqual(other.intervals(values), bootstrap.intervals(values));
  t.deepEqual(bootstrap.mean(values), other.intervals(values).mean);
});
