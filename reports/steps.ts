import type {Announcement} from '../models/events/announcements.ts';
import type {Edge} from './convergence.ts';
import type {Cut} from './phases.ts';

/** What the first packet that got through met on its way: no part of what led to its sending. */
export const onTheWay = 'on the way';

/** What an announcement is in the way from an edge to a restoration: the phase that it ended, or what else it is in a word. */
export function stepOf({kind, number}: Announcement, edge: Pick<Edge, 'number' | 'edge'>, turns: Cut['turns']): string {
  if (number === edge.number) return edge.edge === 'start' ? 'fault' : 'fault over';
  if (kind === 'fault began') return 'next fault';
  if (kind === 'fault ended') return 'mended';
  if (kind === 'heartbeat lost' || kind === 'advert lost') return 'dropped';
  if (kind === 'flow lost') return 'lost';
  if (kind === 'flow restored') return 'restored';
  return turns.get(number) ?? '';
}
