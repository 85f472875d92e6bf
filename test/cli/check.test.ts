import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import test from 'ava';
import {faultline, filesIn, temporaryFolder} from '../support/faultline.ts';

const suite = 'seeds: 1..8\nmetrics: {convergence.max.*.start: 5% + 20ms}\ncases: [ovn-two-gateways]\n';

test('a baseline is made, met, and failed by what is worse, with reports for CI', async t => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'suite.yaml'), suite);
  const first = await faultline(['check', 'suite.yaml', '-j1'], {cwd});
  t.is(first.status, 2);
  t.is(first.stderr, 'suite.baseline.json: there is no baseline. faultline check --update makes one.\n');
  const made = await faultline(['check', 'suite.yaml', '--update', '-j', '1'], {cwd});
  t.deepEqual([made.status, made.stdout], [0, 'suite.baseline.json: written\n'], made.stderr);
  const baseline = readFileSync(join(cwd, 'suite.baseline.json'), 'utf8');
  const again = await faultline(['check', 'suite.yaml', '--update', '-j', '2'], {cwd});
  t.is(again.stdout, 'suite.baseline.json: as it was\n');
  const met = await faultline(['check', 'suite.yaml', '-j1'], {cwd});
  t.is(met.status, 0);
  t.regex(met.stdout, /^ovn-two-gateways +1 metric +identical$/m);

  writeFileSync(
    join(cwd, 'worse.yaml'),
    suite.replace('[ovn-two-gateways]', '[{scenario: ovn-two-gateways, name: ovn-two-gateways, set: [bfd-mult=4]}]'),
  );
  const words = [
    'check',
    'worse.yaml',
    '-j1',
    '--baseline',
    'suite.baseline.json',
    '--junit',
    'a.xml',
    '--markdown',
    'a.md',
  ];
  const env = {...process.env, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: join(cwd, '..')};
  const failed = await faultline(words, {cwd, env});
  t.is(failed.status, 1);
  t.regex(failed.stdout, /^ovn-two-gateways +convergence\.max\.iptables\.start .* REGRESSED {2}\+[\d.]+ %/m);
  t.regex(failed.stdout, /^ {2}phase: detection of iptables\.start \+1\.\d+ s$/m);
  t.true(failed.stdout.includes(`\n::error file=${basename(cwd)}/worse.yaml,line=3,title=ovn-two-gateways%3A `));
  t.regex(readFileSync(join(cwd, 'a.xml'), 'utf8'), /<failure message=/);
  t.regex(readFileSync(join(cwd, 'a.md'), 'utf8'), /REGRESSED/);
  const [, repeat] = /worst seed \d+: (faultline run .*)$/m.exec(failed.stdout) ?? [];
  t.regex(repeat, /^faultline run --seed=\d+ --set bfd-mult=4 ovn-two-gateways$/);
  t.is(readFileSync(join(cwd, 'suite.baseline.json'), 'utf8'), baseline, 'only --update writes it');
});

test('a baseline of another version, one that is cut off and a folder that is closed are refused, and nothing is lost', async t => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'suite.yaml'), suite.replace('1..8', '1..2'));
  await faultline(['check', 'suite.yaml', '--update', '-j1'], {cwd});
  const path = join(cwd, 'suite.baseline.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/"faultline": "[^"]*"/, '"faultline": "0.0.1"'));
  const other = await faultline(['check', 'suite.yaml', '-j1'], {cwd});
  t.is(other.status, 2);
  t.regex(other.stderr, /^suite\.baseline\.json: of Faultline 0\.0\.1, this is .*--across-versions\.$/m);
  t.is((await faultline(['check', 'suite.yaml', '--across-versions', '-j1'], {cwd})).status, 0);
  writeFileSync(path, text.slice(0, 100));
  const cut = await faultline(['check', 'suite.yaml', '-j1'], {cwd});
  t.is(cut.stderr, 'suite.baseline.json: not JSON: it may have been cut off. --update makes it anew.\n');
  writeFileSync(path, text.replace('"seeds": "1,2"', '"seeds": "1..3"'));
  const odd = await faultline(['check', 'suite.yaml', '-j1'], {cwd});
  t.is(odd.stderr, 'suite.baseline.json: ovn-two-gateways has not as many runs as seeds. --update makes it anew.\n');
  const closed = await faultline(['check', 'suite.yaml', '--update', '--baseline', '/proc/baseline.json'], {cwd});
  t.is(closed.status, 2);
  t.false(existsSync('/proc/baseline.json'));
  t.deepEqual(Object.keys(filesIn(cwd)), ['suite.baseline.json', 'suite.yaml'], 'nothing half-written stays');
});

test('too few seeds are told on the day that the baseline is made, and where they cannot tell nothing passes', async t => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'few.yaml'), suite.replace('1..8', '1..2'));
  const made = await faultline(['check', 'few.yaml', '--update', '-j1'], {cwd});
  t.is(made.status, 0);
  t.regex(
    made.stderr,
    /^warning: ovn-two-gateways has too few seeds to show a regression if all of the suite changes: 6 or more can$/m,
  );
  const worse = suite
    .replace('1..8', '1..2')
    .replace('[ovn', '[{name: ovn-two-gateways, set: [bfd-mult=4], scenario: ovn');
  writeFileSync(join(cwd, 'few.yaml'), worse.replace('ways]', 'ways}]'));
  const unsure = await faultline(['check', 'few.yaml', '-j1', '--junit', 'few.xml'], {cwd});
  t.is(unsure.status, 2);
  t.regex(unsure.stdout, /^ {2}too few seeds to tell that from luck at 5 %: 6 or more can$/m);
  t.regex(readFileSync(join(cwd, 'few.xml'), 'utf8'), /<error message="2\.\d+ s → 3\.\d+ s: UNDECIDED/);
});

test('what cannot be written, and what is no file, is told before anything runs', async t => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'folder'));
  writeFileSync(join(cwd, 'suite.yaml'), suite);
  writeFileSync(join(cwd, 'suite.baseline.json'), '{"format": 1, "faultline": "0.1.0", "cases": {}}');
  const flawOf = async (...words: readonly string[]): Promise<string> => {
    const {status, stderr} = await faultline(['check', ...words], {cwd});
    return `${status} ${stderr}`;
  };
  const unmet = 'has no case of suite.yaml. --update makes it anew; nothing was run';
  t.is(await flawOf('suite.yaml'), `2 suite.baseline.json: ${unmet}\n`);
  t.is(await flawOf('folder'), '2 folder: is a folder, not a file\n');
  t.is(await flawOf('suite.yaml', '--baseline', 'folder'), '2 folder: is a folder, not a file\n');
  t.is(await flawOf('suite.yaml', '--markdown', 'folder'), '2 folder: is a folder, not a file; nothing was run\n');
  t.is(await flawOf('suite.yaml', '--junit', 'no/a.xml'), '2 no/a.xml: no file can be made there; nothing was run\n');
  const update = await flawOf('suite.yaml', '--update', '--baseline', 'no/a.json');
  t.is(update, '2 no/a.json: no file can be made there; nothing was run\n');
  const suiteItself = await flawOf('suite.yaml', '--update', '--baseline', 'suite.yaml');
  t.is(suiteItself, '2 suite.yaml: is not a baseline, and would be lost; nothing was run\n');
  t.is(readFileSync(join(cwd, 'suite.yaml'), 'utf8'), suite);
});
