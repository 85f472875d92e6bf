import {readFileSync} from 'node:fs';
import {Chance} from '../../engine/chance.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan} from '../../scenarios/run.ts';
import {cases, phasesOf, type Case} from './cases.ts';
import {judge, type Verdict} from './judge.ts';
import {readMeasured} from './measured.ts';
import {observations} from './observe.ts';

/** Runs the bench's cases over seeds and judges every row that it measured. `done` is told after each case. */
export function compareWithBench(
  seeds: number,
  done: (finished: string) => void = () => undefined,
): readonly Verdict[] {
  const measured = readMeasured();
  return cases.flatMap(bench => {
    const observed = observe(bench, seeds);
    done(`${bench.bench} ${bench.settings}`);
    return measured
      .filter(row => row.bench === bench.bench && row.settings === bench.settings)
      .flatMap(row => {
        const values = observed.get(`${row.phase} ${nameOf(row.metric)}`);
        return values ? [judge(row, values)] : [];
      });
  });
}

function observe(bench: Case, seeds: number): ReadonlyMap<string, readonly number[]> {
  const file = `scenarios/library/${bench.scenario}.yaml`;
  const text = readFileSync(file, 'utf8');
  const observed = new Map<string, number[]>();
  for (let seed = 1; seed <= seeds; seed++) {
    const reading = readScenario(text, file, bench.set(new Chance(seed).sequence('bench')));
    if ('mistakes' in reading) throw new Error(JSON.stringify(reading.mistakes));
    const run = runPlan(makePlan(reading.scenario, seed));
    for (const phase of phasesOf(run, bench)) {
      for (const [name, look] of observations) {
        const key = `${benchName(phase.name)} ${name}`;
        const values = observed.get(key) ?? [];
        observed.set(key, values);
        values.push(...look(run, phase));
      }
    }
  }
  return observed;
}

/** Phases with another broken chassis or owner carry that in a word of their own. */
function benchName(phase: string): string {
  return phase === 'compute' ? 'fail' : phase.startsWith('recover2') ? 'recover2' : phase.split(' ')[0];
}

function nameOf(metric: string): string {
  return observations.find(([name]) => metric.startsWith(name))?.[0] ?? '';
}
