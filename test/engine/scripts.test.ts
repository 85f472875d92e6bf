import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type {Actor} from '../../engine/actor.ts';
import type {Agenda} from '../../engine/agenda.ts';
import {Engine, type Place} from '../../engine/engine.ts';
import {HeapAgenda} from '../../engine/heap-agenda.ts';
import {LadderAgenda} from '../../engine/ladder-agenda.ts';
import {never, type Time} from '../../engine/time.ts';

/** One message: who hears it when, counted from the one it follows, what the hearer wishes for then. */
type Deed = {after: number; delay: Time; receiver: number; wish: Time; ghost: boolean; fidget: boolean};

const actors = 4;
/** Numbers that grow with nothing. */
const shuffled = (index: number): number => (index * 17) % 41;
const deeds = fc.array(
  fc.record({
    after: fc.nat(),
    delay: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(100)),
    receiver: fc.nat(actors - 1),
    wish: fc.oneof(fc.constant(never), fc.nat(5)),
    ghost: fc.boolean(),
    fidget: fc.boolean(),
  }),
  {maxLength: 40, size: 'max'},
);

/**
 * Acts a script out: deed 0 and some others are posted at the start, the rest by the receiver of the deed they come after.
 * Ghosts are deeds from the start which do nothing. They are posted, or only asked about with `reached`; then actors also
 * fidget with their wishes, which leaves alarms over. Either way the lines must be the same.
 */
function act(script: readonly Deed[], agenda: Agenda, {skip = false, until = [1_000]} = {}): string {
  const engine = new Engine(agenda);
  const lines: string[] = [];
  const heard = new Set<number>();
  const places = new Map<number, Place>();
  const isGhost = (index: number): boolean => script[index].ghost && script[index].delay > 0;
  const followers = script.map((_, index) =>
    script.flatMap((deed, other) => (other > index && deed.after % other === index && !isGhost(other) ? [other] : [])),
  );
  const write = (line: string): void => {
    const ghosts = [...places.keys()].filter(index => (skip ? engine.reached(places.get(index)!) : heard.has(index)));
    lines.push(`${engine.now} ${line} after ${ghosts.join(' ')}`);
  };
  const post = (index: number, sender: number): void => {
    engine.post(engine.now + script[index].delay, script[index].receiver, sender, shuffled(index), index);
  };
  for (let number = 0; number < actors; number++) {
    const actor: Actor & {wakeAt: Time} = {
      wakeAt: never,
      wake() {
        actor.wakeAt = never;
        write(`${number} wakes`);
      },
      hear(message) {
        const index = message as number;
        if (isGhost(index)) {
          heard.add(index);
          return;
        }
        write(`${number} hears ${index}`);
        if (skip && script[index].fidget) {
          const wish = actor.wakeAt;
          actor.wakeAt = engine.now;
          engine.rearm(number);
          actor.wakeAt = engine.now + 1;
          engine.rearm(number);
          actor.wakeAt = wish;
        }
        actor.wakeAt = Math.min(actor.wakeAt, engine.now + script[index].wish);
        for (const follower of followers[index]) post(follower, number);
      },
    };
    engine.add(actor);
  }
  for (const [index, deed] of script.entries()) {
    if (isGhost(index))
      places.set(index, {at: deed.delay, receiver: deed.receiver, sender: deed.after % 9, number: shuffled(index)});
  }
  for (const [index, place] of places)
    if (!skip) engine.post(place.at, place.receiver, place.sender, place.number, index);
  if (script.length > 0 && !isGhost(0)) post(0, 0);
  for (const time of until) engine.advance(time);
  write('over');
  return lines.join('\n');
}

test('any script is acted out the same on every agenda and in any slices', t => {
  fc.assert(
    fc.property(deeds, fc.array(fc.nat(300), {maxLength: 20}), (script, cuts) => {
      const whole = act(script, new HeapAgenda());
      const until = [...cuts.sort((a, b) => a - b), 1_000];
      assert.equal(act(script, new LadderAgenda()), whole);
      assert.equal(act(script, new HeapAgenda(), {until}), whole);
      assert.equal(act(script, new LadderAgenda(), {until}), whole);
    }),
  );
  t.pass();
});

test('reached tells of what is skipped what running it would have told', t => {
  fc.assert(
    fc.property(deeds, fc.array(fc.nat(100), {maxLength: 20}), (script, cuts) => {
      const run = act(script, new HeapAgenda());
      const until = [...cuts.sort((a, b) => a - b), 1_000];
      assert.equal(act(script, new HeapAgenda(), {skip: true}), run);
      assert.equal(act(script, new LadderAgenda(), {skip: true, until}), run);
    }),
    {numRuns: 400},
  );
  t.pass();
});
