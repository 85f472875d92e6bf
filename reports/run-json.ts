import type {Announcement} from '../models/events/announcements.ts';
import type {Edge} from './convergence.ts';
import {tellEvent} from './event-text.ts';
import {fullName} from './metrics.ts';
import type {Outage} from './outages.ts';
import type {Report} from './report.ts';
import {stepOf} from './steps.ts';

/**
 * A run's outcome for programs: the same figures as the table and the CSV files, times in milliseconds. Each edge has its
 * outages and the chain of causes until its last flow was back.
 */
export function runJson(report: Report): string {
  const {scenario, result, outages, edges, metrics, judged} = report;
  const {seed, duration, fingerprint} = result;
  return JSON.stringify(
    {
      scenario,
      seed,
      fingerprint,
      duration_ms: inMs(duration),
      edges: edges.map(edge => tellEdge(edge, report)),
      outages_of_no_fault: outages.filter(({edge}) => edge === undefined).map(outage => tellOutage(outage, report)),
      flows: result.flows.map(({name, group, sent, delivered, lost, late, icmpErrors = 0, inFlight, connections}) => ({
        ...{name, group, sent, delivered, lost, late},
        icmp_errors: icmpErrors,
        in_flight: inFlight,
        ...(connections && {connections: {...connections, timed_out: connections['timed out']}}),
      })),
      metrics: Object.fromEntries(metrics.map(metric => [fullName(metric), metric.value ?? null])),
      expectations: judged.map(({text, actual, samples, held}) => ({text, actual: actual ?? null, samples, held})),
    },
    undefined,
    2,
  );
}

function tellEdge(told: Edge, report: Report): object {
  const {fault, occurrence, edge, kind, target, at, convergence, phases, outages, chain} = told;
  return {
    ...{fault, occurrence, edge, kind, target},
    at_ms: inMs(at),
    detection_ms: inMs(phases?.detection),
    decision_ms: inMs(phases?.decision),
    propagation_ms: inMs(phases?.propagation),
    restoration_ms: inMs(phases?.restoration),
    convergence_ms: inMs(convergence),
    flows_affected: told.flowsAffected,
    flows_unrestored: told.flowsUnrestored,
    packets_lost: told.packetsLost,
    refusals: told.refusals,
    outages: outages.map(outage => tellOutage(outage, report)),
    chain: chain.map(announcement => tellCause(announcement, told, report)),
  };
}

function tellOutage({flow, startAt, endAt, lost, reason, place}: Outage, {result}: Report): object {
  return {
    flow: result.flows[flow].name,
    start_ms: inMs(startAt),
    end_ms: inMs(endAt),
    outage_ms: inMs((endAt ?? result.duration) - startAt),
    packets_lost: lost,
    ...{reason, place},
  };
}

/** `label` is what the line of the story has in front; `causes` are the numbers of what it follows from. */
function tellCause(announcement: Announcement, edge: Edge, {result, faults}: Report): object {
  const {number, at, kind, parents} = announcement;
  const {chassis, subject, detail} = tellEvent(announcement, {faults, flows: result.flows});
  return {
    number,
    causes: parents,
    at_ms: inMs(at),
    ...{chassis, subject},
    event: kind,
    detail,
    label: stepOf(announcement, edge, edge.turns),
  };
}

function inMs(time: number | undefined): number | null {
  return time === undefined ? null : time / 1000;
}
