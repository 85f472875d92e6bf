import type {Time} from '../engine/time.ts';
import type {Announcement, Announcements} from '../models/events/announcements.ts';
import type {RunResult} from '../models/events/results.ts';
import {faultBehind} from './chains.ts';
import {chainFrom} from './edge-chain.ts';
import type {Outage} from './outages.ts';
import {cutPhases, type Cut, type Phases} from './phases.ts';

/** The beginning or the end of a fault, and what came of it. */
export type Edge = {
  readonly number: number;
  readonly fault: string;
  readonly occurrence: number;
  readonly edge: 'start' | 'end';
  readonly kind: string;
  readonly target: string;
  readonly at: Time;
  /** What of an operation was not done, and why. */
  readonly refusals: readonly Refusal[];
  readonly outages: readonly Outage[];
  /** What its rules lost here and there, without an outage. */
  readonly scattered: readonly FlowLoss[];
  /** Flows with an outage of its own, or with packets lost here and there. */
  readonly flowsAffected: number;
  readonly flowsUnrestored: number;
  /** In outages and here and there. */
  readonly packetsLost: number;
  /** The outage that ended last, or never did; undefined if it hit no flow. */
  readonly last: Outage | undefined;
  /** What led from this edge to the end of that outage, or to its beginning if it never ended; empty without an outage. */
  readonly chain: readonly Announcement[];
  /** Until the last flow that it took out was restored; undefined if it took out none, or one never came back. */
  readonly convergence: Time | undefined;
  readonly phases: Phases | undefined;
  /** The announcements of the chain that ended a phase. */
  readonly turns: Cut['turns'];
};

/** An operation on one thing that Neutron or Nova has refused. */
export type Refusal = Announcements['operation refused'];

/** Packets that one flow lost. */
export type FlowLoss = {readonly flow: number; readonly lost: number};

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
  const scattered = scatteredByEdge(result);
  const refusals = refusalsByEdge(result);
  return result.announcements.flatMap(announcement => {
    if (announcement.kind !== 'fault began' && announcement.kind !== 'fault ended') return [];
    const {number} = announcement;
    const edge = makeEdge(announcement, result, outagesOf.get(number) ?? [], scattered.get(number) ?? []);
    return [{...edge, refusals: refusals.get(number) ?? []}];
  });
}

function refusalsByEdge({announcements}: RunResult): ReadonlyMap<number, readonly Refusal[]> {
  const found = new Map<number, Refusal[]>();
  for (const {number, kind, detail} of announcements) {
    if (kind !== 'operation refused') continue;
    const edge = faultBehind(announcements, number);
    if (edge !== undefined) found.set(edge, [...(found.get(edge) ?? []), detail]);
  }
  return found;
}

/** Only what a fault's own rule drew: standing loss goes on while a fault is in force, and is nobody's. */
function scatteredByEdge({announcements, flows}: RunResult): ReadonlyMap<number, readonly FlowLoss[]> {
  const found = new Map<number, FlowLoss[]>();
  for (const {number: flow, scattered = []} of flows) {
    for (const {cause, packets} of scattered) {
      const drawn = announcements.at(cause - 1);
      if (cause === 0 || drawn?.kind !== 'fault began' || drawn.detail.kind !== 'loss') continue;
      const own = found.get(cause);
      if (own) own.push({flow, lost: packets});
      else found.set(cause, [{flow, lost: packets}]);
    }
  }
  return found;
}

function makeEdge(
  {number, at, kind, detail}: Extract<Announcement, {kind: 'fault began' | 'fault ended'}>,
  {announcements}: RunResult,
  outages: readonly Outage[],
  scattered: readonly FlowLoss[],
): Omit<Edge, 'refusals'> {
  const unrestored = outages.filter(({endAt}) => endAt === undefined);
  const last = outages.reduce<Outage | undefined>(
    (latest, outage) => (latest && (latest.endAt ?? Infinity) >= (outage.endAt ?? Infinity) ? latest : outage),
    undefined,
  );
  const restoredAt = last?.endAt;
  const chain = last ? chainFrom(announcements, number, last.restored ?? last.begun) : [];
  const cut = restoredAt === undefined ? undefined : cutPhases(chain, number, at, Math.max(at, restoredAt));
  const losses = [...outages, ...scattered];
  return {
    number,
    fault: detail.fault,
    occurrence: detail.occurrence,
    edge: kind === 'fault began' ? 'start' : 'end',
    kind: detail.kind,
    target: detail.target,
    at,
    outages,
    scattered,
    flowsAffected: new Set(losses.map(({flow}) => flow)).size,
    flowsUnrestored: new Set(unrestored.map(({flow}) => flow)).size,
    packetsLost: losses.reduce((sum, {lost}) => sum + lost, 0),
    last,
    chain,
    convergence: restoredAt === undefined ? undefined : Math.max(0, restoredAt - at),
    phases: cut?.phases,
    turns: cut?.turns ?? new Map(),
  };
}
