import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import type {FlowResult, RunResult} from '../models/events/results.ts';
import {faultBehind, type Announced} from './chains.ts';

/** A flow's gap, from its first lost packet to the next that got through. */
export type Outage = {
  readonly flow: number;
  readonly startAt: Time;
  /** Undefined: it never came back. */
  readonly endAt: Time | undefined;
  readonly lost: number;
  readonly reason: string;
  readonly place: string;
  /** The announcement of the fault's edge that it belongs to; undefined if it follows from none. */
  readonly edge: number | undefined;
  /** The announcements of its beginning and of its end. */
  readonly begun: number;
  readonly restored: number | undefined;
};

type Loss = Extract<Announcement, {kind: 'flow lost'}>;

/** All outages of a run in the order in which they began. */
export function findOutages({announcements, flows}: RunResult): readonly Outage[] {
  const edges = announcements.filter(({kind}) => kind === 'fault began' || kind === 'fault ended');
  const open = new Map<number, Loss>();
  const ended = new Map<number, Outage[]>();
  const begin = (loss: Loss): Omit<Outage, 'endAt' | 'lost' | 'restored'> => {
    const {flow, since, reason, place} = loss.detail;
    const edge = faultBehind(announcements, loss.number) ?? latestEdge(edges, loss);
    return {flow, startAt: since, reason, place, edge, begun: loss.number};
  };
  for (const announcement of announcements) {
    if (announcement.kind === 'flow lost') open.set(announcement.detail.flow, announcement);
    if (announcement.kind !== 'flow restored') continue;
    const {flow, until, lost} = announcement.detail;
    const loss = open.get(flow);
    if (!loss) continue;
    open.delete(flow);
    const own = ended.get(flow) ?? [];
    ended.set(flow, own);
    own.push({...begin(loss), endAt: until, lost, restored: announcement.number});
  }
  const unended = [...open.values()].map((loss): Outage => {
    const {flow} = loss.detail;
    const lost = lostBesides(flows[flow], ended.get(flow) ?? []);
    return {...begin(loss), endAt: undefined, lost, restored: undefined};
  });
  return [...[...ended.values()].flat(), ...unended].sort((a, b) => a.startAt - b.startAt || a.flow - b.flow);
}

/** What a flow has lost in a gap that has not ended: not in those that have, nor here and there. */
function lostBesides({lost, scattered = []}: FlowResult, ended: readonly Outage[]): number {
  const inOutages = ended.reduce((sum, outage) => sum + outage.lost, 0);
  return lost - inOutages - scattered.reduce((sum, {packets}) => sum + packets, 0);
}

/** What a network drops as it is made: nobody but who changes that is behind it, and then a chain leads back to them. */
const standing: ReadonlySet<string> = new Set([
  'security group',
  'larger than the mtu',
  'vlan not trunked',
  'mac not allowed',
]);

/**
 * Where no chain leads back to a fault, an outage is put down to the last edge before its first loss was sent, or known: who
 * waits in vain for an answer does not know what took it.
 */
function latestEdge(edges: Announced, {number, detail: {since, reason}}: Loss): number | undefined {
  if (standing.has(reason)) return undefined;
  const before = edges.filter(edge => edge.number < number);
  return (before.findLast(({at}) => at <= since) ?? before.at(0))?.number;
}
