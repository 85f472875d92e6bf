import test, {type ExecutionContext} from 'ava';
import {binomialInterval} from './binomial.ts';

const close = (t: ExecutionContext, found: readonly number[], expected: readonly number[]): void => {
  for (const [i, value] of found.entries()) t.true(Math.abs(value - expected[i]) < 5e-5, `${value} and ${expected[i]}`);
};

// From the tables of the F distribution: 2 of 10 is 2.52 % to 55.61 %.
test('the interval of 2 in 10 is that of the tables', t => {
  close(t, binomialInterval(2, 10), [0.0252, 0.5561]);
});

// None in n: 1 − 0.025^(1/n).
test('never in 12 still leaves a quarter open', t => {
  close(t, binomialInterval(0, 12), [0, 0.2646]);
});

test('always is never turned round', t => {
  close(t, binomialInterval(12, 12), [0.7354, 1]);
});

test('more observations make it narrower', t => {
  const width = ([low, high]: readonly [number, number]): number => high - low;
  t.true(width(binomialInterval(50, 100)) < width(binomialInterval(5, 10)));
});
