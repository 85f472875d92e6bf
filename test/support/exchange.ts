import {milliseconds} from '../../engine/time.ts';
import type {World} from '../../models/world/world.ts';
import {answerOf, describe, sendProbe, type Journey, type Probe} from './probe.ts';

/**
 * Sends a packet and its answer, `warmings` times before that counts, so that everybody's MAC is known. Returns where each
 * came out and how it looked there, or why it did not.
 */
export function exchange(world: World, probe: Probe, warmings = 2): readonly [string, string] {
  for (let count = 0; count < warmings; count++) {
    exchange(world, probe, 0);
    world.advance(world.now + milliseconds(200));
  }
  const there = sendProbe(world.ground, probe);
  const answer = there.arrived && answerOf(world, there.arrived);
  return [outcomeOf(there), answer ? outcomeOf(sendProbe(world.ground, answer)) : 'no answer'];
}

function outcomeOf({arrived, account: {verdict}}: Journey): string {
  if (arrived) return `${arrived.host}: ${describe(arrived.packet)}`;
  return verdict.kind === 'dropped' ? `${verdict.reason} at ${verdict.place}` : verdict.kind;
}
