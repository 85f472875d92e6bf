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
  /** Undefined if something never ended: then nothing holds of it. */
  readonly actual: number | undefined;
  readonly unit: Metric['unit'] | undefined;
  /** How many observations it was taken from: of none, any statistic is 0. */
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

/** Whether an expectation held. A group in which nothing happened measures 0. */
export function judge(expected: Expected, metrics: readonly Metric[]): Judged {
  const metric = findMetric(metrics, expected.metric);
  const actual = metric ? metric.value : 0;
  const held = actual !== undefined && compare[expected.comparison](actual, expected.value);
  return {...expected, actual, unit: metric?.unit, samples: metric?.samples ?? 0, held};
}
