import {stringify} from 'csv-stringify/sync';
import {nameOfFault} from './convergence.ts';
import {tellEvent} from './event-text.ts';
import {milliseconds, seconds} from './format.ts';
import type {Report} from './report.ts';
import {onTheWay, stepOf} from './steps.ts';

/** The name of a result file and its text. */
export type ResultFile = {readonly name: string; readonly text: string};

type Row = readonly (string | number)[];

type Table = {
  readonly columns: readonly string[];
  readonly rows: (report: Report) => readonly Row[];
};

/** A cell for what never happened. */
const never = '';

export const convergenceColumns = [
  ...['fault', 'edge', 'kind', 'target', 'at_s', 'detection_ms', 'decision_ms', 'propagation_ms'],
  ...['restoration_ms', 'convergence_ms', 'flows_affected', 'flows_unrestored', 'packets_lost'],
] as const;

const tables: Readonly<Record<string, Table>> = {
  'summary.csv': {
    columns: ['metric', 'subject', 'value', 'unit'],
    rows: ({metrics}) => metrics.map(({name, group, value, unit}) => [name, group, value ?? never, unit]),
  },
  'convergence.csv': {
    columns: convergenceColumns,
    rows: report => convergenceRows(report),
  },
  'outages.csv': {
    columns: ['flow', 'fault', 'start_s', 'end_s', 'outage_ms', 'packets_lost', 'reason', 'chain'],
    rows: ({outages, edges, chains, result}) => {
      const owners = new Map(edges.map(edge => [edge.number, `${nameOfFault(edge)}.${edge.edge}`]));
      const chainOf = new Map(chains.flatMap(({number, outages: own}) => own.map(outage => [outage, number])));
      return outages.map(outage => {
        const {flow, edge, startAt, endAt, lost, reason, place} = outage;
        const owner = edge === undefined ? undefined : owners.get(edge);
        return [
          result.flows[flow].name,
          owner ?? never,
          seconds(startAt),
          endAt === undefined ? never : seconds(endAt),
          milliseconds((endAt ?? result.duration) - startAt),
          lost,
          `${reason} at ${place}`,
          chainOf.get(outage) ?? never,
        ];
      });
    },
  },
  'chains.csv': {
    columns: ['chain', 'fault', 'link', 'at_s', 'took_ms', 'step', 'chassis', 'subject', 'event', 'detail'],
    rows: ({chains, faults, result}) =>
      chains.flatMap(({number, edge, links, met, turns}) =>
        [...links, ...met].map((link, index, all) => {
          const {chassis, subject, detail} = tellEvent(link, {faults, flows: result.flows});
          return [
            ...[number, `${nameOfFault(edge)}.${edge.edge}`, index],
            ...[seconds(link.at), milliseconds(link.at - all[Math.max(0, index - 1)].at)],
            ...[index < links.length ? stepOf(link, edge, turns) : onTheWay, chassis, subject, link.kind, detail],
          ];
        }),
      ),
  },
  'drops.csv': {
    columns: ['flows', 'reason', 'place', 'packets', 'first_s', 'last_s'],
    rows: report =>
      dropsByGroup(report).map(({group, reason, place, packets, firstAt, lastAt}) => [
        group,
        reason,
        place,
        packets,
        seconds(firstAt),
        seconds(lastAt),
      ]),
  },
  'nat.csv': {
    columns: [
      ...['at_s', 'chassis', 'namespace', 'conntrack_entries', 'conntrack_max', 'snat_ports', 'nat_rules'],
      'insert_failed',
    ],
    rows: ({result}) =>
      result.nat.map(({at, chassis, namespace, connections, connectionsMax, snatPorts, rules, insertFailed}) => [
        ...[seconds(at), chassis, namespace, connections, connectionsMax, snatPorts, rules],
        insertFailed,
      ]),
  },
  'events.csv': {
    columns: ['at_s', 'chassis', 'subject', 'event', 'detail'],
    rows: ({result, faults}) =>
      result.announcements
        .filter(({kind}) => kind !== 'flow lost' && kind !== 'flow restored')
        .map(announcement => {
          const {chassis, subject, detail} = tellEvent(announcement, {faults, flows: result.flows});
          return [seconds(announcement.at), chassis, subject, announcement.kind, detail];
        }),
  },
  'counters.csv': {
    columns: ['chassis', 'counter', 'value'],
    rows: ({result}) => result.counters.map(({owner, name, value}) => [owner, name, value]),
  },
};

/** The result files of one run, each with the scenario and the seed in front of every row. */
export function makeCsvFiles(report: Report): readonly ResultFile[] {
  return Object.entries(tables).map(([name, {columns, rows}]) => ({
    name,
    text: stringify(
      [['scenario', 'seed', ...columns], ...rows(report).map(row => [report.scenario, report.result.seed, ...row])],
      {record_delimiter: '\n', quoted_match: /\r/},
    ),
  }));
}

/** The rows of convergence.csv without what stands in front of every row. */
export function convergenceRows({edges}: Report): readonly Row[] {
  return edges.map(({fault, occurrence, edge, kind, target, at, phases, convergence, ...counts}) => [
    nameOfFault({fault, occurrence}),
    edge,
    kind,
    target,
    seconds(at),
    phases ? milliseconds(phases.detection) : never,
    phases ? milliseconds(phases.decision) : never,
    phases ? milliseconds(phases.propagation) : never,
    phases ? milliseconds(phases.restoration) : never,
    convergence === undefined ? never : milliseconds(convergence),
    counts.flowsAffected,
    counts.flowsUnrestored,
    counts.packetsLost,
  ]);
}

type GroupDrops = {
  readonly group: string;
  readonly reason: string;
  readonly place: string;
  packets: number;
  firstAt: number;
  lastAt: number;
};

/** Losses summed over the flows of a group, and those of other messages, in the order in which they began. */
function dropsByGroup({result}: Report): readonly GroupDrops[] {
  const sums = new Map<string, GroupDrops>();
  for (const {group, drops} of result.flows) {
    for (const {reason, place, packets, firstAt, lastAt} of drops) {
      const key = `${group}\n${reason}\n${place}`;
      const sum = sums.get(key);
      if (!sum) sums.set(key, {group, reason, place, packets, firstAt, lastAt});
      else {
        sum.packets += packets;
        sum.firstAt = Math.min(sum.firstAt, firstAt);
        sum.lastAt = Math.max(sum.lastAt, lastAt);
      }
    }
  }
  const others = result.drops.map(({of: group, ...drops}): GroupDrops => ({group, ...drops}));
  return [...sums.values(), ...others].sort((a, b) => a.firstAt - b.firstAt || compareText(a.group, b.group));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
