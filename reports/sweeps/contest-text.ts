import {stringify} from 'csv-stringify/sync';
import {align} from '../columns.ts';
import {count} from '../format.ts';
import {chooser} from './chosen-metrics.ts';
import type {Comparison} from './comparison.ts';
import {arePaired, contestsOf, rowsOf, sameRuns, type Contest, type Named, type Side} from './contest.ts';
import {markdown, shown} from './figures.ts';
import {partsOfName} from './metric-names.ts';
import {cellOf} from './sweep-files.ts';

export type ContestOptions = {
  readonly format: 'table' | 'markdown' | 'csv';
  /** Full names of metrics, with `*` for anything; none stands for the usual ones. */
  readonly metrics: readonly string[];
  /** Whether sides with the same seeds are compared seed by seed. */
  readonly isPaired: boolean;
};

/** Sweeps side by side. The CSV has all metrics if none is asked for. */
export function contestText(sweeps: readonly Named[], options: ContestOptions): string {
  const contests = contestsOf(sweeps);
  if (options.format === 'csv') return csv(contests, options);
  return `${contests.map(contest => tell(contest, options)).join('\n\n')}\n`;
}

function tell(contest: Contest, {format, metrics, isPaired}: ContestOptions): string {
  const {label, sides} = contest;
  const [base, ...others] = sides;
  const isLong = others.length === 1;
  const heads = [
    ...['metric', base.name],
    ...others.flatMap(({name}) => [
      name,
      'ratio',
      ...(isLong ? ['difference', '95 %'] : []),
      'p',
      ...(isLong ? ['effect'] : []),
    ]),
  ];
  const cells = rowsOf(contest, isPaired, chooser(metrics)).map(({fullName, comparisons}) => {
    const {unit} = partsOfName(fullName);
    const known = comparisons.find(comparison => comparison !== undefined);
    return [
      ...[fullName, shown(known?.base, unit)],
      ...comparisons.flatMap(comparison => figuresOf(comparison, unit, isLong)),
    ];
  });
  const left = new Set([0]);
  const lines = [label, ...sides.map((side, index) => describe(side, index === 0 ? undefined : base, isPaired))].filter(
    Boolean,
  );
  const title = format === 'table' ? lines : lines.map(line => `- ${line.replace(/ {3,}/g, ' · ')}`);
  const table = format === 'table' ? align(heads, cells, left) : markdown(heads, cells, left);
  return [...title, '', table].join('\n');
}

/** What a side is, and how it is compared with the base. */
function describe(side: Side, base: Side | undefined, isPaired: boolean): string {
  const {design, seeds} = side.results;
  const what = `${side.name}   ${design.scenario}, ${count(seeds.length, 'seed')}, Faultline ${design.faultline}`;
  if (!base) return what;
  if (!isPaired || !arePaired(side, base)) return `${what}   not paired: Mann-Whitney, Cliff's delta`;
  const {same, of} = sameRuns(side, base);
  return `${what}   ${same} of ${count(of, 'run')} the same   in pairs: Wilcoxon, rank-biserial correlation`;
}

function figuresOf(comparison: Comparison | undefined, unit: string, isLong: boolean): readonly string[] {
  if (!comparison) return isLong ? ['–', '', '', '', '', ''] : ['–', '', ''];
  const {median, ratio, difference, interval, p, effect} = comparison;
  const times = ratio === undefined ? '–' : `${ratio.toFixed(2)} ×`;
  const sure = p < 0.0001 ? '<0.0001' : p.toFixed(4);
  if (!isLong) return [shown(median, unit), times, sure];
  const [low, high] = interval?.map(value => signed(value, unit)) ?? ['', ''];
  const between = low === high ? '' : `${low} … ${high}`;
  return [
    shown(median, unit),
    times,
    difference === undefined ? '–' : signed(difference, unit),
    between,
    sure,
    effect.toFixed(2),
  ];
}

function signed(value: number, unit: string): string {
  return `${value > 0 ? '+' : ''}${shown(value, unit)}`;
}

function csv(contests: readonly Contest[], {metrics, isPaired}: ContestOptions): string {
  const rows = contests.flatMap(contest =>
    rowsOf(contest, isPaired, metrics.length === 0 ? undefined : chooser(metrics)).flatMap(({fullName, comparisons}) =>
      comparisons.flatMap((comparison, index) => {
        if (!comparison) return [];
        const side = contest.sides[index + 1];
        const {metric, subject, unit} = partsOfName(fullName);
        const {n, base, median, ratio, difference, interval, p, effect} = comparison;
        const test = isPaired && arePaired(side, contest.sides[0]) ? 'signed-rank' : 'rank-sum';
        return [
          [
            ...[
              contest.label,
              metric,
              subject,
              unit,
              contest.sides[0].name,
              side.name,
              n,
              cellOf(base),
              cellOf(median),
            ],
            ...[ratio, difference, ...(interval ?? [undefined, undefined])].map(value => cellOf(value ?? NaN)),
            ...[test, Number(p.toPrecision(4)), cellOf(effect)],
          ],
        ];
      }),
    ),
  );
  const columns = [
    ...['settings', 'metric', 'subject', 'unit', 'base', 'other', 'n', 'base_median', 'median', 'ratio', 'difference'],
    ...['low', 'high', 'test', 'p', 'effect'],
  ];
  return stringify([columns, ...rows], {record_delimiter: '\n', quoted_match: /\r/});
}
