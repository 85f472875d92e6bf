import test from 'ava';
import {milliseconds, seconds} from '../../engine/time.ts';
import {findEdges, type Edge} from '../../reports/convergence.ts';
import {findOutages} from '../../reports/outages.ts';
import {Story} from '../support/runs.ts';

function edgesOf(story: Story, flows: number): readonly Edge[] {
  const result = story.result(Array.from({length: flows}, () => ({lost: 10_000})));
  return findEdges(result, findOutages(result));
}

const inMs = ({phases}: Edge): readonly number[] | undefined =>
  phases && [phases.detection, phases.decision, phases.propagation, phases.restoration].map(time => time / 1000);

test('a take-over is cut into detection, decision, propagation and restoration', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const down = story.bfd(22.9, 'down', began);
  const decided = story.decides(22.91, down);
  const moved = story.moves(22.95, decided);
  story.restores(22.96, 0, 295, moved);
  const [edge] = edgesOf(story, 1);
  t.deepEqual(inMs(edge), [2900, 10, 40, 10]);
  t.is(edge.convergence, seconds(2.96));
  t.deepEqual(
    [...edge.turns].sort(([a], [b]) => a - b),
    [
      [down, 'detection'],
      [decided, 'decision'],
      [moved, 'propagation'],
    ],
  );
});

test('what was found out after the decision is no part of detection', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const down = story.bfd(22, 'down', began);
  const decided = story.decides(22.5, down);
  const again = story.bfd(24, 'up', decided);
  story.restores(25, 0, 295, again);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [2000, 500, 1500, 1000]);
});

test('what is waited for after the first detector is decision, whatever else is found out meanwhile', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const down = story.bfd(22, 'down', began);
  const again = story.bfd(24, 'up', down);
  const decided = story.decides(25, again);
  story.restores(26, 0, 590, decided);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [2000, 3000, 0, 1000]);
});

test('what others found out before is not yet known to who decides', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const session = {chassis: 'cn1', peer: 'gw2', from: 'down', to: 'up', diagnostic: 'no-diagnostic'} as const;
  const elsewhere = story.announce(21, 'bfd changed', {...session, heardAt: undefined, detectionTime: 0}, began);
  const own = story.bfd(22, 'up', elsewhere);
  story.restores(24, 0, 399, story.decides(23, own));
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [2000, 1000, 0, 1000]);
});

test('a detector among the other parents of what decided is found and told', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const down = story.bfd(22, 'down', began);
  const back = story.announce(30, 'database connected', {chassis: 'gw2'});
  const decided = story.decides(30.5, down, back);
  story.restores(31, 0, 1099, decided);
  const [edge] = edgesOf(story, 1);
  t.deepEqual(inMs(edge), [2000, 8500, 0, 500]);
  t.deepEqual(
    edge.chain.map(({kind}) => kind),
    ['fault began', 'bfd changed', 'database connected', 'gateway decided', 'flow restored'],
  );
});

test('a decision that only waited for a database has the detector of its own chassis and of this edge', t => {
  const story = new Story();
  story.begins(10, 'other');
  const stale = story.bfd(19, 'down');
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const elsewhere = {chassis: 'gw3', peer: 'gw1', from: 'up', to: 'down', diagnostic: 'no-diagnostic'} as const;
  story.announce(21, 'bfd changed', {...elsewhere, heardAt: undefined, detectionTime: 0}, began);
  story.bfd(21.5, 'down', stale);
  const down = story.bfd(22, 'down', began);
  const back = story.announce(30, 'database connected', {chassis: 'gw2'});
  const decided = story.decides(30.5, back);
  story.restores(31, 0, 1099, decided);
  const edge = edgesOf(story, 1)[1];
  t.deepEqual(inMs(edge), [2000, 8500, 0, 500]);
  t.true(edge.turns.get(down) === 'detection');
});

test('where nobody found out but by being connected again, that is detection', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const back = story.announce(30, 'database connected', {chassis: 'gw2'}, began);
  const decided = story.decides(30.5, back);
  story.restores(31, 0, 1099, decided);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [10_000, 500, 0, 500]);
});

test('a chassis that goes out of use decides nothing', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const down = story.bfd(22, 'down', began);
  const gone = story.announce(22.5, 'gateway decided', {chassis: 'gw1', router: 'r1', active: false}, down);
  story.restores(23, 0, 295, gone);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [2000, 0, 500, 500]);
});

test('what only came back when the fault ended was found out by nobody: it is all detection', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const ended = story.ends(32);
  const carrier = story.announce(32, 'carrier changed', {chassis: 'gw1', nic: 'provider', up: true}, ended);
  story.restores(32.01, 0, 1200, carrier);
  const [edge] = edgesOf(story, 1);
  t.deepEqual(inMs(edge), [12_000, 0, 0, 10]);
});

test('a neighbour entry is a table that the flow needed, not a detector', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const detail = {host: 'outside', address: 1, from: 'incomplete', to: 'failed', mac: undefined};
  const failed = story.announce(26, 'neighbour changed', detail, began);
  story.restores(26.5, 0, 600, failed);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [0, 0, 6000, 500]);
});

test('a restoration without a known cause is restoration alone', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  story.restores(21, 0, 100);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [0, 0, 0, 1000]);
});

test('causes from before the edge, and what the first packet itself caused, belong to no phase', t => {
  const story = new Story();
  const up = story.bfd(5, 'up');
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  const moved = story.announce(20.9, 'tunnel toggled', {chassis: 'cn1', peer: 'gw1', enabled: false}, up);
  const learnt = story.announce(21.1, 'mac moved', {segment: 'provider', mac: 1, from: 'gw1', to: 'gw2'}, moved);
  story.announce(21.2, 'flow restored', {flow: 0, since: 0, until: seconds(21), lost: 9}, learnt);
  t.deepEqual(inMs(edgesOf(story, 1)[0]), [0, 0, 900, 100]);
});

test('the last flow to come back gives the convergence and its phases', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20.01, 0, began);
  story.loses(20.01, 1, began);
  const down = story.bfd(22, 'down', began);
  const later = story.bfd(23, 'down', began);
  story.restores(23.5, 1, 350, later);
  story.restores(22.5, 0, 250, down);
  const [edge] = edgesOf(story, 2);
  t.is(edge.last?.flow, 1);
  t.is(edge.convergence, milliseconds(3500));
  t.deepEqual(inMs(edge), [3000, 0, 0, 500]);
  t.like(edge, {flowsAffected: 2, flowsUnrestored: 0, packetsLost: 600});
});

test('one flow that never comes back leaves the convergence and the phases without an end', t => {
  const story = new Story();
  const began = story.begins(20);
  const lost = story.loses(20.01, 0, began);
  story.loses(20.02, 1, began);
  story.restores(22.5, 1, 250, began);
  const [edge] = edgesOf(story, 2);
  t.is(edge.convergence, undefined);
  t.is(edge.phases, undefined);
  t.like(edge, {flowsAffected: 2, flowsUnrestored: 1});
  t.is(edge.last?.flow, 0);
  t.deepEqual(
    edge.chain.map(({number}) => number),
    [began, lost],
  );
});

test('an edge that hit nobody has nothing to converge', t => {
  const story = new Story();
  story.begins(20);
  const [edge] = edgesOf(story, 1);
  t.is(edge.convergence, undefined);
  t.is(edge.phases, undefined);
  t.like(edge, {flowsAffected: 0, packetsLost: 0, last: undefined, chain: []});
});

test('a flow that lost packets to an edge twice is one flow hit', t => {
  const story = new Story();
  const began = story.begins(20);
  for (const at of [21, 25]) {
    story.loses(at, 0, began);
    story.restores(at + 1, 0, 100, began);
  }
  t.like(edgesOf(story, 1)[0], {flowsAffected: 1, packetsLost: 200, convergence: seconds(6)});
});

test('a fault that comes again has edges of its own each time', t => {
  const story = new Story();
  story.begins(20);
  story.ends(25);
  story.begins(30, 'underlay', 2);
  story.ends(35, 'underlay', 2);
  t.deepEqual(
    edgesOf(story, 0).map(({edge, occurrence, at}) => [edge, occurrence, at / 1e6]),
    [
      ['start', 1, 20],
      ['end', 1, 25],
      ['start', 2, 30],
      ['end', 2, 35],
    ],
  );
});

test('an outage that was over before its edge, as a packet on its way can be, does not make time negative', t => {
  const story = new Story();
  const began = story.begins(20);
  story.announce(20.001, 'flow lost', {flow: 0, since: seconds(19.9), reason: 'no carrier', place: 'gw1'}, began);
  story.announce(20.002, 'flow restored', {flow: 0, since: 0, until: seconds(19.95), lost: 1});
  const [edge] = edgesOf(story, 1);
  t.is(edge.convergence, 0);
  t.deepEqual(inMs(edge), [0, 0, 0, 0]);
});
