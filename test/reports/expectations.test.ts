import test from 'ava';
import {judge, type Expected} from '../../reports/expectations.ts';
import type {Metric} from '../../reports/metrics.ts';

const metrics: readonly Metric[] = [
  {name: 'outage.max', group: '', value: 2, unit: 'ms', samples: 3},
  {name: 'outage.max', group: 'snat', value: 1.5, unit: 'ms', samples: 1},
  {name: 'outage.max', group: 'underlay.start', value: 2, unit: 'ms', samples: 2},
  {name: 'convergence.max', group: '', value: undefined, unit: 'ms', samples: 1},
];

const comparisons = ['<', '<=', '==', '!=', '>=', '>'] as const;

function expected(metric: string, comparison: Expected['comparison'], value: number): Expected {
  return {text: `${metric} ${comparison} ${value}`, metric, comparison, value};
}

const heldOf = (metric: string, value: number): readonly boolean[] =>
  comparisons.map(comparison => judge(expected(metric, comparison, value), metrics).held);

test('every comparison holds for exactly the values that it says', t => {
  t.deepEqual(heldOf('outage.max', 3), [true, true, false, true, false, false]);
  t.deepEqual(heldOf('outage.max', 2), [false, true, true, false, true, false]);
  t.deepEqual(heldOf('outage.max', 1), [false, false, false, true, true, true]);
});

test('nothing holds of what never ended, not even that it differs', t => {
  t.deepEqual(heldOf('convergence.max', 1), [false, false, false, false, false, false]);
  t.is(judge(expected('convergence.max', '<', 1), metrics).actual, undefined);
});

test('a group is part of the name', t => {
  t.is(judge(expected('outage.max.snat', '<', 2), metrics).actual, 1.5);
  t.is(judge(expected('outage.max.underlay.start', '<', 2), metrics).actual, 2);
});

test('a group in which nothing happened is judged as 0', t => {
  t.like(judge(expected('flows_affected.count.ew', '==', 0), metrics), {actual: undefined, held: true, samples: 0});
});
