import type {Announcement} from '../models/events/announcements.ts';

/** All announcements of a run, found by their number. */
export type Announced = readonly Announcement[];

/**
 * The announcements that led to one, from its first cause on, itself last. Of several parents the latest is followed: a
 * time-out follows from what withheld its renewal rather than from what once armed it.
 */
export function chainTo(announced: Announced, number: number): readonly Announcement[] {
  const chain: Announcement[] = [];
  for (let next = number; next > 0;) {
    const announcement = announced[next - 1];
    chain.push(announcement);
    next = Math.max(0, ...announcement.parents);
  }
  return chain.reverse();
}

/** All announcements that led to one, by whichever parent, in order; itself last. */
export function ancestorsOf(announced: Announced, number: number): readonly Announcement[] {
  const found = new Set<number>();
  const open = [number];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next <= 0 || found.has(next)) continue;
    found.add(next);
    open.push(...announced[next - 1].parents);
  }
  return [...found].sort((a, b) => a - b).map(each => announced[each - 1]);
}

/** The number of the fault's beginning or end from which an announcement follows; undefined if it follows from none. */
export function faultBehind(announced: Announced, number: number): number | undefined {
  const [first] = chainTo(announced, number);
  return first && (first.kind === 'fault began' || first.kind === 'fault ended') ? first.number : undefined;
}
