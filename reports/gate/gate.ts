import {Bootstrap} from '../sweeps/bootstrap.ts';
import {chooser} from '../sweeps/chosen-metrics.ts';
import {inOrder, partsOfName} from '../sweeps/metric-names.ts';
import type {CaseResult, KeptCase} from './baseline.ts';
import {enoughSeeds, judge, leastP, type Judgement, type SeedCount, type Sides} from './judge.ts';
import {phaseThatGrew, type Growth} from './phases.ts';
import type {Tolerance} from './tolerance.ts';

/** A case of a suite as it was run. */
export type CheckedCase = {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly metrics: readonly ({readonly pattern: string} & Tolerance)[];
  readonly now: CaseResult;
  /** As it was when it was last accepted; undefined if it is new. */
  readonly base: CheckedBase | undefined;
  /** Runs that ended in an error of ours: then nothing is judged. */
  readonly failed: readonly FailedRun[];
};

export type FailedRun = {readonly seed: string; readonly error: string};

/** A case of a baseline with its seeds one by one. */
export type CheckedBase = KeptCase & {readonly seedList: readonly string[]};

export type Known = {
  readonly case: string;
  /** A full name, in which `*` stands for anything. */
  readonly metric: string;
  readonly reason: string;
  readonly until: string;
};

/** What is said of one metric of one case. */
export type Row = {
  readonly case: string;
  /** `*` of a case as a whole. */
  readonly metric: string;
  /** `gone`: it was measured, and is not any more. `failed`: so did runs. */
  readonly verdict:
    'identical' | 'new' | 'gone' | 'within' | 'improved' | 'regressed' | 'undecided' | 'known' | 'failed';
  readonly tolerance: Tolerance;
  /** Undefined if all is as it was, or was never there. */
  readonly judgement: Judgement | undefined;
  /** Of the phases of convergence the one that grew most; where it has improved, shrank most: by less than nothing. */
  readonly moved: Growth | undefined;
  /** The seed to look at: that which became worse by most, the worst where seeds differ, or the first that failed. */
  readonly worstSeed: string | undefined;
  /** Why that one failed. */
  readonly error: string | undefined;
  /** The acknowledgement, whether it holds or has run out. */
  readonly known: Known | undefined;
};

export type Verdict = {
  readonly rows: readonly Row[];
  /** The level of each single test. */
  readonly level: number;
  /** Acknowledgements of what is not regressed any more. */
  readonly idle: readonly Known[];
  /** Cases that have changed and have too few seeds to show a regression at all. */
  readonly weak: readonly string[];
  /** So many seeds, the same on both sides, can show one. */
  readonly enough: number;
};

/** The share of checks that find a regression where none is, at most, whatever the number of metrics. */
export const falseAlarms = 0.05;

/** What stands for all metrics of a case. */
export const everyMetric = '*';

/**
 * Judges every metric of every case. `today` is a day such as 2027-01-31; `left` are the cases that the baseline has and the
 * suite has not.
 */
export function judgeSuite(
  cases: readonly CheckedCase[],
  known: readonly Known[],
  today: string,
  left: readonly string[] = [],
): Verdict {
  const bootstrap = new Bootstrap();
  const looks = cases.flatMap(looksAt);
  const level = levelOf(looks.flatMap(({finds}) => (typeof finds === 'string' ? [] : finds.key)));
  const answers = new Map<string, Judgement>();
  const judged = looks.map((look): Row => {
    const {of, metric, tolerance, finds} = look;
    if (finds === 'failed') {
      const [{seed, error}] = of.failed;
      return {...nothing, case: of.name, metric, tolerance, verdict: finds, worstSeed: seed, error};
    }
    if (typeof finds === 'string') return {...nothing, case: of.name, metric, tolerance, verdict: finds};
    const judgement = answers.get(finds.key) ?? judge(finds.sides, tolerance, level, bootstrap);
    answers.set(finds.key, judgement);
    const row = judgedRow(look, finds.sides, judgement);
    return isBad(row) ? letPass(row, known, today) : row;
  });
  const gone = left.map((name): Row => ({
    ...nothing,
    ...{case: name, metric: everyMetric, tolerance: noTolerance, verdict: 'gone'},
  }));
  const rows = [...judged, ...gone];
  const ran = cases.filter(({failed}) => failed.length === 0);
  const isWeak = (each: CheckedCase): boolean => isChanged(each) && leastP(seedCount(each)) >= level;
  return {
    ...{rows, level, enough: enoughSeeds(level)},
    idle: known.filter(one => ran.some(({name}) => name === one.case) && !rows.some(row => row.known === one)),
    weak: ran.filter(isWeak).map(({name}) => name),
  };
}

/** What the gate says of them all. */
export function outcomeOf({rows}: Verdict): 'open' | 'shut' | 'undecided' | 'failed' {
  const has = (...some: readonly Row['verdict'][]): boolean => rows.some(({verdict}) => some.includes(verdict));
  if (has('failed')) return 'failed';
  if (has('regressed', 'gone')) return 'shut';
  return has('undecided') || isVain(rows) ? 'undecided' : 'open';
}

/** Whether nothing was compared: then it is no sign that all is well. */
export function isVain(rows: readonly Row[]): boolean {
  return rows.every(({verdict}) => verdict === 'new');
}

/**
 * Cases whose seeds will not do once they all change, and how many would, if these runs become the baseline: a gate that can
 * never shut should be known for one on the day that it is made.
 */
export function tooFewSeeds(cases: readonly CheckedCase[]): {
  readonly names: readonly string[];
  readonly enough: number;
} {
  const keys = cases.flatMap(each =>
    metricsOf(each).map(({metric, tolerance}) => keyOf(each.name, tolerance, [each.now.metrics.get(metric)!])),
  );
  const level = levelOf(keys);
  const isWeak = ({seeds: {length}}: CheckedCase): boolean =>
    leastP({base: length, now: length, paired: true}) >= level;
  return {names: cases.filter(isWeak).map(({name}) => name), enough: enoughSeeds(level)};
}

/** A metric of a case, and what is found at once or asked of the tests. */
type Look = {
  readonly of: CheckedCase;
  readonly metric: string;
  readonly tolerance: Tolerance;
  readonly finds: 'identical' | 'new' | 'gone' | 'within' | 'failed' | Question;
};

/** Metrics with the same figures under the same tolerance, such as a maximum and a mean of one flow, have the same key. */
type Question = {readonly key: string; readonly sides: Sides};

/** Bonferroni's: each question is one, however many metrics ask it. */
function levelOf(keys: readonly string[]): number {
  return falseAlarms / Math.max(1, new Set(keys).size);
}

function keyOf(name: string, {share, amount}: Tolerance, columns: readonly (readonly number[])[]): string {
  return [name, share, amount, ...columns.map(values => values.join())].join('\n');
}

/** The metrics that the patterns choose; of several patterns the first. What is 0 everywhere says nothing. */
function metricsOf({metrics, now, base}: CheckedCase): readonly Pick<Look, 'metric' | 'tolerance'>[] {
  const names = inOrder(new Set([...now.metrics.keys(), ...(base?.metrics.keys() ?? [])]));
  return names.flatMap(metric => {
    const own = metrics.find(({pattern}) => chooser([pattern])(metric));
    const isNothing = [now, base].every(side => !side?.metrics.get(metric)?.some(value => value !== 0));
    return own && !isNothing ? [{metric, tolerance: {share: own.share, amount: own.amount}}] : [];
  });
}

function isSameSeeds({seeds, base}: CheckedCase): boolean {
  return base?.seedList.join() === seeds.join();
}

function isChanged(each: CheckedCase): boolean {
  return (
    each.base !== undefined && !(isSameSeeds(each) && each.now.fingerprints.join() === each.base.fingerprints.join())
  );
}

function seedCount(each: CheckedCase): SeedCount {
  return {base: each.base?.seedList.length ?? 0, now: each.seeds.length, paired: isSameSeeds(each)};
}

const noTolerance: Tolerance = {share: 0, amount: 0};

/** Of a case in which nothing can be judged, or all is 0, one look at the whole. */
function looksAt(of: CheckedCase): readonly Look[] {
  const whole = {of, metric: everyMetric, tolerance: noTolerance};
  if (of.failed.length > 0) return [{...whole, finds: 'failed'}];
  const looks = metricsOf(of).map(one => lookAt(of, one));
  if (looks.length > 0) return looks;
  return [{...whole, finds: !of.base ? 'new' : isChanged(of) ? 'within' : 'identical'}];
}

function lookAt(of: CheckedCase, {metric, tolerance}: Pick<Look, 'metric' | 'tolerance'>): Look {
  const {name, seeds, now, base} = of;
  const {subject} = partsOfName(metric);
  const look = {of, metric, tolerance};
  const wasMeasured = base?.subjects.has(subject) && base.patterns.some(pattern => chooser([pattern])(metric));
  if (!base || !wasMeasured) return {...look, finds: 'new'};
  if (!now.subjects.has(subject)) return {...look, finds: 'gone'};
  if (!isChanged(of)) return {...look, finds: 'identical'};
  const sides: Sides = {
    now: now.metrics.get(metric) ?? seeds.map(() => 0),
    base: base.metrics.get(metric) ?? base.seedList.map(() => 0),
    paired: isSameSeeds(of),
  };
  return {...look, finds: {key: keyOf(name, tolerance, [sides.now, sides.base]), sides}};
}

const nothing = {judgement: undefined, moved: undefined, worstSeed: undefined, error: undefined, known: undefined};

function judgedRow({of, metric, tolerance}: Look, sides: Sides, judgement: Judgement): Row {
  const row = {...nothing, case: of.name, metric, tolerance, verdict: judgement.verdict, judgement};
  const [now, before] = [of.now.phases, of.base!.phases];
  if (row.verdict === 'improved') {
    const shrank = phaseThatGrew(metric, before, now);
    return {...row, moved: shrank && {...shrank, by: -shrank.by}};
  }
  if (!isBad(row)) return row;
  return {...row, moved: phaseThatGrew(metric, now, before), worstSeed: of.seeds[worstOf(sides)]};
}

/** Acknowledged or not: of several acknowledgements one that holds. */
function letPass(row: Row, known: readonly Known[], today: string): Row {
  const own = known.filter(one => one.case === row.case && chooser([one.metric])(row.metric));
  const valid = own.find(({until}) => today <= until);
  return {...row, known: valid ?? own[0], verdict: valid ? 'known' : row.verdict};
}

function isBad({verdict}: Pick<Row, 'verdict'>): boolean {
  return verdict === 'regressed' || verdict === 'undecided';
}

function worstOf({now, base, paired}: Sides): number {
  const by = (index: number): number =>
    paired && now[index] !== base[index] ? now[index] - base[index] : paired ? 0 : now[index];
  return now.reduce((worst, _, index) => (by(index) > by(worst) ? index : worst), 0);
}
