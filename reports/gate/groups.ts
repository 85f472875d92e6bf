import {partsOfName} from '../sweeps/metric-names.ts';
import type {Row} from './gate.ts';

/** Rows that one cause explains: one case became worse or better in one phase, which shows in many metrics. */
export type Group = {
  /** The one to look at: the metric of the edge itself where there is one. */
  readonly row: Row;
  readonly others: readonly Row[];
};

/** Rows by what they have in common, in the order of the first of each. */
export function groupsOf(rows: readonly Row[]): readonly Group[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = causeOf(row);
    const own = groups.get(key);
    if (own) own.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map(own => {
    const row = own.find(({metric, moved}) => partsOfName(metric).subject === moved?.edge) ?? own[0];
    return {row, others: own.filter(other => other !== row)};
  });
}

/** What is gone is so with all that speaks of the same subject. */
function causeOf({case: name, verdict, metric, moved, known}: Row): string {
  const what = verdict === 'gone' ? partsOfName(metric).subject : [moved?.edge, moved?.phase];
  return JSON.stringify([name, verdict, what, known]);
}
