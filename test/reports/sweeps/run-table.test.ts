import test from 'ava';
import fc from 'fast-check';
import {failedRecord, readRecord, recordOf, writeRecord, type RunRecord} from '../../../reports/sweeps/run-record.ts';
import {RunTable} from '../../../reports/sweeps/run-table.ts';
import {libraryReport} from '../../support/runs.ts';

const record = (metrics: Readonly<Record<string, number>>): RunRecord => ({
  status: 'done',
  fingerprint: 'abc',
  missed: [],
  error: '',
  metrics: new Map(Object.entries(metrics)),
  edges: [],
  chains: [],
});

test('a record survives being written and read', t => {
  const report = libraryReport('ovn-two-gateways', '1', ['expect=[outage.max < 1ms]']);
  const kept = recordOf(report);
  t.deepEqual(readRecord(writeRecord(kept)), kept);
  t.deepEqual(kept.missed, ['outage.max < 1ms']);
  const never = record({'convergence.max': Infinity});
  t.deepEqual(readRecord(writeRecord(never)), never);
  const failed = failedRecord('Error: no\n  at line 1\n');
  t.is(failed.error, 'Error: no');
  t.deepEqual(readRecord(writeRecord(failed)), failed);
});

test('what is no record is not read as one', t => {
  const line = writeRecord(record({'outage.max': 1}));
  for (const text of ['', 'null', '{}', '[]', line.slice(0, -1), line.replace('done', 'don')])
    t.is(readRecord(text), undefined, text);
});

test('a table is the same in whatever order runs come', t => {
  const records = Array.from({length: 6}, (_, run) => record({'outage.max': run, [`packets_lost.max.g${run}`]: 1}));
  const whole = new RunTable(2, 3);
  for (const [run, each] of records.entries()) whole.add(run, each);
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], {minLength: 6}), order => {
      const table = new RunTable(2, 3);
      for (const run of order) table.add(run, records[run]);
      t.deepEqual(table, whole);
      t.deepEqual(table.metrics, whole.metrics);
    }),
    {numRuns: 20},
  );
  t.deepEqual([...whole.values('outage.max', 1)], [3, 4, 5]);
});

test('a run that comes twice counts once, as it came first', t => {
  const table = new RunTable(1, 2);
  table.add(1, record({'outage.max': 1}));
  table.add(1, record({'outage.max': 2}));
  t.is(table.size, 1);
  t.deepEqual([...table.present()], [1]);
  t.deepEqual([...table.values('outage.max', 0)], [NaN, 1]);
});

test('metrics stand by quantity, subject and statistic, an edge behind its fault', t => {
  const names = [
    'outage.sum',
    'convergence.max.down.end',
    'convergence.count.down.start',
    'convergence.max.down.start',
  ];
  const table = new RunTable(1, 1);
  table.add(
    0,
    record(Object.fromEntries([...names, 'convergence.max', 'convergence.max.down'].map(name => [name, 1]))),
  );
  t.deepEqual(table.metrics, [
    'convergence.max',
    'convergence.max.down',
    'convergence.count.down.start',
    'convergence.max.down.start',
    'convergence.max.down.end',
    'outage.sum',
  ]);
});
