import {readFileSync} from 'node:fs';
import {Chance} from '../../../engine/chance.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {readScenario} from '../../../scenarios/read-scenario.ts';
import {runPlan} from '../../../scenarios/run.ts';
import type {Portion} from '../judge.ts';
import {cases, phasesOf, type Case} from './cases.ts';
import {readMeasured, readMeasuredRuns, type Measured} from './measured.ts';
import {observations} from './observe.ts';
import {emulatedRecord, measuredRecord, shares, type Share} from './shares.ts';
import {heartbeatIntervals} from './steady.ts';

/** A row of the bench and what the emulation had for it. */
export type ComparedRow = {readonly row: Measured; readonly values: readonly number[]};

export type ComparedShare = {readonly share: Share; readonly measured: Portion; readonly emulated: Portion};

export type Compared = {
  readonly rows: readonly ComparedRow[];
  readonly shares: readonly ComparedShare[];
  /** What the bench measured and nothing here answers to. */
  readonly without: readonly Measured[];
};

/** Values by what was observed, and 1 or 0 for each share. */
type Observed = ReadonlyMap<string, readonly number[]>;

/** Every packet is run for the intervals between heartbeats, and there are many of them in each run. */
const steadySeeds = 10;

/** Runs the bench's cases over seeds. `done` is told after each case. */
export function compareWithBench(seeds: number, done: (finished: string) => void): Compared {
  const measured = readMeasured();
  const runs = readMeasuredRuns();
  const rows: ComparedRow[] = [];
  const comparedShares: ComparedShare[] = [];
  for (const bench of cases) {
    const observed = observe(bench, seeds);
    for (const row of measured.filter(row => belongs(row, bench))) {
      const name = observations.find(([known]) => row.metric.startsWith(known))?.[0] ?? '';
      rows.push({row, values: observed.get(`${row.phase} ${name}`) ?? []});
    }
    for (const share of shares.filter(share => belongs(share, bench))) {
      const seen = runs
        .filter(run => belongs({bench: run['case'], settings: run['bfd_cfg']}, bench))
        .filter(run => benchName(run['phase']) === share.phase)
        .map(run => share.holds(measuredRecord(run)));
      const emulated = observed.get(`${share.phase} ${share.what}`) ?? [];
      comparedShares.push({
        share,
        measured: {hits: seen.filter(hit => hit).length, n: seen.length},
        emulated: {hits: emulated.reduce((sum, hit) => sum + hit, 0), n: emulated.length},
      });
    }
    done(`${bench.bench} ${bench.settings}`);
  }
  const values = heartbeatIntervals(Math.min(seeds, steadySeeds));
  rows.unshift(...measured.filter(({bench}) => bench === 'bfd_tx_interval').map(row => ({row, values})));
  return {rows, shares: comparedShares, without: measured.filter(row => !rows.some(compared => compared.row === row))};
}

function belongs(row: {readonly bench: string; readonly settings: string}, {bench, settings}: Case): boolean {
  return row.bench === bench && row.settings === settings;
}

function observe(bench: Case, seeds: number): Observed {
  const file = `scenarios/library/${bench.scenario}.yaml`;
  const text = readFileSync(file, 'utf8');
  const wanted = shares.filter(share => belongs(share, bench));
  const observed = new Map<string, number[]>();
  const note = (phase: string, what: string, values: readonly number[]): void => {
    const key = `${benchName(phase)} ${what}`;
    const so = observed.get(key) ?? [];
    observed.set(key, so);
    so.push(...values);
  };
  for (let seed = 1; seed <= seeds; seed++) {
    const reading = readScenario(text, file, bench.set(new Chance(seed).sequence('bench')));
    if ('mistakes' in reading) throw new Error(JSON.stringify(reading.mistakes));
    const run = runPlan(makePlan(reading.scenario, seed));
    for (const phase of phasesOf(run, bench)) {
      for (const [name, look] of observations) note(phase.name, name, look(run, phase));
      const record = emulatedRecord(run, phase);
      for (const {what, holds} of wanted.filter(share => share.phase === benchName(phase.name))) {
        note(phase.name, what, [Number(holds(record))]);
      }
    }
  }
  return observed;
}

/** Phases with another broken chassis or owner carry that in a word of their own. */
function benchName(phase: string): string {
  if (phase === 'compute') return 'fail';
  return phase.split(' ')[0];
}
