import {readFileSync} from 'node:fs';
import test from 'ava';
import * as faultline from '../index.ts';

const {exports: entries, bin} = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, Readonly<Record<'types' | 'default', string>>>>;
  readonly bin: Readonly<Record<string, string>>;
};

test('the package as a library reads, runs and reports a scenario', t => {
  const file = 'scenarios/library/ovn-three-gateways.yaml';
  const text = readFileSync(file, 'utf8');
  const reading = faultline.readScenario(text, file, ['duration=25s']);
  if ('mistakes' in reading) return t.fail(faultline.formatMistakes(reading.mistakes, text));
  const result = faultline.runPlan(faultline.makePlan(reading.scenario, 7));
  const report = faultline.makeReport(reading.scenario.name, result, reading.scenario.expectations);
  t.true(faultline.runText(report, faultline.plain).includes('ovn-three-gateways'));
  t.is(faultline.makeCsvFiles(report).length, 8);
});

test('every entry and command that package.json names is built', t => {
  for (const path of [...Object.values(entries).flatMap(entry => Object.values(entry)), ...Object.values(bin)]) {
    t.notThrows(() => readFileSync(path), path);
  }
});

test('the engine can be had alone', async t => {
  const engine = (await import('faultline/engine')) as Record<string, unknown>;
  t.is(typeof engine['Engine'], 'function');
});
