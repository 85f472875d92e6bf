import test from 'ava';
import {neighbourDefaults} from '../../../models/protocols/neighbour-settings.ts';
import {unresQlen, WaitingPackets} from '../../../models/protocols/waiting-packets.ts';

const udpAndIp = 28;

/** Hands over numbered packets and returns those that are kept, in order. */
function keep(attempted: number, payload: number, limit: number): readonly number[] {
  const waiting = new WaitingPackets<number>();
  const gone: number[] = [];
  for (let i = 0; i < attempted; i++) gone.push(...waiting.push(i, [payload + udpAndIp], limit));
  const kept = waiting.whole;
  // Whatever is not kept is said to be gone, the oldest first.
  if (gone.some((packet, i) => packet !== i) || gone.length + kept.length !== attempted)
    throw new Error('packets lost');
  return kept;
}

// As in a2_unres_queue.csv: payload, limit in bytes, packets handed over, packets delivered, the first of them.
const measured: readonly (readonly [number, number, number, number, number])[] = [
  [10, 212_992, 600, 256, 344],
  [100, 212_992, 600, 256, 344],
  [500, 212_992, 600, 166, 434],
  [1_000, 212_992, 600, 92, 508],
  [1_400, 212_992, 600, 92, 508],
  [100, 2_090, 300, 2, 298],
  [100, 6_270, 300, 7, 293],
  [100, 64_790, 300, 77, 223],
  [100, 0, 300, 1, 299],
  [100, 4_096, 300, 4, 296],
  [100, 65_536, 300, 78, 222],
];

for (const [payload, limit, attempted, delivered, first] of measured) {
  test(`${attempted} packets of ${payload} bytes within ${limit} bytes: the newest ${delivered} are kept in order`, t => {
    t.deepEqual(
      keep(attempted, payload, limit),
      Array.from({length: delivered}, (_, i) => first + i),
    );
  });
}

test('unres_qlen 1, 3 and 31 stand for 2090, 6270 and 64790 bytes', t => {
  t.deepEqual([1, 3, 31].map(unresQlen), [2_090, 6_270, 64_790]);
});

test('the default is 101 full frames and some bytes', t => {
  t.is(Math.floor(neighbourDefaults.unresQlenBytes / unresQlen(1)), 101);
});

test('the newest is known without being taken', t => {
  const waiting = new WaitingPackets<string>();
  t.is(waiting.latest, undefined);
  waiting.push('a', [100], 10_000);
  waiting.push('b', [100], 10_000);
  t.is(waiting.latest, 'b');
  t.deepEqual(waiting.whole, ['a', 'b']);
});

test('fragments go one by one, and what has lost one is lost', t => {
  const waiting = new WaitingPackets<string>();
  const datagram = [1_500, 1_500, 1_068];
  t.deepEqual(waiting.push('a', datagram, 5 * 2_304), []);
  t.deepEqual(waiting.push('b', datagram, 5 * 2_304), ['a'], 'its first fragment had to go');
  t.deepEqual(waiting.whole, ['b']);
  t.deepEqual(waiting.push('c', datagram, 5 * 2_304), ['b'], 'after the rest of a');
  t.deepEqual(waiting.whole, ['c']);
  t.deepEqual(new WaitingPackets<string>().push('d', datagram, 4_096), ['d'], 'only one buffer fits');
});

test('92 fragments of full frames fit, so 30 datagrams of three', t => {
  const waiting = new WaitingPackets<number>();
  for (let i = 0; i < 200; i++) waiting.push(i, [1_500, 1_500, 1_068], neighbourDefaults.unresQlenBytes);
  t.deepEqual(
    waiting.whole,
    Array.from({length: 30}, (_, i) => 170 + i),
  );
});
