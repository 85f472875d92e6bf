import {resultOf} from '../reports/gate/case-result.ts';
import {falseAlarms, outcomeOf, judgeSuite} from '../reports/gate/gate.ts';
import {makeReport} from '../reports/report.ts';
import {recordOf, type RunRecord} from '../reports/sweeps/run-record.ts';
import {makePlan} from '../scenarios/make-plan.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import {runPlan} from '../scenarios/run.ts';
import {readFileSync} from 'node:fs';
import type {Findings} from './findings.ts';

const pairs = 200;
const seeds = 16;
const scenarios = ['ovn-three-gateways', 'ovn-vswitchd-kill'];
const metrics = [
  {pattern: 'convergence.max.*', share: 0, amount: 0},
  {pattern: 'outage.max.*', share: 0, amount: 0},
  {pattern: 'packets_lost.sum.*', share: 0, amount: 0},
];

/** How often the gate finds a regression between disjoint sets of seeds of the same thing, with no tolerance at all. */
export function gate(): Findings {
  const rows = scenarios.map(name => {
    const records = runAll(name, 2 * pairs * seeds);
    let alarms = 0;
    let tests = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const [base, now] = [0, 1].map(side => {
        const own = records.slice((2 * pair + side) * seeds, (2 * pair + side + 1) * seeds);
        return {list: own.map(({seed}) => seed), result: resultOf(own.map(({record}) => record))};
      });
      const kept = {
        ...base.result,
        scenario_sha256: '',
        settings: [],
        seeds: '',
        seedList: base.list,
        patterns: metrics.map(({pattern}) => pattern),
      };
      const one = {name, seeds: now.list, metrics, now: now.result, base: kept, failed: []};
      const verdict = judgeSuite([one], [], '2000-01-01');
      tests = verdict.rows.length;
      if (outcomeOf(verdict) === 'shut') alarms += 1;
    }
    return [name, String(tests), String(pairs), String(alarms), `${((100 * alarms) / pairs).toFixed(1)} %`];
  });
  return {
    title: `Checks of the same thing with ${seeds} other seeds, tolerance 0; at most ${falseAlarms * 100} % may find a regression`,
    head: ['scenario', 'metrics', 'checks', 'false alarms', 'share'],
    rows,
  };
}

function runAll(name: string, count: number): readonly {readonly seed: string; readonly record: RunRecord}[] {
  const path = `scenarios/library/${name}.yaml`;
  const reading = readScenario(readFileSync(path, 'utf8'), path);
  if ('mistakes' in reading) throw new Error(reading.mistakes.map(({message}) => message).join('\n'));
  const {scenario} = reading;
  return Array.from({length: count}, (_, index) => {
    const seed = String(index + 1);
    return {seed, record: recordOf(makeReport(scenario.name, runPlan(makePlan(scenario, seed)), []))};
  });
}
