import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {Announced} from './chains.ts';
import type {Edge} from './convergence.ts';
import {chainFrom} from './edge-chain.ts';
import type {Outage} from './outages.ts';
import {cutPhases, type Cut} from './phases.ts';

/** What led from a fault's edge to the end of outages, or to the beginning of some that never ended. */
export type OutageChain = {
  /** Counted from 1 through a run. */
  readonly number: number;
  readonly edge: Edge;
  /**
   * In the order of time, the edge first; up to the sending of the first packet that got through, which is no link: it is
   * another moment for each flow.
   */
  readonly links: readonly Announcement[];
  /** What that packet then met on its way: what it still had to wait for, or brought about. */
  readonly met: readonly Announcement[];
  /** Which links ended a phase, as of the outage that ended last. */
  readonly turns: Cut['turns'];
  /** Those that it explains, in the order in which they ended. */
  readonly outages: readonly Outage[];
};

/** The chains of all outages that follow from a fault: one for all outages of one edge that the same things led to. */
export function findOutageChains(
  announced: Announced,
  edges: readonly Edge[],
  outages: readonly Outage[],
): readonly OutageChain[] {
  const owners = new Map(edges.map(edge => [edge.number, edge]));
  const chains = new Map<string, readonly Announcement[]>();
  const found = new Map<string, Found>();
  for (const outage of outages) {
    const edge = outage.edge === undefined ? undefined : owners.get(outage.edge);
    if (!edge) continue;
    const last = announced[(outage.restored ?? outage.begun) - 1];
    const cause = Math.max(edge.number, ...last.parents);
    const whole = getOr(chains, `${edge.number} ${cause}`, () => chainFrom(announced, edge.number, cause));
    const until = outage.endAt === undefined ? Infinity : restoredAt(edge, outage.endAt);
    const links = whole.filter(({at}) => at <= until);
    const key = `${edge.number} ${cause} ${links.length} ${outage.endAt === undefined}`;
    getOr(found, key, () => ({edge, links, met: whole.slice(links.length), outages: []})).outages.push(outage);
  }
  return [...found.values()].map(({edge, links, met, outages: own}, index) => {
    own.sort((a, b) => (a.endAt ?? 0) - (b.endAt ?? 0) || a.startAt - b.startAt || a.flow - b.flow);
    const until = own[own.length - 1].endAt;
    const turns =
      until === undefined ? new Map() : cutPhases(links, edge.number, edge.at, restoredAt(edge, until)).turns;
    return {number: index + 1, edge, links, met, turns, outages: own};
  });
}

/** When an outage ended, never before its edge: what the times of its chain and of the last step add up to. */
export function restoredAt({at}: Pick<Edge, 'at'>, endAt: Time): Time {
  return Math.max(at, endAt);
}

type Found = Pick<OutageChain, 'edge' | 'links' | 'met'> & {readonly outages: Outage[]};

function getOr<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
