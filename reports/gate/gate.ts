import {Bootstrap} from '../sweeps/bootstrap.ts';
import {chooser} from '../sweeps/chosen-metrics.ts';
import {inOrder, partsOfName} from '../sweeps/metric-names.ts';
import type {CaseResult, KeptCase} from './baseline.ts';
import {judge, leastP, type Judgement, type Sides} from './judge.ts';
import {phaseThatGrew, type Growth} from './phases.ts';
import type {Tolerance} from './tolerance.ts';

/** A case of a suite as it was run. */
export type CheckedCase = {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly metrics: readonly ({readonly pattern: string} & Tolerance)[];
  readonly now: CaseResult;
  /** As it was when it was last accepted; undefined if it is new. */
  readonly base: (KeptCase & {readonly seedList: readonly string[]}) | undefined;
};

export type Known = {
  readonly case: string;
  readonly metric: string;
  readonly reason: string;
  readonly until: string;
};

/** What is said of one metric of one case. */
export type Row = {
  readonly case: string;
  readonly metric: string;
  /** `gone`: it was measured, and is not any more. */
  readonly verdict: 'identical' | 'new' | 'gone' | 'within' | 'improved' | 'regressed' | 'known';
  readonly tolerance: Tolerance;
  /** Undefined if all is as it was, or was never there. */
  readonly judgement: Judgement | undefined;
  /** Of the phases of convergence the one that grew most. */
  readonly grew: Growth | undefined;
  /** The seed to look at: that which became worse by most, or the worst where seeds differ. */
  readonly worstSeed: string | undefined;
  /** The acknowledgement, whether it holds or has run out. */
  readonly known: Known | undefined;
};

export type Verdict = {
  readonly rows: readonly Row[];
  /** The level of each single test. */
  readonly level: number;
  /** Acknowledgements of what is not regressed any more. */
  readonly idle: readonly Known[];
  /** Cases that have too few seeds to show a regression at all. */
  readonly weak: readonly string[];
};

/** The share of checks that find a regression where none is, at most, whatever the number of metrics. */
export const falseAlarms = 0.05;

/** Judges every metric of every case. `today` is a day such as 2027-01-31. */
export function judgeSuite(cases: readonly CheckedCase[], known: readonly Known[], today: string): Verdict {
  const bootstrap = new Bootstrap();
  const chosen = cases.map(each => ({each, metrics: metricsOf(each)}));
  const tests = chosen.reduce((sum, {each, metrics}) => sum + (isChanged(each) ? metrics.length : 0), 0);
  const level = falseAlarms / Math.max(1, tests);
  const rows = chosen.flatMap(({each, metrics}) =>
    metrics.map(({metric, tolerance}) => {
      const row = rowOf(each, metric, tolerance, level, bootstrap);
      const own = known.find(candidate => candidate.case === each.name && candidate.metric === metric);
      if (row.verdict !== 'regressed' || !own) return row;
      return {...row, known: own, verdict: today <= own.until ? ('known' as const) : row.verdict};
    }),
  );
  const isIdle = (one: Known): boolean => !rows.some(row => row.known === one);
  const weak = cases.filter(each => isChanged(each) && leastP(each.seeds.length) >= level).map(({name}) => name);
  return {rows, level, idle: known.filter(isIdle), weak};
}

/** Whether the gate is shut. */
export function hasRegressed({rows}: Verdict): boolean {
  return rows.some(({verdict}) => verdict === 'regressed' || verdict === 'gone');
}

/** The metrics that the patterns choose; of several patterns the first. What is 0 everywhere says nothing. */
function metricsOf({metrics, now, base}: CheckedCase): readonly {metric: string; tolerance: Tolerance}[] {
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

function rowOf(each: CheckedCase, metric: string, tolerance: Tolerance, level: number, bootstrap: Bootstrap): Row {
  const {name, now, base} = each;
  const row = {
    case: name,
    metric,
    tolerance,
    judgement: undefined,
    grew: undefined,
    worstSeed: undefined,
    known: undefined,
  };
  if (!base) return {...row, verdict: 'new'};
  const {subject} = partsOfName(metric);
  const wasMeasured = base.subjects.has(subject) && base.patterns.some(pattern => chooser([pattern])(metric));
  if (!wasMeasured) return {...row, verdict: 'new'};
  if (!now.subjects.has(subject)) return {...row, verdict: 'gone'};
  if (!isChanged(each)) return {...row, verdict: 'identical'};
  const sides: Sides = {
    now: now.metrics.get(metric) ?? each.seeds.map(() => 0),
    base: base.metrics.get(metric) ?? base.seedList.map(() => 0),
    paired: isSameSeeds(each),
  };
  const judgement = judge(sides, tolerance, level, bootstrap);
  const isWorse = judgement.verdict === 'regressed';
  return {
    ...row,
    verdict: judgement.verdict,
    judgement,
    grew: isWorse ? phaseThatGrew(metric, now.phases, base.phases) : undefined,
    worstSeed: isWorse ? each.seeds[worstOf(sides)] : undefined,
  };
}

function worstOf({now, base, paired}: Sides): number {
  const by = (index: number): number =>
    paired && now[index] !== base[index] ? now[index] - base[index] : paired ? 0 : now[index];
  return now.reduce((worst, _, index) => (by(index) > by(worst) ? index : worst), 0);
}
