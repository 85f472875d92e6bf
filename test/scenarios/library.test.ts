import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {libraryNames, readLibrary, runLibrary} from '../support/library.ts';

const seeds = [1, 2, 3];
const golden = 'test/golden/fingerprints.csv';
const header = 'scenario,seed,fingerprint';

const kept = existsSync(golden) ? readFileSync(golden, 'utf8').trim().split('\n').slice(1) : [];
const keptOf = (name: string): readonly string[] => kept.filter(row => row.startsWith(`${name},`));
const found = new Map<string, readonly string[]>();

for (const name of libraryNames) {
  test(`${name} comes to what it came to before, and its expectations hold`, t => {
    const scenario = readLibrary(name);
    t.is(scenario.name, name, 'a file is named after its scenario');
    t.true(scenario.expectations.length > 0);
    const rows: string[] = [];
    for (const seed of seeds) {
      const {result, judged} = runLibrary(scenario, seed);
      rows.push(`${name},${seed},${result.fingerprint}`);
      t.deepEqual(
        judged.filter(({held}) => !held).map(({text, actual}) => `seed ${seed}: ${text}, but it is ${actual}`),
        [],
      );
    }
    found.set(name, rows);
    if (process.env['UPDATE'] !== '1') {
      t.deepEqual(rows, keptOf(name), 'results have changed: see docs/architecture.md, and UPDATE=1 npm test');
    }
  });
}

test.after.always('UPDATE=1 writes the fingerprints anew', t => {
  t.pass();
  if (process.env['UPDATE'] !== '1') return;
  const rows = libraryNames.flatMap(name => found.get(name) ?? keptOf(name));
  writeFileSync(golden, `${[header, ...rows].join('\n')}\n`);
});

test('no fingerprint is kept of a scenario that is gone', t => {
  const gone = kept.filter(row => !libraryNames.includes(row.split(',')[0]));
  t.deepEqual(gone, []);
});
