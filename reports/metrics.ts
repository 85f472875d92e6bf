import type {RunResult} from '../models/events/results.ts';
import {quantities, type Quantity, type QuantityName, type Statistic} from '../models/events/quantities.ts';
import type {Edge, FlowLoss} from './convergence.ts';
import {figure} from './format.ts';
import type {Outage} from './outages.ts';
import type {Phases} from './phases.ts';
import {statisticOf} from './statistics.ts';

/** A figure of a run under the name by which `expect`, `summary.csv` and comparisons know it. */
export type Metric = {
  /** `quantity.statistic` */
  readonly name: string;
  /** The traffic group, fault or fault edge it is confined to; empty for the whole run. */
  readonly group: string;
  /** The figure that every result shows. Undefined where something never ended, and where there is no sample. */
  readonly value: number | undefined;
  readonly unit: Quantity['unit'];
  /** How many observations it is taken from. */
  readonly samples: number;
};

/** Undefined is "never". */
type Value = number | undefined;

/** One observation of a quantity. A part of another observation counts only within its groups. */
type Sample = {readonly value: Value; readonly groups: readonly string[]; readonly part?: true};

/** What metrics are taken from. */
export type Measured = {
  readonly result: RunResult;
  readonly outages: readonly Outage[];
  readonly edges: readonly Edge[];
};

/** Every metric of a run: each statistic of each quantity, for the whole run and for each group that occurs. */
export function measure(measured: Measured): readonly Metric[] {
  return quantities.flatMap(quantity => {
    const values = valuesByGroup(samplers[quantity.name](measured));
    return ['', ...groupsOf(quantity, measured)].flatMap(group => metricsOf(quantity, group, values.get(group) ?? []));
  });
}

/** `packets_lost.max`, and with its group `packets_lost.max.snat`. */
export function fullName({name, group}: Pick<Metric, 'name' | 'group'>): string {
  return group === '' ? name : `${name}.${group}`;
}

/** The metric with a full name such as `packets_lost.max.snat`. */
export function findMetric(metrics: readonly Metric[], wanted: string): Metric | undefined {
  return metrics.find(metric => fullName(metric) === wanted);
}

function metricsOf(quantity: Quantity, group: string, values: readonly Value[]): readonly Metric[] {
  return quantity.statistics.map((statistic): Metric => ({
    name: `${quantity.name}.${statistic}`,
    group,
    value: valueOf(values, statistic),
    unit: statistic === 'count' ? quantity.counted : quantity.unit,
    samples: values.length,
  }));
}

/** The values of each group, and under no name those of the whole run. */
function valuesByGroup(samples: readonly Sample[]): ReadonlyMap<string, readonly Value[]> {
  const values = new Map<string, Value[]>();
  for (const {value, groups, part} of samples) {
    for (const group of part ? groups : ['', ...groups]) {
      const own = values.get(group);
      if (own) own.push(value);
      else values.set(group, [value]);
    }
  }
  return values;
}

/** Of nothing there are a count and a sum, which are 0, and no other statistic. */
function valueOf(values: readonly Value[], statistic: Statistic): Value {
  if (statistic === 'count') return values.length;
  if (values.length === 0 && statistic !== 'sum') return undefined;
  const known = values.filter(value => value !== undefined);
  return known.length === values.length ? figure(statisticOf(known, statistic)) : undefined;
}

function groupsOf({groups}: Quantity, {result, edges}: Measured): readonly string[] {
  const traffic = groups.includes('traffic') ? result.flows.map(({group}) => group) : [];
  const faults = groups.includes('fault') ? edges.flatMap(groupsOfEdge) : [];
  return [...new Set([...traffic, ...faults])];
}

function groupsOfEdge({fault, edge}: Edge): readonly string[] {
  return [fault, `${fault}.${edge}`];
}

const samplers: Readonly<Record<QuantityName, (measured: Measured) => readonly Sample[]>> = {
  convergence: ({edges}) => ofEdges(edges, ({convergence}) => convergence),
  detection: ({edges}) => ofPhases(edges, 'detection'),
  decision: ({edges}) => ofPhases(edges, 'decision'),
  propagation: ({edges}) => ofPhases(edges, 'propagation'),
  restoration: ({edges}) => ofPhases(edges, 'restoration'),
  outage: ({result, outages, edges}) => {
    const groups = new Map(edges.map(edge => [edge.number, groupsOfEdge(edge)]));
    return outages.map(({flow, startAt, endAt, edge}) => ({
      value: ((endAt ?? result.duration) - startAt) / 1000,
      groups: [result.flows[flow].group, ...(groups.get(edge ?? 0) ?? [])],
    }));
  },
  packets_lost: measured => [...lostByFlow(measured), ...lostByFault(measured)],
  packets_sent: ({result}) => result.flows.map(({sent, group}) => ({value: sent, groups: [group]})),
  packets_late: ({result}) => result.flows.map(({late, group}) => ({value: late, groups: [group]})),
  icmp_errors: ({result}) => result.flows.map(({icmpErrors = 0, group}) => ({value: icmpErrors, groups: [group]})),
  connections_lost: ({result}) =>
    result.flows.flatMap(({connections, group}) => {
      if (!connections) return [];
      const {refused, reset, unreachable, 'timed out': timedOut} = connections;
      return [{value: refused + reset + unreachable + timedOut, groups: [group]}];
    }),
  flows_affected: measured => [...affectedFlows(measured), ...flowsByFault(measured, lossesOf)],
  flows_unrestored: measured => [
    ...unrestoredFlows(measured),
    ...flowsByFault(measured, ({outages}) => outages.filter(({endAt}) => endAt === undefined)),
  ],
  gateway_changes: ({result}) =>
    result.announcements
      .filter(
        ({kind, detail}) =>
          (kind === 'binding changed' && detail.port.startsWith('cr-')) ||
          (kind === 'router scheduled' && detail.to !== undefined),
      )
      .map(() => ({value: 1, groups: []})),
  takeovers: ({result}) =>
    result.announcements
      .filter(({kind, detail}) => kind === 'vrrp changed' && detail.to === 'master')
      .map(() => ({value: 1, groups: []})),
  bfd_downs: ({result}) =>
    result.announcements
      .filter(({kind, detail}) => kind === 'bfd changed' && detail.from === 'up' && detail.to === 'down')
      .map(() => ({value: 1, groups: []})),
  conntrack_entries: ({result}) => result.nat.map(({connections}) => ({value: connections, groups: []})),
  flood_copies: ({result}) =>
    result.counters.filter(({name}) => name === 'flood copies').map(({value}) => ({value, groups: []})),
  time_to_lease: ({result}) =>
    result.announcements
      .filter(announcement => announcement.kind === 'lease taken')
      .map(({detail}) => ({value: detail.waited / 1000, groups: []})),
  leases_lost: ({result}) =>
    result.announcements.filter(({kind}) => kind === 'lease lost').map(() => ({value: 1, groups: []})),
};

/** Edges that took nobody out have nothing to converge. */
function ofEdges(edges: readonly Edge[], valueOf: (edge: Edge) => number | undefined): readonly Sample[] {
  return edges
    .filter(({outages}) => outages.length > 0)
    .map(edge => {
      const value = valueOf(edge);
      return {value: value === undefined ? undefined : value / 1000, groups: groupsOfEdge(edge)};
    });
}

function ofPhases(edges: readonly Edge[], phase: keyof Phases): readonly Sample[] {
  return ofEdges(edges, ({phases}) => phases?.[phase]);
}

function lostByFlow({result}: Measured): readonly Sample[] {
  return result.flows.map(({lost, group}) => ({value: lost, groups: [group]}));
}

/** What each flow lost to a fault, in outages and here and there: once for the fault and once for each of its edges. */
function lostByFault({edges}: Measured): readonly Sample[] {
  return [...byFault(edges, lossesOf)].flatMap(([group, losses]) => {
    const sums = new Map<number, number>();
    for (const {flow, lost} of losses) sums.set(flow, (sums.get(flow) ?? 0) + lost);
    return [...sums.values()].map((value): Sample => ({value, groups: [group], part: true}));
  });
}

function lossesOf({outages, scattered}: Edge): readonly FlowLoss[] {
  return [...outages, ...scattered];
}

function affectedFlows({result}: Measured): readonly Sample[] {
  return result.flows.filter(({lost}) => lost > 0).map(({group}) => ({value: 1, groups: [group]}));
}

function unrestoredFlows({result, outages}: Measured): readonly Sample[] {
  const unrestored = new Set(outages.filter(({endAt}) => endAt === undefined).map(({flow}) => flow));
  return [...unrestored].map(flow => ({value: 1, groups: [result.flows[flow].group]}));
}

/** Flows with losses of some kind that belong to a fault, once for the fault and once for each of its edges. */
function flowsByFault({edges}: Measured, chosen: (edge: Edge) => readonly FlowLoss[]): readonly Sample[] {
  return [...byFault(edges, chosen)].flatMap(([group, losses]) => {
    const hit = new Set(losses.map(({flow}) => flow));
    return [...hit].map((): Sample => ({value: 1, groups: [group], part: true}));
  });
}

function byFault(
  edges: readonly Edge[],
  chosen: (edge: Edge) => readonly FlowLoss[],
): ReadonlyMap<string, readonly FlowLoss[]> {
  const found = new Map<string, FlowLoss[]>();
  for (const edge of edges) {
    for (const group of groupsOfEdge(edge)) {
      const own = found.get(group) ?? [];
      found.set(group, own);
      for (const loss of chosen(edge)) own.push(loss);
    }
  }
  return found;
}
