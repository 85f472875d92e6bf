import {Bootstrap} from './bootstrap.ts';
import {compareGroups, comparePairs, type Comparison} from './comparison.ts';
import {labelsOf} from './design.ts';
import {inOrder} from './metric-names.ts';
import type {SweepResults} from './sweep-files.ts';

/** Results and what they are called. */
export type Named = {readonly name: string; readonly results: SweepResults};

/** One point of one sweep. */
export type Side = Named & {readonly point: number};

/** Sides that stand beside each other; all others are compared with the first. */
export type Contest = {
  /** The settings that all sides have in common; empty if that is no matter. */
  readonly label: string;
  readonly sides: readonly Side[];
};

/** A metric on all sides. The first has no comparison, others have none where a metric is missing. */
export type ContestRow = {
  readonly fullName: string;
  readonly comparisons: readonly (Comparison | undefined)[];
};

/** Sweeps of the same points are compared point by point; otherwise every point of all is compared with the first. */
export function contestsOf(sweeps: readonly Named[]): readonly Contest[] {
  const labels = sweeps.map(({results}) => labelsOf(results.design.points));
  const [first] = labels;
  if (first.length > 1 && sweeps.length > 1 && labels.every(own => own.join('\n') === first.join('\n'))) {
    return first.map((label, point) => ({label, sides: sweeps.map(sweep => ({...sweep, point}))}));
  }
  const sides = sweeps.flatMap((sweep, index) =>
    labels[index].map((label, point) => {
      const names = [...(sweeps.length > 1 || label === '' ? [sweep.name] : []), label];
      return {...sweep, name: names.join(' ').trim(), point};
    }),
  );
  return [{label: '', sides}];
}

/** Whether two sides are compared seed by seed: one has all the seeds of the other. */
export function arePaired(a: Side, b: Side): boolean {
  const [few, many] = [a.results.seeds, b.results.seeds].sort((one, other) => one.length - other.length);
  const known = new Set(many);
  return few.every(seed => known.has(seed));
}

/** Of the seeds that both sides have, those whose runs are the same in everything, and how many there are. */
export function sameRuns(side: Side, base: Side): {readonly same: number; readonly of: number} {
  const pairs = commonRuns(side, base);
  const fingerprintOf = ({results}: Side, run: number) => results.table.outline(run)?.fingerprint;
  const same = pairs.filter(([own, other]) => {
    const fingerprint = fingerprintOf(side, own);
    return fingerprint !== undefined && fingerprint !== '' && fingerprint === fingerprintOf(base, other);
  });
  return {same: same.length, of: pairs.length};
}

/** Every metric that any side has and `wanted` names. `isPaired` says whether sides with the same seeds may be paired. */
export function rowsOf(
  {sides}: Contest,
  isPaired: boolean,
  wanted: (fullName: string) => boolean = () => true,
): readonly ContestRow[] {
  const bootstrap = new Bootstrap();
  const [base, ...others] = sides;
  const names = inOrder(new Set(sides.flatMap(({results}) => results.table.metrics))).filter(wanted);
  const compare = others.map(side => {
    if (!isPaired || !arePaired(side, base)) {
      return (name: string) => compareGroups(valuesOf(side, name), valuesOf(base, name), bootstrap);
    }
    const pairs = commonRuns(side, base);
    const columnOf = ({results}: Side, name: string, which: 0 | 1) => {
      const column = results.table.column(name);
      return pairs.map(pair => column?.[pair[which]] ?? NaN);
    };
    return (name: string) => comparePairs(columnOf(side, name, 0), columnOf(base, name, 1), bootstrap);
  });
  return names
    .map(fullName => ({fullName, comparisons: compare.map(against => against(fullName))}))
    .filter(({comparisons}) => comparisons.some(comparison => comparison !== undefined));
}

function valuesOf({results, point}: Side, name: string): ArrayLike<number> {
  return results.table.column(name) ? results.table.values(name, point) : [];
}

/** The run numbers of both sides for each seed that both have. */
function commonRuns(side: Side, base: Side): readonly (readonly [own: number, other: number])[] {
  const places = new Map(base.results.seeds.map((seed, index) => [seed, index]));
  return side.results.seeds.flatMap((seed, index): readonly (readonly [number, number])[] => {
    const place = places.get(seed);
    if (place === undefined) return [];
    return [[side.point * side.results.seeds.length + index, base.point * base.results.seeds.length + place]];
  });
}
