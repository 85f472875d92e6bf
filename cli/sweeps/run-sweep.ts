import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {RunTable} from '../../reports/sweeps/run-table.ts';
import type {RunRecord} from '../../reports/sweeps/run-record.ts';
import type {SweepDesign} from '../../reports/sweeps/design.ts';
import type {SweepResults} from '../../reports/sweeps/sweep-files.ts';
import {exitStatus, Failure} from '../failure.ts';
import {manifestName} from '../manifest.ts';
import {Progress, type Screen} from '../progress.ts';
import {answerSignals} from '../signals.ts';
import {checkFolder} from '../write-results.ts';
import {differenceOf} from './design-difference.ts';
import {readSweepResults} from './read-sweep-results.ts';
import {isIn, nameOfShard, type Shard} from './shard.ts';
import type {SweepJob} from './sweep-job.ts';
import {UnfinishedRuns} from './unfinished-runs.ts';
import {writeSweep, type WrittenSweep} from './write-sweep.ts';

/** Runs those runs, in any order and any number at a time, and hands over each record as it comes. */
export type Execute = (runs: readonly number[], take: (run: number, record: RunRecord) => void) => Promise<void>;

export type SweepOptions = {
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly shard: Shard | undefined;
  /** Where messages and progress go. */
  readonly screen?: Screen;
};

/** Runs a sweep, or what is left of it, and writes its results. */
export async function runSweep(
  job: SweepJob,
  execute: Execute,
  {out, resume, shard, screen = process.stderr}: SweepOptions,
): Promise<SweepResults> {
  const {design, seeds, file} = job;
  const results = {design, seeds, table: new RunTable(design.points.length, seeds.length)};
  const {table} = results;
  if (out === undefined) {
    await execute(
      [...numbers(table.runs)],
      withProgress(design.scenario, {before: 0, total: table.runs, screen}, (run, record) => table.add(run, record)),
    );
    return results;
  }
  checkFolder(out, manifestName, 'sweep');
  const unfinished = new UnfinishedRuns(out);
  unfinished.refuseShared();
  const begun = unfinished.design;
  const own = shardDesign(design, shard);
  if (resume && begun === undefined && existsSync(join(out, manifestName))) {
    const finished = await readSweepResults(out);
    refuseOther(out, shardDesign(finished.results.design, finished.shard), own);
    screen.write(`${out}: all runs are there\n`);
    unfinished.remove();
    return finished.results;
  }
  if (begun !== undefined && !resume) {
    throw new Failure(
      `${out}: has runs of a sweep that is not finished. Go on with --resume, or remove ${join(out, 'unfinished')}.`,
    );
  }
  if (begun === undefined) {
    if (resume) screen.write(`${out}: nothing is there to go on with; the sweep begins\n`);
    unfinished.begin(own);
  } else {
    refuseOther(out, begun, own);
    unfinished.takeOver();
    // Those that failed are run again: want of memory, for one, may be over.
    for (const [run, record] of unfinished.runs()) if (record.status === 'done') table.add(run, record);
  }
  const before = table.size;
  const left = [...numbers(table.runs)].filter(run => isIn(shard, run) && !table.has(run));
  const total = before + left.length;
  const stop = answerSignals(() => ({
    text: `interrupted; ${table.size} of ${total} runs are kept: the same command with --resume goes on`,
    ends: true,
  }));
  const keep = (run: number, record: RunRecord): void => {
    unfinished.keep(run, record);
    table.add(run, record);
  };
  try {
    if (before > 0) screen.write(`${before} of ${total} runs are there\n`);
    await execute(left, withProgress(design.scenario, {before, total, screen}, keep));
    writeOrKeep(out, {results, bytes: file.bytes, shard});
    unfinished.remove();
  } finally {
    stop();
  }
  return results;
}

/** As of one run, whichever is worst. */
export function statusOfSweep({table}: SweepResults): number {
  let status: number = exitStatus.fine;
  for (const run of table.present()) {
    const outline = table.outline(run)!;
    if (outline.status === 'failed') return exitStatus.bug;
    if (outline.missed.length > 0) status = exitStatus.missed;
  }
  return status;
}

/** If the results cannot be written, their runs stay. */
function writeOrKeep(out: string, sweep: WrittenSweep): void {
  try {
    writeSweep(out, sweep);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}; all runs are kept: the same command with --resume goes on`);
  }
}

function withProgress(
  name: string,
  {before, total, screen}: {readonly before: number; readonly total: number; readonly screen: Screen},
  take: (run: number, record: RunRecord) => void,
): (run: number, record: RunRecord) => void {
  const progress = new Progress(screen, undefined, before / total);
  let done = before;
  return (run, record) => {
    try {
      take(run, record);
    } catch (error) {
      progress.end();
      throw error;
    }
    done += 1;
    progress.show(done / total, `${name}   ${done} of ${total} runs`);
    if (done === total) progress.end();
  };
}

function shardDesign(design: SweepDesign, shard: Shard | undefined): object {
  return shard === undefined ? design : {...design, shard: nameOfShard(shard)};
}

/** Fails if what is there is not of the same sweep, and says in what it differs. */
function refuseOther(out: string, there: unknown, wanted: object): void {
  const difference = differenceOf(there, wanted);
  if (difference !== undefined) throw new Failure(`${out}: --resume: what is there has ${difference}; nothing was run`);
}

function* numbers(end: number): Iterable<number> {
  for (let number = 0; number < end; number++) yield number;
}
