import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';

/*
 * Each broken scenario with the mistakes that a user reads beside it. `UPDATE=1 npm test` rewrites the expected texts.
 */

const folder = join(process.cwd(), 'test/scenarios/broken');
const names = readdirSync(folder)
  .filter(file => file.endsWith('.yaml'))
  .map(file => file.slice(0, -'.yaml'.length));

test('there are broken scenarios of many kinds', t => {
  t.true(names.length >= 40);
});

for (const name of names) {
  test(`the broken scenario "${name}" gets its mistakes told`, t => {
    const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
    const reading = readScenario(text, `${name}.yaml`);
    if (!('mistakes' in reading)) {
      t.fail('no mistake was found');
      return;
    }
    const told = formatMistakes(reading.mistakes, text);
    const expected = join(folder, `${name}.txt`);
    if (process.env.UPDATE) writeFileSync(expected, told);
    t.is(told, readFileSync(expected, 'utf8'));
  });
}
