import test from 'ava';
import {runPlan} from '../../../scenarios/run.ts';
import {planOf} from '../../support/clouds.ts';
import {neutronText} from '../../support/neutron-clouds.ts';
import {mistakesOf} from '../../scenarios/scenario-files.ts';

/** A run with one flow, and what became of its messages. */
function flowOf(traffic: string, more: Readonly<Record<string, readonly string[]>> = {}, stepped = false) {
  const plan = planOf(
    neutronText('{}', {traffic: [`flow: {protocol: udp, every: 100ms, ${traffic}}`], ...more}, '40s'),
  );
  const {flows, fingerprint} = runPlan(plan, {stepped});
  return {...flows[0], fingerprint};
}

test('a server that was asked through SNAT sends to where the question seemed to come from', t => {
  const {sent, delivered} = flowOf('from: vm1, to: outside, pattern: download');
  t.is(sent, 399);
  t.is(delivered, sent);
});

test('a server behind a floating address is asked by it, and answers by it', t => {
  const {sent, delivered} = flowOf('from: outside, to: 10.0.2.100, pattern: push');
  t.is(delivered, sent);
});

test('where nobody listens nobody sends', t => {
  const {sent, lost, drops} = flowOf('from: vm1, to: outside, pattern: download, listening: false');
  t.is(lost, sent);
  t.deepEqual(
    drops.map(({reason, place}) => `${reason} at ${place}`),
    ['not connected at outside'],
  );
});

test('a client that has asked once hears nothing any more when its connection is forgotten on the way', t => {
  const faults = ['crash: {break: chassis, of: gw1, at: 10s, for: 5s}'];
  const counted = flowOf('from: vm1, to: outside, pattern: download', {faults});
  t.true(counted.delivered < 110);
  t.true((counted.icmpErrors ?? 0) > 0, 'the server is told that nobody is there, and goes on');
  const stepped = flowOf('from: vm1, to: outside, pattern: download', {faults}, true);
  t.is(stepped.fingerprint, counted.fingerprint);
});

test('patterns that need a connection or answers are not for UDP', t => {
  const said = (options: string): readonly string[] =>
    mistakesOf(neutronText('{}', {traffic: [`flow: {from: vm1, to: vm2, protocol: udp, ${options}}`]}));
  t.deepEqual(said('pattern: push'), []);
  t.true(said('pattern: connect')[0]?.includes('udp has no pattern connect'));
  t.true(said('pattern: ping-pong')[0]?.includes('Write protocol: udp-echo'));
  t.true(said('pattern: download, source: 10.9.9.9')[0]?.includes('the server would answer to somebody else'));
});
