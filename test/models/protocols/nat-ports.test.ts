import test from 'ava';
import type {SourceRange} from '../../../models/protocols/nat-ports.ts';
import {inverse, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import {seconds} from '../../../engine/time.ts';
import {NatBench, ip, ping, segment, tcp, udp} from './nat-bench.ts';

const external = ip('203.0.113.10');
const plain: SourceRange = {address: external};
const random: SourceRange = {address: external, random: true};
const range: SourceRange = {address: external, ports: {least: 20_000, most: 20_099}};

const from = (client: string, port: number, destination = '203.0.113.200'): Tuple => udp(client, port, destination, 53);

/** So many ports in [least, most], spread evenly. */
function ports(count: number, least: number, most: number): readonly number[] {
  return Array.from({length: count}, (_, i) => least + Math.floor((i * (most - least)) / count));
}

/** What external ports clients get for these ports, one after the other. */
function externalPorts(client: string, own: readonly number[], snat: SourceRange, bench = new NatBench()) {
  return own.map(port => bench.portOf(from(client, port), snat));
}

// The rows of what was measured.

test('no conflict, ports 1024–65535: 300 of 300 kept', t => {
  const own = ports(300, 1024, 65_535);
  t.deepEqual(externalPorts('10.0.0.5', own, plain), own);
});

test('no conflict, ports 1–511: 100 of 100 kept', t => {
  const own = ports(100, 1, 511);
  t.deepEqual(externalPorts('10.0.0.5', own, plain), own);
});

const conflicts = [
  {n: 400, own: [1024, 65_535], others: [1024, 65_535]},
  {n: 200, own: [512, 1023], others: [600, 1023]},
  {n: 200, own: [1, 511], others: [1, 511]},
];

for (const {n, own, others} of conflicts) {
  test(`second client, same port of ${own.join('–')}: random in ${others.join('–')}, none kept`, t => {
    const bench = new NatBench();
    const wanted = ports(n, own[0], own[1]);
    externalPorts('10.0.0.5', wanted, plain, bench);
    const got = externalPorts('10.0.0.6', wanted, plain, bench) as number[];
    t.true(got.every((port, i) => port >= others[0] && port <= others[1] && port !== wanted[i]));
    t.is(new Set(got).size, n);
    const middle = [...got].sort((a, b) => a - b)[n / 2];
    t.true(Math.abs(middle - (others[0] + others[1]) / 2) < 0.15 * (others[1] - others[0]));
  });
}

test('--random and --random-fully never keep a port', t => {
  const own = ports(400, 1024, 65_535);
  const got = externalPorts('10.0.0.5', own, random) as number[];
  t.is(got.filter((port, i) => port === own[i]).length, 0);
  t.true(Math.min(...got) >= 1024 && Math.max(...got) <= 65_535);
  t.is(new Set(got).size, 400);
});

test('a range, own port outside: random inside, 90 of 90 different', t => {
  const got = externalPorts('10.0.0.5', ports(90, 30_000, 40_000), range) as number[];
  t.true(got.every(port => port >= 20_000 && port <= 20_099));
  t.is(new Set(got).size, 90);
});

test('a range, own port inside: 60 of 60 kept', t => {
  const own = ports(60, 20_000, 20_099);
  t.deepEqual(externalPorts('10.0.0.5', own, range), own);
});

for (const {name, snat, same} of [
  {name: 'no option', snat: plain, same: true},
  {name: 'a range', snat: range, same: true},
  {name: '--random-fully', snat: random, same: false},
]) {
  test(`one client port to 40 destinations, ${name}: ${same ? 'one external port' : 'another each time'}`, t => {
    const bench = new NatBench();
    const got = ports(40, 1, 200).map(i => bench.portOf(from('10.0.0.5', 31_000, `203.0.113.${i}`), snat));
    t.is(new Set(got).size === 1, same);
    t.true(same || new Set(got).size >= 39);
  });
}

test('one external port serves many destinations: the limit is per destination address and port', t => {
  const bench = new NatBench();
  const one: SourceRange = {address: external, ports: {least: 20_000, most: 20_000}};
  const destinations = [udp('10.0.0.5', 1, '203.0.113.200', 53), udp('10.0.0.6', 2, '203.0.113.201', 53)];
  destinations.push(udp('10.0.0.7', 3, '203.0.113.200', 54));
  t.deepEqual(
    destinations.map(tuple => bench.portOf(tuple, one)),
    [20_000, 20_000, 20_000],
  );
  t.is(bench.portOf(udp('10.0.0.8', 4, '203.0.113.200', 53), one), undefined);
});

for (const size of [10, 100]) {
  for (const protocol of ['udp', 'tcp'] as const) {
    test(`${size} ports towards one address and port: ${size} ${protocol} flows, the next one is dropped`, t => {
      const bench = new NatBench();
      const few: SourceRange = {address: external, ports: {least: 20_000, most: 20_000 + size - 1}};
      const flow = (i: number): Tuple => ({...from('10.0.0.5', 40_000 + i), protocol});
      for (let i = 0; i < size; i++) t.not(bench.portOf(flow(i), few), undefined);
      t.is(bench.portOf(flow(size), few), undefined);
      t.is(bench.portOf(flow(size), few), undefined);
      t.is(bench.table.counters.insertFailed, 2);
      t.is(bench.table.count, size);
    });
  }
}

test('connections in TIME_WAIT do not block ports', t => {
  const bench = new NatBench();
  const few: SourceRange = {address: external, ports: {least: 20_000, most: 20_009}};
  for (let i = 0; i < 10; i++) {
    const flow = tcp('10.0.0.5', 40_000 + i, '203.0.113.200', 80);
    const answer = inverse(bench.send(flow, {segment: segment('syn'), snat: few}) as Tuple);
    bench.send(answer, {segment: segment('syn-ack')});
    bench.send(flow, {segment: segment('ack')});
    bench.send(flow, {segment: segment('fin')});
    bench.send(answer, {segment: segment('fin')});
    bench.send(flow, {segment: segment('ack')});
  }
  for (let i = 0; i < 10; i++) t.not(bench.portOf(tcp('10.0.0.6', 40_000 + i, '203.0.113.200', 80), few), undefined);
  t.is(bench.portOf(tcp('10.0.0.7', 1, '203.0.113.200', 80), few), undefined);
  t.deepEqual([...new Set(bench.removed.map(({why}) => why))], ['port reused']);
});

test('two clients that ping under one identifier get two', t => {
  const bench = new NatBench();
  t.is(bench.portOf(ping('10.0.0.5', 7, '203.0.113.200'), plain), 7);
  t.not(bench.portOf(ping('10.0.0.6', 7, '203.0.113.200'), plain), 7);
});

test('a port is free again when its connection has expired, collected or not', t => {
  const bench = new NatBench();
  const one: SourceRange = {address: external, ports: {least: 20_000, most: 20_000}};
  t.is(bench.portOf(from('10.0.0.5', 1), one), 20_000);
  t.is(bench.after(seconds(29)).portOf(from('10.0.0.6', 1), one), undefined);
  bench.now += seconds(1);
  t.is(bench.portOf(from('10.0.0.6', 1), one), 20_000);
});

// A takeover: another router with the same address and no connections.

/** A flow through the router that failed, and how it looks from the outside. */
function before(flow: Tuple, snat: SourceRange): {readonly outside: Tuple} {
  const bench = new NatBench({seed: 77});
  const more = flow.protocol === 'tcp' ? {segment: segment('syn')} : {};
  return {outside: inverse(bench.send(flow, {snat, ...more}) as Tuple)};
}

const udpFlow = udp('10.0.0.5', 31_000, '203.0.113.200', 53);
const tcpFlow = tcp('10.0.0.5', 31_000, '203.0.113.200', 80);
const middle = segment('ack', {data: true});

test('takeover, port kept, client first: UDP survives', t => {
  const {outside} = before(udpFlow, plain);
  const router = new NatBench();
  t.deepEqual(router.send(udpFlow, {snat: plain}), inverse(outside));
  t.deepEqual(router.send(outside), inverse(udpFlow));
});

test('takeover, port kept, client first, tcp_loose 1: TCP survives', t => {
  const {outside} = before(tcpFlow, plain);
  const router = new NatBench();
  t.deepEqual(router.send(tcpFlow, {snat: plain, segment: middle}), inverse(outside));
  t.deepEqual(router.send(outside, {segment: middle}), inverse(tcpFlow));
  t.true(router.only.replied);
});

test('takeover, port kept, client first, tcp_loose 0: packets with the private source leave', t => {
  const router = new NatBench({conntrack: {tcpLoose: false}});
  t.is(router.send(tcpFlow, {snat: plain, segment: middle}), 'untracked');
});

test('takeover, port kept, outside first: UDP reaches the router itself, and the client gets another port', t => {
  const {outside} = before(udpFlow, plain);
  const router = new NatBench();
  t.deepEqual(router.send(outside), outside);
  const next = router.send(udpFlow, {snat: plain}) as Tuple;
  t.is(next.source, external);
  t.not(next.sourcePort, 31_000);
});

test('takeover, port kept, outside first: TCP reaches the router itself, whose RST ends the entry', t => {
  const {outside} = before(tcpFlow, plain);
  const router = new NatBench();
  t.deepEqual(router.send(outside, {segment: middle}), outside);
  t.deepEqual(router.send(inverse(outside), {segment: segment('rst')}), inverse(outside));
  t.is(router.table.count, 0);
});

test('takeover, port kept, outside first, tcp_loose 0: TCP reaches the router untracked', t => {
  const {outside} = before(tcpFlow, plain);
  t.is(new NatBench({conntrack: {tcpLoose: false}}).send(outside, {segment: middle}), 'untracked');
});

for (const {name, snat} of [
  {name: 'a range', snat: range},
  {name: '--random-fully', snat: random},
]) {
  test(`takeover, ${name}: the flow leaves from another port, and what comes from outside is for nobody`, t => {
    for (const flow of [udpFlow, tcpFlow]) {
      const {outside} = before(flow, snat);
      const more = flow.protocol === 'tcp' ? {segment: middle} : {};
      t.notDeepEqual(new NatBench().send(flow, {snat, ...more}), inverse(outside));
      t.deepEqual(new NatBench().send(outside, more), outside);
    }
  });
}
