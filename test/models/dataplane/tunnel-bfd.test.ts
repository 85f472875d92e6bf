import test from 'ava';
import {seconds, toSeconds} from '../../../engine/time.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';

const expired = 'control-detection-time-expired';

/** Settings of both ends, and how long each may be silent. */
const patience: readonly (readonly [settings: string, silence: number])[] = [
  ['{}', 3],
  ['{bfd-mult: 5}', 5],
  ['{bfd-min-tx: 2s, bfd-min-rx: 500ms}', 6],
  ['{bfd-min-tx: 300ms, bfd-min-rx: 100ms, bfd-mult: 2}', 0.6],
];

for (const [settings, silence] of patience) {
  test(`with ${settings} a session that goes down says that it heard nothing for ${silence} s`, t => {
    const world = worldOf(planOf(`${cloudText()}ovn: ${settings}\n`));
    world.advance(seconds(10));
    world.ovn.chassis[0].nic('underlay').cut('test');
    world.advance(seconds(30));
    const ends = world.journal.entries.flatMap(({kind, at, detail}) =>
      kind === 'bfd changed' && detail.diagnostic === expired ? [{at, ...detail}] : [],
    );
    t.true(ends.some(({from, to}) => from === 'up' && to === 'down'));
    for (const {at, detectionTime, heardAt = 0} of ends) {
      t.is(toSeconds(detectionTime), silence);
      t.true(Math.abs(toSeconds(at - heardAt) - silence) < 0.01);
    }
  });
}
