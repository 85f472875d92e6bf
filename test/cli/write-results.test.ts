import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {Failure} from '../../cli/failure.ts';
import {checkFolder, writeResults} from '../../cli/write-results.ts';
import {writeWhole} from '../../cli/write-whole.ts';
import {filesIn, temporaryFolder} from '../support/faultline.ts';

const files = [
  {name: 'a.csv', text: 'a\n'},
  {name: 'manifest.json', text: '{"faultline": "1"}\n'},
  {name: 'b.csv', text: 'b\n'},
] as const;
const texts = {'a.csv': 'a\n', 'b.csv': 'b\n', 'manifest.json': '{"faultline": "1"}\n'};

const failure = (message: string | RegExp) => ({instanceOf: Failure, message});

test('a new folder, in folders that are not there either, gets all files and nothing else', t => {
  const folder = join(temporaryFolder(t), 'some/where/results');
  checkFolder(folder, 'manifest.json');
  writeResults(folder, files, 'manifest.json');
  t.deepEqual(filesIn(folder), texts);
  t.deepEqual(readdirSync(join(folder, '..')), ['results']);
});

test('results take the place of earlier ones, and what else is in the folder stays', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  writeResults(folder, files, 'manifest.json');
  checkFolder(folder, 'manifest.json');
  writeResults(folder, [{name: 'a.csv', text: 'new\n'}, ...files.slice(1)], 'manifest.json');
  t.deepEqual(filesIn(folder), {...texts, 'a.csv': 'new\n', 'notes.txt': 'mine'});
});

test('a folder behind a link is written into, not replaced', t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  writeResults(join(folder, 'link'), files, 'manifest.json');
  t.deepEqual(filesIn(join(folder, 'real')), texts);
});

test('what writers left that died is taken away, what others write just now is not', t => {
  const folder = temporaryFolder(t);
  const host = hostname().replace(/[^\w.]/g, '_');
  // Numbers of processes are below 2^22.
  const [dead, alive] = [`${host}-9999999-AbCdEf`, `${host}-${process.pid}-AbCdEf`];
  const [other, old] = ['elsewhere-7-AbCdEf', 'elsewhere-8-AbCdEf'];
  for (const name of ['results', 'file.json']) {
    for (const owner of [dead, alive, other, old]) {
      const left = join(folder, `.${name}.partial-${owner}`);
      mkdirSync(join(left, 'results'), {recursive: true});
      writeFileSync(join(left, 'results/a.csv'), 'half');
      if (owner === old) utimesSync(left, 1e9, 1e9);
    }
  }
  writeResults(join(folder, 'results'), files, 'manifest.json');
  writeWhole(join(folder, 'file.json'), '{}');
  t.deepEqual(
    readdirSync(folder).sort(),
    [
      ...['results', 'file.json'].flatMap(name => [alive, other].map(owner => `.${name}.partial-${owner}`)),
      ...['file.json', 'results'],
    ].sort(),
  );
  t.deepEqual(filesIn(join(folder, 'results')), texts);
});

test('a file is written behind a link, and into a device that stays one', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'real'), 'old');
  symlinkSync('real', join(folder, 'link'));
  writeWhole(join(folder, 'link'), 'new');
  t.is(readFileSync(join(folder, 'real'), 'utf8'), 'new');
  t.true(lstatSync(join(folder, 'link')).isSymbolicLink());
  if (existsSync('/dev/full')) {
    t.throws(() => {
      writeWhole('/dev/full', 'text');
    }, failure('/dev/full: the disk is full; what was there is as it was'));
    t.true(statSync('/dev/full').isCharacterDevice());
  }
});

test('a file, or what is in one, cannot be a folder for results', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  t.throws(
    () => {
      checkFolder(file, 'manifest.json');
    },
    failure(`${file}: it is a file, not a folder; nothing was run`),
  );
  t.throws(
    () => {
      checkFolder(join(file, 'x'), 'manifest.json');
    },
    failure(`${join(file, 'x')}: ${file} is a file, not a folder; nothing was run`),
  );
  t.throws(
    () => {
      writeResults(file, files, 'manifest.json');
    },
    failure(/no results were written$/),
  );
  t.deepEqual(filesIn(folder), {file: 'mine'});
});

test('a folder that only seems open is told before anything is run', t => {
  if (!existsSync('/proc/self')) {
    t.pass('this system has no /proc');
    return;
  }
  t.throws(
    () => {
      checkFolder('/proc/results', 'manifest.json');
    },
    failure(/^\/proc\/results: .*; nothing was run$/),
  );
});

test('a manifest of something else is not overwritten', t => {
  for (const text of ['{"name": "a web app"}', 'no JSON', '[]', 'null']) {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'manifest.json'), text);
    t.throws(
      () => {
        checkFolder(folder, 'manifest.json');
      },
      failure(/has a manifest\.json that is not of Faultline/),
    );
  }
});

test('if one file cannot be put in its place, all others stay as they were', t => {
  const folder = temporaryFolder(t);
  writeResults(folder, files.slice(0, 2), 'manifest.json');
  mkdirSync(join(folder, 'b.csv'));
  t.throws(
    () => {
      writeResults(folder, [{name: 'a.csv', text: 'new\n'}, ...files.slice(1)], 'manifest.json');
    },
    failure(/b\.csv in it is not a file; no results were written$/),
  );
  t.deepEqual(readdirSync(folder).sort(), ['a.csv', 'b.csv', 'manifest.json']);
});
