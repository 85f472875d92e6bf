import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Failure} from '../../cli/failure.ts';
import {makeManifest} from '../../cli/manifest.ts';
import {readRunFolder} from '../../cli/read-results.ts';
import {openScenario} from '../../cli/scenario-files.ts';
import {writeResults} from '../../cli/write-results.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {faultline, temporaryFolder} from '../support/faultline.ts';
import {libraryReport, libraryScenario} from '../support/runs.ts';

const name = 'ovn-vswitchd-kill';
const report = libraryReport(name, '1');
const manifest = makeManifest(report, libraryScenario(name), openScenario(name), []);
const files = [...makeCsvFiles(report), {name: 'manifest.json', text: manifest}];

function results(folder: string): string {
  const out = join(folder, 'out');
  writeResults(out, files, 'manifest.json');
  return out;
}

function flawOf(folder: string): string {
  try {
    readRunFolder(folder);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return '';
}

test('what explain tells is what the run found, to the microsecond', t => {
  const {scenario, seed, explanations, others} = readRunFolder(results(temporaryFolder(t)));
  t.deepEqual([scenario, seed, others], [name, '1', []]);
  t.is(explanations.length, report.chains.length);
  for (const [index, {links, outages}] of explanations.entries()) {
    const chain = report.chains[index];
    t.deepEqual(
      links.map(({at, event}) => [at, event]),
      chain.links.map(({at, kind}) => [at, kind]),
    );
    t.deepEqual(
      outages.map(({startAt, endAt, lost}) => [startAt, endAt, lost]),
      chain.outages.map(({startAt, endAt, lost}) => [startAt, endAt, lost]),
    );
  }
});

test('one fault, one flow, and JSON', async t => {
  const out = results(temporaryFolder(t));
  const all = await faultline(['explain', out]);
  t.is(all.status, 0, all.stderr);
  t.regex(all.stdout, /^vswitchd start → /m);
  t.regex(all.stdout, /^vswitchd end → /m);
  const one = await faultline(['explain', out, '--fault', 'vswitchd.start', '--flow', 'snat']);
  t.regex(one.stdout, /^vswitchd start → snat: vm1 → outside restored after [\d.]+ s$/m);
  t.notRegex(one.stdout, /vswitchd end|fip/);
  const {stdout} = await faultline(['explain', out, '--format', 'json']);
  t.is((JSON.parse(stdout) as {chains: object[]}).chains.length, report.chains.length);
  const wrong = await faultline(['explain', out, '--fault', 'vswitch']);
  t.is(wrong.status, 2);
  t.regex(wrong.stderr, /no outage follows from vswitch\. /);
});

test('a folder that holds something else is named, with what is wrong with it', t => {
  const folder = temporaryFolder(t);
  t.is(flawOf(folder), `${folder}: no results are there. run --out and sweep --out make them`);
  const out = results(folder);
  const chains = readFileSync(join(out, 'chains.csv'), 'utf8');
  writeFileSync(join(out, 'chains.csv'), chains.split('\n').slice(0, 1).join('\n'));
  t.is(flawOf(out), `${join(out, 'outages.csv')}: chain 1 is not in chains.csv`);
  writeFileSync(join(out, 'chains.csv'), chains.slice(0, -20));
  t.is(flawOf(out), `${join(out, 'chains.csv')}: not as Faultline writes it`);
  writeFileSync(join(out, 'manifest.json'), manifest.replace(/"faultline": "[^"]*"/, '"faultline": "0.0.1"'));
  t.regex(flawOf(out), /: results of Faultline 0\.0\.1, this is \d+\.\d+\.\d+\. Run it again: see repeat_with in /);
  writeFileSync(join(out, 'manifest.json'), '[]');
  t.regex(flawOf(out), /manifest\.json: not the manifest of a run of Faultline$/);
});

test('of a sweep it says which link makes the slow seeds slow', async t => {
  const cwd = temporaryFolder(t);
  const swept = await faultline(['sweep', name, '--seeds', '1..8', '-j1', '--out', 'sweep'], {cwd});
  t.is(swept.status, 0, swept.stderr);
  const {status, stdout} = await faultline(['explain', 'sweep', '--fault', 'vswitchd.start'], {cwd});
  t.is(status, 0);
  t.regex(stdout, /^vswitchd start: the slowest 3 of 8 seeds \(\d, \d and \d\) take [\d.]+ s, the others [\d.]+ s: /m);
  t.regex(stdout, /^Most of it is .* See docs\/models\/\w+\.md\.$/m);
  const wrong = await faultline(['explain', 'sweep', '--flow', 'snat'], {cwd});
  t.is(wrong.stderr, 'sweep: of a sweep there is only --fault; --flow is for a run\n');
});
