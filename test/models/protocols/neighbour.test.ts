import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds, toSeconds, type Time} from '../../../engine/time.ts';
import {jiffy, phaseSpan} from '../../../models/protocols/timer-wheel.ts';
import {newMac, NeighbourBench, oldMac} from '../../support/neighbour-bench.ts';

/** With jiffies that begin at 0, 1 s rings after 1.024 s and 5 s after 5.12 s. */
const bench = (options: ConstructorParameters<typeof NeighbourBench>[0] = {}) => new NeighbourBench(options);

// The rows of the state table, by state and then by what happens.

test('none: a packet starts the search and waits', t => {
  const b = bench().packet();
  t.deepEqual(b.lines, ['0.000 none → incomplete', '0.000 asks everyone']);
  t.is(b.entry.waiting, 1);
  t.is(b.entry.mac, undefined);
});

test('none: a unicast reply makes it reachable', t => {
  t.deepEqual(bench().reply().lines, ['0.000 none → reachable']);
});

test('none: an announcement makes it stale', t => {
  t.deepEqual(bench().announcement().lines, ['0.000 none → stale']);
});

test('incomplete: packets wait, and nobody is asked for them in particular', t => {
  const b = bench().packet('a').clear().packet('b');
  t.deepEqual(b.lines, []);
  t.is(b.entry.waiting, 2);
});

test('incomplete: asks at 0, 1.024 and 2.048 s, then it has failed and what waits is lost', t => {
  const b = bench().packet('a').packet('b').clear().until(seconds(10));
  t.deepEqual(b.lines, [
    '1.024 asks everyone',
    '2.048 asks everyone',
    '3.072 incomplete → failed',
    '3.072 drops a: unreachable',
    '3.072 drops b: unreachable',
  ]);
  t.is(b.entry.wakeAt, never);
});

test('incomplete: a unicast reply makes it reachable and sends what waits in order', t => {
  const b = bench().packet('a').packet('b').until(milliseconds(300)).clear().reply();
  t.deepEqual(b.lines, ['0.300 incomplete → reachable', '0.300 sends a to old', '0.300 sends b to old']);
});

test('incomplete: an announcement sends what waits, which makes it delay', t => {
  const b = bench().packet('a').packet('b').until(milliseconds(300)).clear().announcement();
  t.deepEqual(b.lines, [
    '0.300 incomplete → stale',
    '0.300 stale → delay',
    '0.300 sends a to old',
    '0.300 sends b to old',
  ]);
});

test('reachable: packets are sent and change nothing', t => {
  const b = bench().reachable().clear().pass(seconds(3)).packet();
  t.deepEqual(b.lines, ['3.000 sends p to old']);
});

test('reachable: a confirmation lets it stay', t => {
  const b = bench().reachable().clear().until(seconds(20));
  b.entry.confirm(b.now);
  b.until(seconds(50));
  t.deepEqual(b.lines, []);
  t.deepEqual(b.untilState('stale').lines, ['51.200 reachable → stale']);
});

test('reachable: a confirmation that was only counted lets it stay', t => {
  const b = bench().reachable().clear();
  b.confirmedAt = seconds(20);
  t.deepEqual(b.untilState('stale').lines, ['51.200 reachable → stale']);
});

test('reachable: unconfirmed and lately used it becomes delay', t => {
  const b = bench({reachableTime: seconds(4)})
    .reachable()
    .clear()
    .until(seconds(5));
  t.deepEqual(b.lines, ['4.096 reachable → delay']);
});

test('reachable: unconfirmed and not lately used it becomes stale', t => {
  const b = bench({reachableTime: seconds(6)})
    .reachable()
    .clear()
    .until(seconds(20));
  t.deepEqual(b.lines, ['6.144 reachable → stale']);
});

test('reachable: the use by packets that pass the entry by is not noted', t => {
  const b = bench({reachableTime: seconds(20)})
    .reachable()
    .clear();
  for (let at = seconds(1); at < seconds(22); at += milliseconds(100)) b.until(at).packet();
  t.deepEqual(
    b.lines.filter(line => line.includes('→')),
    ['20.480 reachable → stale', '20.500 stale → delay'],
  );
});

test('reachable: the first packet goes through the entry, so its use is noted', t => {
  const b = bench({reachableTime: seconds(15)})
    .reply()
    .clear()
    .until(seconds(12))
    .packet()
    .until(seconds(16));
  t.deepEqual(b.lines, ['12.000 sends p to old', '15.104 reachable → delay']);
});

test('reachable: a unicast reply from the same MAC renews it', t => {
  const b = bench({reachableTime: seconds(15)})
    .reachable()
    .until(seconds(10))
    .reply()
    .clear();
  t.deepEqual(b.untilState('stale').lines, ['25.088 reachable → stale']);
});

test('reachable: an announcement of the same MAC does not renew it', t => {
  const b = bench({reachableTime: seconds(15)})
    .reachable()
    .until(seconds(10))
    .announcement()
    .clear();
  t.deepEqual(b.untilState('stale').lines, ['15.104 reachable → stale']);
});

test('reachable: a unicast reply from another MAC after locktime is taken and it stays reachable', t => {
  const b = bench().reachable().clear().pass(seconds(2)).reply(newMac).packet();
  t.deepEqual(b.lines, ['2.000 is reachable with new', '2.000 sends p to new']);
});

test('reachable: a unicast reply from another MAC within locktime is refused but renews it', t => {
  const b = bench({reachableTime: seconds(15)})
    .reachable()
    .clear()
    .pass(milliseconds(900))
    .reply(newMac)
    .packet();
  t.deepEqual(b.lines, ['0.900 sends p to old']);
  // Looked at after 15.104 s, as it was armed, it is found to have 0.8 s left.
  t.deepEqual(b.clear().untilState('stale').lines, ['15.904 reachable → stale']);
});

test('reachable: within locktime means up to and with its last jiffy', t => {
  t.is(bench().reachable().until(seconds(1)).reply(newMac).entry.mac, oldMac);
  t.is(
    bench()
      .reachable()
      .until(seconds(1) + jiffy)
      .reply(newMac).entry.mac,
    newMac,
  );
});

test('reachable: becoming so counts as a use', t => {
  const b = bench({reachableTime: seconds(2)})
    .announcement()
    .until(seconds(10))
    .reply()
    .clear();
  t.deepEqual(b.until(seconds(13)).lines, ['12.032 reachable → delay']);
});

test('stale: it stays so for ever without a packet', t => {
  const b = bench().announcement().clear().until(seconds(10_000));
  t.deepEqual(b.lines, []);
  t.is(b.entry.wakeAt, never);
});

test('stale: a packet is sent to the known MAC and makes it delay', t => {
  const b = bench().announcement().clear().pass(seconds(1)).packet();
  t.deepEqual(b.lines, ['1.000 stale → delay', '1.000 sends p to old']);
});

test('stale: a unicast reply makes it reachable', t => {
  t.deepEqual(bench().announcement().clear().reply().lines, ['0.000 stale → reachable']);
});

test('stale: an announcement of another MAC is taken', t => {
  t.deepEqual(bench().announcement().clear().announcement(newMac).lines, ['0.000 is stale with new']);
});

test('delay: packets are sent', t => {
  const b = bench().announcement().packet('a').clear().pass(seconds(1)).packet('b');
  t.deepEqual(b.lines, ['1.000 sends b to old']);
});

test('delay: unconfirmed it becomes probe and asks the known MAC', t => {
  const b = bench().announcement().packet().clear().until(seconds(6));
  t.deepEqual(b.lines, ['5.120 delay → probe', '5.120 asks old']);
});

test('delay: confirmed by an upper layer it becomes reachable', t => {
  const b = bench().announcement().packet().clear().until(seconds(2));
  b.entry.confirm(b.now);
  t.deepEqual(b.until(seconds(6)).lines, ['5.120 delay → reachable']);
  t.deepEqual(b.clear().untilState('stale').lines, ['32.768 reachable → stale']);
});

test('delay: packets that were only counted are uses too', t => {
  const after = (usedAt: Time) => {
    const b = bench({reachableTime: seconds(3)})
      .announcement()
      .packet()
      .until(seconds(4.9))
      .clear();
    b.entry.confirm(b.now);
    b.usedAt = usedAt;
    return b.until(seconds(9)).lines;
  };
  t.deepEqual(after(-1), ['5.120 delay → reachable', '7.936 reachable → stale']);
  t.deepEqual(after(seconds(4)), ['5.120 delay → reachable', '7.936 reachable → delay']);
});

test('delay: a unicast reply makes it reachable', t => {
  const b = bench().announcement().packet().clear().until(seconds(2)).reply();
  t.deepEqual(b.lines, ['2.000 delay → reachable']);
});

test('delay: an announcement of another MAC makes it stale', t => {
  const b = bench().announcement().packet().clear().until(seconds(2)).announcement(newMac);
  t.deepEqual(b.lines, ['2.000 delay → stale']);
  t.is(b.entry.wakeAt, never);
});

test('delay: an announcement of the same MAC changes nothing', t => {
  const b = bench().announcement().packet().clear().until(seconds(2)).announcement().until(seconds(6));
  t.deepEqual(b.lines, ['5.120 delay → probe', '5.120 asks old']);
});

test('probe: packets are sent, to the end', t => {
  const b = bench().announcement().packet('a').untilState('probe').clear().until(seconds(8)).packet('b');
  t.deepEqual(b.lines, ['6.144 asks old', '7.168 asks old', '8.000 sends b to old']);
});

test('probe: asks the known MAC three times, then it has failed', t => {
  const b = bench().announcement().packet().untilState('probe').clear().until(seconds(60));
  t.deepEqual(b.lines, ['6.144 asks old', '7.168 asks old', '8.192 probe → failed']);
  t.is(b.entry.mac, undefined);
});

test('probe: with mcast_resolicit it asks everyone before it gives up', t => {
  const b = bench({settings: {mcastResolicit: 1}})
    .announcement()
    .packet()
    .untilState('probe')
    .clear();
  t.deepEqual(b.until(seconds(60)).lines, [
    '6.144 asks old',
    '7.168 asks old',
    '8.192 asks everyone',
    '9.216 probe → failed',
  ]);
});

test('probe: with nothing to ask with it fails at once', t => {
  const b = bench({settings: {ucastSolicit: 0}})
    .announcement()
    .packet()
    .clear()
    .until(seconds(60));
  t.deepEqual(b.lines, ['5.120 delay → failed']);
});

test('probe: a unicast reply makes it reachable', t => {
  const b = bench().announcement().packet().untilState('probe').clear().reply();
  t.deepEqual(b.lines, ['5.120 probe → reachable']);
});

test('probe: an announcement of another MAC makes it stale', t => {
  const b = bench().announcement().packet().untilState('probe').clear().announcement(newMac);
  t.deepEqual(b.lines, ['5.120 probe → stale']);
});

test('failed: the next packet starts the search anew', t => {
  const b = bench().packet('a').untilState('failed').clear().pass(seconds(1)).packet('b');
  t.deepEqual(b.lines, ['4.072 failed → incomplete', '4.072 asks everyone']);
});

test('failed: a unicast reply makes it reachable', t => {
  t.deepEqual(bench().packet().untilState('failed').clear().reply().lines, ['3.072 failed → reachable']);
});

test('failed: an announcement makes it stale', t => {
  t.deepEqual(bench().packet().untilState('failed').clear().announcement().lines, ['3.072 failed → stale']);
});

test('permanent: packets are sent and nothing heard changes it', t => {
  const b = bench();
  b.entry.pin(oldMac, 0);
  b.clear().reply(newMac).announcement(newMac).pass(seconds(1_000)).packet();
  t.deepEqual(b.lines, ['1000.000 sends p to old']);
  t.is(b.entry.wakeAt, never);
});

test('permanent: pinning a MAC sends what waits for it', t => {
  const b = bench().packet('a').clear();
  b.entry.pin(newMac, 0);
  t.deepEqual(b.lines, ['0.000 incomplete → permanent', '0.000 sends a to new']);
});

test('evicted: what waits is lost and no timer is left', t => {
  const b = bench().packet('a').clear();
  b.entry.evict(0);
  t.deepEqual(b.lines, ['0.000 incomplete → none', '0.000 drops a: evicted']);
  t.is(b.entry.wakeAt, never);
});

// Settings that cross rows.

test('with no solicitations allowed a packet is lost at once, and nobody is told', t => {
  const b = bench({settings: {mcastSolicit: 0}}).packet();
  t.deepEqual(b.lines, ['0.000 none → failed', '0.000 drops p: never asked']);
});

test('tries left to a daemon take their time and send nothing', t => {
  const b = bench({settings: {appSolicit: 2}})
    .packet()
    .until(seconds(20));
  t.deepEqual(b.lines, [
    '0.000 none → incomplete',
    '2.048 asks everyone',
    '3.072 asks everyone',
    '4.096 asks everyone',
    '5.120 incomplete → failed',
    '5.120 drops p: unreachable',
  ]);
});

test('a retrans_time below HZ / 100 is taken as two jiffies', t => {
  const b = bench({settings: {retransTime: milliseconds(1)}}).packet();
  t.is(b.entry.wakeAt, 3 * jiffy);
});

test('waking too early does nothing', t => {
  const b = bench().packet().clear();
  b.entry.wake(b.entry.wakeAt - 1);
  t.deepEqual(b.lines, []);
});

// Stories.

test('a stream to a dead address repeats the cycle with the next packet, and each loses its own queue', t => {
  const b = bench();
  for (let at = 0; at < seconds(7); at += seconds(1)) b.until(at).packet(`${toSeconds(at)}`);
  t.deepEqual(
    b.lines.filter(line => !line.includes('asks')),
    [
      '0.000 none → incomplete',
      '3.072 incomplete → failed',
      '3.072 drops 0: unreachable',
      '3.072 drops 1: unreachable',
      '3.072 drops 2: unreachable',
      '3.072 drops 3: unreachable',
      '4.000 failed → incomplete',
    ],
  );
});

test('a stream that is switched over by an announcement goes to the new MAC only, and 5 s later it is probed', t => {
  const b = bench().reachable().clear();
  for (let at = milliseconds(100); at < seconds(7); at += milliseconds(100)) {
    b.until(at);
    if (at === seconds(1)) b.announcement(newMac);
    if (at === seconds(6.5)) b.reply(newMac);
    b.packet();
  }
  t.deepEqual(
    b.lines.filter(line => !line.includes('sends')),
    [
      '1.000 reachable → stale',
      '1.000 stale → delay',
      '6.144 delay → probe',
      '6.144 asks new',
      '6.500 probe → reachable',
    ],
  );
  t.true(b.lines.every(line => Number.parseFloat(line) < 1 || !line.includes('to old')));
});

test('with traffic and answers an entry goes round and never loses a packet', t => {
  const b = bench({reachableTime: seconds(20)})
    .reachable()
    .clear();
  let sent = 0;
  for (let at = milliseconds(500); at < seconds(120); at += milliseconds(500)) {
    b.until(at);
    if (b.entry.state === 'probe') b.reply();
    b.packet();
    sent++;
  }
  t.is(b.lines.filter(line => line.includes('sends p to old')).length, sent);
  t.deepEqual([...new Set(b.states.map(({state}) => state))], ['stale', 'delay', 'probe', 'reachable']);
});

// What was measured, over many phases of the host. Tolerance: one jiffy, and 1 ms for the bench to see that a timer rang.

const tolerance = jiffy + milliseconds(1);

const manyPhases = Array.from({length: 2_000}, (_, i) => (i * 104_729_111) % phaseSpan);

/** Reachable times from 15 to 45 s, evenly. */
const drawn = (i: number) => seconds(15) + Math.floor(((i * 0.618_033_988_7) % 1) * 7_500) * jiffy;

const range = (values: readonly Time[]): readonly [Time, Time] => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b)),
];

/** Whether the model's values, in µs, reach as far as what was measured and stay within the bounds, both in seconds. */
function spans(values: readonly Time[], measured: readonly [number, number], bounds: readonly [number, number]) {
  const [least, most] = range(values);
  const reaches = least <= seconds(measured[0]) + tolerance && most >= seconds(measured[1]) - tolerance;
  return reaches && least >= seconds(bounds[0]) && most <= seconds(bounds[1]);
}

test('first packet until failed: measured 3.054–3.084 s, possible is 3.048–3.080', t => {
  // 1 s is late by up to 32 ms, then the timer is on the grid and the others take 1.024 s each.
  const values = manyPhases.map(phase => bench({phase}).packet().untilState('failed').now);
  t.true(spans(values, [3.054, 3.084], [3.048, 3.08]), `${range(values)}`);
});

test('the requests of a cycle: measured at 0, 1.006–1.032 and 2.030–2.056 s', t => {
  for (const phase of manyPhases.slice(0, 200)) {
    const asked = bench({phase})
      .packet()
      .untilState('failed')
      .lines.filter(line => line.includes('asks everyone'))
      .map(line => Number.parseFloat(line));
    t.is(asked.length, 3);
    t.true(asked[1] >= 1 && asked[1] <= 1.032);
    t.true(Math.abs(asked[2] - asked[1] - 1.024) < 0.0015);
  }
});

test('reachable until stale, idle: measured 15.25–46.2 s, possible is the draw plus up to 2.048 s', t => {
  const values = manyPhases.map((phase, i) => {
    const reachableTime = drawn(i);
    return bench({phase, reachableTime}).reachable().untilState('stale').now;
  });
  t.true(spans(values, [15.25, 46.2], [15, 47.05]), `${range(values)}`);
});

test('reachable until stale, short draws: late by up to 0.256 s, below 16.1 s', t => {
  // a3_reachable_idle.csv, interface 23: 15.248, 15.262 and 15.282 s in one interface, where others spread over 1.5 s.
  const values = manyPhases.map(
    phase =>
      bench({phase, reachableTime: seconds(15)})
        .reachable()
        .untilState('stale').now,
  );
  t.true(spans(values, [15.05, 15.25], [15, 15.256]), `${range(values)}`);
});

test('delay: measured 5.00–5.26 s, possible is 5–5.256', t => {
  const values = manyPhases.map(phase => bench({phase}).announcement().packet().untilState('probe').now);
  t.true(spans(values, [5, 5.26], [5, 5.256]), `${range(values)}`);
});

test('probe until failed: measured 3.059–3.087 s by looking every 15 ms, by the timers 3.072 always', t => {
  for (const phase of manyPhases.slice(0, 200)) {
    const b = bench({phase}).announcement().packet().untilState('probe');
    const begin = b.now;
    t.is(b.untilState('failed').now - begin, milliseconds(3_072));
  }
});

test('unicast re-probes under a packet every 0.5 s: measured 22.0–51.2 s, in steps of 256 ms', t => {
  // The rows of a3_reprobe_interval.csv are multiples of 0.256 s to within 5 ms, as every probe rings on that grid.
  const intervals = manyPhases.slice(0, 150).flatMap((phase, i) => {
    const reachableTime = drawn(i);
    const b = bench({phase, reachableTime}).reachable();
    for (let at = milliseconds(500); at < seconds(120); at += milliseconds(500)) {
      b.until(at);
      if (b.entry.state === 'probe') b.reply();
      b.packet();
    }
    const probed = b.states.filter(({state}) => state === 'probe').map(({at}) => at);
    return probed.slice(1).map((at, n) => ({interval: at - probed[n], reachableTime}));
  });
  for (const {interval, reachableTime} of intervals) {
    t.is(interval % milliseconds(256), 0);
    t.true(interval > reachableTime + seconds(5));
    // The grain of the lifetime, until the next packet, the grain of the delay; and here the answer takes up to 0.5 s.
    t.true(interval < reachableTime + seconds(5) + seconds(2.048) + seconds(0.5) + seconds(0.256) + seconds(0.5));
  }
  t.true(
    spans(
      intervals.map(({interval}) => interval),
      [22.012, 51.2],
      [20, 54],
    ),
    `${range(intervals.map(i => i.interval))}`,
  );
});

test('a short base_reachable_time leaves reachable for delay: measured 1.51–1.54 s', t => {
  // b4_same_mac_refresh.csv. The draw is not known; with 1.5 s the timer is late by up to 32 ms.
  const values = manyPhases.map(
    phase =>
      bench({phase, reachableTime: seconds(1.5)})
        .reachable()
        .untilState('delay').now,
  );
  t.true(spans(values, [1.51, 1.53], [1.5, 1.532]), `${range(values)}`);
});

// Packets that are counted instead of handed over.

test('an owner that counts the packets of all states but reachable sees the same as one that hands over each', t => {
  const options = fc.record({
    phase: fc.integer({min: 0, max: phaseSpan - 1}),
    reachableTime: fc.integer({min: 500, max: 6_000}).map(milliseconds),
    interval: fc.integer({min: 50, max: 900}).map(milliseconds),
    stops: fc.integer({min: 5, max: 40}).map(seconds),
    answersAt: fc.integer({min: 0, max: 2_000}).map(milliseconds),
    confirmsEvery: fc.integer({min: 1, max: 30}),
  });
  fc.assert(
    fc.property(options, ({phase, reachableTime, interval, stops, answersAt, confirmsEvery}) => {
      const histories = [true, false].map(counted => {
        const b = bench({phase, reachableTime}).reachable();
        let answerAt = never;
        for (let at = interval; at < stops + seconds(20); at += interval) {
          if (answerAt <= at) {
            b.until(answerAt).reply();
            answerAt = never;
          }
          b.until(at);
          if (b.entry.state === 'probe' && answerAt === never) answerAt = at + answersAt;
          if (at >= stops) continue;
          if ((at / interval) % confirmsEvery === 0) b.entry.confirm(at);
          const {state} = b.entry;
          if (counted && (state === 'delay' || state === 'probe' || state === 'stale')) b.usedAt = at;
          else b.packet();
          b.nextUseAt = counted && at + interval < stops ? at + interval : never;
        }
        // That a packet was counted which made it suspect is noted a moment after the packet.
        return b.states.map(({at, state}) => ({at: Math.floor(at / milliseconds(1)), state}));
      });
      t.deepEqual(histories[0], histories[1]);
    }),
    {numRuns: 200},
  );
});
