import {nameOfFault} from '../convergence.ts';
import {milliseconds} from '../format.ts';
import {restoredAt} from '../outage-chains.ts';
import type {Report} from '../report.ts';
import {stepOf} from '../steps.ts';

/** What a sweep keeps of each link. */
export const linkColumns = ['fault', 'link', 'took_ms', 'step', 'chassis', 'event'] as const;

/**
 * Of each edge whose flows all came back, what led to the last restoration: a row for each link, the last step, that of the
 * sender, included. The `took_ms` of an edge add up to its convergence.
 */
export function edgeChains({edges, chains}: Report): readonly (readonly string[])[] {
  return edges.flatMap(edge => {
    const {last} = edge;
    const chain = last && chains.find(({outages}) => outages.includes(last));
    if (!chain || last?.endAt === undefined) return [];
    const name = `${nameOfFault(edge)}.${edge.edge}`;
    const {links, turns} = chain;
    const rows = links.map((link, index) => {
      const took = link.at - links[Math.max(0, index - 1)].at;
      const chassis = 'chassis' in link.detail ? link.detail.chassis : '';
      return [name, String(index), milliseconds(took), stepOf(link, edge, turns), chassis, link.kind];
    });
    const took = restoredAt(edge, last.endAt) - links[links.length - 1].at;
    return [...rows, [name, String(links.length), milliseconds(took), 'restored', '', 'flow restored']];
  });
}
