import type {Judgement} from './judge.ts';
import type {Comparison, Row, Table} from './part.ts';

/** A part of the page docs/fidelity.md. */
export type PartText = {readonly title: string; readonly text: string};

type Counts = Readonly<Record<Judgement['verdict'] | 'not emulated', number>>;

/** A comparison as a part of the page. */
export function partText(title: string, seeds: number, {method, remarks, tables, notEmulated}: Comparison): PartText {
  const rows = tables.flatMap(table => table.rows);
  const count = (which: Judgement['verdict']): number => rows.filter(({verdict}) => verdict === which).length;
  const counts = {
    agrees: count('agrees'),
    aside: count('aside'),
    misses: count('misses'),
    reported: count('reported'),
    'not emulated': notEmulated.length,
  };
  const lines = [
    `## ${title}`,
    '',
    method,
    `Over ${seeds} seeds.`,
    '',
    sentence(counts),
    ...remarks,
    '',
    ...tables.flatMap(tableText),
    ...(notEmulated.length > 0
      ? [
          '### Not emulated',
          '',
          ...grid(
            ['what', 'because'],
            notEmulated.map(({what, because}) => [what, because]),
          ),
          '',
        ]
      : []),
  ];
  return {title, text: lines.join('\n')};
}

/** The whole page, with a headline that sums up its parts. */
export function pageOf(parts: readonly PartText[]): string {
  const counts = parts.map(({text}) => countsOf(text));
  const sum = counts.reduce((total, each) => ({
    agrees: total.agrees + each.agrees,
    aside: total.aside + each.aside,
    misses: total.misses + each.misses,
    reported: total.reported + each.reported,
    'not emulated': total['not emulated'] + each['not emulated'],
  }));
  return [
    '# Agreement with the bench',
    '',
    '<!-- Made by `npm run fidelity`; changes by hand are lost. -->',
    '',
    rule,
    '',
    sentence(sum),
    '',
    ...grid(
      ['bench', 'agree', 'closed form aside', 'miss', 'reported', 'not emulated'],
      parts.map(({title}, index) => {
        const {agrees, aside, misses, reported, 'not emulated': without} = counts[index];
        return [title, `${agrees}`, `${aside}`, `${misses}`, `${reported}`, `${without}`];
      }),
    ),
    '',
    ...parts.map(({text}) => text),
  ].join('\n');
}

/** A part of a page that was written before; of none, an empty one. */
export function partOnPage(page: string, title: string): PartText {
  const text = page.split(/^(?=## )/m).find(part => part.startsWith(`## ${title}\n`));
  return text === undefined ? partText(title, 0, nothing) : {title, text: `${text.trimEnd()}\n`};
}

/** "… rows agree, … miss": the first such sentence of a page or part. */
export function headline(page: string): string {
  return page.split('\n').find(line => sentenceForm.test(line)) ?? '';
}

/** The rows of a page that miss. */
export function misses(page: string): readonly string[] {
  return page.split('\n').filter(line => line.includes('**misses**'));
}

const nothing: Comparison = {method: '', remarks: [], tables: [], notEmulated: []};

const rule = `Benches ran the real programs in network namespaces and wrote down what they did (\`test/fixtures/measured\`). Here the
same cases run in the emulator, over many seeds, each fault at a random instant.

A row **agrees** when

- for times, and counts that vary: the emulated median lies within what was measured, and the measured median between the
  emulated 5th and 95th percentile, both widened by what the bench could resolve;
- for things that happened in some runs and not in others: the emulated share lies within the 95 % binomial interval
  (Clopper and Pearson) of the measured one;
- for counts and outcomes that were the same each time: they are the same, in every run;
- for times of which only the least and the most were written down: these lie within the emulated ones.

Rows of times and shares with fewer than five observations are reported and not judged.`;

const sentenceForm =
  /\*\*(\d+) rows agree, (\d+) more with their closed form set aside, (\d+) miss, (\d+) are reported and not judged; (\d+) things measured are not emulated\.\*\*/;

function sentence({agrees, aside, misses, reported, 'not emulated': without}: Counts): string {
  return `**${agrees} rows agree, ${aside} more with their closed form set aside, ${misses} miss, ${reported} are reported and not judged; ${without} things measured are not emulated.**`;
}

function countsOf(text: string): Counts {
  const [agrees, aside, misses, reported, without] = (sentenceForm.exec(text) ?? []).slice(1).map(Number);
  return {agrees, aside, misses, reported, 'not emulated': without};
}

function tableText({title, notes, head, rows}: Table): readonly string[] {
  return [
    `### ${title}`,
    '',
    ...notes.flatMap(note => [note, '']),
    ...grid([...head, 'verdict'], rows.map(cellsOf)),
    '',
  ];
}

function cellsOf({cells, verdict, because}: Row): readonly string[] {
  if (verdict === 'misses') return [...cells, `**misses**: ${because}`];
  if (verdict === 'aside') return [...cells, 'agrees, closed form aside'];
  return [...cells, verdict === 'reported' ? `reported, ${because}` : verdict];
}

function grid(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
