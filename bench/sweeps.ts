import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {openScenario} from '../cli/scenario-files.ts';
import {runAll} from '../cli/sweeps/run-all.ts';
import {RunPool} from '../cli/sweeps/run-pool.ts';
import {makeJob, taskOf} from '../cli/sweeps/sweep-job.ts';
import type {Findings} from './findings.ts';
import {median} from './measure.ts';

const scenario = 'ovn-three-gateways';
const rounds = 3;

/**
 * Runs a second of a sweep, on one thread and on two, against running the command once for each seed. By the clock, for two
 * threads are about waiting less: the ways take turns, and the ratios of a busy machine say less than those of an idle one.
 */
export async function sweeps(): Promise<Findings> {
  const ways = [
    {name: 'the command once for each seed', runs: 10, pace: () => paceOfCommand(10)},
    {name: 'sweep -j1', runs: 60, pace: () => paceOfSweep(60, 1)},
    {name: 'sweep -j2', runs: 60, pace: () => paceOfSweep(60, 2)},
  ];
  const paces = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, {pace}] of ways.entries()) paces[index].push(await pace());
  }
  const found = paces.map(median);
  return {
    title: `Sweeps of ${scenario}, start-up included, median of ${rounds} rounds`,
    head: ['way', 'runs', 'runs a second', 'against the command', 'against -j1'],
    rows: ways.map(({name, runs}, index) => [
      name,
      String(runs),
      found[index].toFixed(1),
      `${(found[index] / found[0]).toFixed(1)} ×`,
      `${(found[index] / found[1]).toFixed(2)} ×`,
    ]),
  };
}

function paceOfCommand(runs: number): number {
  const program = join(import.meta.dirname, '../cli/faultline.js');
  const began = performance.now();
  for (let seed = 1; seed <= runs; seed++) {
    const {status} = spawnSync(process.execPath, [program, 'run', scenario, '--seed', String(seed)], {stdio: 'ignore'});
    if (status !== 0) throw new Error(`the command ended with status ${status}`);
  }
  return (runs / (performance.now() - began)) * 1000;
}

async function paceOfSweep(runs: number, workers: number): Promise<number> {
  const began = performance.now();
  const seeds = Array.from({length: runs}, (_, index) => String(index + 1));
  const job = makeJob(openScenario(scenario), {seeds}, () => undefined);
  const pool = new RunPool(workers);
  await runAll(
    seeds.keys(),
    workers,
    run => pool.run(taskOf(run, job)),
    (_run, {status, error}) => {
      if (status === 'failed') throw new Error(error);
    },
  );
  const took = performance.now() - began;
  await pool.close();
  return (runs / took) * 1000;
}
