import {execFileSync, spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {faultline, filesIn, program, run, temporaryFolder} from '../../support/faultline.ts';
import {failedRecord} from '../../../reports/sweeps/run-record.ts';
import {RunTable} from '../../../reports/sweeps/run-table.ts';
import {checkFolder} from '../../../cli/write-results.ts';
import {Failure} from '../../../cli/failure.ts';
import {version} from '../../../cli/package-files.ts';
import {ownName} from '../../../cli/process-name.ts';
import {mergeSweeps} from '../../../cli/sweeps/merge-sweeps.ts';
import {statusOfSweep} from '../../../cli/sweeps/run-sweep.ts';
import {sweepText} from '../../../reports/sweeps/sweep-text.ts';
import {quickSweep, sweepHere} from '../../support/sweeps.ts';

/** The results of the quick sweep as they are to be, made once. */
let whole: Readonly<Record<string, string>> = {};
let printed = '';

const made = mkdtempSync(join(tmpdir(), 'faultline-test-'));
test.before(async t => {
  writeFileSync(join(made, 'quick.yaml'), quickSweep);
  const ended = await faultline(['sweep', 'quick.yaml', '-j', '1', '--out', 'results'], {cwd: made});
  t.like(ended, {status: 0});
  printed = ended.stdout;
  whole = filesIn(join(made, 'results'));
});
test.after.always(() => {
  rmSync(made, {recursive: true, force: true});
});

test('a sweep leaves a manifest, its scenario, a row for each run, and how each metric spreads', t => {
  t.deepEqual(Object.keys(whole), [
    ...['chains.csv', 'convergence.csv', 'manifest.json', 'runs.csv', 'scenario.yaml', 'statistics.csv', 'summary.csv'],
  ]);
  t.is(whole['scenario.yaml'], quickSweep);
  t.like(JSON.parse(whole['manifest.json']), {
    scenario: 'quick',
    points: [['bfd-mult=3'], ['bfd-mult=4']],
    seeds: '1..6',
    runs: 12,
    failed: 0,
    missed: 0,
    repeat_with: 'faultline sweep --seeds=1..6 --set bfd-mult=3,4 quick.yaml',
  });
  t.is(whole['runs.csv'].split('\n').length, 1 + 12 + 1);
  t.regex(printed, /^quick {3}2 settings × 6 seeds {3}fingerprint [0-9a-f]{16}\n\nmetric +settings +n +median/);
});

test('the row of a run has the fingerprint that its repeating command gives', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'quick.yaml'), quickSweep);
  const [head, ...rows] = whole['runs.csv'].split('\n').map(line => line.split(','));
  const row = rows[8];
  const [, , , command] = [...row.slice(0, 6), row[8]].slice(3);
  t.is(command, 'faultline run --seed=3 --set bfd-mult=4 quick.yaml');
  const {stdout} = await faultline(command.split(' ').slice(1).concat('--format=json'), {cwd: folder});
  const run = JSON.parse(stdout) as {fingerprint: string; metrics: Record<string, number>};
  t.is(row[head.indexOf('fingerprint')], run.fingerprint);
  for (const metric of ['convergence.max.link.start', 'packets_lost.sum', 'outage.p95.snat']) {
    t.is(Number(row[head.indexOf(metric)]), run.metrics[metric], metric);
  }
});

test('results are the same with more workers, in another order, and without a folder', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'quick.yaml'), quickSweep);
  const ended = await faultline(['sweep', 'quick.yaml', '-j3', '--out', 'results'], {cwd: folder});
  t.deepEqual(filesIn(join(folder, 'results')), whole);
  t.is(ended.stdout, printed);
  await sweepHere(folder, {out: join(folder, 'here')});
  t.deepEqual(filesIn(join(folder, 'here')), whole);
  t.is(sweepText(await sweepHere(folder), {format: 'table', metrics: []}), printed);
});

test('a sweep that was killed goes on where it stopped, and ends the same', async t => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'results');
  writeFileSync(join(folder, 'quick.yaml'), quickSweep);
  const words = ['sweep', 'quick.yaml', '-j2', '--out', 'results'];
  const killing = new URL('../../support/killed-at-fifth-run.js', import.meta.url).href;
  const killed = await run(process.execPath, ['--import', killing, program, ...words], {cwd: folder});
  t.is(killed.signal, 'SIGKILL');
  const before = readdirSync(join(out, 'unfinished')).filter(name => /^\d/.test(name));
  t.is(before.length, 5);
  t.deepEqual(readdirSync(out), ['unfinished']);
  t.like(await faultline(words, {cwd: folder}), {
    status: 2,
    stderr: 'results: has runs of a sweep that is not finished. Go on with --resume, or remove results/unfinished.\n',
  });
  const owner = join(out, 'unfinished', 'owner');
  const dead = readFileSync(owner, 'utf8');
  writeFileSync(owner, ownName);
  const second = await faultline([...words, '--resume'], {cwd: folder});
  t.is(second.status, 2);
  t.regex(second.stderr, new RegExp(`^results: its sweep is under way, in ${ownName}\\. Wait for its end, or remove `));
  writeFileSync(owner, dead);
  // One was cut short by a machine that lost its power.
  writeFileSync(join(out, 'unfinished', before[0]), '{"status":"done","fing');
  const ended = await faultline([...words, '--resume'], {cwd: folder});
  t.like(ended, {status: 0, stdout: printed});
  t.true(ended.stderr.startsWith(`${before.length - 1} of 12 runs are there\n`), ended.stderr);
  t.deepEqual(filesIn(out), whole);
  t.is(statusOfSweep(await sweepHere(folder, {out, resume: true})), 0);
  t.deepEqual(filesIn(out), whole);
});

test('SIGINT keeps what is done and says how to go on', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'quick.yaml'), quickSweep);
  const words = ['sweep', 'quick.yaml', '-j1', '--seeds=1..500', '--out', 'results'];
  const child = spawn(process.execPath, [program, ...words], {cwd: folder, stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = new Promise(resolve => child.on('close', resolve));
  while (!existsSync(join(folder, 'results/unfinished/1.json')) && child.exitCode === null) await wait(2);
  child.kill('SIGINT');
  t.is(await gone, 130);
  t.regex(said, /\ninterrupted; \d+ of 1000 runs are kept: the same command with --resume goes on\n$/);
  t.deepEqual(readdirSync(join(folder, 'results')), ['unfinished']);
});

test('--resume is refused where version, scenario, settings, seeds or shard are others', async t => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'results');
  mkdirSync(join(out, 'unfinished'), {recursive: true});
  const {
    runs: _,
    failed: __,
    missed: ___,
    fingerprint: ____,
    sha256: _____,
    ...design
  } = JSON.parse(whole['manifest.json']) as Record<string, unknown>;
  const refusal = async (change: object): Promise<string> => {
    const text = JSON.stringify({...design, ...change});
    writeFileSync(join(out, 'unfinished/sweep.json'), text);
    const error = await t.throwsAsync(sweepHere(folder, {out, resume: true}), {instanceOf: Failure});
    t.is(readFileSync(join(out, 'unfinished/sweep.json'), 'utf8'), text);
    return error.message.replace(`${out}: --resume: what is there has another `, '');
  };
  t.is(await refusal({faultline: '0.0.9'}), 'version of Faultline (0.0.9); nothing was run');
  t.is(await refusal({scenario_sha256: 'abc'}), 'scenario file (abc); nothing was run');
  t.is(await refusal({points: [['bfd-mult=3']]}), 'choice of settings; nothing was run');
  t.is(await refusal({seeds: '1..7'}), 'choice of seeds (1..7); nothing was run');
  t.is(await refusal({shard: '1/3'}), 'shard (1/3); nothing was run');
});

test('--resume where nothing was begun says so and begins', async t => {
  const folder = temporaryFolder(t);
  const said: string[] = [];
  const screen = {write: (text: string) => said.push(text)};
  await sweepHere(folder, {out: join(folder, 'new'), resume: true, screen});
  t.is(said[0], `${join(folder, 'new')}: nothing is there to go on with; the sweep begins\n`);
  t.deepEqual(filesIn(join(folder, 'new')), whole);
});

const damage = (folder: string, what: string): string =>
  `${folder}: is damaged: ${what}. Copy it once more, or run it again into an empty folder.`;

test('three shards are as good as the whole', async t => {
  const folder = temporaryFolder(t);
  const [part1, part2, part3, merged] = ['part1', 'part2', 'part3', 'merged'].map(name => join(folder, name));
  for (const [index, out] of [part1, part2, part3].entries())
    await sweepHere(folder, {out, shard: {index: index + 1, of: 3}});
  t.deepEqual(readdirSync(part1), ['chains.csv', 'convergence.csv', 'manifest.json', 'runs.csv', 'scenario.yaml']);
  const flawOf = async (...parts: readonly string[]): Promise<string> => {
    const {message} = await t.throwsAsync(mergeSweeps(parts, merged), {instanceOf: Failure});
    return message.replaceAll(`${folder}/`, '');
  };
  t.is(await flawOf(part1, part3), '4 of 12 runs are missing: shard 2/3; nothing was written');
  t.is(await flawOf(part1, part2, part3, `${part2}/`), 'part2/: is given twice; nothing was written');
  cpSync(part2, join(folder, 'copy'), {recursive: true});
  t.is(
    await flawOf(part1, part2, part3, join(folder, 'copy')),
    'copy: is shard 2/3, which part2 is too; nothing was written',
  );
  await sweepHere(folder, {out: join(folder, 'half'), shard: {index: 2, of: 2}});
  t.is(await flawOf(part2, join(folder, 'half')), 'half: has run 2, which part2 has too; nothing was written');
  t.false(existsSync(merged));
  const before = filesIn(part1);
  await t.throwsAsync(mergeSweeps([part1, part2, part3], `${part1}/`), {message: /is one of the folders to be merged/});
  t.deepEqual(filesIn(part1), before);
  t.is(sweepText(await mergeSweeps([part2, part3, part1], merged), {format: 'table', metrics: []}), printed);
  t.deepEqual(filesIn(merged), whole);

  const path = join(part2, 'runs.csv');
  const text = readFileSync(path, 'utf8');
  for (const [damaged, message] of [
    [text.replace(/,done,/, ',dome,'), 'runs.csv has a row that is no run'],
    [text.replace(/bfd-mult=3/, 'bfd-mult=4'), 'runs.csv is not what manifest.json has the digest of'],
    [text.slice(0, -40), 'runs.csv is not CSV any more'],
  ]) {
    writeFileSync(path, damaged);
    t.is(await flawOf(part1, part2, part3), damage('part2', message));
  }
  rmSync(path);
  t.is(await flawOf(part1, part2, part3), 'part2: runs.csv is missing');
  writeFileSync(path, text);
  const manifest = readFileSync(join(part3, 'manifest.json'), 'utf8');
  for (const [damaged, message] of [
    [manifest.slice(0, 99), 'manifest.json is not JSON'],
    [manifest.replace('"3/3"', '"4/3"'), '"shard" in manifest.json is not as Faultline writes it'],
    [
      manifest.replace(/"sha256": {[^}]*}/, '"sha256": null'),
      '"sha256" in manifest.json is not as Faultline writes it',
    ],
    [manifest.replace(/"fingerprint": "./, '"fingerprint": "x'), 'manifest.json has the fingerprint of other runs'],
  ]) {
    writeFileSync(join(part3, 'manifest.json'), damaged);
    t.is(await flawOf(part1, part2, part3), damage('part3', message));
  }
  for (const [changed, message] of [
    [manifest.replace(`"${version}"`, '"0.0.9"'), 'another version of Faultline (0.0.9)'],
    [manifest.replace('bfd-mult=3', 'bfd-mult=2'), 'another choice of settings'],
  ]) {
    writeFileSync(join(part3, 'manifest.json'), changed);
    t.is(await flawOf(part1, part3), `part3: is of another sweep than part1: it has ${message}; nothing was written`);
  }
  t.deepEqual(filesIn(merged), whole);
});

test('a metric that is misspelt is told with the right one, before anything runs', async t => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'quick.yaml'), quickSweep);
  const flawOf = async (...words: readonly string[]): Promise<string> => {
    const {status, stderr} = await faultline(words, {cwd});
    return `${status} ${stderr}`;
  };
  t.is(
    await flawOf('sweep', 'quick.yaml', '--out', 'out', '--metric', 'convergense.max', '--metric', 'outage.mx.snat'),
    '2 --metric convergense.max: there is no metric "convergense". Did you mean "convergence"?\n' +
      '--metric outage.mx.snat: outage has no "mx". Did you mean "max"?\nSee faultline metrics.\n',
  );
  t.is(
    await flawOf('sweep', 'quick.yaml', '--metric', 'convergence.max.lnik.start'),
    '2 --metric convergence.max.lnik.start: there is no traffic or fault "lnik.start". Did you mean "link.start"?\n' +
      'See faultline metrics.\n',
  );
  t.is(
    await flawOf('sweep', 'quick.yaml', '--metric', 'convergence.*.lnik.*', '--metric', 'conv*.max.link.start'),
    '2 --metric convergence.*.lnik.*: no metric is called "convergence.*.lnik.*". ' +
      'A name is quantity.statistic or quantity.statistic.group\nSee faultline metrics.\n',
  );
  t.false(existsSync(join(cwd, 'out')));
  t.is(
    await flawOf('compare', join(made, 'results'), '--metric', 'outage.max.snta'),
    '2 --metric outage.max.snta: there is no traffic or fault "snta". Did you mean "snat"?\nSee faultline metrics.\n',
  );
});

test('a folder with something else in it is not touched', async t => {
  const folder = temporaryFolder(t);
  const [sweep, run] = [join(made, 'results'), join(folder, 'run')];
  t.throws(
    () => {
      checkFolder(sweep, 'manifest.json', 'run');
    },
    {
      message: `${sweep}: has the results of a sweep, which those of a run would spoil; nothing was run`,
    },
  );
  mkdirSync(run);
  writeFileSync(join(run, 'manifest.json'), '{"faultline": "0.1.0", "seed": "1"}');
  await t.throwsAsync(sweepHere(folder, {out: run}), {
    message: `${run}: has the results of a run, which those of a sweep would spoil; nothing was run`,
  });
  await t.throwsAsync(mergeSweeps([run], join(folder, 'merged')), {
    message: `${run}: has the results of a run, not of a sweep`,
  });
  const file = join(folder, 'quick.yaml');
  await t.throwsAsync(sweepHere(folder, {out: file}), {
    message: `${file}: it is a file, not a folder; nothing was run`,
  });
  t.deepEqual(readdirSync(folder), ['quick.yaml', 'run']);
});

test('missed expectations set the status, and are told with the commands that repeat them', async t => {
  const settings = ['expect=[outage.max < 1ms]', 'bfd-mult=3'];
  const results = await sweepHere(temporaryFolder(t), {}, {settings});
  t.is(statusOfSweep(results), 1);
  const text = sweepText(results, {format: 'table', metrics: []});
  const commands = [1, 2, 3, 4, 5].map(
    seed =>
      `  seed ${seed}: faultline run --seed=${seed} --set bfd-mult=3 --set 'expect=[outage.max < 1ms]' quick.yaml\n`,
  );
  const told = `\noutage.max < 1ms was missed in 6 of 6 runs\n${commands.join('')}  … and 1 more: see runs.csv\n`;
  t.true(text.endsWith(told), text);
});

test('a run that failed is told with the command that repeats it, and sets the status', async t => {
  const results = await sweepHere(temporaryFolder(t), {}, {settings: ['bfd-mult=3'], seeds: ['1', '2']});
  const table = new RunTable(1, 2);
  table.add(0, results.table.get(0)!);
  table.add(1, failedRecord('Error: no such port\n    at line 1'));
  t.is(statusOfSweep({...results, table}), 3);
  const text = sweepText({...results, table}, {format: 'table', metrics: []});
  t.true(
    text.endsWith(
      '\n1 run failed\n  seed 2, Error: no such port: faultline run --seed=2 --set bfd-mult=3 quick.yaml\n',
    ),
    text,
  );
});

test('results that cannot be written leave their runs, and are written once they can be', async t => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'results');
  mkdirSync(join(out, 'runs.csv'), {recursive: true});
  const {message} = await t.throwsAsync(sweepHere(folder, {out}), {instanceOf: Failure});
  t.true(
    message.endsWith(
      'runs.csv in it is not a file; no results were written; all runs are kept: the same command with --resume goes on',
    ),
    message,
  );
  rmSync(join(out, 'runs.csv'), {recursive: true});
  await sweepHere(folder, {out, resume: true});
  t.deepEqual(filesIn(out), whole);
});

test('a disk that is full stops a sweep with what is kept, and damages nothing', async t => {
  const folder = temporaryFolder(t);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', disk], {stdio: 'ignore'});
  } catch {
    t.log('skipped: only root can make a small disk');
    t.pass();
    return;
  }
  try {
    const out = join(disk, 'results');
    t.throws(() => {
      writeFileSync(join(disk, 'fill'), Buffer.alloc(97 * 1024));
    });
    const none = await t.throwsAsync(sweepHere(folder, {out}), {instanceOf: Failure});
    t.true(none.message.endsWith('results: the disk is full; nothing was run'), none.message);
    t.deepEqual(readdirSync(disk), ['fill']);
    rmSync(join(disk, 'fill'));
    const {message} = await t.throwsAsync(sweepHere(folder, {out}), {instanceOf: Failure});
    t.regex(
      message,
      /results: the disk is full; [1-9]\d* finished runs are kept: the same command with --resume goes on$/,
    );
    t.deepEqual(readdirSync(out), ['unfinished']);
    execFileSync('mount', ['-o', 'remount,size=8m', disk]);
    await sweepHere(folder, {out, resume: true});
    t.deepEqual(filesIn(out), whole);
  } finally {
    execFileSync('umount', [disk]);
  }
});
