import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import {jiffiesIn, jiffy, jiffyAt, kernelAlarm, kernelTimer, phaseSpan} from '../../../models/protocols/timer-wheel.ts';

const moments = fc.integer({min: 0, max: seconds(3600)});
const phases = fc.integer({min: 0, max: phaseSpan - 1});

/** How late a timer was, the least and the most over many moments and phases. */
function lateness(delay: Time): readonly [Time, Time] {
  let least = never;
  let most = -1;
  for (let i = 0; i < 20_000; i++) {
    const now = i * 7_919_993;
    const phase = (i * 104_729_111) % phaseSpan;
    const late = kernelTimer(now, delay, phase) - now - delay;
    least = Math.min(least, late);
    most = Math.max(most, late);
  }
  return [least, most];
}

const levels = [
  {delay: milliseconds(4), grain: milliseconds(4)},
  {delay: milliseconds(248), grain: milliseconds(4)},
  {delay: milliseconds(252), grain: milliseconds(32)},
  {delay: seconds(1), grain: milliseconds(32)},
  {delay: milliseconds(2_012), grain: milliseconds(32)},
  {delay: milliseconds(2_016), grain: milliseconds(256)},
  {delay: seconds(5), grain: milliseconds(256)},
  {delay: seconds(16), grain: milliseconds(256)},
  {delay: seconds(16.128), grain: milliseconds(2_048)},
  {delay: seconds(30), grain: milliseconds(2_048)},
  {delay: seconds(129), grain: milliseconds(2_048)},
  {delay: seconds(300), grain: seconds(16.384)},
];

for (const {delay, grain} of levels) {
  test(`a timer of ${delay / 1_000} ms is late by up to ${grain / 1_000} ms`, t => {
    const [least, most] = lateness(delay);
    t.true(least > 0 && least <= grain / 8, `${least}`);
    t.true(most <= grain && most >= grain - grain / 8, `${most}`);
  });
}

test('the lateness that was measured is possible: 5–32 ms on 1 s, 0.25 s on 5 s, 2 s on 30 s', t => {
  // MEASURED.md C. The least is what was met, not a bound: anything above 0 can happen.
  t.deepEqual(lateness(seconds(1)).map(Math.sign), [1, 1]);
  t.true(lateness(seconds(1))[1] >= milliseconds(31));
  t.true(lateness(seconds(5))[1] >= milliseconds(250));
  t.true(lateness(seconds(30))[1] >= milliseconds(2_000));
});

test('a timer armed when one of 1 s rings repeats every 1.024 s', t => {
  // a1_unresolved.csv: after the first request the others are 1.024 s apart, in every row.
  const phase = 1_234;
  const first = kernelTimer(777_777, seconds(1), phase);
  const second = kernelTimer(first, seconds(1), phase);
  t.is(second - first, milliseconds(1_024));
  t.is(kernelTimer(second, seconds(1), phase) - second, milliseconds(1_024));
});

test('a timer for a jiffy that has passed rings with the next one', t => {
  t.is(kernelAlarm(milliseconds(41), 3, 0), milliseconds(44));
});

test('a timer for never does not ring', t => {
  t.is(kernelTimer(seconds(1), never, 17), never);
});

test('a timer never rings early, and only when a jiffy begins', t => {
  fc.assert(
    fc.property(moments, fc.integer({min: 0, max: seconds(2_000)}), phases, (now, delay, phase) => {
      const rings = kernelTimer(now, delay, phase);
      t.true(rings > now + delay);
      t.is(Math.abs((rings - phase) % jiffy), 0);
    }),
  );
  t.pass();
});

test('all timers of a host that ring together were given the same bucket', t => {
  fc.assert(
    fc.property(moments, phases, (now, phase) => {
      // 10 s away buckets are 64 jiffies wide, so what expires in one of them rings at its end.
      const expires = jiffyAt(now, phase) + jiffiesIn(seconds(10));
      const rings = kernelAlarm(now, expires, phase);
      t.is(jiffyAt(rings, phase), (Math.floor(expires / 64) + 1) * 64);
    }),
  );
  t.pass();
});
