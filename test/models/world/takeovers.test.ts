import {readFileSync} from 'node:fs';
import test from 'ava';
import {fatesOf, kinds, routers, ways, type Fate} from '../../support/takeovers.ts';

const page = readFileSync('docs/models/l3-ha.md', 'utf8').replaceAll(' ', '');

/** With conntrackd a packet may come in before the commit: what most of its runs come to counts. */
const seedsOf = (name: string): readonly number[] => (name === 'conntrackd' ? [1, 2, 3] : [1, 2]);
const runs = new Map(
  Object.entries(routers).map(([name, options]) => [name, seedsOf(name).map(seed => fatesOf(options, seed))]),
);

for (const way of Object.keys(ways)) {
  for (const kind of Object.keys(kinds)) {
    test(`${way}, ${kind}: what the page says becomes of it at a takeover is what runs come to`, t => {
      const cells = [...runs.values()].map(fates => mostOf(fates.map(fate => fate.get(`${way}, ${kind}`)!)));
      const row = `|${[way, kind, ...cells].join('|')}|`.replaceAll(' ', '');
      t.true(page.includes(row), row);
    });
  }
}

test('without connections what becomes of a flow is the same each time', t => {
  for (const [name, fates] of runs) {
    if (name === 'conntrackd') continue;
    for (const fate of fates) t.deepEqual([...fate], [...fates[0]], name);
  }
});

function mostOf(fates: readonly Fate[]): Fate {
  const count = (fate: Fate): number => fates.filter(other => other === fate).length;
  return fates.reduce((most, fate) => (count(fate) > count(most) ? fate : most));
}
