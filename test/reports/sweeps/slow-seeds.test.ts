import test from 'ava';
import {Bootstrap} from '../../../reports/sweeps/bootstrap.ts';
import {edgeChains} from '../../../reports/sweeps/edge-chains.ts';
import {findSlowSeeds, type RunChain} from '../../../reports/sweeps/slow-seeds.ts';
import {failedRecord} from '../../../reports/sweeps/run-record.ts';
import {RunTable} from '../../../reports/sweeps/run-table.ts';
import {slowText} from '../../../reports/sweeps/slow-text.ts';
import {libraryReport} from '../../support/runs.ts';

const bootstrap = new Bootstrap();

const chain = (seed: number, detection: number, wait: number, extra = 0): RunChain => ({
  seed: String(seed),
  links: [
    {event: 'bfd changed', step: 'detection', took: detection},
    ...(extra > 0 ? [{event: 'address announced', step: '', took: extra}] : []),
    {event: 'flow restored', step: 'restored', took: wait},
  ],
});

test('the link that the slow seeds have and the others have not comes first', t => {
  const chains = Array.from({length: 40}, (_, seed) => chain(seed, 2500 + seed, 10, seed % 10 === 0 ? 15_000 : 0));
  const found = findSlowSeeds(chains, bootstrap)!;
  t.deepEqual([...found.slow].sort(), ['0', '10', '20', '30']);
  t.like(found.links[0], {event: 'address announced', slow: 15_000, others: 0, inSlow: 1, inOthers: 0});
  const apart = found.slowMean - found.othersMean;
  const parts = found.links.reduce((sum, {slow, others}) => sum + slow - others, 0);
  t.true(Math.abs(parts - apart) < 1e-6, 'what the links differ by adds up to the whole');
  t.true(found.interval![0] <= apart && apart <= found.interval![1]);
});

test('links are told by how much they differ either way, those without time left out, and shares add up', t => {
  const took = (slow: boolean): readonly (readonly [string, number])[] => [
    ...(['bfd changed', 'mac moved', 'address announced', 'gateway moved'] as const).map(
      (event, index) => [event, (slow ? 100.4 : 0) + 10 * index] as const,
    ),
    ...([['gateway decided', 0] as const, ['tunnel toggled', slow ? 0 : 900] as const] as const),
    ...(['chassis noticed', 'flow moved', 'port claimed'] as const).map(event => [event, slow ? 1500.3 : 900] as const),
  ];
  const table = new RunTable(1, 20);
  for (let run = 0; run < 20; run++) {
    const chains = took(run < 3).map(([event, ms], link) => ['cut.start', String(link), String(ms), '', '', event]);
    table.add(run, {...failedRecord(''), status: 'done', chains});
  }
  const design = {
    faultline: '',
    scenario: 'lab',
    scenario_sha256: '',
    scenario_file: '',
    points: [[]],
    repeat_with: '',
  };
  const seeds = Array.from({length: 20}, (_, index) => String(index + 1));
  const text = slowText({design: {...design, seeds: '1..20'}, seeds, table}, () => true, Infinity);
  const shares = [...text.matchAll(/ {2}(-?\d+) %(?= {2}|$)/gm)].map(match => Number(match[1]));
  t.deepEqual(shares.slice(0, 5), [-69, 46, 46, 46, 8], text);
  t.is(shares.length, 6);
  t.is(
    shares.reduce((sum, each) => sum + each, 0),
    100,
  );
  t.regex(text, /^ {2}the rest, 3 kinds +341 ms +40\.0 ms +23 %$/m);
  t.regex(text, /^The largest part of it is chassis noticed\. /m);
  t.false(text.includes('gateway decided'));
});

test('of few runs, or runs that are all alike, nothing is said', t => {
  t.is(findSlowSeeds([chain(1, 1, 1), chain(2, 2, 1), chain(3, 3, 1)], bootstrap), undefined);
  t.is(
    findSlowSeeds(
      Array.from({length: 40}, (_, seed) => chain(seed, 2500, 10)),
      bootstrap,
    ),
    undefined,
  );
});

test('the links of an edge add up to its convergence', t => {
  const report = libraryReport('ovn-vswitchd-kill', '2');
  const rows = edgeChains(report);
  for (const {fault, edge, convergence} of report.edges) {
    const took = rows.filter(([name]) => name === `${fault}.${edge}`).map(([, , text]) => Number(text));
    t.is(Math.round(took.reduce((sum, each) => sum + each, 0) * 1000), convergence ?? 0);
  }
});
