import {compareGroups} from './comparison.ts';
import type {Bootstrap, Interval} from './bootstrap.ts';

/** What led from an edge to its last restoration in one run, the last step included: what each link was and took, in ms. */
export type RunChain = {readonly seed: string; readonly links: readonly RunLink[]};
export type RunLink = {readonly event: string; readonly step: string; readonly took: number};

/** A kind of link, in the slow runs and in the others: the mean of what it took, and the share of runs that have it. */
export type LinkShare = {
  readonly event: string;
  readonly step: string;
  readonly slow: number;
  readonly others: number;
  readonly inSlow: number;
  readonly inOthers: number;
};

export type SlowSeeds = {
  readonly slow: readonly string[];
  readonly others: number;
  /** Means of the whole, in ms. */
  readonly slowMean: number;
  readonly othersMean: number;
  /** Of the difference of the two, 95 %. */
  readonly interval: Interval | undefined;
  /** The kinds of links that take any time, by how much they differ, the most first. */
  readonly links: readonly LinkShare[];
};

/** The slowest tenth of runs, at least this many, is held against the others. */
const leastSlow = 3;

/** What sets the slow seeds apart. Undefined where there are too few runs, or none is slower than another. */
export function findSlowSeeds(chains: readonly RunChain[], bootstrap: Bootstrap): SlowSeeds | undefined {
  const sums = chains.map(chain => ({...chain, sum: chain.links.reduce((total, {took}) => total + took, 0)}));
  const order = [...sums].sort((a, b) => b.sum - a.sum);
  const count = Math.max(leastSlow, Math.ceil(order.length / 10));
  const slow = order.slice(0, count);
  const others = order.slice(count);
  if (others.length < leastSlow || slow[0].sum === others[others.length - 1].sum) return undefined;
  const kinds = new Map(order.flatMap(({links}) => links.map(link => [keyOf(link), link])));
  const links = [...kinds].map(([key, {event, step}]): LinkShare => ({
    ...{event, step},
    ...{
      slow: meanOf(slow, key),
      others: meanOf(others, key),
      inSlow: shareOf(slow, key),
      inOthers: shareOf(others, key),
    },
  }));
  const [slowSums, otherSums] = [slow, others].map(side => side.map(({sum}) => sum));
  return {
    slow: slow.map(({seed}) => seed),
    others: others.length,
    slowMean: mean(slowSums),
    othersMean: mean(otherSums),
    interval: compareGroups(slowSums, otherSums, bootstrap)?.interval,
    links: links
      .filter(link => link.slow > 0 || link.others > 0)
      .sort((a, b) => Math.abs(growthOf(b)) - Math.abs(growthOf(a)) || (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}

/** By how much a link takes longer in the slow runs, in ms. */
export function growthOf({slow, others}: Pick<LinkShare, 'slow' | 'others'>): number {
  return slow - others;
}

function keyOf({event, step}: Pick<RunLink, 'event' | 'step'>): string {
  return `${step}\n${event}`;
}

function meanOf(chains: readonly RunChain[], key: string): number {
  return mean(
    chains.map(({links}) => links.filter(link => keyOf(link) === key).reduce((sum, {took}) => sum + took, 0)),
  );
}

function shareOf(chains: readonly RunChain[], key: string): number {
  return chains.filter(({links}) => links.some(link => keyOf(link) === key)).length / chains.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
