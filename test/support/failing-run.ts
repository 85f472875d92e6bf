import {failedRecord, writeRecord} from '../../reports/sweeps/run-record.ts';
import type {RunTask} from '../../cli/sweeps/run-one.ts';

/** What a thread of a pool does in tests: it comes to the end that its seed names. */
export default function failingRun({seed}: RunTask): string {
  if (seed === 'throws') throw new Error('no more\nat all');
  if (seed === 'dies') process.exit(1);
  if (seed === 'babbles') return 'babble';
  if (seed === 'eats') for (const eaten: unknown[] = []; ; eaten.push(new Array(100_000).fill(eaten.length)));
  return writeRecord({...failedRecord(''), status: 'done', fingerprint: seed});
}
