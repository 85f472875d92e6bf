import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {RunResult} from '../models/events/results.ts';
import {chainTo} from './chains.ts';
import type {Outage} from './outages.ts';
import {cutPhases, noPhases, type Cut, type Phases} from './phases.ts';

/** The beginning or the end of a fault, and what came of it. */
export type Edge = {
  readonly number: number;
  readonly fault: string;
  readonly occurrence: number;
  readonly edge: 'start' | 'end';
  readonly kind: string;
  readonly target: string;
  readonly at: Time;
  readonly outages: readonly Outage[];
  readonly flowsAffected: number;
  readonly flowsUnrestored: number;
  readonly packetsLost: number;
  /** The outage that ended last, or never did; undefined if it hit no flow. */
  readonly last: Outage | undefined;
  /** What led to the end of that outage, or to its beginning if it never ended, from this edge on. */
  readonly chain: readonly Announcement[];
  /** Until the last flow that it hit was restored: 0 if it hit none, undefined if one never was. */
  readonly convergence: Time | undefined;
  readonly phases: Phases | undefined;
  /** The announcements of the chain that ended a phase. */
  readonly turns: Cut['turns'];
};

/** `flap`, and `flap#2` where it came again. */
export function nameOfFault({fault, occurrence}: Pick<Edge, 'fault' | 'occurrence'>): string {
  return occurrence > 1 ? `${fault}#${occurrence}` : fault;
}

/** Every edge of every fault of a run, in order. */
export function findEdges(result: RunResult, outages: readonly Outage[]): readonly Edge[] {
  const outagesOf = new Map<number | undefined, Outage[]>();
  for (const outage of outages) {
    const own = outagesOf.get(outage.edge);
    if (own) own.push(outage);
    else outagesOf.set(outage.edge, [outage]);
  }
  return result.announcements.flatMap(announcement =>
    announcement.kind === 'fault began' || announcement.kind === 'fault ended'
      ? [makeEdge(announcement, result, outagesOf.get(announcement.number) ?? [])]
      : [],
  );
}

function makeEdge(
  {number, at, kind, detail}: Extract<Announcement, {kind: 'fault began' | 'fault ended'}>,
  {announcements}: RunResult,
  outages: readonly Outage[],
): Edge {
  const unrestored = outages.filter(({endAt}) => endAt === undefined);
  const last = outages.reduce<Outage | undefined>(
    (latest, outage) => (latest && (latest.endAt ?? Infinity) >= (outage.endAt ?? Infinity) ? latest : outage),
    undefined,
  );
  const restoredAt = last?.endAt;
  const chain = chainTo(announcements, last?.restored ?? last?.begun ?? 0).filter(
    announcement => announcement.at >= at,
  );
  const converged = last === undefined || restoredAt !== undefined;
  const cut = restoredAt === undefined ? undefined : cutPhases(chain, number, at, Math.max(at, restoredAt));
  return {
    number,
    fault: detail.fault,
    occurrence: detail.occurrence,
    edge: kind === 'fault began' ? 'start' : 'end',
    kind: detail.kind,
    target: detail.target,
    at,
    outages,
    flowsAffected: new Set(outages.map(({flow}) => flow)).size,
    flowsUnrestored: new Set(unrestored.map(({flow}) => flow)).size,
    packetsLost: outages.reduce((sum, {lost}) => sum + lost, 0),
    last,
    chain,
    convergence: converged ? Math.max(0, (restoredAt ?? at) - at) : undefined,
    phases: cut?.phases ?? (converged ? noPhases : undefined),
    turns: cut?.turns ?? new Map(),
  };
}
