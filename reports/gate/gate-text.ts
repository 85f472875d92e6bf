import {align, wrap} from '../columns.ts';
import {count, list} from '../format.ts';
import {plain, type Paint} from '../paint.ts';
import {markdown} from '../sweeps/figures.ts';
import {everyMetric, falseAlarms, isVain, type Row, type Verdict} from './gate.ts';
import {groupsOf, type Group} from './groups.ts';
import {cellsOf, remarksOfGroup, tellP, type Repeat} from './row-text.ts';

/** So many metrics are named of those that luck may have made worse. */
const mostNamed = 4;

const heads = ['case', 'metric', 'baseline', 'now', 'verdict'];

/** What the gate found, for people: a row for each cause that made a case worse, and one for all metrics that are fine. */
export function gateText(verdict: Verdict, repeat: Repeat, width: number, paint: Paint): string {
  const told = tellRows(verdict);
  const lines = align(
    heads,
    told.map(({cells}) => [...cells]),
    new Set([0, 1, 4]),
  ).split('\n');
  const body = told.flatMap(({group}, index) => {
    const remarks = group ? remarksOfGroup(group, verdict, repeat) : [];
    return [colour(lines[index + 1], group?.row, paint), ...remarks.map(text => wrap(`  ${text}`, width, 4))];
  });
  return `${[lines[0], ...body, '', ...endOf(verdict, paint).map(text => wrap(text, width, 2))].join('\n')}\n`;
}

/** The same as Markdown, for the summary of a job. */
export function gateMarkdown(verdict: Verdict, repeat: Repeat): string {
  const told = tellRows(verdict);
  const table = markdown(
    heads,
    told.map(({cells}) => cells),
    new Set([0, 1, 4]),
  );
  const quoted: Repeat = row => `\`${repeat(row)}\``;
  const details = told.flatMap(({group}) => {
    const remarks = group ? remarksOfGroup(group, verdict, quoted) : [];
    if (!group || remarks.length === 0) return [];
    return [`- ${group.row.case}, ${group.row.metric}`, ...remarks.map(text => `  - ${text}`)];
  });
  const parts = [table, details.join('\n'), endOf(verdict, plain).join('\n\n')];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

type Told = {readonly cells: readonly string[]; readonly group: Group | undefined};

/** Metrics of a case that need no look are one row. */
function tellRows({rows}: Verdict): readonly Told[] {
  const cases = [...new Set(rows.map(row => row.case))];
  return cases.flatMap((name): readonly Told[] => {
    const own = rows.filter(row => row.case === name);
    const loud = own.filter(({verdict}) => !Object.hasOwn(quietly, verdict));
    const quiet = (['identical', 'new', 'within'] as const).flatMap((verdict): readonly Told[] => {
      const quietOnes = own.filter(row => row.verdict === verdict);
      if (quietOnes.length === 0) return [];
      const isWhole = quietOnes[0].metric === everyMetric;
      const metrics = isWhole ? `${everyMetric} (0 in every run)` : count(quietOnes.length, 'metric');
      return [{cells: [name, metrics, '', '', quietly[verdict]], group: undefined}];
    });
    return [...groupsOf(loud).map(group => ({cells: cellsOf(group.row), group})), ...quiet];
  });
}

const quietly = {identical: 'identical', new: 'new', within: 'changed, within tolerance'} as const;

function endOf({rows, level, idle, weak, enough}: Verdict, paint: Paint): readonly string[] {
  const numberOf = (verdict: Row['verdict']): number => rows.filter(row => row.verdict === verdict).length;
  const verdicts = [
    'identical',
    'within',
    'improved',
    'known',
    'new',
    'gone',
    'undecided',
    'regressed',
    'failed',
  ] as const;
  const sums = verdicts.map(name => [numberOf(name), words[name]] as const).filter(([number]) => number > 0);
  const texts = [`${count(rows.length, 'metric')}: ${list(sums.map(([number, word]) => `${number} ${word}`))}.`];
  if (rows.some(isLoud)) texts[0] = paint.bad(texts[0]);
  if (rows.some(({judgement}) => judgement)) {
    texts.push(
      `Each was tested at ${tellP(level)}, so that at most ${falseAlarms * 100} % of checks find a regression where there is none.`,
    );
  }
  const beyond = rows
    .filter(({verdict, judgement}) => verdict === 'within' && judgement && judgement.beyond > 0)
    .sort((a, b) => a.judgement!.p - b.judgement!.p);
  if (beyond.length > 0) {
    const named = beyond.slice(0, mostNamed).map(({case: name, metric, judgement}) => {
      const seeds = count(judgement!.beyond, 'seed');
      return `${name}, ${metric} (${seeds}, ${tellP(judgement!.p)})`;
    });
    const more = beyond.length > mostNamed ? [`${beyond.length - mostNamed} more`] : [];
    texts.push(`Worse than tolerated in some seeds, which can be luck: ${list([...named, ...more])}.`);
  }
  for (const name of weak) {
    texts.push(
      `${name} has too few seeds to show a regression at that level: ${enough} or more, the same in both, can.`,
    );
  }
  for (const {case: name, metric, until} of idle) {
    texts.push(`${name}, ${metric}: not regressed; the acknowledgement (until ${until}) can go.`);
  }
  if (isVain(rows)) texts.push(paint.bad('Nothing was compared: the baseline has none of this. --update adds it.'));
  else if (numberOf('new') > 0) texts.push('What is new has no baseline yet: --update adds it.');
  return texts;
}

const words = {
  ...{
    identical: 'identical',
    within: 'changed within tolerance',
    improved: 'improved',
    known: 'known to be worse',
    gone: 'gone',
  },
  ...{new: 'new', regressed: 'regressed', undecided: 'undecided', failed: 'failed'},
} as const;

function colour(line: string, row: Row | undefined, paint: Paint): string {
  if (row?.verdict === 'improved') return paint.good(line);
  return row && isLoud(row) ? paint.bad(line) : line;
}

function isLoud({verdict}: Row): boolean {
  return ['regressed', 'gone', 'undecided', 'failed'].includes(verdict);
}
