import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import type {Report} from '../../reports/report.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {libraryNames, readLibrary, runLibrary} from '../support/library.ts';
import {holdsTogether} from '../support/sound-report.ts';

/*
 * Each scenario of the library is run once for each seed, and everything that holds of a whole run is checked of it.
 * A failure names the scenario and the seed: `faultline run SCENARIO --seed SEED` repeats it.
 * The tests are serial so that each is told when it ends: many in one turn would be silent beyond the timeout.
 */

const fingerprinted = [1, 2, 3];
/** How many seeds also run packet by packet; `SEEDS=50` tries as many. */
const stepped = Number(process.env['SEEDS'] ?? 2);
const seeds = Array.from({length: Math.max(stepped, fingerprinted.length)}, (_, index) => 1 + index);

/** What would take too long packet by packet, with fewer packets. */
const smaller: Readonly<Record<string, readonly string[]>> = {
  'ovn-twenty-computes': [
    'duration=60s',
    'traffic.snat.every=2s',
    'traffic.east-west.every=1s',
    'faults.crash.for=20s',
  ],
};

const golden = 'test/golden/fingerprints.csv';
const header = 'scenario,seed,fingerprint';

const kept = existsSync(golden) ? readFileSync(golden, 'utf8').trim().split('\n').slice(1) : [];
const keptOf = (name: string): readonly string[] => kept.filter(row => row.startsWith(`${name},`));
const found = new Map<string, readonly string[]>();

for (const name of libraryNames) {
  test.serial(`${name} comes to what it came to before, stepped or skipped, and all that is said of it holds`, t => {
    const scenario = readLibrary(name);
    t.is(scenario.name, name, 'a file is named after its scenario');
    t.true(scenario.expectations.length > 0);
    const rows: string[] = [];
    for (const seed of seeds) {
      const where = `${name} --seed ${seed}`;
      const report = runLibrary(scenario, seed);
      if (fingerprinted.includes(seed)) {
        rows.push(`${name},${seed},${report.result.fingerprint}`);
        const missed = report.judged.filter(({held}) => !held).map(({text, actual}) => `${text}, but it is ${actual}`);
        t.deepEqual(missed, [], where);
      }
      holdsTogether(t, report, where);
      if (seed <= stepped && !(name in smaller)) sameStepped(t, scenario, seed, report);
    }
    found.set(name, rows);
    if (process.env['UPDATE'] !== '1') {
      t.deepEqual(rows, keptOf(name), 'results have changed: see docs/architecture.md, and UPDATE=1 npm test');
    }
  });
}

for (const [name, settings] of Object.entries(smaller)) {
  test.serial(`${name} with fewer packets comes to the same, stepped or skipped`, t => {
    const scenario = readLibrary(name, settings);
    for (const seed of seeds.slice(0, stepped)) sameStepped(t, scenario, seed, runLibrary(scenario, seed));
  });
}

/** Packet by packet and with what repeats counted, every file is the same to the byte. */
function sameStepped(t: ExecutionContext, scenario: Scenario, seed: number, skipped: Report): void {
  const plain = runLibrary(scenario, seed, {stepped: true});
  t.is(skipped.result.fingerprint, plain.result.fingerprint, `${scenario.name}, seed ${seed}`);
  const files = makeCsvFiles(plain);
  for (const [i, {name: file, text}] of makeCsvFiles(skipped).entries()) {
    t.true(text === files[i].text, `${file} of ${scenario.name} differs, seed ${seed}`);
  }
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
