import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Queue} from 'bullmq';
import {Redis} from 'ioredis';
import {queueName} from '../../../cli/sweeps/redis.ts';
import {faultline, filesIn, program, temporaryFolder, type Ended} from '../../support/faultline.ts';
import {hasRedis, RedisServer, until} from '../../support/redis.ts';
import {quickSweep, sweepHere} from '../../support/sweeps.ts';

/** A Redis of its own, a folder, and processes that do not outlive the test. */
async function bench(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const started: ChildProcess[] = [];
  mkdirSync(join(folder, 'redis'));
  writeFileSync(join(folder, 'quick.yaml'), quickSweep);
  const redis = await RedisServer.start(join(folder, 'redis'));
  t.teardown(async () => {
    for (const child of started) child.kill('SIGKILL');
    await redis.kill();
  });
  const startWorker = (...words: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [program, 'worker', '--queue', redis.url, '-j1', '--lease', '1s', ...words], {
      stdio: 'ignore',
    });
    started.push(child);
    return child;
  };
  const sweep = (...words: readonly string[]): Promise<Ended> =>
    faultline(['sweep', 'quick.yaml', '--queue', redis.url, '--out', 'results', ...words], {cwd: folder});
  const kept = (): number => {
    const unfinished = join(folder, 'results/unfinished');
    return existsSync(unfinished) ? readdirSync(unfinished).filter(name => /^\d+\.json$/.test(name)).length : 0;
  };
  await sweepHere(folder, {out: join(folder, 'whole')});
  return {folder, redis, startWorker, sweep, kept, whole: filesIn(join(folder, 'whole'))};
}

/** Kills a worker while it has a run: held still first, so that nothing can end between looking and killing. */
async function killAtWork(worker: ChildProcess, url: string): Promise<void> {
  const connection = new Redis(url, {maxRetriesPerRequest: null});
  const queue = new Queue(queueName, {connection});
  await until(async () => {
    worker.kill('SIGSTOP');
    if ((await queue.getActiveCount()) > 0) return true;
    worker.kill('SIGCONT');
    return false;
  });
  worker.kill('SIGKILL');
  await queue.close();
  connection.disconnect();
}

test.serial('a queue gives the same bytes, though a worker dies at work and Redis dies in the middle', async t => {
  if (!hasRedis()) {
    t.log('skipped: redis-server is not installed');
    t.pass();
    return;
  }
  const {folder, redis, startWorker, sweep, kept, whole} = await bench(t);
  const first = startWorker();
  const swept = sweep();
  await until(() => kept() >= 2);
  await killAtWork(first, redis.url);
  startWorker();
  startWorker();
  await until(() => kept() >= 6);
  await redis.kill();
  t.true(kept() < 12);
  await redis.begin();
  const ended = await swept;
  t.is(ended.status, 0, ended.stderr);
  t.false(ended.stderr.includes('a-secret'));
  t.deepEqual(filesIn(join(folder, 'results')), whole);
});

test.serial('what Redis forgets is put on the queue again, and a sweep that was killed goes on', async t => {
  if (!hasRedis()) {
    t.log('skipped: redis-server is not installed');
    t.pass();
    return;
  }
  const {folder, redis, startWorker, sweep, kept, whole} = await bench(t);
  startWorker();
  const words = ['sweep', 'quick.yaml', '--queue', redis.url, '--out', 'results'];
  const child = spawn(process.execPath, [program, ...words], {cwd: folder, stdio: 'ignore'});
  await until(() => kept() >= 2);
  child.kill('SIGKILL');
  await once(child, 'close');
  t.true(kept() < 12);
  await redis.kill();
  rmSync(join(folder, 'redis'), {recursive: true});
  mkdirSync(join(folder, 'redis'));
  await redis.begin();
  const ended = await sweep('--resume');
  t.is(ended.status, 0, ended.stderr);
  t.deepEqual(filesIn(join(folder, 'results')), whole);
  const [status] = (await once(startWorker('--idle', '1s'), 'close')) as [number];
  t.is(status, 0);
});

test.serial('a worker that is told to end does so when its runs are done; a wrong password is told', async t => {
  if (!hasRedis()) {
    t.log('skipped: redis-server is not installed');
    t.pass();
    return;
  }
  const {folder, redis} = await bench(t);
  const worker = spawn(process.execPath, [program, 'worker', '--queue', redis.url], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(worker.stderr, 'data');
  worker.kill('SIGTERM');
  const [status] = (await once(worker, 'close')) as [number];
  t.is(status, 143);
  const ended = await faultline(['worker', '--queue', redis.url.replace('a-secret', 'another')]);
  t.is(ended.status, 2);
  t.regex(ended.stderr, /^redis:\/\/127\.0\.0\.1:\d+: it wants another password\n$/);
});
