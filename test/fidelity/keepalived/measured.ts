import {readFileSync} from 'node:fs';
import {parse} from 'csv-parse/sync';
import {statisticOf} from '../../../reports/statistics.ts';
import type {Portion, Spread} from '../judge.ts';

export type MeasuredRun = Readonly<Record<string, string>>;

/** The raw rows of a case. */
export function readRuns(name: string): readonly MeasuredRun[] {
  return parse<MeasuredRun>(readFileSync(`test/fixtures/measured/keepalived/${name}.csv`, 'utf8'), {columns: true});
}

/** The values of some of the runs, seconds as ms; runs without one are left out. */
export function spreadOf(values: readonly (number | undefined)[]): Spread {
  const known = values.filter(value => value !== undefined && !Number.isNaN(value)) as number[];
  return {
    n: known.length,
    min: statisticOf(known, 'min'),
    median: statisticOf(known, 'median'),
    max: statisticOf(known, 'max'),
  };
}

/** A column in seconds as ms. */
export function ms(run: MeasuredRun, column: string): number | undefined {
  return run[column] === '' || run[column] === undefined ? undefined : 1000 * Number(run[column]);
}

export function count(run: MeasuredRun, column: string): number | undefined {
  return run[column] === '' || run[column] === undefined ? undefined : Number(run[column]);
}

export function portionOf(hits: readonly boolean[]): Portion {
  return {hits: hits.filter(hit => hit).length, n: hits.length};
}
