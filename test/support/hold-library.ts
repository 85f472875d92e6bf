import {readFileSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import type {Report} from '../../reports/report.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {libraryFamilies, libraryNames, readLibrary, runLibrary} from './library.ts';
import {holdsTogether} from './sound-report.ts';

/** How many seeds are run, as they are and packet by packet; `SEEDS=50` tries as many. */
const seeds = Number(process.env['SEEDS'] ?? 1);

/** What would take too long packet by packet, with fewer packets. */
const smaller: Readonly<Record<string, readonly string[]>> = {
  'ovn-twenty-computes': [
    'duration=50s',
    'traffic.snat.every=5s',
    'traffic.east-west.every=4s',
    'faults.crash.for=15s',
  ],
  'ovn-next-hop-bfd': ['traffic.out.every=50ms', 'traffic.echo.every=50ms'],
  'ovn-next-hop-silent': ['traffic.out.every=50ms', 'traffic.echo.every=50ms'],
  'neutron-ovs-agent-restart': ['traffic.vxlan.every=50ms', 'traffic.gre.every=50ms', 'traffic.local.every=50ms'],
  'neutron-ha-200-routers': ['duration=5s', 'faults={}', 'expect=[]'],
};

const header = 'scenario,seed,fingerprint';

/**
 * Tests the scenarios of the library whose names begin with `family`: each is run once for each seed, and all that must
 * hold of a whole run is checked of that run. A failure names the scenario and the seed: `faultline run SCENARIO --seed
 * SEED` repeats it. `UPDATE=1` writes the fingerprints anew.
 */
export function holdLibrary(family: (typeof libraryFamilies)[number]): void {
  const golden = `test/golden/fingerprints/${family}.csv`;
  const kept = readFileSync(golden, 'utf8').trim().split('\n').slice(1);
  const names = libraryNames.filter(name => name.startsWith(`${family}-`));
  const found: string[] = [];

  // In series, so that each is told when it ends: many in one turn would be silent beyond the timeout.
  for (const name of names) {
    test.serial(`${name} comes to what it came to before, stepped or skipped, and all that is said of it holds`, t => {
      const scenario = readLibrary(name);
      t.is(scenario.name, name, 'a file is named after its scenario');
      t.true(scenario.expectations.length > 0);
      const rows: string[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const where = `${name} --seed ${seed}`;
        const report = runLibrary(scenario, seed);
        if (seed === 1) {
          rows.push(`${name},${seed},${report.result.fingerprint}`);
          const missed = report.judged
            .filter(({held}) => !held)
            .map(({text, actual}) => `${text}, but it is ${actual}`);
          t.deepEqual(missed, [], where);
        }
        holdsTogether(t, report, where);
        if (!(name in smaller)) sameStepped(t, scenario, seed, report);
      }
      found.push(...rows);
      if (process.env['UPDATE'] === '1') return;
      const before = kept.filter(row => row.startsWith(`${name},`));
      t.deepEqual(rows, before, 'results have changed: see docs/architecture.md, and UPDATE=1 npm test');
    });
  }

  for (const [name, settings] of Object.entries(smaller).filter(([name]) => names.includes(name))) {
    test.serial(`${name} with fewer packets comes to the same, stepped or skipped`, t => {
      const scenario = readLibrary(name, settings);
      for (let seed = 1; seed <= seeds; seed++) sameStepped(t, scenario, seed, runLibrary(scenario, seed));
    });
  }

  test.serial('the fingerprints are those of the scenarios that there are', t => {
    if (process.env['UPDATE'] === '1') writeFileSync(golden, `${[header, ...found].join('\n')}\n`);
    else t.is(kept.length, found.length);
    t.deepEqual(
      libraryNames.filter(name => !libraryFamilies.some(prefix => name.startsWith(`${prefix}-`))),
      [],
      'each is of a family, or no test runs it',
    );
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
