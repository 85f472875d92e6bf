import {stringify} from 'csv-stringify/sync';
import {Fingerprint} from '../../engine/fingerprint.ts';
import {convergenceColumns} from '../csv-files.ts';
import {figure} from '../format.ts';
import {runCommandOf} from '../repeating-command.ts';
import type {SweepDesign} from './design.ts';
import {linkColumns} from './edge-chains.ts';
import {failedRecord, type RunRecord} from './run-record.ts';
import type {RunTable} from './run-table.ts';
import {estimated} from './bootstrap.ts';
import {spreadsOf, type SpreadRow} from './spreads.ts';

/** A result file, its text in pieces. */
export type SweepFile = {readonly name: string; readonly text: Iterable<string>};

/** What goes into the files of a sweep. */
export type SweepResults = {
  readonly design: SweepDesign;
  /** Of the whole sweep, whichever part of it the table has. */
  readonly seeds: readonly string[];
  readonly table: RunTable;
};

type Cell = string | number;

/** The columns of runs.csv that stand before those of the metrics. */
export const runColumns = [
  ...['scenario', 'seed', 'settings', 'run', 'status', 'fingerprint', 'missed', 'error', 'repeat_with'],
] as const;

const never = 'inf';

/** Those with the runs themselves: all that is needed to make the others. */
export function runFiles(results: SweepResults): readonly SweepFile[] {
  return [
    {name: 'runs.csv', text: csv(rowsOfRuns(results))},
    {name: 'convergence.csv', text: csv(rowsOfEdges(results))},
    {name: 'chains.csv', text: csv(rowsOfChains(results))},
  ];
}

/** Those that sum up all runs. */
export function summaryFiles({design, table}: SweepResults): readonly SweepFile[] {
  const rows = spreadsOf(table);
  return [
    {name: 'summary.csv', text: csv(longRows(design, rows))},
    {name: 'statistics.csv', text: csv(wideRows(design, rows))},
  ];
}

/** Equal for sweeps whose runs are all equal. */
export function fingerprintOf(table: RunTable): string {
  const fingerprint = new Fingerprint();
  for (const run of table.present()) {
    const {status, fingerprint: own} = table.outline(run)!;
    fingerprint.add(`${run} ${status} ${own}`);
  }
  return fingerprint.digest();
}

/** The record that a row of runs.csv holds, without its edges; undefined if it holds none. */
export function recordOfRow(
  columns: readonly string[],
  row: readonly string[],
): {readonly run: number; readonly record: RunRecord} | undefined {
  const [, , , number, status, fingerprint, missed, error] = row;
  if (!/^\d+$/.test(number) || row.length !== columns.length) return undefined;
  const run = Number(number) - 1;
  if (status === 'failed') return {run, record: failedRecord(error)};
  if (status !== 'done') return undefined;
  const metrics = new Map<string, number>();
  for (let column = runColumns.length; column < row.length; column++) {
    if (row[column] !== '') metrics.set(columns[column], row[column] === never ? Infinity : Number(row[column]));
  }
  if ([...metrics.values()].some(Number.isNaN)) return undefined;
  const expectations = missed === '' ? [] : missed.split('; ');
  return {run, record: {status, fingerprint, missed: expectations, error, metrics, edges: [], chains: []}};
}

function* rowsOfRuns({design, seeds, table}: SweepResults): Iterable<readonly Cell[]> {
  const {metrics} = table;
  yield [...runColumns, ...metrics];
  for (const run of table.present()) {
    const {status, fingerprint, missed, error, metrics: values} = table.get(run)!;
    yield [
      ...frontOf(run, design, seeds),
      ...[run + 1, status, fingerprint, missed.join('; '), error, repeatWith(run, design, seeds)],
      ...metrics.map(name => cellOf(values.get(name) ?? NaN)),
    ];
  }
}

function* rowsOfEdges({design, seeds, table}: SweepResults): Iterable<readonly Cell[]> {
  yield ['scenario', 'seed', 'settings', 'run', ...convergenceColumns];
  for (const run of table.present()) {
    const front = [...frontOf(run, design, seeds), run + 1];
    for (const edge of table.outline(run)!.edges) yield [...front, ...edge];
  }
}

function* rowsOfChains({design, seeds, table}: SweepResults): Iterable<readonly Cell[]> {
  yield ['scenario', 'seed', 'settings', 'run', ...linkColumns];
  for (const run of table.present()) {
    const front = [...frontOf(run, design, seeds), run + 1];
    for (const link of table.outline(run)!.chains) yield [...front, ...link];
  }
}

/** The command that repeats a run. */
export function repeatWith(run: number, {scenario_file, points}: SweepDesign, seeds: readonly string[]): string {
  return runCommandOf(scenario_file, seeds[run % seeds.length], points[Math.floor(run / seeds.length)]);
}

function frontOf(run: number, {scenario, points}: SweepDesign, seeds: readonly string[]): readonly Cell[] {
  return [scenario, seeds[run % seeds.length], points[Math.floor(run / seeds.length)].join(' ')];
}

/** A row for each statistic. */
function* longRows({scenario, points}: SweepDesign, rows: readonly SpreadRow[]): Iterable<readonly Cell[]> {
  yield ['scenario', 'settings', 'metric', 'subject', 'statistic', 'value', 'low', 'high', 'unit'];
  for (const {metric, subject, unit, point, spread} of rows) {
    const front = [scenario, points[point].join(' '), metric, subject];
    for (const statistic of ['n', 'never', 'min', 'median', 'mean', 'p90', 'p95', 'p99', 'max'] as const) {
      const known = estimated.find(name => name === statistic);
      const [low, high] = known ? spread.intervals[known].map(cellOf) : ['', ''];
      const counted = statistic === 'n' || statistic === 'never' ? 'runs' : unit;
      yield [...front, statistic, cellOf(spread[statistic]), low, high, counted];
    }
  }
}

/** A row for each metric. */
function* wideRows({scenario, points}: SweepDesign, rows: readonly SpreadRow[]): Iterable<readonly Cell[]> {
  yield [
    ...['scenario', 'settings', 'metric', 'subject', 'unit', 'n', 'never', 'min', 'median', 'mean', 'mean_low'],
    ...['mean_high', 'p90', 'p95', 'p99', 'max'],
  ];
  for (const {metric, subject, unit, point, spread} of rows) {
    const {n, never: lost, min, median, mean, intervals, p90, p95, p99, max} = spread;
    const figures = [min, median, mean, ...intervals.mean, p90, p95, p99, max];
    yield [scenario, points[point].join(' '), metric, subject, unit, n, lost, ...figures.map(cellOf)];
  }
}

/** Empty is nothing, `inf` is never. */
export function cellOf(value: number): Cell {
  return Number.isNaN(value) ? '' : value === Infinity ? never : figure(value);
}

/** A hundred rows at a time. */
function* csv(rows: Iterable<readonly Cell[]>): Iterable<string> {
  let some: (readonly Cell[])[] = [];
  const text = (): string => stringify(some, {record_delimiter: '\n', quoted_match: /\r/});
  for (const row of rows) {
    some.push(row);
    if (some.length < 100) continue;
    yield text();
    some = [];
  }
  if (some.length > 0) yield text();
}
