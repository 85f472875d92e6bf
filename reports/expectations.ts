import {findMetric, type Metric} from './metrics.ts';

/** A line of `expect:`, read. */
export type Expected = {
  readonly text: string;
  readonly metric: string;
  readonly comparison: '<' | '<=' | '==' | '!=' | '>=' | '>';
  /** In the metric's unit. */
  readonly value: number;
};

export type Judged = Expected & {
  /** Undefined if something never ended: then nothing holds of it. Undefined too if nothing of the kind happened. */
  readonly actual: number | undefined;
  readonly unit: Metric['unit'] | undefined;
  /** How many observations it was taken from: of none, any statistic is judged as 0. */
  readonly samples: number;
  readonly held: boolean;
};

const compare: Readonly<Record<Expected['comparison'], (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
};

/** Whether an expectation held. A group in which nothing happened is judged as if it measured 0. */
export function judge(expected: Expected, metrics: readonly Metric[]): Judged {
  const metric = findMetric(metrics, expected.metric);
  const samples = metric?.samples ?? 0;
  const actual = metric?.value;
  const judged = samples === 0 ? (actual ?? 0) : actual;
  const held = judged !== undefined && compare[expected.comparison](judged, expected.value);
  return {...expected, actual, unit: metric?.unit, samples, held};
}
