import test from 'ava';
import fc from 'fast-check';
import {milliseconds, seconds} from '../../../engine/time.ts';
import {BfdBench, bfdPacket, describe} from '../../support/bfd-bench.ts';

// Poll sequences (RFC 5880, 6.5, as lib/bfd.c runs them) and decay_min_rx.

const words = (b: BfdBench) => b.sent.map(({packet}) => describe(packet));

/** Up since a while, 30 ms after a packet of each end. */
const live = (settings: ConstructorParameters<typeof BfdBench>[0] = {}) => new BfdBench(settings).up().pass(30_000);

test('a session comes up without any poll', t => {
  const b = new BfdBench().until(0).hear({state: 'down'}).until(seconds(1)).hear({state: 'init'});
  b.heartbeats(seconds(10), seconds(1));
  t.false(b.sent.some(({packet}) => packet.poll || packet.final));
});

test('new timers on a live session are asked for at the next round of the monitor thread', t => {
  const b = live().configure({minTx: 2000});
  const from = b.now;
  b.pass(milliseconds(100));
  t.deepEqual(words(b), ['up poll 2000/1000 to the peer']);
  t.true(b.sentAt[0] > from && b.sentAt[0] <= from + milliseconds(100));
});

test('a poll is repeated at the old pace until it is answered', t => {
  const b = live().configure({minTx: 2000}).heartbeats(seconds(5), milliseconds(500));
  t.true(b.sent.every(({packet}) => packet.poll && packet.desiredMinTx === seconds(2)));
  const gaps = b.sentAt.slice(1).map((at, index) => at - b.sentAt[index]);
  t.deepEqual(new Set(gaps), new Set([seconds(1)]));
});

test('once a poll is answered the new timers hold and nothing is asked any more', t => {
  const b = live().configure({minTx: 2000}).pass(milliseconds(100)).hear({final: true}).clear();
  t.is(b.session.sendInterval, seconds(2));
  b.heartbeats(b.now + seconds(5), milliseconds(500));
  t.deepEqual(new Set(words(b)), new Set(['up 2000/1000 to the peer']));
});

test('a final nobody asked for changes nothing', t => {
  const b = live();
  const {sendAt} = b.session;
  t.is(b.hear({final: true}).session.sendAt, sendAt);
  t.deepEqual(b.lines, []);
});

// What is changed; the interval and the detection time before the answer, and after it.
const changes: readonly (readonly [string, object, readonly [number, number], readonly [number, number]])[] = [
  ['a longer min_tx waits for the answer', {minTx: 3000}, [1000, 3000], [3000, 3000]],
  ['a shorter min_tx holds at once', {minTx: 1200}, [1200, 3000], [1200, 3000]],
  ['a longer min_rx holds at once', {minRx: 1500}, [2000, 4500], [2000, 4500]],
  ['a shorter min_rx waits for the answer', {minRx: 500}, [2000, 3000], [2000, 1500]],
];

for (const [what, change, before, after] of changes) {
  test(`on a live session ${what}`, t => {
    const isShorter = what.includes('min_tx') && what.includes('longer');
    const b = live({settings: {minTx: isShorter ? 100 : 2000}}).configure(change);
    const timers = () => [b.hear().session.sendInterval, b.session.detectionTime];
    t.deepEqual(timers(), before.map(milliseconds));
    b.pass(milliseconds(100)).hear({final: true});
    t.deepEqual(timers(), after.map(milliseconds));
  });
}

test('timers changed during a poll are asked for in another one after it', t => {
  const b = live().configure({minTx: 2000}).pass(milliseconds(100)).configure({minTx: 4000});
  b.pass(milliseconds(100)).hear({final: true});
  t.false(b.session.steady);
  b.heartbeats(b.now + seconds(3), milliseconds(500))
    .hear({final: true})
    .clear();
  t.is(b.session.sendInterval, seconds(4));
  t.true(b.session.steady);
});

test('new timers on a session that is down are simply said', t => {
  const b = new BfdBench().until(0).clear().configure({minTx: 4000, minRx: 300}).until(seconds(4));
  t.deepEqual(words(b), ['down 4000/300 to nobody']);
});

test('a multiplier is said without a poll', t => {
  const b = live().configure({mult: 9}).pass(seconds(1));
  t.deepEqual(
    b.sent.map(({packet}) => [packet.poll, packet.detectMult]),
    [[false, 9]],
  );
});

test('being configured does not put off what is due anyway', t => {
  const b = new BfdBench().up();
  const from = b.now;
  b.until(from + milliseconds(997))
    .configure({mult: 9})
    .until(from + milliseconds(1_050));
  t.deepEqual(b.sentAt, [from + seconds(1)]);
});

test('the same settings again change nothing', t => {
  const b = live().configure({}).pass(seconds(1));
  t.deepEqual(words(b), ['up 100/1000 to the peer']);
});

test('a poll of the peer is answered with one final within a round of the monitor thread', t => {
  const runs = fc.record({at: fc.integer({min: 1, max: 900_000}), phase: fc.nat(99_999), share: fc.nat(25)});
  fc.assert(
    fc.property(runs, ({at, phase, share}) => {
      const b = new BfdBench({phase, jitter: () => share / 26}).up();
      b.pass(at).clear().hear({poll: true});
      const heardAt = b.now;
      b.heartbeats(heardAt + seconds(3), milliseconds(500));
      t.true(b.sentAt[0] > heardAt && b.sentAt[0] <= heardAt + milliseconds(100));
      t.deepEqual(
        b.sent.map(({packet}) => packet.final),
        b.sent.map((_, index) => index === 0),
      );
      t.false(b.sent.some(({packet}) => packet.poll));
    }),
  );
});

test('two polls before the answer are answered once', t => {
  const b = live().hear({poll: true}).pass(milliseconds(20)).hear({poll: true}).pass(milliseconds(100));
  t.deepEqual(words(b), ['up final 100/1000 to the peer']);
});

test('the next transmission counts from the final', t => {
  const b = live().hear({poll: true}).pass(milliseconds(100));
  t.is(b.session.sendAt, b.sentAt[0] + seconds(1));
});

test('a poll of the peer ends an own one, which begins again after the answer', t => {
  const b = live().configure({minTx: 2000}).hear({poll: true}).pass(milliseconds(100));
  t.deepEqual(words(b), ['up final 100/1000 to the peer', 'up poll 2000/1000 to the peer']);
});

// decay_min_rx: the counter of the tunnel shows little more than the control packets.

/** Up at 1 s with decay_min_rx 3000: it is looked at 3 s after that, and then every 3 s. */
const decaying = () => new BfdBench({settings: {decayMinRx: 3000}}).up();

test('a tunnel that carries nothing but BFD asks for fewer packets', t => {
  const b = decaying().heartbeats(seconds(5), milliseconds(900));
  const poll = b.sent.find(({packet}) => packet.poll);
  t.is(describe(poll!.packet), 'up poll 100/3000 to the peer');
  b.hear({final: true});
  t.is(b.session.detectionTime, seconds(9));
  t.is(b.clear().heartbeats(b.now + seconds(2), milliseconds(900)).last.requiredMinRx, seconds(3));
});

test('a tunnel that carries other packets asks for them as before', t => {
  const b = decaying().heartbeats(seconds(5), milliseconds(900)).hear({final: true});
  while (b.now < seconds(12)) {
    b.packets += 10;
    b.pass(milliseconds(900)).hear();
  }
  const polls = b.sent.filter(({packet}) => packet.poll);
  t.is(describe(polls[polls.length - 1].packet), 'up poll 100/1000 to the peer');
  t.is(b.hear({final: true}).session.detectionTime, seconds(3));
});

for (const [others, polls] of [
  [3, true],
  [4, false],
] as const) {
  test(`three heartbeats and ${others} other packets in a tunnel are ${polls ? 'too few' : 'enough'}`, t => {
    const b = new BfdBench({settings: {decayMinRx: 3000}}).until(0).hear({state: 'init'});
    b.packets += others;
    b.heartbeats(milliseconds(2_700), milliseconds(900)).until(seconds(3));
    t.is(b.last.poll, polls);
  });
}

test('a session that goes down forgets its decay', t => {
  const b = decaying().heartbeats(seconds(5), milliseconds(900)).hear({final: true});
  b.hear({state: 'down'}).hear({state: 'down', desiredMinTx: seconds(1)});
  t.is(b.session.detectionTime, seconds(3));
  t.is(b.clear().pass(seconds(3)).last.requiredMinRx, seconds(1));
});

test('a decay_min_rx below min_rx is refused', t => {
  const b = new BfdBench({settings: {decayMinRx: 999}}).up().heartbeats(seconds(20), milliseconds(900));
  t.false(b.sent.some(({packet}) => packet.poll));
  t.true(b.session.steady);
});

test('without decay_min_rx the counter of the tunnel is never read', t => {
  const b = new BfdBench().up();
  Object.defineProperty(b, 'packets', {
    get: () => {
      throw new Error('read');
    },
  });
  const {session} = b;
  for (let at = b.now; at < seconds(30); at += milliseconds(900)) {
    b.until(at);
    session.receive(bfdPacket(), at);
  }
  t.is(session.state, 'up');
});
