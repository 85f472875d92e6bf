import {createHash} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import {Job, Queue, QueueEvents} from 'bullmq';
import {failedRecord, readRecord, type RunRecord} from '../../reports/sweeps/run-record.ts';
import type {RunTask} from './run-one.ts';
import type {Execute} from './run-sweep.ts';
import {connect, queueName} from './redis.ts';
import {taskOf, type SweepJob} from './sweep-job.ts';

/** So many runs are on the queue at once, fewer of a scenario file so long that they would fill the memory of Redis. */
const mostOpen = 500;
const mostText = 50_000_000;

/** How often what should be on the queue is looked for there, in milliseconds. */
const lookInterval = 2000;

const aWeek = 7 * 24 * 3600;

/**
 * Puts runs on a queue, from which workers anywhere take them, and collects their records. What Redis forgets is put there
 * again: each run has one name, under which it is there once, and is taken once.
 */
export function onQueue(job: SweepJob, url: string, say: (line: string) => void): Execute {
  return async (runs, take) => {
    if (runs.length === 0) return;
    const connection = await connect(url, say);
    const queue = new Queue<RunTask, string>(queueName, {connection, streams: {events: {maxLen: 2 * mostOpen}}});
    const listening = connection.duplicate().on('error', () => undefined);
    const events = new QueueEvents(queueName, {connection: listening});
    // The connection tells of its troubles.
    queue.on('error', () => undefined);
    events.on('error', () => undefined);
    const collector = new Collector(queue, job, runs, take);
    const over = new AbortController();
    try {
      await events.waitUntilReady();
      events.on('completed', ({jobId, returnvalue}) => {
        collector.hear(jobId, readRecord(String(returnvalue)));
      });
      events.on('failed', ({jobId, failedReason}) => {
        collector.hear(jobId, failedRecord(failedReason));
      });
      await Promise.race([collector.ended, watch(collector, queue, say, over.signal)]);
    } finally {
      over.abort();
      connection.disconnect();
      listening.disconnect();
      await Promise.allSettled([queue.close(), events.close()]);
    }
  };
}

/** Looks after the queue for as long as there is something open; tells if nobody works. */
async function watch(
  collector: Collector,
  queue: Queue,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<never> {
  for (let looks = 0; ; looks++) {
    await collector.look();
    if (looks === 2 && (await queue.getWorkersCount()) === 0) {
      say('no worker yet: start some with faultline worker --queue');
    }
    await wait(lookInterval, undefined, {signal});
  }
}

/** What is on the queue for a sweep. */
class Collector {
  /** When the last run is taken; fails with what `take` fails with. */
  readonly ended: Promise<void>;
  readonly #queue: Queue<RunTask, string>;
  readonly #job: SweepJob;
  readonly #take: (run: number, record: RunRecord) => void;
  readonly #waiting: Iterator<number>;
  readonly #open = new Map<string, number>();
  readonly #name: string;
  #end: {resolve: () => void; reject: (error: unknown) => void};
  #isFirstLook = true;

  constructor(
    queue: Queue<RunTask, string>,
    job: SweepJob,
    runs: readonly number[],
    take: (run: number, record: RunRecord) => void,
  ) {
    this.#queue = queue;
    this.#job = job;
    this.#take = take;
    this.#waiting = runs.values();
    this.#name = createHash('sha256').update(JSON.stringify(job.design)).digest('hex').slice(0, 16);
    const {promise, resolve, reject} = withResolvers();
    this.ended = promise;
    this.#end = {resolve, reject};
    this.#openMore();
  }

  /** What a worker came to. Of a run that is not open any more it is the same again. */
  hear(name: string, record: RunRecord | undefined): void {
    const run = this.#open.get(name);
    if (run === undefined || !record) return;
    this.#open.delete(name);
    try {
      this.#take(run, record);
    } catch (error) {
      this.#end.reject(error);
      return;
    }
    this.#queue.remove(name).catch(() => undefined);
    const more = this.#openMore();
    if (this.#open.size === 0) this.#end.resolve();
    else this.#offer(more).catch(() => undefined);
  }

  /** Puts what is open on the queue if it is not there, and takes what was finished unheard. */
  async look(): Promise<void> {
    const missing: string[] = [];
    for (const name of [...this.#open.keys()]) {
      const found = await Job.fromId<RunTask, string>(this.#queue, name);
      if (!found) missing.push(name);
      // A failure of before this sweep went on: try again.
      else if (found.failedReason && this.#isFirstLook) {
        await found.remove();
        missing.push(name);
      } else if (found.failedReason) this.hear(name, failedRecord(found.failedReason));
      else if (found.finishedOn) this.hear(name, readRecord(String(found.returnvalue)));
    }
    this.#isFirstLook = false;
    await this.#offer(missing.filter(name => this.#open.has(name)));
  }

  #openMore(): readonly string[] {
    const more: string[] = [];
    const most = Math.min(mostOpen, Math.ceil(mostText / this.#job.file.text.length));
    while (this.#open.size < most) {
      const next = this.#waiting.next();
      if (next.done) break;
      const name = `${this.#name}-${next.value + 1}`;
      this.#open.set(name, next.value);
      more.push(name);
    }
    return more;
  }

  async #offer(names: readonly string[]): Promise<void> {
    await this.#queue.addBulk(
      names.map(name => ({
        name: 'run',
        data: taskOf(this.#open.get(name)!, this.#job),
        // What nobody comes to fetch goes away.
        opts: {jobId: name, removeOnComplete: {age: aWeek}, removeOnFail: {age: aWeek}},
      })),
    );
  }
}

function withResolvers(): {promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void} {
  let settle = {resolve: (): void => undefined, reject: (_: unknown): void => undefined};
  const promise = new Promise<void>((resolve, reject) => (settle = {resolve, reject}));
  return {promise, ...settle};
}
