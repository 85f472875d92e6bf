import test from 'ava';
import {HaBench, primaryVip} from './ha-bench.ts';

test('a monitor that starts tells what is true at that moment', t => {
  const backup = new HaBench();
  backup.home.spawnMonitor(0);
  t.deepEqual(backup.at(5).take(), ['1.010 agent told: r1 is backup']);
  const primary = new HaBench().set(primaryVip, true);
  primary.home.spawnMonitor(0);
  t.deepEqual(primary.at(5).take(), ['1.010 agent told: r1 is primary']);
  t.is(primary.home.stateFiles.get(0), 'primary');
});

test('the primary address on the HA device says who is primary, each change in its turn', t => {
  const bench = new HaBench();
  bench.home.spawnMonitor(0);
  bench.at(5).take();
  bench.set(primaryVip, true).set(primaryVip, false).set(primaryVip, true);
  t.deepEqual(bench.at(9).take(), [
    '5.010 agent told: r1 is primary',
    '5.020 agent told: r1 is backup',
    '5.030 agent told: r1 is primary',
  ]);
});

test('other addresses are no news, on whatever device', t => {
  const bench = new HaBench();
  bench.home.spawnMonitor(0);
  bench.at(5).take();
  bench.set('169.254.192.5', true).set('10.1.0.1', true, 'inside').set(primaryVip, true, 'inside');
  t.deepEqual(bench.at(20).take(), []);
});

test('from ocata to victoria it announces each address that appears, three times, as long as that is there', t => {
  for (const release of ['ocata', 'victoria'] as const) {
    const bench = new HaBench(release);
    bench.home.spawnMonitor(0);
    bench.at(5).take();
    bench.set('10.1.0.1', true, 'inside');
    const said = [5.01, 7.01, 9.01].map(at => `${at.toFixed(3)} announces 10.1.0.1 on inside`);
    t.deepEqual(bench.at(20).take(), said, release);
    bench.set('10.1.0.9', true, 'inside').at(23).set('10.1.0.9', false, 'inside');
    t.is(bench.at(40).take().length, 2, release);
  }
  for (const release of ['newton', 'wallaby'] as const) {
    const bench = new HaBench(release);
    bench.home.spawnMonitor(0);
    bench.at(5).take();
    t.deepEqual(bench.set('10.1.0.1', true, 'inside').at(20).take(), [], release);
  }
});

test('with nobody at the socket of the agent it writes the file, and ends with an error', t => {
  const bench = new HaBench();
  bench.home.spawnMonitor(0);
  bench.at(5);
  bench.home.agent = undefined;
  bench.set(primaryVip, true).at(6);
  t.is(bench.home.stateFiles.get(0), 'primary');
  t.false(bench.home.monitorRuns(0));
  bench.set(primaryVip, false).at(9);
  t.is(bench.home.stateFiles.get(0), 'primary');
});

test('what comes while it hangs is told when it goes on; what comes while it is dead is found by the next one', t => {
  const bench = new HaBench();
  bench.home.spawnMonitor(0);
  bench.at(5).take();
  bench.monitor.hang('a');
  bench.set(primaryVip, true);
  t.deepEqual(bench.at(9).take(), []);
  bench.monitor.resume('a');
  t.is(bench.at(10).take().length, 1);
  bench.monitor.kill('b');
  bench.set(primaryVip, false).at(15);
  t.is(bench.home.stateFiles.get(0), 'primary');
  bench.home.spawnMonitor(0);
  t.deepEqual(bench.at(20).take(), [], 'held down');
  bench.monitor.release('b');
  bench.home.spawnMonitor(0);
  t.deepEqual(bench.at(25).take(), ['21.010 agent told: r1 is backup']);
});
