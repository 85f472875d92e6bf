import {readFileSync} from 'node:fs';
import {Chance} from '../../engine/chance.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan} from '../../scenarios/run.ts';
import {cases, phasesOf, type Case} from './cases.ts';
import {judgeRow, judgeShare, type RowVerdict, type ShareVerdict} from './judge.ts';
import {readMeasured, readMeasuredRuns, type Measured} from './measured.ts';
import {observations} from './observe.ts';
import {emulatedRecord, measuredRecord, shares} from './shares.ts';
import {heartbeatIntervals} from './steady.ts';

export type Comparison = {
  readonly seeds: number;
  readonly rows: readonly RowVerdict[];
  readonly shares: readonly ShareVerdict[];
  /** What the bench measured and nothing here answers to. */
  readonly without: readonly Measured[];
};

/** Values by what was observed, and 1 or 0 for each share. */
type Observed = ReadonlyMap<string, readonly number[]>;

/** Every packet is run for the intervals between heartbeats, and there are many of them in each run. */
const steadySeeds = 10;

/** Runs the bench's cases over seeds and judges every row that it measured. `done` is told after each case. */
export function compareWithBench(seeds: number, done: (finished: string) => void = () => undefined): Comparison {
  const measured = readMeasured();
  const runs = readMeasuredRuns();
  const rows: RowVerdict[] = [];
  const judgedShares: ShareVerdict[] = [];
  for (const bench of cases) {
    const observed = observe(bench, seeds);
    for (const row of measured.filter(row => belongs(row, bench))) {
      const name = observations.find(([known]) => row.metric.startsWith(known))?.[0] ?? '';
      rows.push(judgeRow(row, observed.get(`${row.phase} ${name}`) ?? []));
    }
    for (const share of shares.filter(share => belongs(share, bench))) {
      const seen = runs
        .filter(run => belongs({bench: run['case'], settings: run['bfd_cfg']}, bench))
        .filter(run => benchName(run['phase']) === share.phase)
        .map(run => share.holds(measuredRecord(run)));
      const hits = seen.filter(hit => hit).length;
      judgedShares.push(judgeShare(share, hits, seen.length, observed.get(`${share.phase} ${share.what}`) ?? []));
    }
    done(`${bench.bench} ${bench.settings}`);
  }
  const intervals = heartbeatIntervals(Math.min(seeds, steadySeeds));
  rows.unshift(...measured.filter(({bench}) => bench === 'bfd_tx_interval').map(row => judgeRow(row, intervals)));
  return {seeds, rows, shares: judgedShares, without: measured.filter(row => !rows.some(judged => judged.row === row))};
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
