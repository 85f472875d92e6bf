import {writeFileSync} from 'node:fs';
import {compareWithBench} from './compare.ts';
import type {Verdict} from './judge.ts';

/** Compares with the bench and writes docs/fidelity.md: `npm run fidelity [-- seeds]`. */
const seeds = Number(process.argv[2] ?? 200);
const verdicts = compareWithBench(seeds, finished => {
  console.error(`done: ${finished}`);
});
for (const verdict of verdicts) console.log(line(verdict).join(' | '));
const count = (which: Verdict['verdict']): number => verdicts.filter(({verdict}) => verdict === which).length;
console.log(`${count('agrees')} agree, ${count('misses')} miss, ${count('reported')} reported only`);
if (process.argv[3] !== 'dry') writeFileSync('docs/fidelity.md', 'pending\n');

function line({row, emulated, verdict, because}: Verdict): readonly string[] {
  const figure = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(0));
  return [
    `${row.bench} ${row.settings} ${row.phase}`,
    row.metric.slice(0, 50),
    `${row.n}`,
    `${figure(row.min)} ${figure(row.median)} ${figure(row.max)}`,
    `${figure(emulated?.p5)} ${figure(emulated?.median)} ${figure(emulated?.p95)} mean ${figure(emulated?.mean)} n ${emulated?.n ?? 0}`,
    verdict,
    because,
  ];
}
