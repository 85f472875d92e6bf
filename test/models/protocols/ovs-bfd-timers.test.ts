import test from 'ava';
import fc from 'fast-check';
import {milliseconds, seconds, type Time} from '../../../engine/time.ts';
import {BfdBench} from '../../support/bfd-bench.ts';

// What bfd_set_next_tx, bfd_tx_interval and bfd_rx_interval of Open vSwitch do, in whole milliseconds.

test('a new session speaks at once when the monitor thread starts with it', t => {
  t.deepEqual(new BfdBench({threadStarts: true}).until(milliseconds(500)).sentAt, [0]);
});

test('a new session speaks at the next round of a monitor thread that is there already', t => {
  t.deepEqual(new BfdBench({threadStarts: false, beginsAt: milliseconds(1250)}).until(seconds(2)).sentAt, [
    milliseconds(1300),
  ]);
});

test('while it is not up it speaks and says that it speaks no more often than once a second', t => {
  const b = new BfdBench({settings: {minTx: 50}}).until(seconds(3));
  t.deepEqual(b.sentAt, [0, seconds(1), seconds(2), seconds(3)]);
  t.deepEqual(new Set(b.sent.map(({packet}) => packet.desiredMinTx)), new Set([seconds(1)]));
});

test('while it is not up it speaks as seldom as it wants', t => {
  const b = new BfdBench({settings: {minTx: 4000}}).until(seconds(8));
  t.deepEqual(b.sentAt, [0, seconds(4), seconds(8)]);
  t.is(b.last.desiredMinTx, seconds(4));
});

test('while it is not up it heeds a peer that wants to hear even less', t => {
  const b = new BfdBench()
    .until(0)
    .hear({state: 'down', requiredMinRx: seconds(5)})
    .clear();
  b.heartbeats(seconds(11), seconds(1), {state: 'down', requiredMinRx: seconds(5)});
  t.deepEqual(b.sentAt, [seconds(5), seconds(10)]);
});

// Own min_tx, min_rx that the peer asks for, the interval that comes of them.
const intervals: readonly (readonly [number, number, number])[] = [
  [100, 1000, 1000],
  [100, 100, 100],
  [100, 50, 100],
  [300, 299, 300],
  [300, 301, 301],
  [5, 0, 5],
  [1, 0, 1],
];

for (const [minTx, peerMinRx, interval] of intervals) {
  test(`up with min_tx ${minTx} and a peer with min_rx ${peerMinRx} it speaks every ${interval} ms`, t => {
    const b = new BfdBench({settings: {minTx}}).up({requiredMinRx: milliseconds(peerMinRx)});
    const from = b.now;
    b.heartbeats(from + milliseconds(3 * interval), milliseconds(interval), {requiredMinRx: milliseconds(peerMinRx)});
    t.deepEqual(
      b.sentAt,
      [1, 2, 3].map(count => from + milliseconds(count * interval)),
    );
    t.is(b.session.sendInterval, milliseconds(interval));
    t.is(b.last.desiredMinTx, milliseconds(minTx));
  });
}

// The draw is taken by share: of 26 percentages, or of 16 with a multiplier of one.
for (const interval of [1000, 333, 101, 7, 1]) {
  test(`an interval of ${interval} ms is shortened by a whole percentage of 0 to 25, rounded down`, t => {
    for (let percent = 0; percent <= 25; percent++) {
      const b = spoken(interval, 3, (percent + 0.5) / 26);
      t.is(b, milliseconds(interval - Math.floor((interval * percent) / 100)), `${percent} %`);
    }
  });

  test(`an interval of ${interval} ms is shortened by 10 to 25 % with a multiplier of one`, t => {
    for (let percent = 10; percent <= 25; percent++) {
      const b = spoken(interval, 1, (percent - 10 + 0.5) / 16);
      t.is(b, milliseconds(interval - Math.floor((interval * percent) / 100)), `${percent} %`);
    }
  });
}

test('the least and the greatest draw are 0 and 25 %, or 10 and 25 %', t => {
  const greatest = 1 - 2 ** -32;
  t.deepEqual([spoken(1000, 3, 0), spoken(1000, 3, greatest)], [seconds(1), milliseconds(750)]);
  t.deepEqual([spoken(1000, 1, 0), spoken(1000, 1, greatest)], [milliseconds(900), milliseconds(750)]);
});

/** How long after its first word a session that is up speaks again. */
function spoken(interval: number, mult: number, share: number): Time {
  const changes = {requiredMinRx: 0};
  const b = new BfdBench({settings: {minTx: interval, mult}, jitter: () => share}).up(changes);
  const from = b.now;
  while (b.sent.length === 0) b.until(b.session.wakeAt).hear(changes);
  return b.sentAt[0] - from;
}

// Own min_rx, what the peer says of its min_tx and its multiplier, the detection time.
const detections: readonly (readonly [number, number, number, number])[] = [
  [1000, 100, 3, 3000],
  [1000, 1000, 3, 3000],
  [1000, 1500, 3, 4500],
  [100, 100, 3, 300],
  [100, 250, 5, 1250],
  [1000, 100, 1, 1000],
  [300, 0, 255, 76_500],
];

for (const [minRx, peerMinTx, mult, detection] of detections) {
  const peer = `a peer with min_tx ${peerMinTx} and multiplier ${mult}`;
  test(`with min_rx ${minRx}, ${peer} may be silent for ${detection} ms after its last packet`, t => {
    const changes = {desiredMinTx: milliseconds(peerMinTx), detectMult: mult};
    const b = new BfdBench({settings: {minRx, mult: 7}}).up(changes);
    b.heartbeats(b.now + seconds(2), milliseconds(97), changes).hear(changes);
    const downAt = b.now + milliseconds(detection);
    t.is(b.session.detectionTime, milliseconds(detection));
    t.is(b.session.detectAt, downAt);
    t.is(b.until(downAt - 1).session.state, 'up');
    t.is(b.until(downAt).session.state, 'down');
    t.is(b.session.detectionTime, milliseconds(detection), 'it can still be asked what it was');
  });
}

test('timers of the peer that are no whole milliseconds are cut off, and none is below one', t => {
  const b = new BfdBench({settings: {minTx: 1, minRx: 1}}).until(0).hear({state: 'init'});
  b.hear({requiredMinRx: 5_999, desiredMinTx: 7_999, detectMult: 2});
  t.is(b.session.sendInterval, milliseconds(5));
  t.is(b.session.detectionTime, milliseconds(14));
  b.hear({requiredMinRx: 999, desiredMinTx: 999, detectMult: 2});
  t.is(b.session.sendInterval, milliseconds(1));
  t.is(b.session.detectionTime, milliseconds(2));
});

test('every packet pushes the detection time out', t => {
  const b = new BfdBench().up().heartbeats(seconds(60), milliseconds(2900));
  t.deepEqual(b.changes, []);
  t.is(b.session.state, 'up');
});

// The clock.

test('the clock shows whole milliseconds that begin with the phase of the host', t => {
  const b = new BfdBench({phase: 700}).until(seconds(1));
  t.deepEqual(b.sentAt, [0, milliseconds(999) + 300]);
  const c = new BfdBench({phase: 700}).until(0).hear({state: 'init'}).until(5_299).hear();
  t.is(c.session.detectAt, milliseconds(3_005) - 700);
  t.is(c.until(5_300).hear().session.detectAt, milliseconds(3_006) - 700);
});

test('whatever the phase, a session sleeps for the interval less one millisecond at least and never longer', t => {
  const runs = fc.record({phase: fc.nat(99_999), beginsAt: fc.nat(5_000_000), share: fc.double({max: 0.999, min: 0})});
  fc.assert(
    fc.property(runs, ({phase, beginsAt, share}) => {
      const b = new BfdBench({phase, beginsAt, jitter: () => share}).pass(seconds(4));
      const gaps = b.sentAt.slice(1).map((at, index) => at - b.sentAt[index]);
      const interval = milliseconds(1000 - Math.floor(Math.floor(share * 26) * 10));
      t.true(b.sentAt.slice(1).every(at => (at + phase) % 1000 === 0));
      t.true(gaps.every((gap, index) => (index === 0 ? gap > interval - 1000 && gap <= interval : gap === interval)));
    }),
  );
});

// The monitor thread wakes when the session asked for it the last time that it was looked at (ofproto-dpif-monitor.c).

test('a packet that brings the next transmission forward does not wake the monitor thread', t => {
  const b = new BfdBench().up({requiredMinRx: seconds(5)});
  const from = b.now;
  const {wakeAt} = b.session;
  b.pass(milliseconds(10)).hear({requiredMinRx: seconds(1)});
  t.is(b.session.sendAt, from + seconds(1));
  t.is(b.session.wakeAt, wakeAt);
  t.deepEqual(b.until(wakeAt).sentAt, [wakeAt]);
});

test('the packet after that which comes when the transmission is overdue has it made within a round', t => {
  const b = new BfdBench().up({requiredMinRx: seconds(5)});
  const from = b.now;
  b.pass(milliseconds(10)).hear({requiredMinRx: seconds(1)});
  b.until(from + milliseconds(999))
    .hear({requiredMinRx: seconds(1)})
    .until(from + milliseconds(1_050));
  t.deepEqual(b.sentAt, []);
  b.until(from + milliseconds(1_130)).hear({requiredMinRx: seconds(1)});
  t.deepEqual(b.until(from + seconds(2)).sentAt, [from + milliseconds(1_200)]);
});

test('a session that came up between two looks of the monitor thread expires no earlier than at the next', t => {
  const fast = {requiredMinRx: milliseconds(100), desiredMinTx: milliseconds(100)};
  const b = new BfdBench({settings: {minRx: 100}}).until(milliseconds(10)).hear({...fast, state: 'init'});
  t.is(b.session.detectAt, milliseconds(310));
  t.is(b.until(milliseconds(999)).session.state, 'up');
  t.is(b.until(seconds(1)).session.state, 'down');
});

test('the monitor thread looks no more often than a packet or a deadline is due', t => {
  const b = new BfdBench().up().heartbeats(seconds(101), milliseconds(900));
  t.true(b.wakes <= 102, `${b.wakes}`);
});
