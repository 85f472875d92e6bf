import test from 'ava';
import {parse} from 'csv-parse/sync';
import {contestText, type ContestOptions} from '../../../reports/sweeps/contest-text.ts';
import {contestsOf, rowsOf, sameRuns, type Named} from '../../../reports/sweeps/contest.ts';
import {RunTable} from '../../../reports/sweeps/run-table.ts';

/** A sweep whose runs last as long as it is told; `undefined` has no outage at all. */
function sweepOf(
  name: string,
  seeds: readonly string[],
  points: readonly (readonly string[])[],
  outageOf: (seed: number, point: number) => number | undefined,
): Named {
  const table = new RunTable(points.length, seeds.length);
  for (let run = 0; run < table.runs; run++) {
    const outage = outageOf(Number(seeds[run % seeds.length]), Math.floor(run / seeds.length));
    const metrics = new Map(outage === undefined ? [] : [['outage.max', outage]]);
    table.add(run, {
      status: 'done',
      fingerprint: String(outage),
      missed: [],
      error: '',
      metrics,
      edges: [],
      chains: [],
    });
  }
  const [sha, command] = ['abc', 'faultline sweep x'];
  const rest = {
    faultline: '0.1.0',
    scenario: 'lab',
    scenario_sha256: sha,
    scenario_file: 'lab.yaml',
    repeat_with: command,
  };
  return {name, results: {design: {...rest, points, seeds: seeds.join(',')}, seeds, table}};
}

const seeds = (from: number, to: number): string[] =>
  Array.from({length: to - from + 1}, (_, index) => String(from + index));
const single = [['bfd-mult=3']];
const settings = [
  ['bfd-mult=3', 'host=busy'],
  ['bfd-mult=5', 'host=busy'],
];
const slow = (seed: number) => 1000 + ((seed * 37) % 90);
const options: ContestOptions = {format: 'table', metrics: [], isPaired: true};

test('sweeps of one setting are compared with the first, whatever the setting', t => {
  const sweeps = [
    sweepOf('a', seeds(1, 9), single, slow),
    sweepOf('b', seeds(1, 9), [['bfd-mult=5']], seed => 2 * slow(seed)),
  ];
  t.is(
    contestText(sweeps, options),
    [
      'a   lab, 9 seeds, Faultline 0.1.0',
      'b   lab, 9 seeds, Faultline 0.1.0   0 of 9 runs the same   in pairs: Wilcoxon, rank-biserial correlation',
      '',
      'metric            a        b   ratio  difference                 95 %       p  effect',
      'outage.max  1.042 s  2.084 s  2.00 ×    +1.045 s  +1.029 s … +1.059 s  0.0039    1.00',
      '',
    ].join('\n'),
  );
});

test('sweeps of the same settings are compared setting by setting, one sweep with itself by its settings', t => {
  const [a, b] = ['a', 'b'].map(name => sweepOf(name, seeds(1, 5), settings, (seed, point) => slow(seed) + point));
  t.deepEqual(
    contestsOf([a, b]).map(({label, sides}) => [label, ...sides.map(({name, point}) => `${name} ${point}`)]),
    [
      ['bfd-mult=3', 'a 0', 'b 0'],
      ['bfd-mult=5', 'a 1', 'b 1'],
    ],
  );
  t.deepEqual(
    contestsOf([a]).map(({label, sides}) => [label, ...sides.map(({name, point}) => `${name} ${point}`)]),
    [['', 'bfd-mult=3 0', 'bfd-mult=5 1']],
  );
  const other = sweepOf('c', seeds(1, 5), single, slow);
  t.deepEqual(
    contestsOf([other, a]).map(({sides}) => sides.map(({name}) => name)),
    [['c', 'a bfd-mult=3', 'a bfd-mult=5']],
  );
});

test('seeds are paired by their names, not by their places', t => {
  const base = sweepOf('a', seeds(1, 8), single, slow);
  const turned = sweepOf('b', seeds(3, 8).reverse(), single, seed => slow(seed) + 10);
  const [contest] = contestsOf([base, turned]);
  const [{comparisons}] = rowsOf(contest, true);
  t.like(comparisons[0], {n: 6, difference: 10, interval: [10, 10], effect: 1});
  t.deepEqual(sameRuns(contest.sides[1], contest.sides[0]), {same: 0, of: 6});
});

test('sweeps with other seeds are compared as groups, and so are all if that is asked for', t => {
  const base = sweepOf('a', seeds(1, 8), single, slow);
  const others = sweepOf('b', seeds(5, 12), single, slow);
  t.regex(contestText([base, others], options), /^b .* not paired: Mann-Whitney, Cliff's delta$/m);
  const same = sweepOf('c', seeds(1, 8), single, slow);
  t.regex(contestText([base, same], {...options, isPaired: false}), /^c .* not paired/m);
  t.regex(contestText([base, same], options), /^c .* 8 of 8 runs the same {3}in pairs/m);
});

test('the CSV has a row for each metric and side, the Markdown a table that GitHub shows', t => {
  const sweeps = [
    sweepOf('a', seeds(1, 9), single, slow),
    sweepOf('b', seeds(1, 9), single, seed => slow(seed) + 1),
    sweepOf('c|d', seeds(1, 9), single, seed => (seed === 1 ? Infinity : slow(seed))),
    sweepOf('e', seeds(1, 9), single, () => undefined),
  ];
  const rows = parse(contestText(sweeps, {...options, format: 'csv'}), {columns: true}) as Record<string, string>[];
  t.is(rows.length, 2);
  t.like(rows[0], {
    metric: 'outage.max',
    base: 'a',
    other: 'b',
    n: '9',
    difference: '1',
    low: '1',
    high: '1',
    test: 'signed-rank',
  });
  t.like(rows[1], {other: 'c|d', difference: '', low: '', p: '1', effect: '1'});
  const markdown = contestText(sweeps, {...options, format: 'markdown'});
  t.true(
    markdown.includes('\n\n| metric | a | b | ratio | p | c\\|d | ratio | p | e | ratio | p |\n| --- | --: |'),
    markdown,
  );
  t.true(markdown.includes(' | – |  |  |\n'), markdown);
});
