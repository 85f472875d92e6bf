import {readFileSync} from 'node:fs';
import test from 'ava';
import {sweepHere} from '../../support/sweeps.ts';
import {filesIn, temporaryFolder} from '../../support/faultline.ts';

/*
 * docs/sweeps.md names everything that the files of a sweep hold.
 */

const document = readFileSync('docs/sweeps.md', 'utf8');
const section = (name: string): string => document.split(/^### /m).find(text => text.startsWith(`${name}\n`)) ?? '';
const wordsIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(match => match[1]);
const firstColumn = (text: string): readonly string[] =>
  [...text.matchAll(/^\| (`[^|]+) +\|/gm)].flatMap(([, cell]) => wordsIn(cell));

test('the page has every file, every column and every key', async t => {
  const folder = temporaryFolder(t);
  await sweepHere(folder, {out: `${folder}/results`, shard: {index: 1, of: 6}});
  const shard = JSON.parse(filesIn(`${folder}/results`)['manifest.json']) as object;
  t.deepEqual(firstColumn(section('manifest.json')), Object.keys(shard));
  await sweepHere(folder, {out: `${folder}/whole`}, {seeds: ['1']});
  const files = filesIn(`${folder}/whole`);
  const overview = document.split('## What it leaves behind')[1].split('###')[0];
  t.deepEqual([...firstColumn(overview)].sort(), Object.keys(files));
  const columnsOf = (name: string): readonly string[] => files[name].split('\n')[0].split(',');
  t.deepEqual(firstColumn(section('runs.csv')), columnsOf('runs.csv').slice(0, 9));
  t.deepEqual(wordsIn(section('convergence.csv')), columnsOf('convergence.csv').slice(0, 4));
  t.deepEqual(wordsIn(section('chains.csv')).slice(0, 10), columnsOf('chains.csv'));
  t.deepEqual(firstColumn(section('summary.csv')), columnsOf('summary.csv'));
  t.deepEqual(wordsIn(section('statistics.csv')), columnsOf('statistics.csv'));
});
