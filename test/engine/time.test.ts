import test from 'ava';
import {microseconds, milliseconds, never, seconds, toMilliseconds, toSeconds} from '../../engine/time.ts';

test('times are whole microseconds, rounded to the nearest', t => {
  t.deepEqual([microseconds(1.6), milliseconds(0.25), milliseconds(0.0004), seconds(1.5)], [2, 250, 0, 1_500_000]);
  t.deepEqual([toMilliseconds(1_500), toSeconds(250_000)], [1.5, 0.25]);
});

test('never is later than any moment', t => {
  t.true(never > Number.MAX_SAFE_INTEGER);
  t.is(Math.min(never, 5), 5);
});
