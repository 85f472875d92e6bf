import {mkdirSync} from 'node:fs';
import {join, relative} from 'node:path';
import test from 'ava';
import {makePlan} from '../../scenarios/make-plan.ts';
import {Run, runPlan} from '../../scenarios/run.ts';
import {faultline, filesIn, shell, temporaryFolder} from '../support/faultline.ts';
import {libraryScenario} from '../support/runs.ts';

test('a run gives the same bytes again, from elsewhere, and stepped', async t => {
  const [name, seed] = ['ovn-gateway-crash', 'any text'];
  const folder = temporaryFolder(t);
  const elsewhere = join(folder, 'else/where');
  mkdirSync(elsewhere, {recursive: true});
  const file = join(process.cwd(), 'scenarios/library', `${name}.yaml`);
  const ended = await Promise.all([
    faultline(['run', name, '--seed', seed, '--out', 'first'], {cwd: folder}),
    faultline(['run', relative(elsewhere, file), '--seed', seed, '--out', '../../second'], {cwd: elsewhere}),
    faultline(['run', name, '--seed', seed, '--out', 'third', '--stepped'], {cwd: folder}),
  ]);
  const [first, second, third] = ended.map(({stdout}) => stdout);
  t.regex(first, new RegExp(`^${name} {3}seed ${seed} `));
  t.is(second, first);
  t.is(third, first);
  t.deepEqual(filesIn(join(folder, 'second')), filesIn(join(folder, 'first')));
  t.deepEqual(filesIn(join(folder, 'third')), filesIn(join(folder, 'first')));
});

test('the repeating command repeats the run, whatever its words', async t => {
  const folder = temporaryFolder(t);
  const seed = `it's "7" $HOME \\ é`;
  const settings = ['--set', 'bfd-mult=5', '--set', 'host={base: busy, flow-install: 5ms}'];
  const words = ['run', 'ovn-three-gateways', '--seed', seed, ...settings, '--out', 'first'];
  const {status} = await faultline(words, {cwd: folder});
  const first = filesIn(join(folder, 'first'));
  const {repeat_with: command, seed: kept} = JSON.parse(first['manifest.json']) as Record<string, string>;
  t.is(kept, seed);
  t.is((await shell(`${command} --out second`, {cwd: folder})).status, status);
  t.deepEqual(filesIn(join(folder, 'second')), first);
});

test('how a run is sliced does not show in its results', t => {
  const plan = makePlan(libraryScenario('ovn-gateway-flapping'), 3);
  const run = new Run(plan);
  for (let slice = 1; !run.done; slice = (slice * 7 + 13) % 3_000_017) run.advance(run.now + slice);
  t.is(run.result().fingerprint, runPlan(plan).fingerprint);
});
