import type {RunResult} from '../models/events/results.ts';
import {findEdges, type Edge} from './convergence.ts';
import {judge, type Expected, type Judged} from './expectations.ts';
import type {Fault} from './fault-text.ts';
import {measure, type Metric} from './metrics.ts';
import {findOutageChains, type OutageChain} from './outage-chains.ts';
import {findOutages, type Outage} from './outages.ts';

/** Everything that is said of one run, worked out once. */
export type Report = {
  readonly scenario: string;
  readonly result: RunResult;
  readonly outages: readonly Outage[];
  readonly edges: readonly Edge[];
  /** What led to the end of each outage that a fault caused. */
  readonly chains: readonly OutageChain[];
  readonly metrics: readonly Metric[];
  readonly judged: readonly Judged[];
  /** What the scenario says of its faults, for their words. */
  readonly faults: readonly Fault[];
};

/** The report of a run of `scenario`. Without `faults` they are told by their kind alone. */
export function makeReport(
  scenario: string,
  result: RunResult,
  expected: readonly Expected[],
  faults: readonly Fault[] = [],
): Report {
  const outages = findOutages(result);
  const edges = findEdges(result, outages);
  const chains = findOutageChains(result.announcements, edges, outages);
  const metrics = measure({result, outages, edges});
  return {
    scenario,
    result,
    outages,
    edges,
    chains,
    metrics,
    judged: expected.map(line => judge(line, metrics)),
    faults,
  };
}
