import test from 'ava';
import {milliseconds, never, seconds, type Time} from '../../../engine/time.ts';
import {NextHopBfd, nextHopBfdDefaults, type NextHopBfdSettings} from '../../../models/protocols/next-hop-bfd.ts';
import type {BfdControl, BfdState} from '../../../models/wire/bfd.ts';
import {bfdPacket} from '../../support/bfd-bench.ts';
import {NextHopPair, ovnDiscriminator} from '../../support/next-hop-pair.ts';

/** A session that keeps what it says; its clock is that of the world plus `phase`. */
class Bench {
  readonly machine: NextHopBfd;
  readonly said: BfdControl[] = [];
  readonly changes: string[] = [];

  constructor(
    settings: Partial<NextHopBfdSettings> = {},
    phase: Time = 0,
    jitter: (count: number) => number = () => 0,
  ) {
    this.machine = new NextHopBfd(
      {discriminator: ovnDiscriminator, phase, jitter},
      {...nextHopBfdDefaults, ...settings},
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

  /** A packet of the next hop, which knows us and has the default timers unless `changes` say otherwise. */
  hear(changes: Partial<BfdControl>, now: Time): this {
    const timers = {detectMult: 5, desiredMinTx: seconds(1), requiredMinRx: seconds(1)};
    this.machine.receive(bfdPacket({yourDiscriminator: ovnDiscriminator, ...timers, ...changes}), now);
    return this;
  }

  begin(): this {
    this.machine.begin();
    return this;
  }
}

function benchIn(state: BfdState): Bench {
  const bench = new Bench();
  if (state !== 'admin-down') bench.begin();
  if (state === 'init') bench.hear({state: 'down'}, 0);
  if (state === 'up') bench.hear({state: 'init'}, 0);
  return bench;
}

const rows: readonly (readonly [own: BfdState, heard: BfdState, becomes: BfdState])[] = [
  ['admin-down', 'admin-down', 'admin-down'],
  ['admin-down', 'down', 'admin-down'],
  ['admin-down', 'init', 'admin-down'],
  ['admin-down', 'up', 'admin-down'],
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
    const {machine} = benchIn(own).hear({state: heard}, milliseconds(10));
    t.is(machine.state, becomes);
  });
}

test('the defaults are those of northd', t => {
  t.deepEqual(nextHopBfdDefaults, {minTx: milliseconds(1000), minRx: milliseconds(1000), detectMult: 5});
});

test('a new session says nothing until the main loop has seen its row twice', t => {
  const bench = new Bench();
  bench.machine.wake(seconds(10));
  t.deepEqual(bench.said, []);
  t.is(bench.machine.wakeAt, never);
  bench.begin().machine.wake(seconds(10));
  t.is(bench.said.length, 1);
});

test('it says its timers in microseconds and never why it is down', t => {
  const bench = benchIn('up');
  bench.machine.wake(seconds(20));
  const [packet] = bench.said;
  t.deepEqual([packet.state, packet.diagnostic], ['down', 'no-diagnostic']);
  t.deepEqual([packet.desiredMinTx, packet.requiredMinRx, packet.detectMult], [1_000_000, 1_000_000, 5]);
  t.deepEqual([packet.myDiscriminator, packet.yourDiscriminator], [ovnDiscriminator, 9]);
});

test('an interval is shortened by whole milliseconds, up to but without a quarter', t => {
  for (const [share, interval] of [
    [0, 1000],
    [0.5, 875],
    [0.999_999, 751],
  ]) {
    const {machine} = new Bench({}, 0, () => share).begin();
    machine.wake(0);
    t.is(machine.wakeAt, milliseconds(interval));
  }
});

test('an interval of less than four milliseconds has no jitter', t => {
  const {machine} = new Bench({minTx: milliseconds(3)}, 0, () => 0.999_999).begin();
  machine.wake(0);
  t.is(machine.wakeAt, milliseconds(3));
});

test('it sends as fast while it is down as when it is up', t => {
  const {machine} = new Bench({minTx: milliseconds(100)}).begin();
  machine.wake(0);
  t.is(machine.wakeAt, milliseconds(100));
});

test('it sends no faster than the next hop will hear', t => {
  const bench = new Bench({minTx: milliseconds(100)}).begin();
  bench.hear({state: 'init', requiredMinRx: milliseconds(700)}, 0).machine.wake(0);
  t.is(bench.machine.wakeAt, milliseconds(700));
});

test('a next hop that wants to hear nothing is sent nothing', t => {
  const bench = new Bench().begin().hear({state: 'init', requiredMinRx: 0}, 0);
  bench.machine.wake(seconds(2));
  t.deepEqual(bench.said, []);
  t.is(bench.machine.wakeAt, never);
});

test('five seconds after the last packet it is down, if its thread looks', t => {
  const bench = benchIn('up').hear({}, seconds(3));
  t.is(bench.machine.detectAt, seconds(8));
  bench.machine.wake(seconds(8) - milliseconds(1));
  t.is(bench.machine.state, 'up');
  bench.machine.wake(seconds(8));
  t.is(bench.machine.state, 'down');
  t.is(bench.changes.at(-1), 'up → down, control-detection-time-expired');
  t.is(bench.machine.detectAt, never);
});

test('its thread wakes for its next packet, not for the end of the detection time', t => {
  const bench = benchIn('up').hear({}, milliseconds(3_500));
  bench.machine.wake(milliseconds(7_900));
  t.is(bench.machine.detectAt, milliseconds(8_500));
  t.is(bench.machine.wakeAt, milliseconds(8_900));
});

test('init is lost by silence like up', t => {
  const bench = benchIn('init');
  bench.machine.wake(seconds(5));
  t.is(bench.machine.state, 'down');
});

test('its clock shows whole milliseconds of its own', t => {
  const bench = new Bench({}, 400).begin();
  bench.hear({state: 'init'}, milliseconds(10) + 700);
  // Heard at 11.1 of its clock, which is 11: so down when it shows 5011.
  bench.machine.wake(seconds(5) + milliseconds(10) + 599);
  t.is(bench.machine.state, 'up');
  bench.machine.wake(seconds(5) + milliseconds(10) + 600);
  t.is(bench.machine.state, 'down');
});

test("the next hop's multiplier and the slower of the two decide how long it may be silent", t => {
  const frr = {detectMult: 3, desiredMinTx: milliseconds(300)};
  t.is(benchIn('up').hear(frr, 0).machine.detectionTime, seconds(3));
  t.is(benchIn('up').hear({detectMult: 4, desiredMinTx: seconds(2)}, 0).machine.detectionTime, seconds(8));
});

test('a poll is answered at once and does not count as a packet of its own time', t => {
  const bench = benchIn('up');
  bench.machine.wake(0);
  bench.hear({poll: true}, milliseconds(200));
  t.deepEqual(
    bench.said.map(({state, final}) => [state, final]),
    [
      ['up', false],
      ['up', true],
    ],
  );
  t.is(bench.machine.wakeAt, seconds(1));
});

for (const [what, changes] of [
  ['for another session', {yourDiscriminator: ovnDiscriminator + 1}],
  ['for no session in particular', {yourDiscriminator: 0, state: 'down'}],
  ['of nobody', {myDiscriminator: 0}],
  ['with a multiplier of zero', {detectMult: 0}],
  ['of version 0', {version: 0}],
  ['with authentication', {authentication: true}],
  ['for many', {multipoint: true}],
  ['that asks and answers at once', {poll: true, final: true}],
] as const) {
  test(`a packet ${what} is not taken in`, t => {
    const bench = benchIn('up').hear({...changes, state: 'down'}, seconds(1));
    t.is(bench.machine.state, 'up');
    t.is(bench.machine.detectAt, seconds(5));
  });
}

test("the next hop's discriminator is forgotten when the main loop has written that it is down, not before", t => {
  const bench = benchIn('up');
  bench.machine.wake(seconds(5));
  bench.machine.wake(seconds(6));
  bench.machine.forgetPeer();
  bench.machine.wake(seconds(7));
  t.deepEqual(
    bench.said.map(({state, yourDiscriminator}) => [state, yourDiscriminator]),
    [
      ['down', 9],
      ['down', 9],
      ['down', 0],
    ],
  );
});

test('a session comes up: who says what, and when', t => {
  const pair = new NextHopPair();
  pair.ovn.begin();
  t.deepEqual(pair.until(milliseconds(2_500)).lines, [
    '0.000 ovn: says down 1000/1000 to nobody',
    '0.000 peer: says down 1000/1000 to nobody',
    '0.001 peer: down → init',
    '1.000 ovn: says down 1000/1000 to nobody',
    '1.000 peer: says init 1000/1000 to the peer',
    '1.001 ovn: down → up',
    '2.000 ovn: says up 1000/1000 to the peer',
    '2.000 peer: says init 1000/1000 to the peer',
    '2.001 peer: init → up',
    '2.001 peer: says up poll 1000/1000 to the peer',
    '2.002 ovn: says up final 1000/1000 to the peer',
  ]);
});

test('it cannot be brought up by a router that has not heard it', t => {
  const pair = new NextHopPair({link: from => (from === 'ovn' ? 'lost' : 1_000)});
  pair.ovn.begin();
  pair.until(seconds(30));
  t.is(pair.states, 'down down');
});

test('another chassis takes the session over under the same discriminator: a word brings it down, two bring it up', t => {
  const pair = new NextHopPair();
  pair.ovn.begin();
  pair.until(milliseconds(10_500)).clear().moves();
  t.deepEqual(pair.until(milliseconds(11_600)).lines, [
    '10.500 ovn: says down 1000/1000 to nobody',
    '10.501 peer: up → down (neighbor-signaled-session-down)',
    '10.501 peer: says down 1000/1000 neighbor-signaled-session-down to the peer',
    '10.502 ovn: down → init',
    '11.000 peer: says down 1000/1000 neighbor-signaled-session-down to the peer',
    '11.500 ovn: says init 1000/1000 to the peer',
    '11.501 peer: down → up',
    '11.501 peer: says up poll 1000/1000 to the peer',
    '11.502 ovn: init → up',
    '11.502 ovn: says up final 1000/1000 to the peer',
  ]);
});

test('both ends find out a dead link five seconds after they last heard: the router at once, OVN with its next packet', t => {
  const pair = new NextHopPair({
    link: (_, at) => (at >= seconds(20) ? 'lost' : 1_000),
    jitter: count => [0.2, 0.9, 0.5, 0.7][count % 4],
  });
  pair.ovn.begin();
  pair.until(milliseconds(19_999));
  const lastSaid = (who: string): number => momentOf(pair.lines.findLast(line => line.includes(`${who}: says`)));
  const [heardByOvn, heardByPeer] = [lastSaid('peer') + 0.001, lastSaid('ovn') + 0.001];
  pair.until(seconds(30));
  const down = (who: string): number => momentOf(pair.lines.find(line => line.includes(`${who}: up → down`)));
  t.is(down('peer').toFixed(3), (heardByPeer + 5).toFixed(3));
  t.true(down('ovn') >= heardByOvn + 5 && down('ovn') < heardByOvn + 6);
  t.true(pair.lines.some(line => line.startsWith(`${down('ovn').toFixed(3)} ovn: says down`)));
});

test('a router with the defaults of FRR is noticed after three seconds, and notices after five', t => {
  const pair = new NextHopPair({
    link: (_, at) => (at >= seconds(20) ? 'lost' : 1_000),
    peer: {minTx: milliseconds(300), minRx: milliseconds(300), detectMult: 3},
  });
  pair.ovn.begin();
  pair.until(seconds(19));
  t.is(pair.states, 'up up');
  t.is(pair.ovn.detectionTime, seconds(3));
  t.is(pair.peer.detectionTime, seconds(5));
});

function momentOf(line: string | undefined): number {
  return Number(line?.split(' ', 1)[0]);
}
