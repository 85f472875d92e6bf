import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {faultBehind} from '../../reports/chains.ts';
import {makeReport} from '../../reports/report.ts';
import {plain, runText} from '../../reports/run-text.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {runPlan} from '../../scenarios/run.ts';
import {libraryScenario} from '../support/runs.ts';

/*
 * What must hold of the report of any run. A failure names the scenario and the seed:
 * `faultline run SCENARIO --seed SEED` repeats it.
 */

const names = readdirSync(join(process.cwd(), 'scenarios/library'))
  .filter(file => file.endsWith('.yaml'))
  .map(file => file.slice(0, -'.yaml'.length));

for (const name of names) {
  test(`reports of ${name} hold together for every seed`, t => {
    const scenario = libraryScenario(name);
    const seeds = scenario.vms.length > 100 ? 1 : 2;
    for (let seed = 1; seed <= seeds; seed++) {
      const result = runPlan(makePlan(scenario, seed));
      const report = makeReport(scenario.name, result, scenario.expectations, scenario.faults);
      const where = `${name} --seed ${seed}`;
      const lost = sumOf(result.flows.map(flow => flow.lost));
      const inOutages = sumOf(report.outages.map(outage => outage.lost));
      const scattered = sumOf(result.flows.flatMap(flow => flow.scattered ?? []).map(({packets}) => packets));
      t.is(inOutages + scattered, lost, `${where}: ${inOutages} in outages, ${scattered} here and there`);
      for (const {endAt, startAt, lost: own} of report.outages) {
        t.true(own > 0 && (endAt ?? Infinity) > startAt, `${where}: an outage from ${startAt} to ${endAt}`);
      }
      for (const {fault, edge, phases, convergence, outages, flowsAffected, flowsUnrestored} of report.edges) {
        const which = `${where}: ${fault}.${edge}`;
        t.is(phases === undefined, convergence === undefined, which);
        t.is(convergence === undefined, outages.length === 0 || flowsUnrestored > 0, which);
        t.true(flowsUnrestored <= flowsAffected, which);
        if (!phases) continue;
        const parts = [phases.detection, phases.decision, phases.propagation, phases.restoration];
        t.true(
          parts.every(part => part >= 0 && Number.isInteger(part)),
          `${which}: ${parts.join(' ')}`,
        );
        t.is(convergence, phases.detection + phases.decision + phases.propagation + phases.restoration, which);
      }
      for (const {number, edge, links, outages} of report.chains) {
        const which = `${where}: chain ${number}`;
        t.is(links[0].number, edge.number, which);
        const moments = links.map(({at}) => at);
        for (const {startAt, endAt, restored, flow} of outages) {
          if (endAt === undefined) continue;
          const took = [...moments, Math.max(edge.at, endAt)].map((at, index, all) => at - (all[index - 1] ?? at));
          t.true(
            took.every(span => span >= 0),
            `${which}: ${took.join(' ')}`,
          );
          t.is(sumOf(took), Math.max(edge.at, endAt) - edge.at, which);
          t.is(endAt - startAt, sumOf(took) - (startAt - edge.at), which);
          const root = faultBehind(result.announcements, restored ?? 0);
          t.not(root, undefined, `${which}: what restored ${result.flows[flow].name} follows from no fault`);
        }
      }
      t.notRegex(runText(report, plain), /undefined|NaN|Infinity|\[object/, where);
    }
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
