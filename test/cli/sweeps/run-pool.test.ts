import test from 'ava';
import {runAll} from '../../../cli/sweeps/run-all.ts';
import {RunPool} from '../../../cli/sweeps/run-pool.ts';
import type {RunTask} from '../../../cli/sweeps/run-one.ts';
import runOne from '../../../cli/sweeps/run-one.ts';
import {readRecord} from '../../../reports/sweeps/run-record.ts';
import {quickSweep} from '../../support/sweeps.ts';

const ends = new URL('../../support/failing-run.js', import.meta.url);
const task = (seed: string, text = ''): RunTask => ({text, path: 'test.yaml', settings: [], seed});

test('runs that fail are recorded, also those that take their thread with them, and the others go on', async t => {
  const pool = new RunPool(2, ends);
  const seeds = ['1', 'throws', '2', 'dies', '3', 'dies', '4', '5'];
  const found = new Map<number, string>();
  try {
    await runAll(
      seeds.keys(),
      2,
      run => pool.run(task(seeds[run])),
      (run, {status, fingerprint, error}) => found.set(run, `${status} ${fingerprint}${error}`),
    );
  } finally {
    await pool.close();
  }
  t.deepEqual(
    seeds.map((_, run) => found.get(run)),
    [
      ...['done 1', 'failed no more', 'done 2', 'failed worker exited with code: 1', 'done 3'],
      ...['failed worker exited with code: 1', 'done 4', 'done 5'],
    ],
  );
});

test('what is no record is a bug of ours, not a result', async t => {
  const pool = new RunPool(1, ends);
  await t.throwsAsync(pool.run(task('babbles')), {message: /no record: babble/});
  await pool.close();
});

test('a run whose models fail is a record with the reason', t => {
  t.like(readRecord(runOne(task('1', 'name: no cloud\n'))), {status: 'failed', fingerprint: ''});
  t.like(readRecord(runOne(task('1', quickSweep))), {status: 'done', error: '', missed: []});
});

test('the first error ends a sweep: no run is begun after it, and what was under way is not taken', async t => {
  const begun: number[] = [];
  const taken: number[] = [];
  let letOthersGo = (): void => undefined;
  const others = new Promise<void>(resolve => (letOthersGo = resolve));
  const record = readRecord(runOne(task('1', quickSweep)))!;
  const running = runAll(
    Array.from({length: 9}, (_, index) => index).values(),
    3,
    async run => {
      begun.push(run);
      if (run > 0) await others;
      return record;
    },
    run => {
      taken.push(run);
      throw new Error('disk full');
    },
  );
  await t.throwsAsync(running, {message: 'disk full'});
  letOthersGo();
  await others;
  t.deepEqual(begun, [0, 1, 2]);
  t.deepEqual(taken, [0]);
});
