import type {RunResult} from '../models/events/results.ts';
import {quantities, type Quantity, type QuantityName} from '../models/events/quantities.ts';
import type {Edge, Phases} from './convergence.ts';
import type {Outage} from './outages.ts';
import {statisticOf} from './statistics.ts';

/** A figure of a run under the name by which `expect`, `summary.csv` and comparisons know it. */
export type Metric = {
  /** `quantity.statistic` */
  readonly name: string;
  /** The traffic group, fault or fault edge it is confined to; empty for the whole run. */
  readonly group: string;
  /** Undefined where something never ended: no expectation holds of it. */
  readonly value: number | undefined;
  readonly unit: Quantity['unit'];
};

/** One observation of a quantity; undefined is "never". A part of another observation counts only within its groups. */
type Sample = {readonly value: number | undefined; readonly groups: readonly string[]; readonly part?: true};

/** What metrics are taken from. */
export type Measured = {
  readonly result: RunResult;
  readonly outages: readonly Outage[];
  readonly edges: readonly Edge[];
};

/** Every metric of a run: each statistic of each quantity, for the whole run and for each group that occurs. */
export function measure(measured: Measured): readonly Metric[] {
  return quantities.flatMap(quantity => {
    const samples = samplers[quantity.name](measured);
    const groups = ['', ...groupsOf(quantity, measured)];
    return groups.flatMap(group => {
      const chosen = samples.filter(sample => (group === '' ? !sample.part : sample.groups.includes(group)));
      const values = chosen.map(({value}) => value);
      return quantity.statistics.map((statistic): Metric => ({
        name: `${quantity.name}.${statistic}`,
        group,
        value: statistic === 'count' ? values.length : ofKnown(values, known => statisticOf(known, statistic)),
        unit: statistic === 'count' ? quantity.counted : quantity.unit,
      }));
    });
  });
}

/** The metric with a full name such as `packets_lost.max.snat`. */
export function findMetric(metrics: readonly Metric[], fullName: string): Metric | undefined {
  return metrics.find(({name, group}) => fullName === (group === '' ? name : `${name}.${group}`));
}

function ofKnown(
  values: readonly (number | undefined)[],
  summarise: (known: readonly number[]) => number,
): number | undefined {
  const known = values.filter(value => value !== undefined);
  return known.length === values.length ? summarise(known) : undefined;
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
  outage: ({result, outages, edges}) =>
    outages.map(({flow, startAt, endAt, edge}) => ({
      value: ((endAt ?? result.duration) - startAt) / 1000,
      groups: [result.flows[flow].group, ...groupsOfNumber(edges, edge)],
    })),
  packets_lost: measured => [...lostByFlow(measured), ...lostByFault(measured)],
  packets_sent: ({result}) => result.flows.map(({sent, group}) => ({value: sent, groups: [group]})),
  packets_late: ({result}) => result.flows.map(({late, group}) => ({value: late, groups: [group]})),
  flows_affected: measured => [...affectedFlows(measured), ...flowsByFault(measured, () => true)],
  flows_unrestored: measured => [
    ...unrestoredFlows(measured),
    ...flowsByFault(measured, ({endAt}) => endAt === undefined),
  ],
  gateway_changes: ({result}) =>
    result.announcements
      .filter(({kind, detail}) => kind === 'binding changed' && 'port' in detail && detail.port.startsWith('cr-'))
      .map(() => ({value: 1, groups: []})),
  bfd_downs: ({result}) =>
    result.announcements
      .filter(({kind, detail}) => kind === 'bfd changed' && 'to' in detail && detail.to === 'down')
      .map(() => ({value: 1, groups: []})),
  conntrack_entries: ({result}) => result.nat.map(({connections}) => ({value: connections, groups: []})),
  flood_copies: ({result}) =>
    result.counters.filter(({name}) => name === 'flood copies').map(({value}) => ({value, groups: []})),
};

/** Edges that hit nobody have nothing to converge. */
function ofEdges(edges: readonly Edge[], valueOf: (edge: Edge) => number | undefined): readonly Sample[] {
  return edges
    .filter(({flowsAffected}) => flowsAffected > 0)
    .map(edge => {
      const value = valueOf(edge);
      return {value: value === undefined ? undefined : value / 1000, groups: groupsOfEdge(edge)};
    });
}

function ofPhases(edges: readonly Edge[], phase: keyof Phases): readonly Sample[] {
  return ofEdges(edges, ({phases}) => phases?.[phase]);
}

function groupsOfNumber(edges: readonly Edge[], number: number | undefined): readonly string[] {
  const edge = edges.find(candidate => candidate.number === number);
  return edge ? groupsOfEdge(edge) : [];
}

function lostByFlow({result}: Measured): readonly Sample[] {
  return result.flows.map(({lost, group}) => ({value: lost, groups: [group]}));
}

/** What each flow lost in the outages that belong to an edge. */
function lostByFault({edges, outages, result}: Measured): readonly Sample[] {
  return edges.flatMap(edge =>
    result.flows.flatMap(({number}): readonly Sample[] => {
      const own = outages.filter(outage => outage.edge === edge.number && outage.flow === number);
      if (own.length === 0) return [];
      const value = own.reduce((sum, {lost}) => sum + lost, 0);
      return [{value, groups: groupsOfEdge(edge), part: true}];
    }),
  );
}

function affectedFlows({result}: Measured): readonly Sample[] {
  return result.flows.filter(({lost}) => lost > 0).map(({group}) => ({value: 1, groups: [group]}));
}

function unrestoredFlows({result, outages}: Measured): readonly Sample[] {
  return result.flows
    .filter(({number}) => outages.some(({flow, endAt}) => flow === number && endAt === undefined))
    .map(({group}) => ({value: 1, groups: [group]}));
}

/** Flows with outages that belong to a fault, once for the fault and once for each of its edges. */
function flowsByFault({edges, result}: Measured, counts: (outage: Outage) => boolean): readonly Sample[] {
  const groups = [...new Set(edges.flatMap(groupsOfEdge))];
  return groups.flatMap(group => {
    const within = edges.filter(edge => groupsOfEdge(edge).includes(group)).flatMap(({outages}) => outages);
    const hit = new Set(within.filter(counts).map(({flow}) => flow));
    return result.flows
      .filter(({number}) => hit.has(number))
      .map((): Sample => ({value: 1, groups: [group], part: true}));
  });
}
