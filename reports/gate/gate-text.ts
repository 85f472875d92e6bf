import {align, wrap} from '../columns.ts';
import {count, list} from '../format.ts';
import type {Paint} from '../paint.ts';
import {markdown, shown} from '../sweeps/figures.ts';
import {partsOfName} from '../sweeps/metric-names.ts';
import {falseAlarms, type Row, type Verdict} from './gate.ts';

/** The command that repeats the run of a row's worst seed. */
export type Repeat = (row: Row) => string;

const heads = ['case', 'metric', 'baseline', 'now', 'verdict'];

/** What the gate found, for people: a row for each metric that changed and one for each case that did not. */
export function gateText(verdict: Verdict, repeat: Repeat, width: number, paint: Paint): string {
  const told = tellRows(verdict);
  const lines = align(
    heads,
    told.map(({cells}) => [...cells]),
    new Set([0, 1, 4]),
  ).split('\n');
  const body = told.flatMap(({row}, index) => {
    const line = lines[index + 1];
    return [colour(line, row, paint), ...(row ? remarksOf(row, repeat).map(text => wrap(`  ${text}`, width, 4)) : [])];
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
  const details = told.flatMap(({row}) =>
    row ? remarksOf(row, repeat).map(text => `- ${row.case}, ${row.metric}: ${text}`) : [],
  );
  const parts = [table, details.join('\n'), endOf(verdict, plainPaint).join('\n\n')];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** A row in a sentence: what JUnit and annotations say. */
export function tellRow(row: Row, repeat: Repeat): string {
  const [, , base, now, verdict] = cellsOf(row);
  return [`${base} → ${now}: ${verdict}`, ...remarksOf(row, repeat)].join('; ');
}

const plainPaint: Paint = {good: text => text, bad: text => text, dim: text => text, bold: text => text};

type Told = {readonly cells: readonly string[]; readonly row: Row | undefined};

/** Metrics of a case that need no look are one row. */
function tellRows({rows}: Verdict): readonly Told[] {
  const cases = [...new Set(rows.map(row => row.case))];
  return cases.flatMap((name): readonly Told[] => {
    const own = rows.filter(row => row.case === name);
    const loud = own.filter(({verdict}) => !Object.hasOwn(quietly, verdict));
    const quiet = (['identical', 'new', 'within'] as const).flatMap((verdict): readonly Told[] => {
      const {length} = own.filter(row => row.verdict === verdict);
      if (length === 0) return [];
      return [{cells: [name, count(length, 'metric'), '', '', quietly[verdict]], row: undefined}];
    });
    return [...loud.map(row => ({cells: cellsOf(row), row})), ...quiet];
  });
}

const quietly = {identical: 'identical', new: 'new', within: 'changed, within tolerance'} as const;

function cellsOf(row: Row): readonly string[] {
  const {case: name, metric, judgement, verdict} = row;
  if (!judgement) return [name, metric, '', '', verdict === 'gone' ? 'GONE' : verdict];
  const {unit} = partsOfName(metric);
  return [name, metric, shown(judgement.base, unit), shown(judgement.now, unit), verdictOf(row)];
}

function verdictOf({verdict, judgement, metric}: Row): string {
  if (!judgement) return verdict;
  const change = changeOf(judgement.base, judgement.now, judgement.interval, partsOfName(metric).unit);
  switch (verdict) {
    case 'regressed':
      return `REGRESSED  ${change}`;
    case 'known':
      return `known regression  ${change}`;
    case 'improved':
      return `improved  ${change}`;
    default:
      return verdict;
  }
}

/** `+127 % [+98 %, +151 %]`; without a share where there was nothing before. */
function changeOf(base: number, now: number, interval: readonly [number, number] | undefined, unit: string): string {
  if (!interval) return now === Infinity ? 'some never end' : 'all end';
  const tell = (by: number): string => {
    const text = base > 0 ? `${round(Math.abs(by / base) * 100)} %` : shown(Math.abs(by), unit);
    return `${by < 0 ? '-' : '+'}${text}`;
  };
  return `${tell(now - base)} [${tell(interval[0])}, ${tell(interval[1])}]`;
}

function remarksOf(row: Row, repeat: Repeat): readonly string[] {
  const {verdict, judgement, grew, worstSeed, known} = row;
  if (verdict === 'gone') return ['it was measured before; --update accepts that it is not any more'];
  if (verdict !== 'regressed' && verdict !== 'known') return [];
  const texts: string[] = [];
  if (grew) texts.push(`phase: ${grew.phase} of ${grew.edge} +${shown(grew.by, 'ms')}`);
  if (judgement) texts.push(`by luck alone with a probability of ${tellP(judgement.p)}`);
  if (worstSeed !== undefined) texts.push(`worst seed ${worstSeed}: ${repeat(row)}`);
  if (known && verdict === 'known') texts.push(`let pass until ${known.until}: ${known.reason}`);
  if (known && verdict === 'regressed') texts.push(`was let pass until ${known.until}: ${known.reason}`);
  return texts;
}

function endOf({rows, level, idle, weak}: Verdict, paint: Paint): readonly string[] {
  const numberOf = (verdict: Row['verdict']): number => rows.filter(row => row.verdict === verdict).length;
  const regressed = numberOf('regressed');
  const sums = [
    ...(['identical', 'within', 'improved', 'known', 'new', 'gone'] as const).map(
      name => [numberOf(name), words[name]] as const,
    ),
    [regressed, words.regressed] as const,
  ].filter(([number]) => number > 0);
  const texts = [`${count(rows.length, 'metric')}: ${list(sums.map(([number, word]) => `${number} ${word}`))}.`];
  if (regressed > 0) texts[0] = paint.bad(texts[0]);
  if (rows.some(({judgement}) => judgement)) {
    texts.push(
      `Each was tested at ${tellP(level)}, so that at most ${falseAlarms * 100} % of checks find a regression where there is none.`,
    );
  }
  for (const name of weak) texts.push(`${name} has too few seeds to show a regression at that level.`);
  for (const {case: name, metric, until} of idle) {
    texts.push(`${name}, ${metric}: not regressed; the acknowledgement (until ${until}) can go.`);
  }
  if (numberOf('new') > 0) texts.push('What is new has no baseline yet: --update adds it.');
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
  ...{new: 'new', regressed: 'regressed'},
} as const;

function colour(line: string, row: Row | undefined, paint: Paint): string {
  if (row?.verdict === 'regressed' || row?.verdict === 'gone') return paint.bad(line);
  return row?.verdict === 'improved' ? paint.good(line) : line;
}

function tellP(p: number): string {
  return p >= 0.001 ? `${round(p * 100)} %` : `${p.toExponential(0)}`;
}

function round(number: number): string {
  return String(number >= 100 ? Math.round(number) : Math.round(number * 10) / 10);
}
