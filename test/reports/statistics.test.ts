import test from 'ava';
import fc from 'fast-check';
import {quantile, statisticOf} from '../../reports/statistics.ts';

const values = fc.array(fc.integer({min: -1000, max: 1_000_000}), {minLength: 1, maxLength: 50});
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

test('count, sum, mean, least and most are what they are called', t => {
  fc.assert(
    fc.property(values, sample => {
      let sum = 0;
      for (const value of sample) sum += value;
      const sorted = [...sample].sort((a, b) => a - b);
      t.is(statisticOf(sample, 'count'), sample.length);
      t.is(statisticOf(sample, 'sum'), sum);
      t.true(isNear(statisticOf(sample, 'mean'), sum / sample.length));
      t.is(statisticOf(sample, 'min'), sorted[0]);
      t.is(statisticOf(sample, 'max'), sorted[sorted.length - 1]);
    }),
    {numRuns: 50},
  );
});

test('a quantile lies on the straight line between the two values beside its place', t => {
  fc.assert(
    fc.property(values, fc.double({min: 0, max: 1, noNaN: true}), (sample, share) => {
      const sorted = [...sample].sort((a, b) => a - b);
      const place = share * (sorted.length - 1);
      const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
      const naive = below * (1 - (place % 1)) + above * (place % 1);
      t.true(isNear(quantile(sorted, share), naive), `${sorted} at ${share}`);
    }),
    {numRuns: 200},
  );
});

test('the quantiles of a hundred and one even steps are the steps', t => {
  const steps = Array.from({length: 101}, (_, step) => 100 - step);
  const found = (['min', 'median', 'p90', 'p95', 'p99', 'max'] as const).map(name => statisticOf(steps, name));
  t.deepEqual(found, [0, 50, 90, 95, 99, 100]);
});

test('the order of the values does not matter, and they are left as they were', t => {
  const sample = [3, 1, 2];
  t.is(statisticOf(sample, 'median'), 2);
  t.deepEqual(sample, [3, 1, 2]);
});

test('of one value every statistic but the count is that value, of none all are 0', t => {
  for (const name of ['sum', 'min', 'mean', 'median', 'p90', 'p95', 'p99', 'max'] as const) {
    t.is(statisticOf([7], name), 7);
    t.is(statisticOf([], name), 0);
  }
  t.is(statisticOf([7], 'count'), 1);
  t.is(statisticOf([], 'count'), 0);
});
