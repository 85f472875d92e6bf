import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds} from '../../../engine/time.ts';
import {formatEntry} from '../../../models/protocols/conntrack-entry.ts';
import type {TcpFlags, TcpSegment} from '../../../models/protocols/conntrack-tcp.ts';
import {inverse, type Direction, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import {NatBench, ip, ping, segment, tcp, udp} from '../../support/nat-bench.ts';

const question = udp('10.0.0.5', 4000, '203.0.113.200', 53);
const call = tcp('10.0.0.5', 4000, '203.0.113.200', 80);

/** What the conntrack tool shows of the only connection: seconds left, flags and state. */
function shown(bench: NatBench): string {
  const words = formatEntry(bench.only, bench.now + 1).split(' ');
  const state = words[0] === 'tcp' ? words[3] : '';
  const flag = words.find(word => word.startsWith('[')) ?? 'replied';
  return `${words[2]} ${flag} ${state}`.trim();
}

type Step = readonly [Direction, TcpFlags, Partial<TcpSegment>?];

function play(bench: NatBench, tuple: Tuple, steps: readonly Step[]): NatBench {
  for (const [direction, flags, more] of steps) {
    bench.send(direction === 'original' ? tuple : inverse(tuple), {segment: segment(flags, more)});
  }
  return bench;
}

const handshake: readonly Step[] = [
  ['original', 'syn'],
  ['reply', 'syn-ack'],
  ['original', 'ack'],
];
const clientClosed: readonly Step[] = [...handshake, ['original', 'fin'], ['reply', 'ack']];

// Time-outs as measured are in test/fidelity/kernel. A second is shown as begun.

test('udp without any reply stays at 30 s however long it goes on', t => {
  const bench = new NatBench();
  for (let i = 0; i < 20; i++) bench.after(seconds(1)).send(question);
  t.is(shown(bench), '29 [UNREPLIED]');
});

test('tcp, data acknowledged again: 431999 [ASSURED] ESTABLISHED', t => {
  const bench = play(new NatBench(), call, [...handshake, ['original', 'ack', {data: true}], ['reply', 'ack']]);
  t.is(shown(bench), '431999 [ASSURED] ESTABLISHED');
});

test('tcp, SYN answered by RST: the entry is gone at once', t => {
  const bench = play(new NatBench(), call, [
    ['original', 'syn'],
    ['reply', 'rst'],
  ]);
  t.is(bench.table.count, 0);
  t.deepEqual(
    bench.removed.map(({why}) => why),
    ['reset'],
  );
});

test('two hosts that ping each other under one identifier have two connections', t => {
  const bench = new NatBench();
  bench.send(ping('10.0.0.5', 7, '10.0.1.5'));
  bench.send(ping('10.0.1.5', 7, '10.0.0.5'));
  t.is(bench.table.count, 2);
});

test('an echo reply that nobody asked for is of no connection', t => {
  const bench = new NatBench();
  t.is(bench.send(inverse(ping('10.0.0.5', 7, '203.0.113.200'))), 'untracked');
  t.is(bench.table.counters.invalid, 1);
});

test('another protocol: 600 s', t => {
  const bench = new NatBench();
  bench.send({...question, protocol: 47, sourcePort: 0, destinationPort: 0});
  t.is(shown(bench), '599 [UNREPLIED]');
});

// TCP beyond the measured rows.

test('a SYN that is sent again does not keep its entry', t => {
  const bench = play(new NatBench(), call, [['original', 'syn']]);
  const before = bench.table.expiresAt(bench.only);
  play(bench.after(seconds(3)), call, [['original', 'syn']]);
  t.is(bench.table.expiresAt(bench.only), before);
});

test('a connection that was picked up in its middle has 300 s until it is answered', t => {
  const bench = play(new NatBench(), call, [['original', 'ack', {data: true}]]);
  t.is(shown(bench), '299 [UNREPLIED] ESTABLISHED');
  // The answer itself still comes to an entry without one.
  play(bench, call, [['reply', 'ack']]);
  t.is(shown(bench), '299 replied ESTABLISHED');
  play(bench, call, [['original', 'ack']]);
  t.is(shown(bench), '431999 [ASSURED] ESTABLISHED');
});

test('tcp_loose 0: nothing is picked up in its middle, and what is not begun by a SYN passes untracked', t => {
  const bench = new NatBench({conntrack: {tcpLoose: false}});
  t.is(bench.send(call, {segment: segment('ack', {data: true})}), 'untracked');
  t.is(bench.table.count, 0);
  t.not(bench.send(call, {segment: segment('syn')}), 'untracked');
});

test('a SYN begins a connection in TIME_WAIT anew', t => {
  const bench = play(new NatBench(), call, [
    ...clientClosed,
    ['reply', 'fin'],
    ['original', 'ack'],
    ['original', 'syn'],
  ]);
  t.is(shown(bench), '119 [UNREPLIED] SYN_SENT');
  t.deepEqual(
    bench.removed.map(({why}) => why),
    ['reopened'],
  );
});

test('a SYN after the reset of the other side is ignored until it is answered', t => {
  const bench = play(new NatBench(), call, [...handshake, ['reply', 'rst'], ['original', 'syn']]);
  t.is(shown(bench), '9 [ASSURED] CLOSE');
  play(bench, call, [
    ['reply', 'syn-ack'],
    ['original', 'ack'],
  ]);
  t.is(shown(bench), '431999 [ASSURED] ESTABLISHED');
});

// Expiry, the count and the collector.

test('an entry is found until it expires and not from then on', t => {
  const bench = new NatBench();
  bench.send(question);
  const end = bench.now + seconds(30);
  t.not(bench.table.find(question, end - 1), undefined);
  t.is(bench.table.find(question, end), undefined);
});

test('packets that were counted keep an entry as packets that were run do', t => {
  const stepped = new NatBench();
  const skipped = new NatBench();
  for (const bench of [stepped, skipped]) {
    bench.send(question);
    bench.send(inverse(question));
    bench.after(seconds(3)).send(question);
  }
  for (let i = 0; i < 300; i++) {
    stepped.after(seconds(1)).send(question);
    skipped.after(seconds(1)).counted.set(skipped.only, skipped.now);
  }
  t.is(skipped.table.expiresAt(skipped.only), stepped.table.expiresAt(stepped.only));
  const ends = [stepped, skipped].map(bench => bench.after(seconds(400)).removed.map(({at, why}) => ({at, why})));
  t.deepEqual(ends[0], ends[1]);
  t.is(ends[0].length, 1);
});

test('nothing is collected before it has expired', t => {
  const flow = fc.record({
    at: fc.integer({min: 0, max: seconds(200)}),
    port: fc.integer({min: 1, max: 40}),
    reply: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(flow, {maxLength: 80}), fc.integer({min: 1, max: 1000}), (packets, seed) => {
      const bench = new NatBench({seed, limits: {buckets: 16}});
      const start = bench.now;
      for (const {at, port, reply} of [...packets].sort((a, b) => a.at - b.at)) {
        const tuple = {...question, sourcePort: port};
        bench.until(start + at).send(reply ? inverse(tuple) : tuple);
      }
      bench.after(seconds(300));
      t.is(bench.table.count, 0);
      t.true(bench.removed.every(({entry, at}) => at >= bench.table.expiresAt(entry)));
    }),
    {numRuns: 200},
  );
});

test('one run of the collector takes 257 entries, the next follows within two jiffies', t => {
  const bench = new NatBench();
  for (let port = 1; port <= 600; port++) bench.send({...question, sourcePort: port});
  bench.after(seconds(100));
  const takenAt = [...new Set(bench.removed.map(({at}) => at))];
  t.deepEqual(
    takenAt.map(at => bench.removed.filter(removed => removed.at === at).length),
    [257, 257, 86],
  );
  t.true(takenAt[2] - takenAt[0] <= 4 * milliseconds(4));
});

test('a host without connections waits for no collector', t => {
  const bench = new NatBench();
  t.is(bench.host.wakeAt, never);
  bench.send(question);
  t.true(bench.host.wakeAt > bench.now && bench.host.wakeAt <= bench.now + seconds(63));
});

// A full table.

test('a flow that was refused is refused again while nothing changes in its eight buckets', t => {
  const bench = new NatBench({limits: {max: 100}});
  for (let port = 1; port <= 100; port++) bench.send({...question, sourcePort: port});
  t.is(bench.send({...question, sourcePort: 2000}), 'dropped');
  for (let i = 0; i < 20; i++) t.is(bench.after(milliseconds(100)).send({...question, sourcePort: 2000}), 'dropped');
});

test('after a refusal the collector makes room down to 95 %, of unassured and closing connections', t => {
  const bench = new NatBench({limits: {max: 1000}});
  for (let port = 1; port <= 1000; port++) bench.send({...question, sourcePort: port});
  let port = 2000;
  while (bench.send({...question, sourcePort: port}) !== 'dropped') port++;
  bench.until(bench.host.wakeAt);
  t.true(bench.table.count < 950 && bench.table.count >= 949 - 257);
});

test('a full table counts whom it dropped for whom', t => {
  const bench = new NatBench({limits: {max: 1000, buckets: 16_384}});
  let sent = 0;
  for (let port = 1; port <= 1300; port++) if (bench.send({...question, sourcePort: port}) !== 'dropped') sent++;
  t.is(bench.table.counters.drop, 1300 - sent);
  t.is(bench.table.count, sent - bench.table.counters.earlyDrop);
  t.true(bench.table.count <= 1000 && bench.table.counters.earlyDrop > 0);
});

test('the limit is one number for the host, and each namespace counts for itself', t => {
  const bench = new NatBench({limits: {max: 10, buckets: 1_000_000}});
  t.is(bench.host.limits.max, 10);
  for (let port = 1; port <= 12; port++) bench.send({...question, sourcePort: port});
  t.is(bench.table.count, 10);
});

// Deletion.

test('conntrack -D -d deletes by the destination of the first packet and returns what it deleted', t => {
  const bench = new NatBench();
  bench.send(question);
  bench.send({...question, destination: ip('203.0.113.201')});
  const deleted = bench.table.remove({originalDestination: question.destination}, bench.now);
  t.deepEqual(
    deleted.map(({original}) => original),
    [question],
  );
  t.is(bench.table.count, 1);
  t.deepEqual(bench.table.remove({originalDestination: question.destination}, bench.now), []);
});

// Order and uniqueness.

test('no two live entries share a tuple, whatever comes', t => {
  const packet = fc.record({
    source: fc.constantFrom('10.0.0.5', '10.0.0.6', '203.0.113.10', '203.0.113.200'),
    destination: fc.constantFrom('203.0.113.200', '203.0.113.10', '10.0.0.5'),
    sourcePort: fc.integer({min: 1, max: 6}),
    destinationPort: fc.integer({min: 1, max: 3}),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    flags: fc.constantFrom<TcpFlags>('syn', 'ack', 'fin', 'rst', 'syn-ack'),
    snat: fc.boolean(),
    random: fc.boolean(),
    wait: fc.integer({min: 0, max: seconds(20)}),
  });
  fc.assert(
    fc.property(fc.array(packet, {maxLength: 60}), fc.integer({min: 1, max: 1000}), (packets, seed) => {
      const bench = new NatBench({seed, limits: {buckets: 8}});
      for (const {wait, flags, snat, random, source, destination, ...rest} of packets) {
        const tuple = {...rest, source: ip(source), destination: ip(destination)};
        const range = {address: ip('203.0.113.10'), ports: {least: 1, most: 4}, random};
        bench.after(wait).send(tuple, {segment: segment(flags), ...(snat && {snat: range})});
        const live = bench.table.list(bench.now);
        const tuples = live.flatMap(({original, reply}) => [original, reply].map(one => Object.values(one).join()));
        t.is(new Set(tuples).size, tuples.length);
      }
    }),
    {numRuns: 200},
  );
});

test('the same tuple in two zones is two connections, and those of one zone can be deleted alone', t => {
  const bench = new NatBench();
  bench.send(question, {zone: 4097});
  bench.send(question, {zone: 4098});
  bench.send(inverse(question), {zone: 4098});
  const zones = bench.table.list(bench.now).map(({zone, replied}) => `${zone} ${replied ? 'replied' : 'unreplied'}`);
  t.deepEqual(zones, ['4097 unreplied', '4098 replied']);
  bench.table.remove({zone: 4097}, bench.now);
  t.regex(formatEntry(bench.only, bench.now), / mark=0 zone=4098 use=1$/);
});

/** A connection that went out by an address and port of its own, as a program makes it again elsewhere. */
function adopted(original: Tuple, state?: 'established' | 'syn-sent') {
  const reply = {...inverse(original), destination: ip('203.0.113.10'), destinationPort: 40_000};
  return {
    original,
    reply,
    replied: true,
    assured: true,
    sourceTranslated: true,
    destinationTranslated: false,
    tcpState: state,
  };
}

test('a connection that a program makes is translated as it says, and lives as long as it says', t => {
  const bench = new NatBench();
  t.truthy(bench.table.adopt(adopted(question), seconds(60), bench.now));
  t.is(shown(bench), '59 [ASSURED]');
  t.like(bench.send(question), {source: ip('203.0.113.10'), sourcePort: 40_000});
  // It is a stream at once: when it began is not known.
  t.is(shown(bench), '119 [ASSURED]');
});

test('a TCP connection that a program makes goes on from its middle, with strict tracking too, and another port is not taken', t => {
  const bench = new NatBench({conntrack: {tcpLoose: false}});
  const snat = {address: ip('203.0.113.10'), random: true};
  t.truthy(bench.table.adopt(adopted(call, 'established'), seconds(1000), bench.now));
  t.like(bench.send(call, {segment: segment('ack', {data: true}), snat}), {sourcePort: 40_000});
  t.deepEqual(bench.send(adopted(call).reply, {segment: segment('ack')}), inverse(call));
  t.is(shown(bench), '431999 [ASSURED] ESTABLISHED');
});

test('a program cannot make a connection under a tuple that one has, nor in a table that is full of others', t => {
  const bench = new NatBench({limits: {max: 1, buckets: 100_000}});
  t.truthy(bench.table.adopt(adopted(question), seconds(60), bench.now));
  t.is(bench.table.adopt(adopted({...question, sourcePort: 1}), seconds(60), bench.now), undefined);
  t.is(bench.table.adopt(adopted(call), seconds(60), bench.now), undefined);
  t.is(bench.table.count, 1);
});
