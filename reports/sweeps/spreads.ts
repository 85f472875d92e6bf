import {Bootstrap} from './bootstrap.ts';
import {partsOfName, type MetricName} from './metric-names.ts';
import type {RunTable} from './run-table.ts';
import {spreadOf, type Spread} from './spread.ts';

/** The spread of a metric at one point. */
export type SpreadRow = MetricName & {readonly fullName: string; readonly point: number; readonly spread: Spread};

/** Every metric at every point that has it. `wanted` says which, by their full names. */
export function spreadsOf(table: RunTable, wanted: (fullName: string) => boolean = () => true): readonly SpreadRow[] {
  const bootstrap = new Bootstrap();
  // Of a single edge all statistics are the same figure; their spread is worked out once.
  const known = new Map<string, Spread | undefined>();
  return table.metrics.filter(wanted).flatMap(fullName =>
    Array.from({length: table.points}, (_, point) => point).flatMap((point): readonly SpreadRow[] => {
      const values = table.values(fullName, point);
      const key = values.join();
      const spread = known.has(key) ? known.get(key) : spreadOf(values, bootstrap);
      known.set(key, spread);
      return spread ? [{...partsOfName(fullName), fullName, point, spread}] : [];
    }),
  );
}
