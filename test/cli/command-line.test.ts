import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Failure} from '../../cli/failure.ts';
import {makeParser} from '../../cli/parser.ts';
import {temporaryFolder} from '../support/faultline.ts';

/** What a person reads who gave these words; nothing is run. */
async function flawOf(...words: readonly string[]): Promise<string> {
  try {
    const parser = await makeParser(words);
    await parser.parseAsync();
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return '';
}

const helpOfRun = 'See faultline run --help.';

const flaws: readonly (readonly [words: readonly string[], message: string])[] = [
  [
    [],
    'Which command? There are run, list, validate, schema, metrics, show, capture, explain, sweep, merge, worker, compare and check. See faultline --help.',
  ],
  [
    ['-v'],
    'Which command? There are run, list, validate, schema, metrics, show, capture, explain, sweep, merge, worker, compare and check. See faultline --help.',
  ],
  [['frun'], 'there is no command frun. Did you mean run? See faultline --help.'],
  [['dance'], 'there is no command dance. See faultline --help.'],
  [['constructor'], 'there is no command constructor. See faultline --help.'],
  [['run'], `run needs a scenario.\n${helpOfRun}`],
  [['validate'], 'validate needs a scenario.\nSee faultline validate --help.'],
  [['run', 'a.yaml', 'b.yaml'], `b.yaml is one word too many.\n${helpOfRun}`],
  [['list', 'more'], 'more is one word too many.\nSee faultline list --help.'],
  [['run', 'a.yaml', '--sed', '7'], `there is no option --sed. Did you mean --seed?\n${helpOfRun}`],
  [['run', 'a.yaml', '--sede=7'], `there is no option --sede. Did you mean --seed?\n${helpOfRun}`],
  [['run', 'a.yaml', '-x'], `there is no option -x.\n${helpOfRun}`],
  [
    ['run', '--sed', '--outt'],
    `there is no option --sed. Did you mean --seed?\nthere is no option --outt. Did you mean --out?\n${helpOfRun}`,
  ],
  [['run', 'a.yaml', '--no-seed'], `there is no option --no-seed.\n${helpOfRun}`],
  [['schema', '--out', 'x'], 'there is no option --out.\nSee faultline schema --help.'],
  [['run', 'a.yaml', '--seed'], `--seed needs a value.\n${helpOfRun}`],
  [['run', 'a.yaml', '--out'], `--out needs a value.\n${helpOfRun}`],
  [['run', 'a.yaml', '--out='], `--out needs a value.\n${helpOfRun}`],
  [['run', 'a.yaml', '--set'], `--set needs a value.\n${helpOfRun}`],
  [['run', 'a.yaml', '--seed', '1', '--seed', '2'], `--seed is given 2 times.\n${helpOfRun}`],
  [['run', 'a.yaml', '--format', 'xml'], `--format cannot be "xml". There are "table", "json".\n${helpOfRun}`],
  [['run', 'a.yaml', '--set', 'a=1', 'b=2'], `b=2 is one word too many.\n${helpOfRun}`],
  [['sweep'], 'sweep needs a scenario.\nSee faultline sweep --help.'],
  [['sweep', 'a.yaml', '-k1'], 'there is no option -k.\nSee faultline sweep --help.'],
  [
    ['sweep', 'a.yaml', '-j0'],
    '--jobs: "0" is not a number of runs at a time, such as 4.\nSee faultline sweep --help.',
  ],
  [['sweep', 'a.yaml', '--resume'], '--resume needs --out.'],
  [['sweep', 'a.yaml', '--shard=1/3'], '--shard needs --out.'],
  [['sweep', 'a.yaml', '--shard=4/3', '--out=x'], '--shard: "4/3" is not a part of a whole, such as 1/3, 2/3 or 3/3.'],
  [['sweep', 'ovn-two-gateways', '--seeds=9..1'], '--seeds: "9..1" ends before it begins. Write 1..9.'],
  [['compare', 'docs'], 'docs: has no manifest.json; no results of a sweep are there'],
  [['worker'], 'worker needs --queue.\nSee faultline worker --help.'],
  [
    ['worker', '--queue', 'localhost:6379'],
    '--queue: not an address such as redis://:password@host:6379.\nSee faultline worker --help.',
  ],
  [['merge', '--out', 'x'], 'merge needs a folder.\nSee faultline merge --help.'],
  [['merge', 'x'], 'merge needs --out.\nSee faultline merge --help.'],
  [['merge', 'nowhere', '--out', 'x'], 'nowhere: there is no such folder'],
  [['merge', 'docs', '--out', 'x'], 'docs: has no manifest.json; no results of a sweep are there'],
  [['show'], `show needs a scenario.\nSee faultline show --help.`],
  [['show', 'a.yaml', '--att', '5s'], `there is no option --att. Did you mean --at?\nSee faultline show --help.`],
  [['show', 'a.yaml', '--at'], `--at needs a value.\nSee faultline show --help.`],
  [['show', 'ovn-two-gateways', '--at', '5'], '--at: "5" needs a unit: 5ms, 5s?'],
  [['show', 'ovn-two-gateways', '--at', '2h'], '--at: "2h" is not a time. The units are us, ms, s and min'],
  [['show', 'ovn-two-gateways', '--at', '9min'], '--at: 9min is after the end of the run, at 60.000 s'],
  [
    ['show', 'ovn-three-gateways', 'gw1', 'ip', 'neihg'],
    'gw1 cannot show "ip neihg". Did you mean "ip neigh"?\nSee faultline show ovn-three-gateways.',
  ],
  [
    ['show', 'ovn-three-gateways', 'vm1', 'conntrack', '-L'],
    'vm1 cannot show "conntrack -L". There are ip addr, ip route, ip neigh.\nSee faultline show ovn-three-gateways.',
  ],
];

for (const [words, message] of flaws) {
  test(`"faultline ${words.join(' ')}" is told what is wrong`, async t => {
    t.is(await flawOf(...words), message);
  });
}

test('a scenario that is not there is told, with the one that may have been meant', async t => {
  const missing = 'there is no such file, and no scenario of that name in the library.';
  t.is(await flawOf('run', 'ovn-three-gateway'), `ovn-three-gateway: ${missing} Did you mean "ovn-three-gateways"?`);
  t.is(await flawOf('run', 'quite-another'), `quite-another: ${missing} See faultline list.`);
  t.is(await flawOf('run', '-'), 'a scenario is a file or a name of the library; standard input is not read');
  t.is(await flawOf('run', 'none.yaml'), 'none.yaml: there is no such file.');
  t.is(
    await flawOf('run', 'test/scenarios/good/gatway.yaml'),
    'test/scenarios/good/gatway.yaml: there is no such file. Did you mean "gateway.yaml"?',
  );
});

test('what is no file is told so', async t => {
  t.is(await flawOf('run', 'scenarios/library'), 'scenarios/library: is a folder, not a file');
  t.is(await flawOf('run', 'package.json/x'), 'package.json/x: part of the path is not a folder');
});

test('a file that is no text is told so', async t => {
  const file = join(temporaryFolder(t), 'noise.yaml');
  writeFileSync(file, Buffer.from([0, 255, 254, 10, 128]));
  t.true((await flawOf('run', file)).startsWith(`${file}:1:1  `));
});

test('mistakes in settings are told as those of a file are, all at once', async t => {
  t.is(
    await flawOf('run', 'ovn-three-gateways', '--set', 'foo', '--set', 'bfd-mult=0'),
    [
      '--set:1:1  "foo" is not a setting. Write it as path=value, such as ovn.bfd-mult=5',
      '    1 | foo\n      | ^^^',
      '--set:2:10  "0" is not a whole number from 1 to 255',
      '    2 | bfd-mult=0\n      |          ^',
      '',
      '2 mistakes; nothing was run.',
    ].join('\n'),
  );
});

test('messages are English in every language of the environment', async t => {
  const before = process.env.LC_ALL;
  process.env.LC_ALL = 'de_DE.UTF-8';
  t.teardown(() => {
    if (before === undefined) delete process.env.LC_ALL;
    else process.env.LC_ALL = before;
  });
  t.is(await flawOf('run'), `run needs a scenario.\n${helpOfRun}`);
});

for (const command of ['run', 'list', 'validate', 'schema', 'metrics', 'show']) {
  test(`the help of ${command} has its options and an example that can be typed`, async t => {
    const parser = await makeParser([command]);
    const help = await parser.getHelp();
    t.regex(help, /Options:/);
    t.regex(help, new RegExp(`Examples:\\n {2}faultline ${command}`));
  });
}

test('the help names every command and what the exit status says', async t => {
  const parser = await makeParser([]);
  const help = await parser.getHelp();
  for (const command of ['run', 'list', 'validate', 'schema', 'metrics', 'show'])
    t.regex(help, new RegExp(`faultline ${command} `));
  t.regex(
    help,
    /^Exit status:\n {2}0 {4}fine\n {2}1 {4}an expectation was missed; for check: something became worse\n/m,
  );
  t.regex(help, /130 {2}interrupted.*143/s);
});
