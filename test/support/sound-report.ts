import type {ExecutionContext} from 'ava';
import {faultBehind} from '../../reports/chains.ts';
import type {Report} from '../../reports/report.ts';
import {plain, runText} from '../../reports/run-text.ts';

/** What must hold of the report of any run; `where` is what repeats it with `faultline run`. */
export function holdsTogether(t: ExecutionContext, report: Report, where: string): void {
  const {result} = report;
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

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
