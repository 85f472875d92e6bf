import test from 'ava';
import {seconds} from '../../engine/time.ts';
import {decodeFrame, encodeFrame} from '../../models/wire/frame.ts';
import {Capture, captureFile, captureLine, findPlace, placesToListen} from '../../scenarios/capture.ts';
import {Run, type RunOptions} from '../../scenarios/run.ts';
import type {WorldPlan} from '../../models/world/world-plan.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readLibrary} from '../support/library.ts';
import {readPcap} from '../support/pcap.ts';

const planOfLibrary = (name: string): WorldPlan => makePlan(readLibrary(name), 1);

/** Listens to a run of a library scenario, which then goes on for a while. */
function listen(plan: WorldPlan, place: string, from: number, to: number, options: RunOptions = {}) {
  const run = new Run(plan, options);
  const capture = new Capture(run, seconds(from), seconds(to));
  const found = findPlace(placesToListen(run), place.split(' '));
  if ('flaw' in found) throw new Error(found.flaw);
  run.advance(capture.beginsAt);
  capture.begin(found);
  run.advance(seconds(to + 1));
  return {captured: capture.captured, lines: capture.captured.map(captureLine), fingerprint: run.result().fingerprint};
}

const places = [
  {scenario: 'neutron-lab-networks', place: 'node4 underlay', from: 4, to: 8},
  {scenario: 'neutron-floating-ip-moved', place: 'gw1 provider', from: 19, to: 22},
  {scenario: 'ovn-three-gateways', place: 'gw1 underlay', from: 20, to: 21.5},
] as const;

for (const {scenario, place, from, to} of places) {
  test(`${scenario}: at ${place} the same is heard in a run that skips, which it does not change`, t => {
    const plan = planOfLibrary(scenario);
    const skipped = listen(plan, place, from, to);
    const stepped = listen(plan, place, from, to, {stepped: true});
    t.true(skipped.lines.length > 3);
    t.deepEqual(skipped.lines, stepped.lines);
    const alone = new Run(plan);
    alone.advance(seconds(to + 1));
    const {fingerprint} = alone.result();
    t.is(skipped.fingerprint, fingerprint);
    t.is(stepped.fingerprint, fingerprint);
  });
}

test('the file holds the frames and their moments', t => {
  const {captured} = listen(planOfLibrary('neutron-lab-networks'), 'underlay', 2, 4);
  const packets = readPcap(captureFile(captured));
  t.true(captured.length > 5);
  t.deepEqual(
    packets.map(({at, bytes}) => ({at, bytes: encodeFrame(decodeFrame(bytes))})),
    captured.map(({at, frame}) => ({at, bytes: encodeFrame(frame)})),
  );
});

test('a place that is not there is told, with the one that may have been meant', t => {
  const groups = placesToListen(new Run(planOfLibrary('neutron-lab-networks')));
  t.deepEqual(findPlace(groups, ['node4', 'undrelay']), {
    flaw: 'there is no "node4 undrelay" to listen at. Did you mean "node4 underlay"?',
  });
});
