import {readFileSync} from 'node:fs';
import test from 'ava';
import {headline, misses, pageOf, partOnPage} from './document.ts';
import {parts} from './parts.ts';

const page = readFileSync('docs/fidelity.md', 'utf8');

test('docs/fidelity.md says of its rows what they say themselves', t => {
  const [agree, aside, miss] = headline(page).match(/\d+/g)?.map(Number) ?? [];
  t.is(page.match(/\| agrees \|$/gm)?.length, agree);
  t.is(page.match(/\| agrees, closed form aside \|$/gm)?.length, aside);
  t.is(misses(page).length, miss);
});

test('a page made again from its own parts is the same page', t => {
  t.is(pageOf(parts.map(({title}) => partOnPage(page, title))), page);
});
