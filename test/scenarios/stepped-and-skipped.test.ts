import test from 'ava';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {libraryNames, readLibrary, runLibrary} from '../support/library.ts';

/** Other seeds than those of the fingerprints; `SEEDS=50 npm test` tries as many. */
const seeds = Array.from({length: Number(process.env['SEEDS'] ?? 1)}, (_, index) => 11 + index);

/** What would take too long packet by packet, with fewer packets. */
const smaller: Readonly<Record<string, readonly string[]>> = {
  'ovn-twenty-computes': [
    'duration=60s',
    'traffic.snat.every=2s',
    'traffic.east-west.every=1s',
    'faults.crash.for=20s',
  ],
};

for (const name of libraryNames) {
  test(`${name}: packet by packet and with what repeats counted, every file is the same to the byte`, t => {
    const scenario = readLibrary(name, smaller[name]);
    for (const seed of seeds) {
      const skipped = runLibrary(scenario, seed);
      const stepped = runLibrary(scenario, seed, {stepped: true});
      t.is(skipped.result.fingerprint, stepped.result.fingerprint, `seed ${seed}`);
      const files = makeCsvFiles(stepped);
      for (const [i, {name: file, text}] of makeCsvFiles(skipped).entries()) {
        t.true(text === files[i].text, `${file} differs, seed ${seed}`);
      }
    }
  });
}
