import {closeSync, openSync, existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {quantities} from '../../models/events/quantities.ts';
import {scenarioJsonSchema} from '../../scenarios/json-schema.ts';
import {faultline, filesIn, shell, temporaryFolder} from '../support/faultline.ts';
import {libraryReport} from '../support/runs.ts';

/*
 * The program as a child process: what only a whole process can show. Each costs about half a second.
 */

const cloud = join(process.cwd(), 'test/scenarios/good/gateway.yaml');
const broken = join(process.cwd(), 'test/scenarios/broken');

test('a run prints its table on standard output and nothing else, without colours', async t => {
  const env = {FORCE_COLOR: '1'};
  const {status, stdout, stderr} = await faultline(['run', 'ovn-three-gateways'], {env});
  t.is(status, 0);
  t.is(stderr, '');
  t.is(stdout, readFileSync(join(process.cwd(), 'test/golden/runs/ovn-three-gateways-1.txt'), 'utf8'));
});

test('a missed expectation is status 1, in JSON too', async t => {
  const words = ['run', 'ovn-three-gateways', '--set', 'expect=[convergence.max < 1s]', '--format', 'json'];
  const {status, stdout, stderr} = await faultline(words);
  t.is(status, 1);
  t.is(stderr, '');
  t.like(JSON.parse(stdout), {expectations: [{text: 'convergence.max < 1s', held: false}]});
});

test('several files are all checked: mistakes on standard error as they are documented, status 2', async t => {
  const {status, stdout, stderr} = await faultline(['validate', cloud, 'names.yaml', 'no.yaml', 'face.yaml'], {
    cwd: broken,
  });
  t.is(status, 2);
  t.is(stdout, `${cloud}: ovn-gateway-underlay-down is fine\n`);
  const told = ['names', 'face'].map(name => readFileSync(join(broken, `${name}.txt`), 'utf8'));
  t.is(stderr, `${told[0]}no.yaml: there is no such file.\n${told[1]}`);
});

test('list has every scenario of the library on a line of its own', async t => {
  const {status, stdout, stderr} = await faultline(['list']);
  t.is(status, 0);
  t.is(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.true(lines.some(line => /^ovn-three-gateways {2,}The active gateway loses/.test(line)));
  t.true(lines.every(line => /^[a-z0-9-]+ {2,}\S/.test(line)));
});

test('list in JSON gives the path of each file', async t => {
  const {stdout} = await faultline(['list', '--format', 'json']);
  for (const {name, path} of JSON.parse(stdout) as readonly {name: string; path: string}[]) {
    t.true(readFileSync(path, 'utf8').includes(`name: ${name}\n`));
  }
});

test('schema prints the JSON Schema', async t => {
  const {status, stdout} = await faultline(['schema']);
  t.is(status, 0);
  t.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(scenarioJsonSchema())));
});

test('metrics lists every metric that a summary can have', async t => {
  const {stdout} = await faultline(['metrics']);
  const listed = new Map(
    [...stdout.matchAll(/^(\w+) {2}\[.*\]\n {2}.*\n {2}statistics: (.*)$/gm)].map(match => [
      match[1],
      match[2].split(', '),
    ]),
  );
  t.deepEqual(
    [...listed.keys()],
    quantities.map(({name}) => name),
  );
  for (const {name} of libraryReport('ovn-two-gateways', '1').metrics) {
    const [quantity, statistic] = name.split('.');
    t.true(listed.get(quantity)?.includes(statistic), name);
  }
});

test('metrics in JSON has the unit of every statistic', async t => {
  const {stdout} = await faultline(['metrics', '--format', 'json']);
  const [first] = JSON.parse(stdout) as readonly Record<string, unknown>[];
  t.like(first, {name: 'convergence', groups: ['fault']});
  t.like(first.statistics, [
    {name: 'count', unit: 'edges'},
    {name: 'min', unit: 'ms'},
  ]);
});

test('the version is that of the package', async t => {
  const {version} = JSON.parse(readFileSync('package.json', 'utf8')) as {version: string};
  t.like(await faultline(['--version']), {status: 0, stdout: `${version}\n`, stderr: ''});
});

test('who reads the first line only gets it, and no complaint', async t => {
  const {stdout, stderr} = await shell('faultline schema | head -1; faultline run ovn-three-gateways | head -1');
  t.regex(stdout, /^\{\novn-three-gateways {3}seed 1 .*\n$/);
  t.is(stderr, '');
});

test('a full disk under standard output is told, with status 2', async t => {
  if (!existsSync('/dev/full')) {
    t.pass('this system has no /dev/full');
    return;
  }
  const full = openSync('/dev/full', 'w');
  t.teardown(() => {
    closeSync(full);
  });
  const {status, stderr} = await faultline(['list'], {stdio: ['ignore', full, 'pipe']});
  t.is(status, 2);
  t.is(stderr, 'the output could not be written: the disk is full\n');
});

test('results that cannot be written are told after the table, and none are left', async t => {
  const folder = temporaryFolder(t);
  const {status, stdout, stderr} = await shell('ulimit -f 8; faultline run ovn-three-gateways --out results', {
    cwd: folder,
  });
  t.is(status, 2);
  t.regex(stdout, /^ovn-three-gateways {3}seed 1/);
  t.is(stderr, 'results: a file would be larger than is allowed here; no results were written\n');
  t.deepEqual(filesIn(folder), {});
});

test('a folder that cannot be written to is told before anything is run', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'closed'), {mode: 0o555});
  // To root no folder is closed: there the program is run as someone else, who must be able to read it.
  const isRoot = process.getuid?.() === 0;
  const someone = isRoot ? {uid: 65_534, gid: 65_534} : {};
  const canRead = await faultline(['--version'], someone).then(
    ({status}) => status === 0,
    () => false,
  );
  if (!canRead) {
    t.pass('nobody else may read the program');
    return;
  }
  await shell(`chmod 755 '${folder}'`);
  const {status, stdout, stderr} = await faultline(['run', 'ovn-three-gateways', '--out', 'closed/new'], {
    ...{cwd: folder},
    ...someone,
  });
  t.is(status, 2);
  t.is(stdout, '');
  t.is(stderr, 'closed/new: may not be written to; nothing was run\n');
});

test('a folder of the name of a scenario does not hide it', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'ovn-two-gateways'));
  const {status, stdout} = await faultline(['validate', 'ovn-two-gateways'], {cwd: folder});
  t.is(status, 0);
  t.regex(stdout, /ovn-two-gateways\.yaml: ovn-two-gateways is fine\n$/);
});
