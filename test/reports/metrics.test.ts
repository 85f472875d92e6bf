import test from 'ava';
import {seconds} from '../../engine/time.ts';
import {quantities} from '../../models/events/quantities.ts';
import type {FlowResult, RunResult} from '../../models/events/results.ts';
import {findEdges} from '../../reports/convergence.ts';
import {findMetric, measure, type Metric} from '../../reports/metrics.ts';
import {findOutages} from '../../reports/outages.ts';
import {Story} from '../support/runs.ts';

function measured(
  story: Story,
  flows: readonly Partial<FlowResult>[],
  rest: Partial<RunResult> = {},
): readonly Metric[] {
  const result = story.result(flows, rest);
  const outages = findOutages(result);
  return measure({result, outages, edges: findEdges(result, outages)});
}

/** A fault with two edges: both flows lose by its start, the first one again by its end. */
function failover(): readonly Metric[] {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20, 0, began);
  story.loses(20, 1, began);
  const down = story.bfd(22, 'down', began);
  const decided = story.decides(22.5, down);
  const moved = story.moves(22.75, decided);
  story.restores(23, 0, 300, moved);
  story.restores(23, 1, 150, moved);
  const ended = story.ends(40);
  const up = story.bfd(41, 'up', ended);
  story.loses(41, 0, up);
  story.restores(41.5, 0, 50, up);
  return measured(story, [
    {group: 'snat', lost: 351, sent: 4000, late: 1},
    {group: 'fip', lost: 150, sent: 2000},
    {group: 'ew', sent: 6000},
  ]);
}

const read = (metrics: readonly Metric[], names: readonly string[]): readonly (number | undefined)[] =>
  names.map(name => findMetric(metrics, name)?.value);

test('convergence and its phases are of the edges that hit flows, in milliseconds', t => {
  const metrics = failover();
  const names = ['convergence', 'detection', 'decision', 'propagation', 'restoration'];
  t.deepEqual(
    read(
      metrics,
      names.map(name => `${name}.max`),
    ),
    [3000, 2000, 500, 250, 500],
  );
  t.deepEqual(read(metrics, ['convergence.count', 'convergence.min', 'convergence.mean']), [2, 1500, 2250]);
  t.deepEqual(read(metrics, ['convergence.max.underlay', 'convergence.max.underlay.end']), [3000, 1500]);
  t.deepEqual(read(metrics, ['convergence.count.underlay', 'convergence.count.underlay.start']), [2, 1]);
});

test('outages have the groups of their flow and of their fault', t => {
  const metrics = failover();
  t.deepEqual(read(metrics, ['outage.count', 'outage.sum', 'outage.max', 'outage.min']), [3, 6500, 3000, 500]);
  t.deepEqual(read(metrics, ['outage.count.snat', 'outage.count.fip', 'outage.count.ew']), [2, 1, 0]);
  t.deepEqual(read(metrics, ['outage.count.underlay', 'outage.sum.underlay.end']), [3, 500]);
});

test('losses are counted by flow: all of them, and of a fault those in its outages', t => {
  const metrics = failover();
  t.deepEqual(read(metrics, ['packets_lost.sum', 'packets_lost.max', 'packets_lost.min']), [501, 351, 0]);
  t.deepEqual(read(metrics, ['packets_lost.sum.snat', 'packets_lost.sum.ew']), [351, 0]);
  t.deepEqual(read(metrics, ['packets_lost.max.underlay', 'packets_lost.sum.underlay']), [350, 500]);
  t.deepEqual(read(metrics, ['packets_lost.max.underlay.start', 'packets_lost.sum.underlay.end']), [300, 50]);
});

test('sent and late packets are counted by flow and by traffic', t => {
  const metrics = failover();
  t.deepEqual(read(metrics, ['packets_sent.sum', 'packets_sent.max.fip', 'packets_late.sum']), [12_000, 2000, 1]);
  t.is(findMetric(metrics, 'packets_sent.sum.underlay'), undefined);
});

test('a flow hit by both edges of a fault is one flow of the fault', t => {
  const metrics = failover();
  const names = ['', '.snat', '.fip', '.ew', '.underlay', '.underlay.start', '.underlay.end'];
  t.deepEqual(
    read(
      metrics,
      names.map(name => `flows_affected.count${name}`),
    ),
    [2, 1, 1, 0, 2, 2, 1],
  );
});

test('what never came back has no convergence, and its outage lasts until the end of the run', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20, 0, began);
  const metrics = measured(story, [{lost: 4000}]);
  t.deepEqual(read(metrics, ['convergence.max', 'convergence.min', 'detection.max', 'convergence.count']), [
    ...[undefined, undefined, undefined],
    1,
  ]);
  t.deepEqual(read(metrics, ['outage.max', 'flows_unrestored.count']), [40_000, 1]);
  t.deepEqual(read(metrics, ['flows_unrestored.count.snat', 'flows_unrestored.count.underlay.start']), [1, 1]);
});

test('one edge without an end leaves the other edge its own figures', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20, 0, began);
  story.restores(23, 0, 300, began);
  const ended = story.ends(40);
  story.loses(40, 0, ended);
  const metrics = measured(story, [{lost: 2300}]);
  t.deepEqual(read(metrics, ['convergence.max', 'convergence.max.underlay']), [undefined, undefined]);
  t.deepEqual(read(metrics, ['convergence.max.underlay.start', 'convergence.max.underlay.end']), [3000, undefined]);
});

test('edges that hit nobody do not count, and of no sample there are a count and a sum alone', t => {
  const story = new Story();
  story.begins(20);
  t.deepEqual(read(measured(story, [{}]), ['convergence.count', 'convergence.max', 'outage.sum']), [0, undefined, 0]);
});

test('what a fault lost here and there is its own, though no outage', t => {
  const story = new Story();
  const lossy = {fault: 'lossy', occurrence: 1, kind: 'loss', target: 'gw1'} as const;
  const began = story.announce(20, 'fault began', lossy);
  story.announce(40, 'fault ended', lossy);
  const other = story.begins(50);
  story.loses(50, 0, other);
  story.restores(51, 0, 100, other);
  const metrics = measured(story, [
    {lost: 350, scattered: [{cause: began, packets: 250}]},
    {
      lost: 42,
      scattered: [
        {cause: began, packets: 40},
        {cause: 0, packets: 2},
      ],
    },
  ]);
  const names = ['sum', 'max', 'sum.lossy', 'max.lossy.start', 'sum.lossy.end', 'sum.underlay'];
  t.deepEqual(
    read(
      metrics,
      names.map(name => `packets_lost.${name}`),
    ),
    [392, 350, 290, 250, 0, 100],
  );
  t.deepEqual(
    read(metrics, ['flows_affected.count.lossy', 'convergence.count.lossy', 'outage.count.lossy']),
    [2, 0, 0],
  );
});

test('standing loss is no fault of a fault that is in force', t => {
  const story = new Story();
  const began = story.begins(20);
  const metrics = measured(story, [{lost: 5, scattered: [{cause: began, packets: 5}]}]);
  t.deepEqual(read(metrics, ['packets_lost.sum', 'packets_lost.sum.underlay']), [5, 0]);
});

test('gateway ports and routers that went elsewhere and sessions that went down are counted, other ports and half-open sessions not', t => {
  const story = new Story();
  story.announce(1, 'binding changed', {port: 'cr-r1', from: 'gw1', to: 'gw2'});
  story.announce(1, 'binding changed', {port: 'vm1', from: undefined, to: 'cn1'});
  story.announce(1, 'router scheduled', {router: 'r1', from: 'net1', to: undefined});
  story.announce(1, 'router scheduled', {router: 'r1', from: undefined, to: 'net2'});
  story.bfd(2, 'down');
  const half = {chassis: 'gw2', peer: 'gw1', from: 'init', to: 'down', diagnostic: 'no-diagnostic'} as const;
  story.announce(3, 'bfd changed', {...half, heardAt: undefined, detectionTime: 0});
  t.deepEqual(read(measured(story, []), ['gateway_changes.count', 'bfd_downs.count', 'takeovers.count']), [2, 1, 0]);
});

test('connections and floods come from samples and counters', t => {
  const sample = {at: seconds(10), chassis: 'gw1', namespace: 'r1', connectionsMax: 9, snatPorts: 1, rules: 1};
  const nat = [2, 4].map(connections => ({...sample, connections, insertFailed: 0}));
  const counters = [
    {owner: 'underlay', name: 'flood copies', value: 3},
    {owner: 'provider', name: 'flood copies', value: 4},
    {owner: 'cn1', name: 'bfd packets sent', value: 100},
  ];
  const metrics = measured(new Story(), [], {nat, counters});
  t.deepEqual(read(metrics, ['conntrack_entries.max', 'conntrack_entries.mean', 'flood_copies.sum']), [4, 3, 7]);
});

test('every quantity has every statistic that it is said to have, in that order', t => {
  const whole = failover().filter(({group}) => group === '');
  t.deepEqual(
    whole.map(({name}) => name),
    quantities.flatMap(({name, statistics}) => statistics.map(statistic => `${name}.${statistic}`)),
  );
});

test('no metric stands twice', t => {
  const names = failover().map(({name, group}) => `${name}.${group}`);
  t.is(new Set(names).size, names.length);
});

test('figures have three digits after the point at most', t => {
  const story = new Story();
  const began = story.begins(20);
  for (const [flow, lasted] of [0.1, 0.1, 0.2].entries()) {
    story.loses(20, flow, began);
    story.restores(20 + lasted, flow, 1, began);
  }
  t.is(findMetric(measured(story, [{}, {}, {}]), 'outage.mean')?.value, 133.333);
});
