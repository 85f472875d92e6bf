import test from 'ava';
import fc from 'fast-check';
import {milliseconds, never, seconds} from '../../../engine/time.ts';
import {HostNeighbours} from '../../../models/protocols/host-neighbours.ts';
import {NeighbourHostBench, peers} from '../../support/neighbour-host-bench.ts';
import {ip, NeighbourTableBench, newMac, ownIp, peerIp} from '../../support/neighbour-table-bench.ts';

// Table overflow, as in MEASURED.md C: thresholds 128 / 512 / 1024, entries in all namespaces of a host.

const oldStale = peers(1, 60);
const youngStale = peers(2, 60);
const reachable = peers(3, 60);
const permanent = peers(4, 20);
const others = peers(5, 2);
const newcomers = peers(6, 1_200);

/** What the host of the measurement held, in two namespaces, before 1200 new addresses were tried from a third. */
const before = () =>
  new NeighbourHostBench(3)
    .stale(0, oldStale)
    .permanent(1, permanent)
    .until(seconds(6))
    .stale(0, youngStale)
    .reachable(1, reachable)
    .reachable(0, others)
    .pass(seconds(1))
    .clear();

/** The new addresses come four to a millisecond, so all of them within 0.3 s. */
function flooded() {
  const b = before();
  let created = 0;
  for (let i = 0; i < newcomers.length; i += 4) {
    created += b.packets(2, newcomers.slice(i, i + 4));
    b.pass(milliseconds(1));
  }
  return {b, created};
}

test('1200 new addresses evict exactly the 60 old stale ones: 902 get an entry, 298 fail', t => {
  const {b, created} = flooded();
  t.is(created, 902);
  t.is(b.count(2, 'table overflow'), 298);
  t.deepEqual(b.states(0, oldStale), ['absent']);
  t.deepEqual(b.states(0, youngStale), ['stale']);
  t.deepEqual(b.states(1, reachable), ['reachable']);
  t.deepEqual(b.states(0, others), ['reachable']);
  t.deepEqual(b.states(1, permanent), ['permanent']);
  t.is(b.host.evictable, 1_024);
  t.is(b.host.size, 1_024 + 20);
});

test('a packet that finds no room is gone at once, and nobody is asked', t => {
  const {b} = flooded();
  const [late] = peers(7, 1);
  b.clear();
  t.is(b.packets(2, [late!]), 0);
  t.deepEqual(b.namespaces[2]!.lines, ['7.300 drops p: table overflow']);
});

test('meanwhile reachable, young stale and permanent neighbours get their packets', t => {
  const {b} = flooded();
  b.clear();
  b.packets(1, reachable);
  b.packets(0, youngStale);
  b.packets(1, permanent);
  t.is(b.count(1, 'sends p to old'), 80);
  t.is(b.count(0, 'sends p to old'), 60);
  t.deepEqual(b.states(0, youngStale), ['delay']);
});

test('an evicted one gets none any more: an established flow is cut', t => {
  const b = before();
  b.packets(2, newcomers);
  b.clear();
  t.is(b.packets(0, oldStale), 0);
  t.is(b.count(0, 'table overflow'), 60);
});

test('3.6 s later, when the new ones have failed, the first new entry evicts down to 512 and works', t => {
  const {b} = flooded();
  b.pass(seconds(3.6) - milliseconds(300));
  t.deepEqual(b.states(2, newcomers.slice(0, 902)), ['failed']);
  const [late, later] = peers(7, 2);
  t.is(b.packets(2, [late!]), 1);
  t.is(b.host.evictable, 512);
  b.namespaces[2]!.reply(late);
  t.is(b.count(2, 'sends p to old'), 1);
  t.is(b.packets(2, [later!]), 1);
  t.is(b.host.evictable, 513);
});

test('permanent entries are exempt: they come when the table is full, and thousands of them fill it for nobody', t => {
  const {b} = flooded();
  b.permanent(1, peers(8, 100));
  t.is(b.host.evictable, 1_024);
  const c = new NeighbourHostBench(2).permanent(0, peers(8, 3_000));
  t.is(c.host.evictable, 0);
  t.is(c.packets(1, newcomers), 1_024);
});

test('an entry that is made permanent leaves its place to another', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 1, gcThresh3: 2});
  t.is(b.packets(0, peers(1, 3)), 2);
  b.permanent(0, peers(1, 1));
  t.is(b.packets(0, peers(2, 1)), 1);
});

test('whoever asks for this host is not answered if there is no room to remember him', t => {
  const {b} = flooded();
  b.clear().stale(0, peers(7, 1));
  t.deepEqual(b.namespaces[0]!.lines, []);
  b.stale(0, youngStale.slice(0, 1));
  t.is(b.count(0, '10.0.0.1 is at own'), 1);
});

test('an announcement that arp_accept would take is not taken either', t => {
  const host = new HostNeighbours({phase: 0, tidyAt: never}, {gcThresh1: 128, gcThresh2: 1, gcThresh3: 1});
  const b = new NeighbourTableBench({host, settings: {arpAccept: 1}}).packet(ip('10.0.0.3')).arp({});
  t.is(b.state(), 'absent');
  t.is(b.until(seconds(4)).arp({}).state(), 'stale');
});

test('permanent entries of devices that keep their own count for gc_thresh1 alone', t => {
  const b = new NeighbourHostBench(1, {gcThresh1: 4, gcThresh2: 2, gcThresh3: 2}).stale(0, peers(1, 2));
  b.until(seconds(100));
  t.is(b.host.size, 2, 'two are too few for the periodic work');
  b.host.countPermanent(1, b.now);
  b.host.countPermanent(1, b.now);
  t.deepEqual([b.host.size, b.host.evictable], [4, 2]);
  b.pass(seconds(16));
  t.is(b.host.size, 2);
});

test('what becomes of entries for want of room is counted', t => {
  let [evicted, refused] = [0, 0];
  const host = new HostNeighbours(
    {phase: 0, tidyAt: never},
    {gcThresh1: 128, gcThresh2: 1, gcThresh3: 2},
    {evicted: () => (evicted += 1), refused: () => (refused += 1)},
  );
  const b = new NeighbourTableBench({host}).packet(ip('10.0.0.3')).packet(ip('10.0.0.4')).packet(ip('10.0.0.5'));
  t.deepEqual([evicted, refused], [0, 1]);
  b.until(seconds(4)).packet(ip('10.0.0.5'));
  t.deepEqual([evicted, refused], [2, 1]);
});

// What a forced collection takes, and when.

test('from gc_thresh2 on a new entry evicts as many as are too many, and for 5 s after that none', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 10, gcThresh3: 1_000}).stale(0, peers(1, 10)).until(seconds(5.004));
  const entries = () => b.host.evictable;
  // 10 held: the oldest goes for the new one. Then they may pile up.
  b.packets(0, peers(2, 1));
  t.is(entries(), 10);
  t.deepEqual(b.states(0, peers(1, 1)), ['absent']);
  b.packets(0, peers(3, 30));
  t.is(entries(), 40);
  b.until(seconds(10.004)).packets(0, peers(4, 1));
  t.is(entries(), 41);
  b.until(seconds(10.008)).packets(0, peers(4, 2));
  t.is(entries(), 10);
});

test('a forced collection that finds nothing counts as one', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 2, gcThresh3: 1_000}).stale(0, peers(1, 2)).until(seconds(1));
  b.packets(0, peers(2, 1));
  t.is(b.host.evictable, 3);
  b.until(seconds(6)).packets(0, peers(3, 1));
  t.is(b.host.evictable, 4);
  b.until(seconds(6.004)).packets(0, peers(4, 1));
  t.is(b.host.evictable, 2);
});

test('stale entries are safe for 5 s after their last change, to the jiffy', t => {
  const full = () => new NeighbourHostBench(1, {gcThresh2: 1, gcThresh3: 1}).stale(0, [peerIp]);
  t.is(full().until(seconds(5.003)).packets(0, peers(2, 1)), 0);
  t.is(full().until(seconds(5.004)).packets(0, peers(2, 1)), 1);
  const touched = full().until(seconds(3));
  touched.namespaces[0]!.arp({});
  t.is(touched.namespaces[0]!.mac(), newMac);
  t.is(touched.until(seconds(8)).packets(0, peers(2, 1)), 0);
});

test('the same MAC heard again does not make a stale entry younger', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 1, gcThresh3: 1}).stale(0, [peerIp]);
  b.until(seconds(3)).stale(0, [peerIp]);
  t.is(b.until(seconds(5.004)).packets(0, peers(2, 1)), 1);
});

test('with gc_thresh2 above gc_thresh3 a forced collection looks at one entry, and past those with a timer under way', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 9, gcThresh3: 3}).reachable(0, peers(1, 1)).stale(0, peers(2, 2));
  t.is(b.packets(0, peers(3, 1)), 0, 'the oldest stale one is too young');
  b.until(seconds(5.004));
  t.is(b.packets(0, peers(3, 2)), 2, 'one goes for each');
  t.is(b.packets(0, peers(4, 1)), 0);
  t.is(b.host.evictable, 3);
});

test('failed entries go at any age, those with a timer under way never', t => {
  const b = new NeighbourHostBench(1, {gcThresh2: 1, gcThresh3: 4}).reachable(0, peers(1, 1));
  b.packets(0, peers(2, 1));
  b.stale(0, peers(3, 2)).packets(0, peers(3, 1));
  t.deepEqual(b.states(0, [...peers(1, 1), ...peers(2, 1), ...peers(3, 2)]), [
    'reachable',
    'incomplete',
    'delay',
    'stale',
  ]);
  b.until(seconds(3.072));
  t.deepEqual(b.states(0, peers(2, 1)), ['failed']);
  t.is(b.packets(0, peers(4, 1)), 1);
  t.deepEqual(b.states(0, [...peers(1, 1), ...peers(2, 1), ...peers(3, 2)]), ['reachable', 'absent', 'delay', 'stale']);
});

test('the first to come are the first to go, whichever namespace they are in', t => {
  const b = new NeighbourHostBench(2, {gcThresh2: 3, gcThresh3: 4});
  b.stale(1, peers(1, 1)).stale(0, peers(2, 1)).stale(1, peers(3, 1)).stale(0, peers(4, 1)).until(seconds(6));
  t.is(b.packets(1, peers(5, 1)), 1);
  t.deepEqual(b.states(1, peers(1, 1)), ['absent']);
  t.deepEqual(b.states(0, peers(2, 1)), ['absent']);
  t.deepEqual(b.states(1, peers(3, 1)), ['stale']);
  t.deepEqual(b.states(0, peers(4, 1)), ['stale']);
});

// gc_thresh1 and the periodic work.

test('permanent entries count for gc_thresh1', t => {
  const b = new NeighbourHostBench(2, {gcThresh1: 3}).stale(0, [peerIp]).permanent(1, peers(1, 1));
  t.deepEqual(b.until(seconds(100)).states(0, [peerIp]), ['stale']);
  b.permanent(1, peers(1, 2));
  t.deepEqual(b.pass(seconds(16)).states(0, [peerIp]), ['absent']);
});

test('all entries that a pass may collect go with it, even if there are fewer than gc_thresh1 on the way', t => {
  const b = new NeighbourHostBench(2, {gcThresh1: 4}).stale(0, peers(1, 2)).stale(1, peers(2, 2));
  b.until(seconds(70.4));
  t.is(b.host.size, 0);
});

test('a namespace is told when another one makes the host crowded', t => {
  const host = new HostNeighbours({phase: 0, tidyAt: seconds(10)}, {gcThresh1: 2, gcThresh2: 512, gcThresh3: 1_024});
  const told: string[] = [];
  const first = new NeighbourTableBench({host, rearm: () => told.push('first')});
  const second = new NeighbourTableBench({host, rearm: () => told.push('second')});
  first.arp({targetIp: ownIp});
  t.is(first.table.wakeAt, never);
  t.deepEqual(told, []);
  second.arp({targetIp: ownIp});
  t.deepEqual(told, ['first', 'second']);
  t.is(first.table.wakeAt, seconds(10));
  second.arp({targetIp: ownIp, senderIp: ip('10.0.0.3')});
  t.is(told.length, 2);
});

test('entries that go with their interface make room', t => {
  const b = new NeighbourHostBench(2, {gcThresh2: 1, gcThresh3: 2}).stale(0, peers(1, 2));
  t.is(b.packets(1, peers(2, 1)), 0);
  b.namespaces[0]!.table.linkDown(b.now);
  t.is(b.host.size, 0);
  t.is(b.packets(1, peers(2, 1)), 1);
});

test('whatever happens, the host counts what its tables hold and never holds more than gc_thresh3', t => {
  const act = fc.record({
    kind: fc.constantFrom('packet', 'stale', 'reachable', 'permanent', 'pass', 'down'),
    namespace: fc.nat(2),
    peer: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(act, {maxLength: 200}), acts => {
      const b = new NeighbourHostBench(3, {gcThresh1: 4, gcThresh2: 6, gcThresh3: 9});
      for (const {kind, namespace, peer} of acts) {
        const to = [peers(1, 31)[peer]!];
        if (kind === 'packet') b.packets(namespace, to);
        else if (kind === 'pass') b.pass(milliseconds(peer * 700));
        else if (kind === 'down') {
          if (peer === 0) b.namespaces[namespace]!.table.linkDown(b.now);
        } else b[kind](namespace, to);
        const entries = b.namespaces.flatMap(({table}) => [...table.entries()]);
        const evictable = entries.filter(({state}) => state !== 'permanent').length;
        if (b.host.size !== entries.length || b.host.evictable !== evictable || evictable > 9) return false;
      }
      return true;
    }),
  );
  t.pass();
});
