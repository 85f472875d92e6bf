import {cases} from './cases.ts';
import type {Comparison} from './compare.ts';
import {closedFormMean, meetsClosedForm, type RowVerdict, type ShareVerdict} from './judge.ts';

/** The comparison as the page docs/fidelity.md. */
export function fidelityPage({seeds, rows, shares, without}: Comparison): string {
  const all = [...rows, ...shares];
  const count = (which: RowVerdict['verdict']): number => all.filter(({verdict}) => verdict === which).length;
  const sections = [...new Set(rows.map(({row}) => `${row.bench} ${row.settings}`))];
  return [
    '# Agreement with the bench',
    '',
    '<!-- Made by `npm run fidelity`; changes by hand are lost. -->',
    '',
    method(seeds),
    '',
    `**${count('agrees')} rows agree, ${count('misses')} miss, ${count('reported')} are reported and not judged.**`,
    `Of those that agree, ${unmet(rows)} are not held to their closed form, because the bench itself did not meet it.`,
    '',
    ...sections.flatMap(section => rowTable(section, rows)),
    '## Shares',
    '',
    'Things that happened in some runs and not in others. The emulated share must lie within the 95 % binomial interval',
    '(Clopper and Pearson) of the measured one.',
    '',
    ...table(['case', 'what', 'measured', '95 % interval', 'emulated', 'verdict'], shares.map(shareCells)),
    '',
    '## Not emulated yet',
    '',
    ...table(
      ['case', 'settings', 'what', 'n'],
      without.map(({bench, settings, metric, n}) => [`\`${bench}\``, settings, plain(metric), `${n}`]),
    ),
    '',
  ].join('\n');
}

function method(seeds: number): string {
  return `The bench ran the real programs (OVN 23.03.1, Open vSwitch 3.1.0, Linux 6.18) in network namespaces: three gateways, two
computes, four flows of UDP probes 10 ms apart. Its rows are in \`test/fixtures/measured/ovn\`. Here the same cases run as
scenarios of the library with the bench's own cadence of faults, over ${seeds} seeds, each fault at a random instant, under
the host profile \`busy\`, as the bench's machine was.

A row **agrees** when

- the emulated median lies within what was measured, and the measured median between the emulated 5th and 95th
  percentile. Both are widened by what the bench could resolve: 1 ms; one probe where probes were the clock; and in the
  cases that cut a link the 16–62 ms that the command took, where the bench counted from before it;
- the emulated mean is within 5 % of the closed form's, where there is one. A closed form is left out where the bench's own
  mean is further than that from it: it then leaves out something that the real programs do (*not met by the bench*).

Rows of fewer than five observations are reported and not judged. Times are ms after the fault.`;
}

function rowTable(section: string, rows: readonly RowVerdict[]): readonly string[] {
  const [bench, ...settings] = section.split(' ');
  const scenario = cases.find(known => `${known.bench} ${known.settings}` === section)?.scenario;
  const within = rows.filter(({row}) => `${row.bench} ${row.settings}` === section);
  return [
    `## \`${bench}\`, timers ${settings.join(' ')}`,
    '',
    ...(scenario ? [`Scenario \`${scenario}\`.`, ''] : []),
    ...table(
      [
        'phase',
        'what',
        'n',
        'measured min – median – max',
        'n',
        'emulated 5 % – median – 95 %',
        'mean',
        'closed form',
        'verdict',
      ],
      within.map(rowCells),
    ),
    '',
  ];
}

function rowCells({row, emulated, verdict, because}: RowVerdict): readonly string[] {
  return [
    row.phase,
    plain(row.metric),
    `${row.n}`,
    `${figure(row.min)} – ${figure(row.median)} – ${figure(row.max)}`,
    `${emulated?.n ?? 0}`,
    emulated ? `${figure(emulated.p5)} – ${figure(emulated.median)} – ${figure(emulated.p95)}` : '',
    emulated ? figure(emulated.mean) : '',
    closedForm(row),
    verdict === 'misses' ? `**misses**: ${because}` : verdict === 'reported' ? `reported, ${because}` : verdict,
  ];
}

function shareCells({share, measured, emulated, verdict, because}: ShareVerdict): readonly string[] {
  const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  return [
    `\`${share.bench}\` ${share.settings} ${share.phase}`,
    share.what,
    `${measured.hits} of ${measured.n}`,
    measured.interval.map(percent).join(' – '),
    `${percent(emulated.hits / emulated.n)} of ${emulated.n}`,
    verdict === 'misses' ? `**misses**: ${because}` : verdict === 'reported' ? `reported, ${because}` : verdict,
  ];
}

/** Rows that agree and whose closed form the bench did not meet. */
function unmet(rows: readonly RowVerdict[]): number {
  return rows.filter(({row, verdict}) => {
    const mean = closedFormMean(row);
    return verdict === 'agrees' && mean !== undefined && !meetsClosedForm(row.mean, mean);
  }).length;
}

function closedForm(row: RowVerdict['row']): string {
  const mean = closedFormMean(row);
  if (mean === undefined) return '';
  return meetsClosedForm(row.mean, mean) ? `${mean}` : `${mean}, not met by the bench (${figure(row.mean)})`;
}

/** The bench's words without its own bookkeeping. */
function plain(metric: string): string {
  return metric
    .replace(/ \(final: .*\)/, '')
    .replace('same, ms after the END of the injecting command', 'the same, counted from the end of the command')
    .replace(/,? ms( after fault)?$/, '')
    .replace(' (10 ms)', '');
}

function figure(value: number): string {
  return value.toFixed(Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
