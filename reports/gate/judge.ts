import type {Bootstrap, Interval} from '../sweeps/bootstrap.ts';
import {rankSum, signedRank} from '../sweeps/rank-tests.ts';
import {limitOf, type Tolerance} from './tolerance.ts';

/** A metric over many seeds, before and now. Infinity is what never ended. */
export type Sides = {
  readonly base: readonly number[];
  readonly now: readonly number[];
  /** Whether both have the same seeds in the same order. */
  readonly paired: boolean;
};

export type Judgement = {
  /** `undecided`: some of it is worse than its tolerance allows, and the values are too few to tell that from luck. */
  readonly verdict: 'within' | 'improved' | 'regressed' | 'undecided';
  /** Means; Infinity if any is. */
  readonly base: number;
  readonly now: number;
  /** Of the difference of the means, 95 %; undefined where something never ended. */
  readonly interval: Interval | undefined;
  /** How likely luck alone makes it look so much worse, if it is not worse by more than is tolerated. */
  readonly p: number;
  /** In how many seeds, where they are the same, it is worse than tolerated. */
  readonly beyond: number;
};

/**
 * Whether a metric is worse than its tolerance allows, at a level: the share of false alarms where nothing is worse. Two
 * tests by ranks, which ask nothing of the distribution and take what never ended as the largest: one for the whole of
 * it, one for its upper end, where the seeds are that a race hits.
 */
export function judge(sides: Sides, tolerance: Tolerance, level: number, bootstrap: Bootstrap): Judgement {
  const worse = worseBeyond(sides, tolerance);
  const better = worseBeyond({...sides, base: sides.now, now: sides.base}, tolerance);
  const [base, now] = [mean(sides.base), mean(sides.now)];
  const isFinite = Number.isFinite(base) && Number.isFinite(now);
  const isUndecided = leastP(countOf(sides)) >= level && seemsWorse(sides, tolerance);
  return {
    verdict: worse < level ? 'regressed' : better < level ? 'improved' : isUndecided ? 'undecided' : 'within',
    base,
    now,
    interval: isFinite ? intervalOf(sides, bootstrap) : undefined,
    p: worse,
    beyond: sides.paired ? pairsBeyond(sides, tolerance) : 0,
  };
}

/** How many seeds there are on each side, and whether they are the same. */
export type SeedCount = {readonly base: number; readonly now: number; readonly paired: boolean};

/** The least `p` that so many seeds can come to: that of all being worse. Twice, for the more striking of two tests counts. */
export function leastP({base, now, paired}: SeedCount): number {
  return Math.min(1, 2 * allOfOneSide(now, {base, now, paired}));
}

/** The least number of seeds, the same ones on both sides, that can show a regression at a level. */
export function enoughSeeds(level: number): number {
  return Math.floor(1 - Math.log2(level)) + 1;
}

function worseBeyond({base, now, paired}: Sides, tolerance: Tolerance): number {
  const limits = base.map(value => limitOf(value, tolerance));
  const whole = paired
    ? signedRank(now.map((value, index) => (value === limits[index] ? 0 : value - limits[index])))
    : rankSum(now, limits);
  const ofWhole = whole.effect > 0 ? whole.p / 2 : 1;
  return Math.min(1, 2 * Math.min(ofWhole, upperEnd(limits, now, paired)));
}

/** Whether any pair is worse than is tolerated; without pairs, whether the largest or most of them are. */
function seemsWorse(sides: Sides, tolerance: Tolerance): boolean {
  if (sides.paired) return pairsBeyond(sides, tolerance) > 0;
  const limits = sides.base.map(value => limitOf(value, tolerance));
  return largest(sides.now) > largest(limits) || rankSum(sides.now, limits).effect > 0;
}

function pairsBeyond({base, now}: Sides, tolerance: Tolerance): number {
  return now.filter((value, index) => value > limitOf(base[index], tolerance)).length;
}

/**
 * How likely as many of the largest values are all of one side if nothing sets the two apart (Rosenbaum 1954; of pairs each
 * is as likely to lie the other way round). What is as large as the largest of the other side counts for neither.
 */
function upperEnd(limits: readonly number[], now: readonly number[], paired: boolean): number {
  const most = largest(limits);
  const above = now.filter(value => value > most).length;
  return allOfOneSide(above, countOf({base: limits, now, paired}));
}

/** How likely the largest `few` values are all of now: of a pair each is, without pairs any of all can be. */
function allOfOneSide(few: number, {base, now, paired}: SeedCount): number {
  if (paired) return 0.5 ** few;
  let p = 1;
  for (let place = 0; place < few; place++) p *= (now - place) / (now + base - place);
  return p;
}

function countOf({base, now, paired}: Sides): SeedCount {
  return {base: base.length, now: now.length, paired};
}

function intervalOf({base, now, paired}: Sides, bootstrap: Bootstrap): Interval {
  return paired ? bootstrap.mean(now.map((value, index) => value - base[index])) : bootstrap.difference(now, base);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
