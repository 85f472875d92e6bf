import {align} from '../columns.ts';
import {count} from '../format.ts';
import {chooser} from './chosen-metrics.ts';
import {labelsOf} from './design.ts';
import {markdown, shown} from './figures.ts';
import {fingerprintOf, repeatWith, type SweepResults} from './sweep-files.ts';
import {spreadsOf, type SpreadRow} from './spreads.ts';

export type SweepTextOptions = {
  readonly format: 'table' | 'markdown';
  /** Full names of metrics, with `*` for anything; none stands for the usual ones. */
  readonly metrics: readonly string[];
};

/** So many runs are named of each kind of trouble. */
const mostNamed = 5;

/** What a sweep came to, for people. */
export function sweepText(results: SweepResults, {format, metrics}: SweepTextOptions): string {
  const {design, table} = results;
  const labels = labelsOf(design.points);
  const rows = spreadsOf(table, chooser(metrics));
  const heads = [
    'metric',
    ...(labels.length > 1 ? ['settings'] : []),
    'n',
    'median',
    'mean',
    '95 %',
    'p90',
    'p95',
    'max',
  ];
  const cells = rows.map((row, index) => {
    const name = format === 'table' && rows[index - 1]?.fullName === row.fullName ? '' : row.fullName;
    return [name, ...(labels.length > 1 ? [labels[row.point]] : []), ...figuresOf(row)];
  });
  const left = new Set(labels.length > 1 ? [0, 1] : [0]);
  const title = titleOf(results, labels);
  return [
    format === 'table' ? title : `**${title.replace(/ {3,}/g, ' · ')}**`,
    '',
    format === 'table' ? align(heads, cells, left) : markdown(heads, cells, left),
    ...troubles(results, labels),
    '',
  ].join('\n');
}

function titleOf({design, seeds, table}: SweepResults, labels: readonly string[]): string {
  const whole =
    labels.length > 1 ? `${labels.length} settings × ${count(seeds.length, 'seed')}` : count(seeds.length, 'seed');
  const runs = table.size === table.runs ? '' : `, ${table.size} of ${table.runs} runs`;
  return `${design.scenario}   ${whole}${runs}   fingerprint ${fingerprintOf(table)}`;
}

function figuresOf({unit, spread}: SpreadRow): readonly string[] {
  const {n, median, mean, intervals, p90, p95, max} = spread;
  const [low, high] = intervals.mean.map(value => shown(value, unit));
  const interval = low === high ? '' : `${low} … ${high}`;
  return [
    String(n),
    shown(median, unit),
    shown(mean, unit),
    interval,
    ...[p90, p95, max].map(value => shown(value, unit)),
  ];
}

/** Runs that failed, and expectations that were missed, with the commands that repeat some. */
function troubles({design, seeds, table}: SweepResults, labels: readonly string[]): readonly string[] {
  const named = (runs: readonly number[], tell: (run: number) => string): readonly string[] => [
    ...runs.slice(0, mostNamed).map(run => {
      const label = labels[Math.floor(run / seeds.length)];
      const where = `seed ${seeds[run % seeds.length]}${label === '' ? '' : `, ${label}`}`;
      return `  ${where}${tell(run)}: ${repeatWith(run, design, seeds)}`;
    }),
    ...(runs.length > mostNamed ? [`  … and ${runs.length - mostNamed} more: see runs.csv`] : []),
  ];
  const all = [...table.present()];
  const failed = all.filter(run => table.outline(run)!.status === 'failed');
  const expectations = [...new Set(all.flatMap(run => table.outline(run)!.missed))];
  return [
    ...(failed.length > 0 ? ['', `${count(failed.length, 'run')} failed`] : []),
    ...named(failed, run => `, ${table.outline(run)!.error}`),
    ...expectations.flatMap(text => {
      const runs = all.filter(run => table.outline(run)!.missed.includes(text));
      return ['', `${text} was missed in ${runs.length} of ${count(all.length, 'run')}`, ...named(runs, () => '')];
    }),
  ];
}
