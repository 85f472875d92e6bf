import {readFileSync} from 'node:fs';
import {parse} from 'csv-parse/sync';

/** A row of what the bench measured: so many observations between a least and a most. */
export type Measured = {
  readonly bench: string;
  readonly settings: string;
  readonly phase: string;
  readonly metric: string;
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly max: number;
  readonly formula: string;
};

type Row = Readonly<
  Record<'case' | 'cfg' | 'phase' | 'metric' | 'n' | 'min' | 'median' | 'mean' | 'max' | 'formula', string>
>;

/** The bench's summary of its OVN runs. */
export function readMeasured(): readonly Measured[] {
  const text = readFileSync('test/fixtures/measured/ovn/summary.csv', 'utf8');
  const rows = parse<Row>(text, {columns: true});
  return rows.map(row => ({
    bench: row.case,
    settings: row.cfg,
    phase: row.phase,
    metric: row.metric,
    n: Number(row.n),
    min: Number(row.min),
    median: Number(row.median),
    mean: Number(row.mean),
    max: Number(row.max),
    formula: row.formula,
  }));
}

/** One phase of one run of the bench, as it was written down: columns as in the file, times in ms, empty if never. */
export type MeasuredRun = Readonly<Record<string, string>>;

/** The raw rows behind the summary. */
export function readMeasuredRuns(): readonly MeasuredRun[] {
  return parse<MeasuredRun>(readFileSync('test/fixtures/measured/ovn/failover.csv', 'utf8'), {columns: true});
}

/** "… mean 2559" in the formula's text. */
export function closedFormMean({formula}: Measured): number | undefined {
  const match = /mean (\d+)/.exec(formula);
  return match ? Number(match[1]) : undefined;
}
