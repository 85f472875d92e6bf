import type {Announcement} from '../models/events/announcements.ts';
import {ancestorsOf, faultBehind, type Announced} from './chains.ts';

/** That another host is to carry the traffic from now on: of OVN's controllers, Neutron's scheduler, virtual routers. */
export function isDecision({kind, detail}: Announcement): boolean {
  if (kind === 'vrrp changed') return detail.to === 'master';
  return (kind === 'gateway decided' && detail.active) || kind === 'router scheduled';
}

/** Whether who decided found out by that very thing: a backup whose time without an advert is over. */
export function detectsItself({kind, detail}: Announcement): boolean {
  return kind === 'vrrp changed' && detail.to === 'master' && detail.why === 'no advert';
}

/** With which somebody found out that something failed, or that a peer is back. */
export function detects({kind, detail}: Announcement): boolean {
  if (kind === 'vrrp changed') return detail.to === 'fault';
  // That an address is not found is what a flow meets; that a neighbour is gone is what its host found out.
  if (kind === 'neighbour changed') return detail.from === 'probe' && detail.to === 'failed';
  return kind === 'bfd changed' ? detail.to === 'up' || detail.to === 'down' : failures.has(kind);
}

/** Of detectors before a decision the one that counts: the first where it was decided, or else the first anywhere. */
export function firstDetector(before: readonly Announcement[], decided: Announcement): Announcement | undefined {
  const detectors = before.filter(detects);
  return detectors.find(detector => placeOf(detector) === placeOf(decided)) ?? detectors[0];
}

/** With which a daemon found that what it had lost is there again. */
export function reconnects({kind}: Announcement): boolean {
  return reconnections.has(kind);
}

/**
 * What found out the failure that the last decision of a chain answers: the first detector on the chain, or among the
 * other parents, which a chain leaves out. A decision that was put off, until a database was there again for one,
 * follows from what ended the delay alone: then it is what the chassis that decided found out of this edge before.
 */
export function findDetector(
  announced: Announced,
  chain: readonly Announcement[],
  edge: number,
): Announcement | undefined {
  const decided = chain.findLast(isDecision);
  if (!decided) return undefined;
  if (detectsItself(decided)) return decided;
  const isOfEdge = (candidate: Announcement): boolean =>
    candidate.number > edge && candidate.number < decided.number && detects(candidate);
  const onChain = firstDetector(chain.filter(isOfEdge), decided);
  if (onChain) return onChain;
  const follows = ({number}: Announcement): boolean => faultBehind(announced, number) === edge;
  const beside = ancestorsOf(announced, decided.number).find(candidate => isOfEdge(candidate) && follows(candidate));
  if (beside) return beside;
  const where = placeOf(decided);
  return announced
    .slice(edge, decided.number)
    .find(candidate => isOfEdge(candidate) && placeOf(candidate) === where && follows(candidate));
}

/** The chassis that decided or detected; of Neutron's scheduler the one whose agent is missed. */
function placeOf({kind, detail}: Announcement): string | undefined {
  if (kind === 'router scheduled') return detail.from;
  return 'chassis' in detail ? detail.chassis : undefined;
}

const failures: ReadonlySet<Announcement['kind']> = new Set([
  ...([
    'openflow lost',
    'database lost',
    'bus lost',
    'agent missed',
    'switch restart noticed',
    'vrrp gave up',
  ] as const),
]);

const reconnections: ReadonlySet<Announcement['kind']> = new Set([
  ...(['openflow connected', 'database connected', 'bus connected', 'agent revived'] as const),
]);
