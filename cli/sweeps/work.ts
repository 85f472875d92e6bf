import {setTimeout as wait} from 'node:timers/promises';
import {Worker} from 'bullmq';
import {writeRecord} from '../../reports/sweeps/run-record.ts';
import {answerSignals} from '../signals.ts';
import {withoutPassword} from './redis-url.ts';
import {connect, queueName} from './redis.ts';
import type {RunTask} from './run-one.ts';
import {RunPool} from './run-pool.ts';

export type WorkOptions = {
  readonly queue: string;
  readonly jobs: number;
  /** Milliseconds without a sign of life after which another worker may have a run. */
  readonly lease: number;
  /** Milliseconds without a run after which it ends. */
  readonly idle: number | undefined;
};

/** How often the death of a worker may give a run to another; then the run itself is taken for what kills them. */
const mostDeaths = 5;

/** Takes runs from the queue until it is told to end, or idle for long. Runs that are under way then are finished. */
export async function work({queue, jobs, lease, idle}: WorkOptions, say: (line: string) => void): Promise<void> {
  const connection = await connect(queue, say);
  const pool = new RunPool(jobs);
  let isEnding = false;
  let active = 0;
  let busyAt = performance.now();
  const worker = new Worker<RunTask, string>(
    queueName,
    async ({data}) => {
      active += 1;
      try {
        return writeRecord(await pool.run(data));
      } finally {
        active -= 1;
        busyAt = performance.now();
      }
    },
    {connection, concurrency: jobs, lockDuration: lease, stalledInterval: lease / 2, maxStalledCount: mostDeaths},
  );
  // Lost connections are told by the connection; a lost lease means that another has the run.
  worker.on('error', () => undefined);
  const stop = answerSignals(() => {
    const ends = isEnding;
    isEnding = true;
    return {text: ends ? 'ended' : `ends when ${active} runs under way are done; once more ends it at once`, ends};
  });
  try {
    say(`takes runs from ${withoutPassword(queue)}, ${jobs} at a time`);
    while (!isEnding) {
      await wait(100);
      if (active > 0) busyAt = performance.now();
      if (idle !== undefined && performance.now() - busyAt > idle) isEnding = true;
    }
    await worker.close();
  } finally {
    stop();
    await pool.close();
    connection.disconnect();
  }
}
