import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {manifestName} from '../../cli/manifest.ts';
import {fixedTimersOfOvn} from '../../cli/timers.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {makeReport} from '../../reports/report.ts';
import {runJson} from '../../reports/run-json.ts';
import {libraryReport, Story} from '../support/runs.ts';

/*
 * docs/results.md names everything that a file may hold.
 */

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');
const document = read('docs/results.md');

/** The section of that name. */
const section = (name: string): string => document.split(/^## /m).find(text => text.startsWith(`${name}\n`)) ?? '';

/** The words that stand in a table's first column. */
const rowsOf = (text: string): readonly string[] => [...text.matchAll(/^\| `([^`]+)`/gm)].map(match => match[1]);

/** The words of a union or the keys of a type, between two words of a source file. */
function wordsOf(path: string, from: string, to: string, pattern: RegExp): readonly string[] {
  const source = read(path);
  const start = source.indexOf(from);
  return [...source.slice(start, source.indexOf(to, start)).matchAll(pattern)].map(match => match[1]);
}

for (const {name, text} of makeCsvFiles(makeReport('empty', new Story().result(), []))) {
  test(`the reference has every column of ${name} in its order`, t => {
    const columns = text.split('\n')[0].split(',').slice(2);
    t.deepEqual(rowsOf(section(name)).slice(0, columns.length), columns);
  });
}

test('the reference has every event', t => {
  const kinds = wordsOf('models/events/announcements.ts', 'export type Announcements', '\n};', /^ {2}'([^']+)': \{/gm);
  t.true(kinds.length > 40);
  t.deepEqual([...rowsOf(section('events.csv')).slice(5)].sort(), [...kinds].sort());
});

test('the reference has every reason for which a packet is lost', t => {
  const reasons = wordsOf('models/dataplane/passage.ts', 'export type DropReason', ';', /^ {2}\| '([^']+)'/gm);
  t.true(reasons.length > 30);
  t.deepEqual([...rowsOf(section('drops.csv')).slice(6)].sort(), [...reasons].sort());
});

test('the reference has every counter that runs have', t => {
  const told = new Set(rowsOf(section('counters.csv')).slice(3));
  for (const scenario of ['ovn-next-hop-bfd', 'ovn-three-gateways', 'neutron-bus-outage']) {
    const names = libraryReport(scenario, '1').result.counters.map(({name}) => name);
    t.deepEqual(
      [...new Set(names)].filter(name => !told.has(name)),
      [],
    );
  }
});

test('the reference has every key of the manifest and of the JSON', t => {
  const keys = wordsOf('cli/manifest.ts', 'JSON.stringify(', 'undefined,', /^ {6}(\w+)[:,]/gm);
  t.true(keys.length > 7);
  t.deepEqual(rowsOf(section(manifestName)), keys);
  for (const timer of Object.keys(fixedTimersOfOvn)) t.true(document.includes(`\`${timer}\``), timer);
  for (const key of Object.keys(JSON.parse(runJson(libraryReport('ovn-two-gateways', '1'))) as object)) {
    t.true(section('JSON').includes(`\`${key}\``), key);
  }
});
