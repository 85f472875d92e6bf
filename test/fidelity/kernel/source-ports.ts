import {milliseconds, seconds} from '../../../engine/time.ts';
import {inverse, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import type {SourceRange} from '../../../models/protocols/nat-ports.ts';
import type {NatRule} from '../../../models/protocols/nat-rules.ts';
import {Luck} from '../../support/luck.ts';
import {ip, NatBench, segment, tcp, udp} from '../../support/nat-bench.ts';
import {exactHead, exactRow, spreadHead, spreadRow, type Row, type Table} from '../part.ts';
import {FloatingLab} from './floating-lab.ts';
import {eachSeed, type Lan} from './lan.ts';
import {readMeasured, type MeasuredRow} from './measured.ts';
import {tcpEnd, tcpTalk} from './tcp-talk.ts';

const external = ip('203.0.113.10');

/** Rules of the bench by the option that it names. */
const rules: Readonly<Record<string, SourceRange>> = {
  '(none)': {address: external},
  '--random': {address: external, random: true},
  '--random-fully': {address: external, random: true},
  ':20000-20099': {address: external, ports: {least: 20_000, most: 20_099}},
};

type Choice = {
  /** Ports that the clients have. */
  readonly own: readonly [number, number];
  /** Whether another client has them already. */
  readonly conflict?: true;
};

const choices: Readonly<Record<string, Choice>> = {
  'no conflict, sport 1024-65535': {own: [1024, 65_535]},
  'no conflict, sport 1-511': {own: [1, 511]},
  '2nd client, same sport (1024-65535)': {own: [1024, 65_535], conflict: true},
  '2nd client, same sport (512-1023)': {own: [512, 1023], conflict: true},
  '2nd client, same sport (1-511)': {own: [1, 511], conflict: true},
  'no conflict, --random': {own: [1024, 65_535]},
  'no conflict, --random-fully': {own: [1024, 65_535]},
  'no conflict, range 20000-20099, sport outside': {own: [30_000, 40_000]},
  'no conflict, range 20000-20099, sport inside': {own: [20_000, 20_099]},
};

type Got = {readonly own: number; readonly port: number | undefined};

/** Whether SNAT keeps a port. */
export function keptPorts(seeds: number): Table {
  return {
    title: 'SNAT: is the source port kept',
    notes: ['Of so many flows: kept / dropped / different ports.'],
    head: ['case', 'option', ...exactHead],
    rows: readMeasured('f3_ports')
      .map(trimmed)
      .map(({case: name, option, n, kept, dropped, distinct}) => {
        const runs = Array.from({length: Math.min(seeds, 3)}, (_, seed) =>
          choose(choices[name], rules[option], Number(n), seed),
        );
        return exactRow([name, option], Number(n), `${kept} / ${dropped} / ${distinct}`, runs.map(tally));
      }),
  };
}

/** From where the ports come. */
export function chosenPorts(seeds: number): Table {
  return {
    title: 'SNAT: which source ports',
    notes: [
      'One port is another, so a median may be off by what a median of so many even draws is: three standard errors.',
    ],
    head: ['case', 'option', ...spreadHead],
    rows: readMeasured('f3_ports')
      .map(trimmed)
      .map(({case: name, option, n, min_port: min, median_port: median, max_port: max}) => {
        const got = Array.from({length: Math.min(seeds, 3)}, (_, seed) =>
          choose(choices[name], rules[option], Number(n), seed),
        ).flat();
        const ports = got.flatMap(({port}) => (port === undefined ? [] : [port]));
        const measured = {n: Number(n), min: Number(min), median: Number(median), max: Number(max)};
        const error = (1.5 * (measured.max - measured.min)) / Math.sqrt(measured.n);
        return spreadRow([name, option], measured, ports, {grain: Math.round(error)});
      }),
  };
}

/** What a pool of ports is good for. */
export function portLimits(seeds: number): Table {
  const few = Array.from({length: Math.min(seeds, 5)}, (_, seed) => seed);
  const limit = (size: number): Row =>
    exactRow(
      [`${size} ports towards one address and port: flows, and the next one`],
      1,
      `${size}, dropped`,
      few.flatMap(seed => (['udp', 'tcp'] as const).map(protocol => exhausted(size, protocol, seed))),
    );
  return {
    title: 'SNAT: ports and destinations',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      ...readMeasured('f3b_endpoint_mapping')
        .map(trimmed)
        .map(({option, n, same_external_port: same}) =>
          exactRow(
            [`one client port to ${n} destinations, ${option}: how many have the same external port`],
            Number(n),
            same,
            few.map(seed => `${sameForAll(rules[option], Number(n), seed)}`),
          ),
        ),
      exactRow(['one external port to three destinations'], 1, '3 flows', few.map(oneForMany)),
      limit(10),
      limit(100),
      exactRow(
        ['10 ports, all taken: what the client of an 11th TCP connection sees, and does'],
        1,
        'nothing; sends its SYN again',
        eachSeed(few.length, lan => [withoutPort(lan)]),
      ),
      exactRow(['10 ports, all in TIME_WAIT: new flows'], 1, '10', few.map(afterTimeWait)),
    ],
  };
}

/** The bench wrote a space before some of its options. */
function trimmed(row: MeasuredRow): MeasuredRow {
  return {...row, option: row['option'].trim()};
}

/** So many ports without repetition. */
function drawPorts(count: number, [least, most]: readonly [number, number], luck: Luck): readonly number[] {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(luck.whole(least, most));
  return [...ports];
}

function choose({own, conflict}: Choice, rule: SourceRange, n: number, seed: number): readonly Got[] {
  const bench = new NatBench({seed: seed + 1});
  const ports = drawPorts(n, own, new Luck(`ports ${seed}`));
  const flow = (client: string, port: number): Tuple => udp(client, port, '203.0.113.200', 53);
  if (conflict) for (const port of ports) bench.portOf(flow('10.0.0.5', port), rule);
  return ports.map(port => ({own: port, port: bench.portOf(flow('10.0.0.6', port), rule)}));
}

function tally(got: readonly Got[]): string {
  const kept = got.filter(({own, port}) => own === port).length;
  const dropped = got.filter(({port}) => port === undefined).length;
  return `${kept} / ${dropped} / ${new Set(got.map(({port}) => port)).size}`;
}

/** How many of the flows have the port that most have; of random ones none has another's. */
function sameForAll(rule: SourceRange, n: number, seed: number): number {
  const bench = new NatBench({seed: seed + 1});
  const got = Array.from({length: n}, (_, index) =>
    bench.portOf(udp('10.0.0.5', 31_000, `203.0.113.${index + 1}`, 53), rule),
  );
  const same = got.filter(port => port === got[0]).length;
  return same > 2 ? same : 0;
}

function oneForMany(seed: number): string {
  const bench = new NatBench({seed: seed + 1});
  const rule: SourceRange = {address: external, ports: {least: 20_000, most: 20_000}};
  const flows = [
    udp('10.0.0.5', 1, '203.0.113.200', 53),
    udp('10.0.0.6', 2, '203.0.113.201', 53),
    udp('10.0.0.7', 3, '203.0.113.200', 54),
  ];
  return `${flows.filter(flow => bench.portOf(flow, rule) === 20_000).length} flows`;
}

function exhausted(size: number, protocol: 'tcp' | 'udp', seed: number): string {
  const bench = new NatBench({seed: seed + 1});
  const rule: SourceRange = {address: external, ports: {least: 20_000, most: 20_000 + size - 1}};
  const flow = (port: number): Tuple => ({...udp('10.0.0.5', 40_000 + port, '203.0.113.200', 80), protocol});
  const passed = Array.from({length: size}, (_, port) => bench.portOf(flow(port), rule)).filter(
    port => port !== undefined,
  );
  return `${passed.length}, ${bench.portOf(flow(size), rule) === undefined ? 'dropped' : 'passed'}`;
}

/** Eleven clients on one machine behind a router that has ten ports for them. */
function withoutPort(lan: Lan): string {
  const lab = new FloatingLab(lan);
  const to: NatRule['target'] = {kind: 'snat', to: external, ports: {least: 20_000, most: 20_009}};
  lab.translation.table = new Map([['POSTROUTING', [{match: {}, target: to}]]]);
  const [from, server] = [tcpEnd(lan, lab.members.vm1), tcpEnd(lan, lab.members.outside)];
  const talks = Array.from({length: 11}, (_, number) => {
    const talk = tcpTalk(lan, {from, servers: [server], destination: server.address, number});
    lan.pass(milliseconds(100));
    return talk;
  });
  lan.pass(seconds(10));
  const last = talks[10].result();
  if (talks.slice(0, 10).some(talk => talk.result().delivered === 0)) return 'another one has none';
  if (last.delivered > 0 || !last.connections) return 'it is served';
  const {refused, reset, unreachable} = last.connections;
  const syns = lan.wire.filter(
    ({from: device, frame: {payload}}) =>
      device === 'vm1 eth0' && payload.kind === 'ipv4' && payload.payload.kind === 'tcp' && payload.payload.syn,
  );
  const isTold = refused + reset + unreachable + (last.icmpErrors ?? 0) > 0;
  return `${isTold ? 'an error' : 'nothing'}; ${syns.length > 12 ? 'sends its SYN again' : 'gives up'}`;
}

function afterTimeWait(seed: number): string {
  const bench = new NatBench({seed: seed + 1});
  const rule: SourceRange = {address: external, ports: {least: 20_000, most: 20_009}};
  for (let i = 0; i < 10; i++) {
    const flow = tcp('10.0.0.5', 40_000 + i, '203.0.113.200', 80);
    const answer = inverse(bench.send(flow, {segment: segment('syn'), snat: rule}) as Tuple);
    bench.send(answer, {segment: segment('syn-ack')});
    for (const flags of ['ack', 'fin'] as const) bench.send(flow, {segment: segment(flags)});
    bench.send(answer, {segment: segment('fin')});
    bench.send(flow, {segment: segment('ack')});
  }
  bench.after(seconds(1));
  const next = Array.from({length: 10}, (_, i) => bench.portOf(tcp('10.0.0.6', 40_000 + i, '203.0.113.200', 80), rule));
  return `${next.filter(port => port !== undefined).length}`;
}
