import test from 'ava';
import {HaBench} from './ha-bench.ts';

test('the first primary that an agent hears of is believed at once', t => {
  const bench = new HaBench().at(1);
  bench.transitions.heard(0, 'primary');
  t.deepEqual(bench.at(9).take(), ['1.000 server told: 0 active']);
  t.is(bench.transitions.stateOf(0), 'primary');
});

test('of one that has been primary before it waits an advert interval, from train on', t => {
  for (const [release, expected] of [
    ['stein', '1.000'],
    ['train', '3.000'],
    ['caracal', '3.000'],
  ] as const) {
    const bench = new HaBench(release).at(1);
    bench.transitions.beginSettled(0);
    bench.transitions.heard(0, 'primary');
    t.deepEqual(bench.at(9).take(), [`${expected} server told: 0 active`], release);
  }
});

test('who is primary for less than that is not told of', t => {
  const bench = new HaBench().at(1);
  bench.transitions.beginSettled(0);
  bench.transitions.heard(0, 'primary');
  bench.at(2).transitions.heard(0, 'backup');
  t.deepEqual(bench.at(20).take(), []);
  bench.transitions.heard(0, 'primary');
  t.deepEqual(bench.at(30).take(), ['22.000 server told: 0 active']);
});

test('a backup is believed at once', t => {
  const bench = new HaBench().at(1);
  bench.transitions.beginSettled(0);
  bench.transitions.heard(0, 'backup');
  t.deepEqual(bench.at(9).take(), ['1.000 server told: 0 standby']);
});

test('the server is told at most once in an advert interval, with what was last of each router', t => {
  const bench = new HaBench('stein').at(1);
  bench.transitions.heard(0, 'primary');
  bench.at(1.5).transitions.heard(1, 'primary');
  bench.at(2).transitions.heard(0, 'backup');
  bench.at(2.5).transitions.heard(1, 'backup');
  bench.at(2.6).transitions.heard(1, 'primary');
  t.deepEqual(bench.at(20).take(), ['1.000 server told: 0 active', '3.000 server told: 1 active, 0 standby']);
});

test('from pike on the server is told if it knows something else', t => {
  for (const [release, count] of [
    ['ocata', 0],
    ['pike', 1],
  ] as const) {
    const bench = new HaBench(release).at(1);
    bench.home.stateFiles.set(0, 'primary');
    bench.transitions.compare(0, 'active');
    t.deepEqual(bench.at(2).take(), [], release);
    bench.transitions.compare(0, 'standby');
    t.is(bench.at(3).take().length, count, release);
  }
});

test('who was primary before the power went is not, and what was never heard of is not known', t => {
  const bench = new HaBench();
  t.is(bench.transitions.stateOf(0), undefined);
  bench.home.stateFiles.set(0, 'primary');
  bench.transitions.reset(0);
  t.is(bench.transitions.stateOf(0), 'backup');
  t.is(bench.home.stateFiles.get(0), 'backup');
});
