import test from 'ava';
import {milliseconds, never, seconds} from '../../../engine/time.ts';
import {BfdPeer, bfdPeerDefaults, type BfdPeerSettings} from '../../../models/protocols/bfd-peer.ts';
import type {BfdControl, BfdState} from '../../../models/wire/bfd.ts';
import {bfdPacket, ourDiscriminator} from '../../support/bfd-bench.ts';

class Bench {
  readonly machine: BfdPeer;
  readonly said: BfdControl[] = [];
  readonly changes: string[] = [];

  constructor(settings: Partial<BfdPeerSettings> = {}, jitter: () => number = () => 0) {
    this.machine = new BfdPeer(
      {discriminator: ourDiscriminator, jitter},
      {minTx: seconds(1), minRx: seconds(1), detectMult: 5, ...settings},
      {
        send: packet => {
          this.said.push(packet);
        },
        changed: (from, to, why) => {
          this.changes.push(`${from} → ${to}, ${why}`);
        },
      },
      0,
    );
  }

  /** A packet of a peer with the default timers of next-hop BFD, unless `changes` say otherwise. */
  hear(changes: Partial<BfdControl> = {}, now = 0): this {
    const timers = {detectMult: 5, desiredMinTx: seconds(1), requiredMinRx: seconds(1)};
    this.machine.receive(bfdPacket({...timers, ...changes}), now);
    return this;
  }

  get last(): BfdControl | undefined {
    return this.said.at(-1);
  }
}

function benchIn(state: BfdState, settings: Partial<BfdPeerSettings> = {}): Bench {
  const bench = new Bench(settings);
  if (state === 'init') bench.hear({state: 'down'});
  if (state === 'up') bench.hear({state: 'init'});
  return bench;
}

const rows: readonly (readonly [own: BfdState, heard: BfdState, becomes: BfdState])[] = [
  ['down', 'admin-down', 'down'],
  ['down', 'down', 'init'],
  ['down', 'init', 'up'],
  ['down', 'up', 'down'],
  ['init', 'admin-down', 'down'],
  ['init', 'down', 'init'],
  ['init', 'init', 'up'],
  ['init', 'up', 'up'],
  ['up', 'admin-down', 'down'],
  ['up', 'down', 'down'],
  ['up', 'init', 'up'],
  ['up', 'up', 'up'],
];

for (const [own, heard, becomes] of rows) {
  test(`${own} that hears ${heard} is ${becomes}`, t => {
    t.is(benchIn(own).hear({state: heard}, milliseconds(10)).machine.state, becomes);
  });
}

test('the defaults are those of FRR', t => {
  t.deepEqual(bfdPeerDefaults, {minTx: milliseconds(300), minRx: milliseconds(300), detectMult: 3});
});

test('while it is not up it sends once a second at most, whatever its timers', t => {
  const {machine, said} = new Bench({minTx: milliseconds(300)});
  machine.wake(0);
  t.is(machine.sendAt, seconds(1));
  t.deepEqual([said[0].state, said[0].desiredMinTx], ['down', seconds(1)]);
});

test('up it asks for its own timers by a poll, and uses them once that is answered', t => {
  const bench = benchIn('up', {minTx: milliseconds(300)});
  t.deepEqual([bench.last?.state, bench.last?.poll, bench.last?.desiredMinTx], ['up', true, milliseconds(300)]);
  bench.machine.wake(0);
  t.is(bench.machine.sendAt, seconds(1));
  bench.hear({state: 'up', final: true, requiredMinRx: milliseconds(300)}, milliseconds(5));
  t.is(bench.machine.sendAt, milliseconds(305));
  bench.machine.wake(milliseconds(305));
  t.is(bench.last?.poll, false);
});

test('it sends no faster than its peer will hear, and nothing to one that wants nothing', t => {
  const bench = benchIn('up', {minTx: milliseconds(300)}).hear({final: true, requiredMinRx: seconds(2)});
  bench.machine.wake(seconds(3));
  t.is(bench.machine.sendAt, seconds(5));
  bench.hear({requiredMinRx: 0}, seconds(4));
  t.is(bench.machine.sendAt, never);
});

test('an interval is shortened by whole percents, up to 25, or by 10 to 25 with a multiplier of one', t => {
  for (const [detectMult, share, interval] of [
    [5, 0, 1000],
    [5, 0.5, 870],
    [5, 0.999_999, 750],
    [1, 0, 900],
    [1, 0.999_999, 750],
  ]) {
    const {machine} = new Bench({detectMult}, () => share);
    machine.wake(0);
    t.is(machine.sendAt, milliseconds(interval));
  }
});

test("silence for the peer's multiplier times the slower of the two brings it down, to the microsecond", t => {
  const bench = benchIn('up', {minRx: milliseconds(700)}).hear({detectMult: 4, desiredMinTx: milliseconds(500)}, 123);
  t.is(bench.machine.detectionTime, milliseconds(2_800));
  bench.machine.wake(milliseconds(2_800) + 122);
  t.is(bench.machine.state, 'up');
  bench.machine.wake(milliseconds(2_800) + 123);
  t.is(bench.changes.at(-1), 'up → down, control-detection-time-expired');
  t.deepEqual([bench.last?.diagnostic, bench.last?.yourDiscriminator], ['control-detection-time-expired', 0]);
});

test('a peer that says it is down is still known', t => {
  const bench = benchIn('up').hear({state: 'down'}, seconds(1));
  t.is(bench.changes.at(-1), 'up → down, neighbor-signaled-session-down');
  t.deepEqual([bench.last?.state, bench.last?.yourDiscriminator], ['down', 9]);
});

test('a poll is answered at once', t => {
  const bench = benchIn('init').hear({state: 'init', poll: true});
  t.deepEqual(
    bench.said.map(({state, poll, final}) => [state, poll, final]),
    [
      ['up', true, false],
      ['up', false, true],
    ],
  );
});

for (const [what, changes] of [
  ['for another session', {yourDiscriminator: ourDiscriminator + 1}],
  ['for no session in particular that says init', {yourDiscriminator: 0, state: 'init'}],
  ['of nobody', {myDiscriminator: 0}],
  ['with a multiplier of zero', {detectMult: 0}],
  ['of version 0', {version: 0}],
  ['with authentication', {authentication: true}],
  ['for many', {multipoint: true}],
] as const) {
  test(`a packet ${what} is not taken in`, t => {
    const bench = new Bench().hear({state: 'init', ...changes});
    t.is(bench.machine.state, 'down');
  });
}
