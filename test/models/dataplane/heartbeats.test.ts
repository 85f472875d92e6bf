import test from 'ava';
import {milliseconds, never, seconds} from '../../../engine/time.ts';
import type {TunnelBfd} from '../../../models/dataplane/tunnel-bfd.ts';
import type {World} from '../../../models/world/world.ts';
import {cloudText, planOf, worldOf} from '../../support/clouds.ts';
import {Luck} from '../../support/luck.ts';
import {mutations} from '../../support/mutations.ts';

const clouds: Readonly<Record<string, readonly string[]>> = {
  'on quiet hosts': [],
  'on busy hosts, fast': ['host: busy', 'ovn: {bfd-min-tx: 100ms, bfd-min-rx: 100ms, bfd-mult: 5}'],
  'of which two may be under way at a time': [
    'host: {base: busy, bfd-receive: 60ms..95ms}',
    'ovn: {bfd-min-tx: 100ms, bfd-min-rx: 50ms, bfd-mult: 20}',
  ],
};

const mishaps = ['carrier', 'rule on a card', 'tunnel', 'tunnel neighbour', 'daemon', 'chassis', 'rule on a switch'];
const seeds = 12;
const looks = 40;

for (const [which, lines] of Object.entries(clouds)) {
  test(`heartbeats ${which}: each look finds the sessions as if every packet had been run`, t => {
    let skipping = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const plan = planOf(`${cloudText({duration: '60min'})}${lines.map(line => `${line}\n`).join('')}`, seed);
      const [stepped, skipped] = [worldOf(plan, false), worldOf(plan)];
      const lucks = [new Luck(`heartbeats ${seed}`), new Luck(`heartbeats ${seed}`)] as const;
      for (let look = 1; look <= looks; look++) {
        const deeds = [befall(stepped, lucks[0]), befall(skipped, lucks[1])];
        t.is(deeds[1], deeds[0]);
        if (sessionsOf(skipped).every(({wakeAt}) => wakeAt === never)) skipping += 1;
        const story = `seed ${seed}, look ${look} at ${stepped.now} µs, after ${deeds[0]}`;
        t.deepEqual(lookAt(skipped), lookAt(stepped), story);
      }
      t.deepEqual(skipped.journal.entries, stepped.journal.entries, `seed ${seed}`);
    }
    t.true(skipping > (seeds * looks) / 8, `${skipping} times all were skipped`);
  });
}

test('what of many packets can be seen does not depend on how often one looks', t => {
  const plan = planOf(cloudText({duration: '60min'}));
  const [once, often] = [worldOf(plan), worldOf(plan)];
  for (let at = 0; at <= seconds(100); at += milliseconds(37)) {
    often.advance(at);
    often.ground.ledger.settle();
  }
  once.advance(often.now);
  t.deepEqual(lookAt(once), lookAt(often));
});

/** Lets some time pass, and one time in four something happens. */
function befall(world: World, luck: Luck): string {
  world.advance(world.now + luck.whole(1, 9) * 10 ** luck.whole(1, 6));
  if (!luck.happens(0.25)) return 'nothing';
  return mutations[luck.pick(mishaps)](world, luck) ?? 'nothing';
}

/** All that can be seen of the sessions without letting time pass. */
function lookAt(world: World) {
  const {ledger, counters} = world.ground;
  ledger.settle();
  const sessions = sessionsOf(world).map(({name, sent, sendAt, session}) => {
    const {state, wakeAt, detectAt} = session;
    return {name, sent, sendAt, machine: {state, sendAt: session.sendAt, wakeAt, detectAt}};
  });
  return {sessions, counters: counters.list()};
}

function sessionsOf({ovn: {chassis}}: World): readonly TunnelBfd[] {
  return chassis.flatMap(({vswitchd}) => chassis.flatMap(({number}) => vswitchd.session(number) ?? []));
}
