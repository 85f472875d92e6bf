import type {Time} from '../engine/time.ts';
import type {Announcement} from '../models/events/announcements.ts';
import {detects, detectsItself, firstDetector, isDecision, reconnects} from './detectors.ts';

/** The consecutive parts of a convergence, together the whole. */
export type Phases = {
  readonly detection: Time;
  readonly decision: Time;
  readonly propagation: Time;
  readonly restoration: Time;
};

/** The phases, and which announcements ended the first three; a phase that took no time has none. */
export type Cut = {
  readonly phases: Phases;
  readonly turns: ReadonlyMap<number, 'detection' | 'decision' | 'propagation'>;
};

/**
 * Cuts the time from an edge to the restoration of a flow at the announcements of the chain that led to it: the detector,
 * the decision who carries the traffic, the last thing that had to reach the flow's way. Before a decision the first
 * detector of who decided counts: what is waited for after it, a database for one, is part of deciding. Where nobody decided the last
 * one does; and what only came back because a fault ended was found out by nobody until then: detection lasts until that end.
 */
export function cutPhases(chain: readonly Announcement[], edge: number, from: Time, until: Time): Cut {
  const between = chain.filter(({number, at}) => number !== edge && at >= from && at < until);
  const decided = between.findLast(isDecision);
  const before = decided ? between.slice(0, between.indexOf(decided)) : between;
  const detected =
    (decided && detectsItself(decided) ? decided : undefined) ??
    (decided ? firstDetector(before, decided) : before.findLast(each => detects(each) || isEdge(each))) ??
    before.findLast(each => reconnects(each) || isEdge(each));
  const reached = between.at(-1);
  const detectedAt = detected?.at ?? from;
  const decidedAt = decided?.at ?? detectedAt;
  const reachedAt = reached?.at ?? from;
  const phases = {
    detection: detectedAt - from,
    decision: decidedAt - detectedAt,
    propagation: reachedAt - decidedAt,
    restoration: until - reachedAt,
  };
  const turns = new Map<number, 'detection' | 'decision' | 'propagation'>();
  if (reached && phases.propagation > 0) turns.set(reached.number, 'propagation');
  if (decided && phases.decision > 0) turns.set(decided.number, 'decision');
  if (detected && phases.detection > 0) turns.set(detected.number, 'detection');
  return {phases, turns};
}

function isEdge({kind}: Announcement): boolean {
  return kind === 'fault began' || kind === 'fault ended';
}
