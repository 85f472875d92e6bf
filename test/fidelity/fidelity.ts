import {readFileSync, writeFileSync} from 'node:fs';
import {headline, misses, pageOf, partOnPage, partText} from './document.ts';
import {parts} from './parts.ts';

/**
 * Compares with the benches and writes docs/fidelity.md: `npm run fidelity [-- SEEDS [PART...]]`. Where parts are named the
 * others stay as they are on the page.
 */
const file = 'docs/fidelity.md';
const [seeds = '200', ...named] = process.argv.slice(2);
const before = readFileSync(file, 'utf8');
const page = pageOf(
  parts.map(({name, title, compare}) => {
    if (named.length > 0 && !named.includes(name)) return partOnPage(before, title);
    const comparison = compare(Number(seeds), finished => {
      console.error(`done: ${name}, ${finished}`);
    });
    return partText(title, Number(seeds), comparison);
  }),
);
writeFileSync(file, page);
console.log(headline(page));
for (const line of misses(page)) console.log(line);
