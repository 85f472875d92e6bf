import test from 'ava';
import {milliseconds, seconds} from '../../../engine/time.ts';
import {IcmpLimits} from '../../../models/protocols/icmp-limits.ts';

test('six errors to an address at once, then one a second', t => {
  const limits = new IcmpLimits(0);
  const sent: number[] = [];
  for (let now = 0; now < seconds(4.5); now += milliseconds(20)) if (limits.allow(1, now)) sent.push(now);
  t.deepEqual(
    sent.slice(0, 6),
    [0, 1, 2, 3, 4, 5].map(n => milliseconds(20 * n)),
  );
  t.deepEqual(
    sent.slice(6).map(now => Math.round(now / seconds(1))),
    [1, 2, 3, 4],
  );
});

test('fifty errors to anybody at once, then a thousand a second', t => {
  const limits = new IcmpLimits(0);
  const count = (now: number): number =>
    Array.from({length: 200}, (_, to) => limits.allow(to, now)).filter(Boolean).length;
  t.is(count(0), 50);
  t.is(count(milliseconds(10)), 10);
  t.is(count(seconds(5)), 50);
});
