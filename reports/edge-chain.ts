import type {Announcement} from '../models/events/announcements.ts';
import {chainTo, type Announced} from './chains.ts';
import {findDetector} from './detectors.ts';

/**
 * What led from a fault's edge to an announcement, both included, in order. What led to the detector of the failure is told
 * too where it stands beside the chain.
 */
export function chainFrom(announced: Announced, edge: number, to: number): readonly Announcement[] {
  const chain = chainTo(announced, to).filter(({number}) => number > edge);
  const detector = findDetector(announced, chain, edge);
  const beside = detector ? chainTo(announced, detector.number).filter(({number}) => number > edge) : [];
  const links = [...new Set([...beside, ...chain])].sort((a, b) => a.number - b.number);
  return [announced[edge - 1], ...links];
}
