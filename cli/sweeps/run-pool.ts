import {Piscina} from 'piscina';
import {failedRecord, readRecord, type RunRecord} from '../../reports/sweeps/run-record.ts';
import type {RunTask} from './run-one.ts';

/** Threads that run what they are given, one run each at a time. */
export class RunPool {
  readonly #threads: Piscina<RunTask, string>;

  /** `file` is the module whose default export runs a task. */
  constructor(workers: number, file: URL = new URL('run-one.js', import.meta.url)) {
    const options = {minThreads: workers, maxThreads: workers, concurrentTasksPerWorker: 1, recordTiming: false};
    this.#threads = new Piscina({filename: file.href, ...options});
  }

  /** A thread that dies of a run, for want of memory say, is replaced; the run is recorded as failed. */
  async run(task: RunTask): Promise<RunRecord> {
    let line = '';
    try {
      line = await this.#threads.run(task);
    } catch (error) {
      return failedRecord(error instanceof Error ? error.message : String(error));
    }
    const record = readRecord(line);
    if (!record) throw new Error(`a thread returned what is no record: ${line.slice(0, 200)}`);
    return record;
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }
}
