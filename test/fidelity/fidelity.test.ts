import {readFileSync} from 'node:fs';
import test from 'ava';
import {compareWithBench} from './compare.ts';

/** Few enough to be quick, enough for a 5 % mean of what one fault shows once: the spread of a detection is 11 %. */
const seeds = 24;

test('the real programs and the emulation agree row by row', t => {
  const {rows, shares} = compareWithBench(seeds);
  const misses = [...rows, ...shares].filter(({verdict}) => verdict === 'misses');
  t.deepEqual(
    misses.map(miss => `${'row' in miss ? `${miss.row.bench} ${miss.row.metric}` : miss.share.what}: ${miss.because}`),
    [],
  );
  t.true(rows.filter(({verdict}) => verdict === 'agrees').length > 140, 'rows were left out');
});

test('docs/fidelity.md was made from this bench', t => {
  const page = readFileSync('docs/fidelity.md', 'utf8');
  const [, agree, miss] = /(\d+) rows agree, (\d+) miss/.exec(page) ?? [];
  t.true(Number(agree) > 140);
  t.is(page.match(/\*\*misses\*\*/g)?.length ?? 0, Number(miss));
});
