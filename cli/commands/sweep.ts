import type {Argv} from 'yargs';
import {inVain} from '../../reports/sweeps/chosen-metrics.ts';
import {list} from '../../reports/format.ts';
import {sweepText} from '../../reports/sweeps/sweep-text.ts';
import {checkMetrics} from '../check-metrics.ts';
import {Failure} from '../failure.ts';
import {oneWord} from '../option-values.ts';
import {formatOption, jobsOption, metricOption, scenarioPositional, wordOption} from '../options.ts';
import {readSeeds} from '../read-seeds.ts';
import {openScenario} from '../scenario-files.ts';
import {checkUrl} from '../sweeps/redis-url.ts';
import {runAll} from '../sweeps/run-all.ts';
import {runSweep, statusOfSweep, type Execute} from '../sweeps/run-sweep.ts';
import {parseShard} from '../sweeps/shard.ts';
import {makeJob, taskOf, type SweepJob} from '../sweeps/sweep-job.ts';
import type {Command} from './command.ts';

type Options = {
  readonly scenario: string;
  readonly seeds: string | undefined;
  readonly set: readonly string[];
  readonly jobs: number;
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly shard: string | undefined;
  readonly queue: string | undefined;
  readonly metric: readonly string[];
  readonly format: 'table' | 'markdown';
};

export const sweepCommand: Command<Options> = {
  command: 'sweep <scenario>',
  describe: 'Run a scenario with many seeds and settings, and say how its figures spread',
  optionNames: ['seeds', 'set', 'jobs', 'j', 'out', 'resume', 'shard', 'queue', 'metric', 'format'],
  builder: yargs => options(yargs),
  handler: sweep,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('scenario', scenarioPositional)
    .option('seeds', wordOption('seeds', 'A run for each: 1..200, or 1,2,7; those under `sweep` in the file, or 1..20'))
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'path=value, as in run, or path=value,value,…: every combination of values is run',
    })
    .option('jobs', jobsOption)
    .option(
      'out',
      wordOption('out', 'Write the results into this folder; there each run is kept as soon as it is done'),
    )
    .option('resume', {
      type: 'boolean',
      default: false,
      describe: 'Go on with the sweep that --out has, from where it was interrupted',
    })
    .option('shard', wordOption('shard', 'Run one part of so many, such as 2/3; `merge` puts them together'))
    .option('queue', {
      type: 'string',
      requiresArg: true,
      coerce: (value: unknown) => (value === undefined ? undefined : checkUrl(oneWord('queue')(value) ?? '')),
      describe: 'Put the runs on the queue of this Redis, for `worker`s to take: redis://:password@host:6379',
    })
    .option('metric', metricOption)
    .option('format', formatOption(['table', 'markdown']))
    .example('$0 sweep ovn-three-gateways --seeds 1..200 --out results', 'how long it takes, over 200 instants')
    .example('$0 sweep gateway.yaml --seeds 1..200 --set bfd-mult=3,5,10', 'three settings, the same luck for each')
    .example('$0 sweep gateway.yaml --out results --resume', 'go on after an interruption')
    .example('$0 sweep gateway.yaml --shard 2/3 --out part2', "one machine's part of three")
    .example('$0 sweep gateway.yaml --queue redis://localhost --out results', 'run by workers, here or elsewhere')
    .example(`$0 sweep gateway.yaml --metric 'outage.p95.*'`, 'other metrics than the usual ones');
}

async function sweep({scenario, seeds, set, jobs, out, resume, shard, queue, metric, format}: Options): Promise<void> {
  if (out === undefined && (resume || shard !== undefined)) {
    throw new Failure(`--${resume ? 'resume' : 'shard'} needs --out.`);
  }
  const part = shard === undefined ? undefined : parseShard(shard);
  const job = makeJob(openScenario(scenario), {settings: set, seeds: readSeeds(seeds)}, line =>
    process.stderr.write(`${line}\n`),
  );
  checkMetrics(metric, job.subjects);
  const execute = queue === undefined ? inThreads(job, jobs) : await onQueueOf(job, queue);
  const results = await runSweep(job, execute, {out, resume, shard: part});
  process.exitCode = statusOfSweep(results);
  if (out !== undefined) process.stderr.write(`results in ${out}\n`);
  const missing = inVain(metric, results.table.metrics);
  if (missing.length > 0) process.stderr.write(`no run has the metric ${list(missing)}; see faultline metrics\n`);
  process.stdout.write(sweepText(results, {format, metrics: metric}));
}

/** Threads are started only if there is anything to run. */
function inThreads(job: SweepJob, jobs: number): Execute {
  return async (runs, take) => {
    if (runs.length === 0) return;
    const {RunPool} = await import('../sweeps/run-pool.ts');
    const lanes = Math.min(jobs, runs.length);
    const pool = new RunPool(lanes);
    try {
      await runAll(runs, lanes, run => pool.run(taskOf(run, job)), take);
    } finally {
      await pool.close();
    }
  };
}

async function onQueueOf(job: SweepJob, queue: string): Promise<Execute> {
  const {onQueue} = await import('../sweeps/run-on-queue.ts');
  return onQueue(job, queue, line => process.stderr.write(`${line}\n`));
}
