import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {RunResult} from '../models/events/results.ts';
import {faultBehind} from './chains.ts';

/** A flow's gap, from its first lost packet to the next that got through. */
export type Outage = {
  readonly flow: number;
  readonly startAt: Time;
  /** Undefined: it never came back. */
  readonly endAt: Time | undefined;
  readonly lost: number;
  readonly reason: string;
  readonly place: string;
  /** The announcement of the fault's edge that it belongs to; undefined if no fault was in play. */
  readonly edge: number | undefined;
  /** The announcement of its end. */
  readonly restored: number | undefined;
};

/** All outages of a run in the order in which they began. */
export function findOutages({announcements, flows}: RunResult): readonly Outage[] {
  const open = new Map<number, Extract<Announcement, {kind: 'flow lost'}>>();
  const outages: Outage[] = [];
  const add = (lost: Extract<Announcement, {kind: 'flow lost'}>, end: Partial<Outage>): void => {
    const {flow, since, reason, place} = lost.detail;
    outages.push({
      flow,
      startAt: since,
      endAt: undefined,
      lost: 0,
      reason,
      place,
      edge: faultBehind(announcements, lost.number) ?? latestEdge(announcements, lost),
      restored: undefined,
      ...end,
    });
  };
  for (const announcement of announcements) {
    if (announcement.kind === 'flow lost') open.set(announcement.detail.flow, announcement);
    if (announcement.kind !== 'flow restored') continue;
    const {flow, until, lost} = announcement.detail;
    const began = open.get(flow);
    if (began) add(began, {endAt: until, lost, restored: announcement.number});
    open.delete(flow);
  }
  for (const began of open.values()) add(began, {lost: lostSince(flows[began.detail.flow], outages)});
  return outages.sort((a, b) => a.startAt - b.startAt || a.flow - b.flow);
}

/** What a flow has lost that no ended outage accounts for. */
function lostSince(flow: RunResult['flows'][number], ended: readonly Outage[]): number {
  const accounted = ended.filter(outage => outage.flow === flow.number).reduce((sum, {lost}) => sum + lost, 0);
  return flow.lost - accounted;
}

/** Where no chain leads back to a fault, the outage is put down to the last edge before it. */
function latestEdge(announcements: RunResult['announcements'], lost: Announcement): number | undefined {
  for (let number = lost.number - 1; number > 0; number--) {
    const {kind} = announcements[number - 1];
    if (kind === 'fault began' || kind === 'fault ended') return number;
  }
  return undefined;
}
