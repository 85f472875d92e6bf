import test from 'ava';
import fc from 'fast-check';
import {draw} from '../../../engine/chance.ts';
import {milliseconds, seconds, toMilliseconds, type Time} from '../../../engine/time.ts';
import type {BfdControl} from '../../../models/wire/bfd.ts';
import {decodeFrame, type Frame} from '../../../models/wire/frame.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import {BfdBench, bfdPacket, describe} from '../../support/bfd-bench.ts';
import {BfdPair, type Link} from '../../support/bfd-pair.ts';
import {ovnCaptures, readCapture} from '../../support/pcap.ts';

const latency = milliseconds(1);
const good: Link = () => latency;

/** Both ways are cut in these spans. */
function cut(...spans: readonly (readonly [Time, Time])[]): Link {
  return (_, at) => (spans.some(([from, to]) => at >= from && at < to) ? 'lost' : latency);
}

/** Only what this end sends is cut from then on. */
function deaf(to: 'a' | 'b', since: Time, until: Time): Link {
  return (from, at) => (from !== to && at >= since && at < until ? 'lost' : latency);
}

test('two ends that begin together come up by init within two transmissions', t => {
  const pair = new BfdPair({link: good}).until(seconds(2));
  t.deepEqual(pair.story, [
    '0.000 sends down 1000/1000 to nobody (a)',
    '0.000 sends down 1000/1000 to nobody (b)',
    '0.001 down → init (a)',
    '0.001 down → init (b)',
    '1.000 sends init 1000/1000 to the peer (a)',
    '1.000 sends init 1000/1000 to the peer (b)',
    '1.001 init → up (a)',
    '1.001 init → up (b)',
    '2.000 sends up 100/1000 to the peer (a)',
    '2.000 sends up 100/1000 to the peer (b)',
  ]);
});

test('an end that finds the other waiting comes up by init, the other at once', t => {
  const pair = new BfdPair({link: good, later: milliseconds(1_500)}).until(milliseconds(3_600));
  t.deepEqual(pair.story, [
    '0.000 sends down 1000/1000 to nobody (a)',
    '1.000 sends down 1000/1000 to nobody (a)',
    '1.500 sends down 1000/1000 to nobody (b)',
    '1.501 down → init (a)',
    '2.000 sends init 1000/1000 to the peer (a)',
    '2.001 down → up (b)',
    '2.500 sends up 100/1000 to the peer (b)',
    '2.501 init → up (a)',
    '3.000 sends up 100/1000 to the peer (a)',
    '3.001 up, the peer is different (b)',
    '3.500 sends up 100/1000 to the peer (b)',
  ]);
});

test('a cut of both ways is detected by each end for itself, three intervals after what it heard last', t => {
  const pair = new BfdPair({link: cut([seconds(10), seconds(60)]), later: milliseconds(300)}).until(seconds(20));
  t.is(pair.states, 'down down');
  for (const [end, other] of [
    [pair.a, pair.b],
    [pair.b, pair.a],
  ] as const) {
    const lastHeard = Math.max(...other.sentAt.filter(at => at < seconds(10))) + latency;
    const down = end.changes.find(({to}) => to === 'down');
    t.deepEqual(down, {at: lastHeard + seconds(3), from: 'up', to: 'down'});
    t.is(end.session.diagnostic, 'control-detection-time-expired');
  }
});

test('a cut of one way is detected at its end, and the other is told why it is down', t => {
  const pair = new BfdPair({link: deaf('a', seconds(10), seconds(60))}).until(seconds(16));
  t.is(pair.a.session.diagnostic, 'control-detection-time-expired');
  t.is(pair.b.session.diagnostic, 'neighbor-signaled-session-down');
  const [downA, downB] = [pair.a, pair.b].map(({changes}) => changes.find(({to}) => to === 'down')!.at);
  t.true(downB > downA && downB <= downA + seconds(1) + latency);
  t.is(pair.states, 'down init');
});

test('an end that is heard but does not hear goes to and fro between down and init and is never up', t => {
  const pair = new BfdPair({link: deaf('a', seconds(10), seconds(60))}).until(seconds(16)).clear().until(seconds(59));
  const became = [...pair.a.changes, ...pair.b.changes].map(({to}) => to);
  t.false(became.includes('up'));
  t.is(pair.states, 'down init');
});

test('a session comes back by itself when its link does', t => {
  const pair = new BfdPair({link: cut([seconds(10), seconds(20)])}).until(seconds(23));
  t.is(pair.states, 'up up');
  t.is(pair.a.last.diagnostic, 'control-detection-time-expired');
});

test('a cut shorter than the detection time is not noticed', t => {
  const pair = new BfdPair({link: cut([seconds(10), seconds(12)])}).until(seconds(9)).clear().until(seconds(30));
  t.deepEqual([...pair.a.changes, ...pair.b.changes], []);
});

test('delays that swing by less than the detection time allows are not noticed', t => {
  const link: Link = (_, at, number) => (number % 2 === 0 ? milliseconds(1_800) : milliseconds(1)) + (at % 7);
  const pair = new BfdPair({link}).until(seconds(10)).clear().until(seconds(60));
  t.is(pair.states, 'up up');
  t.deepEqual([...pair.a.changes, ...pair.b.changes], []);
});

test('two packets lost in a row are borne at full intervals, three are not', t => {
  for (const [lost, states] of [
    [2, 'up up'],
    [3, 'down'],
  ] as const) {
    const link: Link = (from, _, number) => (from === 'a' && number >= 10 && number < 10 + lost ? 'lost' : latency);
    const pair = new BfdPair({link}).until(seconds(13) + milliseconds(10));
    t.true(pair.states.endsWith(states), `${lost}: ${pair.states}`);
  }
});

test('two ends with unlike timers agree on the slower of each direction', t => {
  const pair = new BfdPair({
    link: good,
    settings: [
      {minTx: 50, minRx: 400, mult: 2},
      {minTx: 300, minRx: 70, mult: 5},
    ],
  }).until(seconds(10));
  t.deepEqual(
    [pair.a, pair.b].map(({session}) => [session.sendInterval, session.detectionTime].map(toMilliseconds)),
    [
      [70, 400 * 5],
      [400, 70 * 2],
    ],
  );
});

test('an end with new timers asks, is answered, and both go on with them', t => {
  const pair = new BfdPair({link: good}).until(seconds(5)).clear();
  pair.b.configure({minTx: 200, minRx: 250});
  pair.a.configure({minTx: 200, minRx: 250});
  pair.until(seconds(10));
  t.is(pair.states, 'up up');
  for (const {session, sent} of [pair.a, pair.b]) {
    t.deepEqual([session.sendInterval, session.detectionTime].map(toMilliseconds), [250, 750]);
    t.false(sent.slice(4).some(({packet}) => packet.poll || packet.final));
  }
});

test('whatever is lost and however long it takes, both ends come up within four seconds of a good link', t => {
  const runs = fc.record({
    stream: fc.nat(),
    loss: fc.double({min: 0, max: 0.9, noNaN: true}),
    phases: fc.tuple(fc.nat(99_999), fc.nat(99_999)),
    later: fc.nat(3_000_000),
  });
  fc.assert(
    fc.property(runs, ({stream, loss, phases, later}) => {
      let draws = 0;
      const healed = seconds(20);
      const chance = () => draw(stream, draws++);
      const link: Link = (_, at) => (at < healed && chance() < loss ? 'lost' : milliseconds(1 + chance() * 20));
      const pair = new BfdPair({link, phases, later, jitters: [chance, chance]});
      pair.until(healed + seconds(4));
      t.is(pair.states, 'up up');
      for (const {changes} of [pair.a, pair.b]) {
        const wrong = changes.filter(({from, to}) => from === 'up' && to === 'init');
        t.deepEqual(wrong, []);
      }
    }),
    {numRuns: 100},
  );
});

// The capture of one session that goes down and comes back: each end hears what the other said then, at the moments at
// which it said it, and must say what it said then. Whole percentages of jitter are read off the intervals.

const gateway = '192.168.60.11';
const capture = readCapture(`${ovnCaptures}/bfd_session_down_init_up_gw1_cn1.pcap`).map(({at, bytes}) => {
  const frame = decodeFrame(bytes);
  return {at, from: sourceOf(frame) === gateway ? 'gw1' : 'cn1', packet: bfdIn(frame)};
});

/** Where each end begins in the capture, which was taken where gw1's link is cut. */
for (const [end, first] of [
  ['cn1', 0],
  ['gw1', 7],
] as const) {
  test(`${end} says in the captured order, moment and words what it said on the bench`, t => {
    const own = capture.filter(({from}, index) => from === end && index >= first);
    const others = capture.filter(({from}, index) => from !== end && index > first);
    const b = replayed(end, own);
    const origin = b.now - own[0].at;
    for (const {at, packet} of others) b.until(origin + at).take(packet);
    b.until(origin + own[own.length - 1].at + milliseconds(20));
    t.deepEqual(
      b.sent.map(({packet}) => packet),
      own.map(({packet}) => packet),
    );
    for (const [index, {at}] of b.sent.entries()) {
      const off = toMilliseconds(at - origin - own[index].at);
      t.true(Math.abs(off) < 10, `${describe(own[index].packet)} is ${off} ms off`);
    }
  });
}

/** The end as it was when the capture's first own packet left: once down already, and since two of its packets without a word. */
function replayed(end: string, own: readonly {at: Time; packet: BfdControl}[]): BfdBench {
  const {myDiscriminator} = own[0].packet;
  const peer = capture.find(({from}) => from !== end)!.packet.myDiscriminator;
  const percentages = own.map(({at}, index) => {
    const next = own[index + 1];
    return next ? Math.round((seconds(1) - (next.at - at)) / milliseconds(10)) : 0;
  });
  let isReplaying = false;
  const b: BfdBench = new BfdBench({
    discriminator: myDiscriminator,
    jitter: (): number => ((percentages[isReplaying ? b.sent.length - 1 : 0] ?? 0) + 0.5) / 26,
  });
  const hear = (state: 'init' | 'up') =>
    b.take(bfdPacket({state, myDiscriminator: peer, yourDiscriminator: myDiscriminator}));
  b.until(0);
  hear('init');
  b.until(seconds(4));
  if (own[0].packet.state === 'up') {
    hear('init');
    while (b.last.state !== 'up') b.until(b.session.wakeAt);
    hear('up');
  }
  b.clear();
  while (b.sent.length < 2) b.until(b.session.wakeAt);
  b.sent.shift();
  isReplaying = true;
  return b;
}

function bfdIn({payload}: Frame): BfdControl {
  if (payload.kind === 'ipv4' && payload.payload.kind === 'udp') {
    const {payload: content} = payload.payload;
    if (content.kind === 'bfd') return content;
    if (content.kind === 'geneve') return bfdIn(content.payload);
  }
  throw new Error('the frame holds no BFD');
}

function sourceOf({payload}: Frame): string {
  return payload.kind === 'ipv4' ? formatIpv4(payload.source) : '';
}
