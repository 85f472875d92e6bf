import test from 'ava';
import {briefly, count, list, milliseconds, moment, seconds, span} from '../../reports/format.ts';

test('results carry every microsecond', t => {
  t.deepEqual([0, 1, 20_430_267, 59_999_999].map(seconds), ['0.000000', '0.000001', '20.430267', '59.999999']);
  t.deepEqual([0, 1, 1000, 2_937_408].map(milliseconds), ['0', '0.001', '1', '2937.408']);
});

test('spans have the unit that suits them, and never round into the next', t => {
  t.deepEqual([0, 1, 999, 1000, 1_449, 99_949, 99_950, 999_499, 999_500, 2_990_000, 3_600_000_000].map(span), [
    '0',
    '1 µs',
    '999 µs',
    '1.0 ms',
    '1.4 ms',
    '99.9 ms',
    '100 ms',
    '999 ms',
    '1.000 s',
    '2.990 s',
    '3600.000 s',
  ]);
});

test('in a sentence spans have no digits that say nothing', t => {
  t.deepEqual([0, 100_000, 1000, 2_990_000, 60_000_000, 100_010_000].map(briefly), [
    '0',
    '100 ms',
    '1 ms',
    '2.99 s',
    '60 s',
    '100.01 s',
  ]);
});

test('moments have milliseconds', t => {
  t.is(moment(20_950_499), '20.950');
});

test('words are listed and things are counted as people do', t => {
  t.deepEqual(
    [[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(words => list(words)),
    ['', 'a', 'a and b', 'a, b and c'],
  );
  t.deepEqual([count(1, 'flow'), count(0, 'flow')], ['1 flow', '0 flows']);
});
