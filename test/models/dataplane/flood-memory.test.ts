import test from 'ava';
import {microseconds, seconds} from '../../../engine/time.ts';
import {FloodMemory} from '../../../models/dataplane/flood-memory.ts';
import {IpInterface} from '../../../models/dataplane/ip-interface.ts';
import {delivered, dropped, heard, Passage, type Verdict} from '../../../models/dataplane/passage.ts';
import type {Ground} from '../../../models/ground.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import {makeGround} from '../../support/ground.ts';

/** A place that floods to a, b and c, each with a fact, a counter and something that it tells. */
class Bench {
  readonly ground: Ground = makeGround();
  readonly facts = {a: this.ground.ledger.add(), b: this.ground.ledger.add(), c: this.ground.ledger.add()};
  readonly counter = this.ground.counters.unlisted();
  /** Ways that leave something behind with each copy. */
  readonly changing = new Set<string>();
  readonly lost = new Set<string>();
  run = '';
  told = '';
  readonly #memory = new FloodMemory<string>(this.ground);
  #frames = 0;

  flood(frame = request, beyond?: (way: string, passage: Passage) => void): Verdict {
    const passage = new Passage(this.ground, {sender: 'a', number: this.#frames++});
    const send = (way: 'a' | 'b' | 'c'): Verdict => {
      this.run += way;
      passage.rely(this.facts[way]);
      passage.keep(this.facts[way]);
      passage.count(this.counter);
      passage.latency += 7;
      passage.tell(({latency}) => (this.told += `${way}${latency}`));
      if (this.changing.has(way)) passage.once();
      beyond?.(way, passage);
      return this.lost.has(way) ? dropped('no route', way) : delivered;
    };
    return this.#memory.flood(frame, ['a', 'b', 'c'] as const, way => way, send, 'here', passage);
  }

  /** What was run of one more such frame. */
  ranOf(frame?: Frame): string {
    this.run = '';
    this.flood(frame);
    return this.run;
  }
}

const arp: Arp = {kind: 'arp', operation: 'request', senderMac: 1, senderIp: 1, targetMac: 0, targetIp: 2};
const request: Frame = {source: 1, destination: broadcastMac, vlan: undefined, payload: arp};

test('from the third time on the copies of a frame are counted, and do all that they did', t => {
  const bench = new Bench();
  bench.lost.add('a');
  const verdicts = [bench.flood(), bench.flood(), bench.flood()];
  t.is(bench.run, 'abcabc');
  t.is(bench.told, 'a7b7c7'.repeat(3));
  t.is(bench.ground.counters.value(bench.counter), 9);
  t.deepEqual(verdicts, [delivered, delivered, delivered]);
  bench.ground.engine.advance(seconds(3));
  bench.flood();
  t.is(bench.ground.ledger.keptAt(bench.facts.b), seconds(3));
});

test('a copy is run again once a fact on its way has changed, and the others are not', t => {
  const bench = new Bench();
  for (let times = 0; times < 6; times++) bench.flood();
  bench.ground.ledger.changed(bench.facts.b, 0);
  t.is(bench.ranOf(), 'b');
  t.is(bench.ranOf(), '');
});

test('a copy whose way changes over and over is run for a while, and what is flooded behind it is remembered', t => {
  const bench = new Bench();
  const states: string[] = [];
  for (let times = 0; times < 20; times++) {
    bench.run = '';
    bench.flood(request, (way, {remembered}) => states.push(`${way} ${remembered}`));
    bench.ground.ledger.changed(bench.facts.b, 0);
  }
  t.is(bench.run, 'b');
  t.deepEqual(states.slice(-2), ['b from here', 'b from here']);
});

test('a copy that somebody waits for is run once, and counted again from then on', t => {
  const bench = new Bench();
  for (let times = 0; times < 3; times++) bench.flood();
  bench.ground.engine.advance(seconds(1));
  bench.ground.ledger.awaitKeep(bench.facts.c, seconds(1));
  bench.ground.engine.advance(seconds(2));
  t.is(bench.ranOf(), 'c');
  t.is(bench.ranOf(), '');
});

test('a copy that leaves something behind is run each time, and what is flooded behind it is remembered at once', t => {
  const bench = new Bench();
  bench.changing.add('c');
  const states: string[] = [];
  for (let times = 0; times < 4; times++)
    bench.flood(request, (way, {remembered}) => states.push(`${way} ${remembered}`));
  t.is(bench.run, 'abcabccc');
  t.deepEqual(states.slice(-2), ['c from here', 'c from here']);
  t.true(states.slice(0, -2).every(state => state.endsWith('before')));
});

test('another frame is another, and what was not flooded for ten seconds is forgotten', t => {
  const bench = new Bench();
  for (let times = 0; times < 3; times++) bench.flood();
  t.is(bench.ranOf({...request, payload: {...arp, targetIp: 3}}), 'abc');
  bench.ground.engine.advance(seconds(10) + 1);
  t.is(bench.ranOf(), 'abc');
  t.is(bench.ranOf(), 'abc');
  t.is(bench.ranOf(), '');
});

test('nothing is remembered of unicasts, nor while everything is run', t => {
  const bench = new Bench();
  for (let times = 0; times < 4; times++) t.is(bench.ranOf({...request, destination: 2}), 'abc');
  bench.ground.ledger.stopSkipping();
  for (let times = 0; times < 4; times++) t.is(bench.ranOf(), 'abc');
});

for (const skipping of [true, false]) {
  test(`a request that nobody cared for is heard if its sender is sought before it is there: ${skipping ? 'counted' : 'stepped'}`, t => {
    const ground = makeGround();
    if (!skipping) ground.ledger.stopSkipping();
    const stack = {on: true, isLocal: (address: number) => address === 9, unreachable: () => undefined};
    const settings = {name: 'b', mac: 9, addresses: [{address: 9, length: 24}], mtu: 1500, kernelPhase: 0};
    const interface_ = new IpInterface(ground, settings, stack, {transmit: () => heard});
    const arriving = new Passage(ground, {sender: 'a', number: 0});
    arriving.latency = microseconds(500);
    t.is(interface_.arriveArp(request, arriving), heard);
    ground.engine.advance(microseconds(200));
    const packet = {
      kind: 'ipv4',
      source: 9,
      destination: 1,
      ttl: 64,
      tos: 0,
      identification: 0,
      dontFragment: true,
    } as const;
    const payload = {kind: 'payload', size: 1, bytes: undefined} as const;
    const datagram = {kind: 'udp', sourcePort: 1, destinationPort: 1, checksummed: true, payload} as const;
    interface_.output({...packet, payload: datagram}, 1, new Passage(ground, {sender: 'b', number: 0}));
    ground.engine.advance(microseconds(499));
    t.is(interface_.neighbour(1)?.state, 'incomplete');
    ground.engine.advance(microseconds(501));
    t.is(interface_.neighbour(1)?.mac, 1);
  });
}
