import {readFileSync} from 'node:fs';
import {parse} from 'csv-parse/sync';
import {statisticOf} from '../../../reports/statistics.ts';
import type {Spread} from '../judge.ts';

export type MeasuredRow = Readonly<Record<string, string>>;

/** A file of the kernel's bench: columns as they are there. */
export function readMeasured(name: string): readonly MeasuredRow[] {
  return parse<MeasuredRow>(readFileSync(`test/fixtures/measured/kernel/${name}.csv`, 'utf8'), {columns: true});
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    n: values.length,
    min: statisticOf(values, 'min'),
    median: statisticOf(values, 'median'),
    max: statisticOf(values, 'max'),
  };
}

/** Rows by what they have in common, in the order in which that first comes. */
export function grouped<T, K>(rows: readonly T[], key: (row: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
