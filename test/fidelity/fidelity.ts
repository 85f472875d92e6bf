import {writeFileSync} from 'node:fs';
import {compareWithBench} from './compare.ts';
import {fidelityPage} from './document.ts';

/** Compares with the bench and writes docs/fidelity.md: `npm run fidelity [-- seeds]`. */
const seeds = Number(process.argv[2] ?? 200);
const comparison = compareWithBench(seeds, finished => {
  console.error(`done: ${finished}`);
});
const page = fidelityPage(comparison);
writeFileSync('docs/fidelity.md', page);
console.log(page.split('\n').find(line => line.startsWith('**')));
for (const line of page.split('\n').filter(text => text.includes('**misses**'))) console.log(line);
