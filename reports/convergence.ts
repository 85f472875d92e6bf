import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {RunResult} from '../models/events/results.ts';
import {chainTo} from './chains.ts';
import type {Outage} from './outages.ts';

/** The consecutive parts of a convergence, together the whole. */
export type Phases = {
  readonly detection: Time;
  readonly decision: Time;
  readonly propagation: Time;
  readonly restoration: Time;
};

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
  /** Until the last flow that it hit was restored: 0 if it hit none, undefined if one never was. */
  readonly convergence: Time | undefined;
  readonly phases: Phases | undefined;
};

/** Announcements with which something was found to have failed or to be back. */
const detectors: ReadonlySet<Announcement['kind']> = new Set([
  'bfd changed',
  'openflow lost',
  'openflow connected',
  'database lost',
  'database connected',
  'neighbour changed',
]);

const noPhases: Phases = {detection: 0, decision: 0, propagation: 0, restoration: 0};

/** Every edge of every fault of a run, in order. */
export function findEdges(result: RunResult, outages: readonly Outage[]): readonly Edge[] {
  return result.announcements.flatMap(announcement => {
    if (announcement.kind !== 'fault began' && announcement.kind !== 'fault ended') return [];
    return [
      makeEdge(
        announcement,
        result,
        outages.filter(({edge}) => edge === announcement.number),
      ),
    ];
  });
}

function makeEdge(
  announcement: Extract<Announcement, {kind: 'fault began' | 'fault ended'}>,
  result: RunResult,
  outages: readonly Outage[],
): Edge {
  const {number, at, kind, detail} = announcement;
  const unrestored = outages.filter(({endAt}) => endAt === undefined);
  const last = outages.reduce<Outage | undefined>(
    (latest, outage) => (latest === undefined || (outage.endAt ?? 0) > (latest.endAt ?? 0) ? outage : latest),
    undefined,
  );
  const converged = unrestored.length === 0;
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
    convergence: converged ? (last?.endAt ?? at) - at : undefined,
    phases: !converged ? undefined : last ? phasesOf(last, at, result) : noPhases,
  };
}

/**
 * Cuts the time from the edge to the restoration of the last flow at the announcements on the chain of causes that led to
 * it: the detector that found out, the new gateway that acted, the last thing that had to reach the flow's way.
 */
function phasesOf(outage: Outage, edgeAt: Time, {announcements}: RunResult): Phases {
  const restoredAt = outage.endAt ?? edgeAt;
  const chain = chainTo(announcements, outage.restored ?? 0).filter(({at}) => at >= edgeAt && at < restoredAt);
  const lastOf = (found: readonly Announcement[], from: Time): Time => Math.max(from, found.at(-1)?.at ?? from);
  const detectedAt = lastOf(
    chain.filter(({kind}) => detectors.has(kind)),
    edgeAt,
  );
  const decidedAt = lastOf(
    chain.filter(({kind, at}) => kind === 'gateway decided' && at >= detectedAt),
    detectedAt,
  );
  const propagatedAt = lastOf(chain, decidedAt);
  return {
    detection: detectedAt - edgeAt,
    decision: decidedAt - detectedAt,
    propagation: propagatedAt - decidedAt,
    restoration: restoredAt - propagatedAt,
  };
}
