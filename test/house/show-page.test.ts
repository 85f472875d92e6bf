import {readFileSync} from 'node:fs';
import test from 'ava';

/** Blanks at the ends of lines, which real tools leave there, do not survive in a page. */
const trimmed = (text: string): string => text.replace(/ +$/gm, '');

test('the page about `show` prints what the tools print', t => {
  const page = readFileSync('docs/show.md', 'utf8');
  const shown = [...page.matchAll(/<!-- golden: ([\w-]+) -->\n\n```text\n([^]*?)```\n/g)];
  t.true(shown.length > 5);
  for (const [, name, text] of shown) {
    t.is(trimmed(text), trimmed(readFileSync(`test/golden/show/${name}.txt`, 'utf8')), name);
  }
});
