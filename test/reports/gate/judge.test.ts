import test from 'ava';
import {Bootstrap} from '../../../reports/sweeps/bootstrap.ts';
import {enoughSeeds, judge, leastP} from '../../../reports/gate/judge.ts';

const bootstrap = new Bootstrap();
const tolerance = {share: 0.05, amount: 10};
const level = 0.01;

/** 20 values around 2500, none twice. */
const base = Array.from({length: 20}, (_, index) => 2000 + ((index * 7) % 20) * 50);
const verdict = (now: readonly number[], paired = true, before = base): string =>
  judge({base: before, now, paired}, tolerance, level, bootstrap).verdict;

test('what is as it was, or worse by what is tolerated, is within', t => {
  t.is(verdict(base), 'within');
  t.is(verdict(base.map(value => value * 1.05 + 10)), 'within');
});

test('what is worse by more than is tolerated in all seeds is regressed, better likewise improved', t => {
  t.is(verdict(base.map(value => value * 1.3)), 'regressed');
  t.is(
    verdict(
      base.map(value => value * 1.5),
      false,
    ),
    'regressed',
  );
  t.is(verdict(base.map(value => value / 1.3)), 'improved');
});

test('one slow seed of twenty is luck, eight that are slower than any before are not', t => {
  const slow = (count: number): readonly number[] => base.map((value, index) => (index < count ? 9000 : value));
  t.is(verdict(slow(1)), 'within');
  t.is(verdict(slow(8)), 'regressed');
  t.is(verdict(slow(8), false), 'regressed');
});

test('what never ends is larger than anything that ends, and as large as what never ended', t => {
  const never = base.map(() => Infinity);
  const {verdict: found, interval, now} = judge({base, now: never, paired: true}, tolerance, level, bootstrap);
  t.deepEqual([found, interval, now], ['regressed', undefined, Infinity]);
  t.is(verdict(never, true, never), 'within');
  t.is(verdict(base, true, never), 'improved');
});

test('where there was nothing, any amount beyond the tolerance counts', t => {
  const nothing = base.map(() => 0);
  t.is(
    verdict(
      base.map(() => 9),
      true,
      nothing,
    ),
    'within',
  );
  t.is(
    verdict(
      base.map(() => 11),
      true,
      nothing,
    ),
    'regressed',
  );
});

test('the least probability is that of all seeds being worse', t => {
  const now = base.slice(0, 6).map(value => value * 2);
  const {p} = judge({base: base.slice(0, 6), now, paired: true}, tolerance, level, bootstrap);
  t.is(p, leastP({base: 6, now: 6, paired: true}));
  t.is(p, 2 / 64);
  const {p: unpaired} = judge({base: base.slice(0, 4), now, paired: false}, tolerance, level, bootstrap);
  t.is(unpaired, leastP({base: 4, now: 6, paired: false}));
  t.true(Math.abs(unpaired - 2 / 210) < 1e-12, 'C(10, 4) is 210');
});

test('so many seeds are enough as can come below the level, and one less is not', t => {
  for (const some of [0.05, 0.05 / 7, 0.05 / 64, 0.0625, 1 / 1024]) {
    const enough = enoughSeeds(some);
    t.true(leastP({base: enough, now: enough, paired: true}) < some);
    t.false(leastP({base: enough - 1, now: enough - 1, paired: true}) < some, String(some));
  }
});
