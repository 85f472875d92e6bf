import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {heavyFirstInstant} from '../support/clouds.ts';
import {faultline, filesIn, program, run, temporaryFolder, type Ended} from '../support/faultline.ts';

/** A run of half a minute that warns as soon as it begins, and is hit then. */
function runAndKill(folder: string, signal: NodeJS.Signals): Promise<Ended> {
  const words = ['run', 'ovn-twenty-computes', '--stepped', '--set', 'faults.crash.for=100s', '--out', 'results'];
  return run(process.execPath, [program, ...words], {cwd: folder}, child => {
    child.kill(signal);
  });
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test.serial(`${signal} ends a run with status ${status} and writes nothing`, async t => {
    const folder = temporaryFolder(t);
    const ended = await runAndKill(folder, signal);
    t.like(ended, {status, stdout: ''});
    t.regex(ended.stderr, /\ninterrupted; nothing was written\n$/);
    t.deepEqual(readdirSync(folder), []);
  });
}

test.serial('SIGINT is heard in a run whose first instant is heavy', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'heavy.yaml'), heavyFirstInstant);
  const words = ['run', 'heavy.yaml', '--stepped', '--out', 'results'];
  const ended = await run(process.execPath, [program, ...words], {cwd: folder}, child => {
    child.kill('SIGINT');
  });
  t.like(ended, {status: 130, stdout: ''});
  t.deepEqual(readdirSync(folder), ['heavy.yaml']);
});

test.serial('SIGKILL leaves no results, and the next run gives all of them', async t => {
  const folder = temporaryFolder(t);
  t.like(await runAndKill(folder, 'SIGKILL'), {signal: 'SIGKILL', stdout: ''});
  t.false(readdirSync(folder).includes('results'));
  t.is((await faultline(['run', 'ovn-two-gateways', '--out', 'results'], {cwd: folder})).status, 0);
  t.is(Object.keys(filesIn(join(folder, 'results'))).length, 9);
});

test.serial('a run goes on when nobody reads its messages any more', async t => {
  const folder = temporaryFolder(t);
  const words = ['run', 'ovn-two-gateways', '--set', 'faults.iptables.for=100s', '--out', 'results'];
  const ended = await run(process.execPath, [program, ...words], {cwd: folder}, child => {
    child.stderr?.destroy();
  });
  t.is(ended.status, 0);
  t.is(Object.keys(filesIn(join(folder, 'results'))).length, 9);
});
