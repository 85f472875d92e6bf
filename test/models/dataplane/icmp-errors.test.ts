import test from 'ava';
import {seconds} from '../../../engine/time.ts';
import type {FlowResult} from '../../../models/events/results.ts';
import {planOf, worldOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';

function talk(line: string, until = 10): FlowResult {
  const world = worldOf(planOf(neutronText('{}', {traffic: [`flow: {${line}}`]})));
  world.advance(seconds(until));
  return world.results()[0];
}

test('who sends to a port where nobody listens is told so: six times, and then once a second', t => {
  const result = talk('from: vm1, to: vm2, every: 10ms, count: 400, listening: false');
  t.deepEqual(
    result.drops.map(({reason, place}) => `${reason} at ${place}`),
    ['nobody listens at vm2'],
  );
  // 4 s, of which the first six errors use up none.
  t.true([9, 10].includes(result.icmpErrors ?? 0), String(result.icmpErrors));
});

test('the answer of a port behind a floating IP comes from the floating IP', t => {
  t.is(talk('from: outside, to: 10.0.2.100, every: 2s, count: 3, listening: false').icmpErrors, 3);
});

test('a router whose next hop does not answer tells who is behind it, through its own translation', t => {
  const result = talk('from: vm1, to: 10.0.2.77, protocol: udp, every: 1s, count: 3, limit: 4s');
  t.deepEqual(
    result.drops.map(({reason}) => reason),
    ['neighbour unreachable'],
  );
  t.is(result.icmpErrors, 3);
});

test('an own neighbour that does not answer is told of by the own kernel', t => {
  const result = talk('from: vm1, to: 172.16.100.99, protocol: udp, every: 1s, count: 3, limit: 4s');
  t.deepEqual([result.icmpErrors, result.drops[0].place], [3, 'vm1']);
});

test('a floating address that is gone is unreachable by the word of the own kernel', t => {
  const world = worldOf(
    planOf(
      neutronText('{}', {
        traffic: ['flow: {from: near, to: 10.0.2.100, every: 1s, count: 20, port: 53, start: 2s}'],
        operations: ['gone: {do: disassociate, floating-ip: 10.0.2.100, at: 1s}'],
      }),
    ),
  );
  world.advance(seconds(20));
  t.true((world.results()[0].icmpErrors ?? 0) > 10);
});
