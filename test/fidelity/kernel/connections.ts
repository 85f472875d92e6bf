import {milliseconds, seconds, toSeconds} from '../../../engine/time.ts';
import {defaultConntrackLimits} from '../../../models/protocols/conntrack-host.ts';
import {conntrackDefaults} from '../../../models/protocols/conntrack-settings.ts';
import {LinuxConntrack} from '../../../models/protocols/linux-conntrack.ts';
import {formatEntry} from '../../../models/protocols/conntrack-entry.ts';
import type {TcpFlags} from '../../../models/protocols/conntrack-tcp.ts';
import {inverse, type Direction} from '../../../models/protocols/conntrack-tuple.ts';
import {NatBench, ping, segment, tcp, udp} from '../../support/nat-bench.ts';
import {exactHead, exactRow, portionHead, portionRow, rangeRow, spreadHead, type Row, type Table} from '../part.ts';
import {FloatingLab} from './floating-lab.ts';
import {eachSeed, type Lan} from './lan.ts';
import {readMeasured} from './measured.ts';

const question = udp('10.0.0.5', 4000, '203.0.113.200', 53);
const call = tcp('10.0.0.5', 4000, '203.0.113.200', 80);
const echo = ping('10.0.0.5', 7, '203.0.113.200');

/** What a connection is after its last packet, as `conntrack -L` shows it a moment later. */
export function connectionTimeouts(): Table {
  return {
    title: 'Connections: time-outs',
    notes: ['Seconds left a moment after the last packet, flags, state.'],
    head: ['protocol', 'after', ...exactHead],
    rows: [
      ...readMeasured('f1_entry_timeouts').map(({proto, after, timeout, flags, state}) =>
        exactRow(
          [proto, after],
          1,
          timeout === 'none' ? 'none' : [timeout, flags, state].filter(word => word !== '').join(' '),
          [shown(courses[`${proto}, ${after}`]())],
        ),
      ),
      ...sysctls.map(([name, course]) => {
        const value = readMeasured('f1_conntrack_sysctls').find(row => row['sysctl'] === `net.netfilter.${name}`)?.[
          'value'
        ];
        return exactRow([`\`${name}\``, 'in that state'], 1, `${value} s`, [`${wholeTimeout(course())} s`]);
      }),
    ],
  };
}

/** What `nf_conntrack_count` counts, and what becomes of those who come when it is at its limit. */
export function connectionCounts(): Table {
  return {
    title: 'Connections: counted after their end, in s',
    notes: [
      '20 new flows a second for 20 s, which live 5 s: how long after its end the first and the last of them is counted.',
    ],
    head: ['what', ...spreadHead],
    rows: [
      rangeRow(
        ['from the end of an entry until `nf_conntrack_count` is without it'],
        {min: 14, max: 54},
        Array.from({length: 100}, (_, seed) => countedTooLong(seed)).flat(),
        {grain: 1},
      ),
    ],
  };
}

/** How many connections there may be. */
export function connectionLimits(): Table {
  const value = (name: string): string =>
    readMeasured('f1_conntrack_sysctls').find(({sysctl}) => sysctl === `net.netfilter.${name}`)!['value'];
  const {max, buckets} = defaultConntrackLimits;
  return {
    title: 'Connections: limits',
    notes: [],
    head: ['what', ...exactHead],
    rows: [
      exactRow(['`nf_conntrack_max`'], 1, value('nf_conntrack_max'), [`${max}`]),
      exactRow(['`nf_conntrack_buckets`'], 1, value('nf_conntrack_buckets'), [`${buckets}`]),
      exactRow(['maximum 10: connections of each of two namespaces'], 1, '10, 10', [ofTwoNamespaces()]),
      exactRow(
        ['a new flow onto a full table: what its sender gets'],
        1,
        'nothing',
        eachSeed(5, lan => [refusalOf(lan)]),
      ),
    ],
  };
}

export function fullTable(seeds: number): Table {
  const runs = Math.min(Math.ceil(seeds / 3), 40);
  const row = (what: string, assured: number, hits: number): Row => {
    const passed = Array.from({length: runs}, (_, seed) => passedFullTable(assured, seed + 1));
    const emulated = {hits: passed.reduce((sum, count) => sum + count, 0), n: 300 * runs};
    return portionRow([what], {hits, n: 300}, emulated);
  };
  return {
    title: 'Connections: a full table',
    notes: ['`nf_conntrack_max` 1000, default buckets: how many of 300 new flows pass.'],
    head: ['onto', ...portionHead],
    rows: [row('1000 unassured', 0, 17), row('500 assured and 500 unassured', 500, 6), row('1000 assured', 1000, 0)],
  };
}

function play(course: readonly (readonly [Direction, TcpFlags | 'data'])[], pause = 0): NatBench {
  const bench = new NatBench();
  for (const [direction, what] of course) {
    const tuple = direction === 'original' ? call : inverse(call);
    bench.after(pause).send(tuple, {segment: what === 'data' ? segment('ack', {data: true}) : segment(what)});
  }
  return bench;
}

type Steps = Parameters<typeof play>[0];

const synSent: Steps = [['original', 'syn']];
const synReceived: Steps = [...synSent, ['reply', 'syn-ack']];
const open: Steps = [...synReceived, ['original', 'ack']];
const finSent: Steps = [...open, ['original', 'fin']];
const halfClosed: Steps = [...finSent, ['reply', 'ack']];
const bothFin: Steps = [...halfClosed, ['reply', 'fin']];

/** UDP packets at such moments after the first, which is answered at once if `answered`. */
function talk(answered: boolean, ...at: readonly number[]): NatBench {
  const bench = new NatBench();
  const begun = bench.now;
  bench.send(question);
  if (answered) bench.send(inverse(question));
  for (const moment of at) bench.until(begun + seconds(moment)).send(question);
  return bench;
}

function echoed(): NatBench {
  const bench = new NatBench();
  bench.send(echo);
  bench.send(inverse(echo));
  return bench;
}

function other(): NatBench {
  const bench = new NatBench();
  bench.send({...question, protocol: 89, sourcePort: 0, destinationPort: 0});
  return bench;
}

/** What the bench did, by its protocol and its own name. */
const courses: Readonly<Record<string, () => NatBench>> = {
  'udp, first packet': () => talk(false),
  'udp, reply at +0 s': () => talk(true),
  'udp, 2nd packet at +0 s': () => talk(true, 0),
  'udp, packet at +1 s': () => talk(true, 0, 1),
  'udp, packet at +2.3 s': () => talk(true, 0, 1, 2.3),
  'tcp, handshake': () => play(open),
  'tcp, client FIN acked': () => play(halfClosed),
  'tcp, both FIN': () => play([...bothFin, ['original', 'ack']]),
  'tcp, client RST': () => play([...open, ['original', 'rst']]),
  'tcp, SYN unanswered': () => play(synSent),
  'tcp, SYN answered by RST': () => play([...synSent, ['reply', 'rst']]),
  'tcp, data unacked, 1 segment': () => play([...open, ['original', 'data']]),
  'tcp, data unacked, 2.5 s of retransmissions': () =>
    play([...open, ...Array.from({length: 5}, () => ['original', 'data'] as const)], milliseconds(500)),
  'icmp, echo + reply': echoed,
};

/** Time-outs of which the bench has the sysctl only, and how a connection comes under them. */
const sysctls: readonly (readonly [string, () => NatBench])[] = [
  ['nf_conntrack_tcp_timeout_syn_sent', () => play(synSent)],
  ['nf_conntrack_tcp_timeout_syn_recv', () => play(synReceived)],
  ['nf_conntrack_tcp_timeout_established', () => play(open)],
  ['nf_conntrack_tcp_timeout_fin_wait', () => play(finSent)],
  ['nf_conntrack_tcp_timeout_close_wait', () => play(halfClosed)],
  ['nf_conntrack_tcp_timeout_last_ack', () => play(bothFin)],
  ['nf_conntrack_tcp_timeout_time_wait', () => play([...bothFin, ['original', 'ack']])],
  ['nf_conntrack_tcp_timeout_close', () => play([...open, ['original', 'rst']])],
  ['nf_conntrack_tcp_timeout_unacknowledged', () => play([...open, ['original', 'data']])],
  ['nf_conntrack_udp_timeout', () => talk(true)],
  ['nf_conntrack_udp_timeout_stream', () => talk(true, 3)],
  ['nf_conntrack_icmp_timeout', echoed],
  ['nf_conntrack_generic_timeout', other],
];

function shown(bench: NatBench): string {
  if (bench.table.count === 0) return 'none';
  const words = formatEntry(bench.only, bench.now + 1).split(' ');
  const state = words[0] === 'tcp' ? words[3] : '';
  const flag = words.find(word => word.startsWith('['))?.slice(1, -1) ?? 'replied';
  return `${words[2]} ${flag} ${state}`.trim();
}

function wholeTimeout({table, only, now}: NatBench): number {
  return toSeconds(table.expiresAt(only) - now);
}

function countedTooLong(seed: number): readonly number[] {
  const bench = new NatBench({seed, conntrack: {udp: seconds(5)}});
  const begun = bench.now;
  for (let i = 0; i < 20; i++) {
    for (let port = 0; port < 20; port++) bench.send({...question, sourcePort: 5000 + 20 * i + port});
    bench.after(seconds(1));
  }
  bench.after(seconds(120));
  const ends = bench.removed.map(({at}) => toSeconds(at - begun));
  return [Math.min(...ends) - 5, Math.max(...ends) - 24].filter(lag => lag > 0);
}

/** How many of 300 new flows pass a table that is full of so many assured connections and the rest unassured. */
function passedFullTable(assured: number, seed: number): number {
  const bench = new NatBench({seed, limits: {max: 1000}});
  const ports = Array.from({length: 1000}, (_, index) => ({...question, sourcePort: index + 1}));
  for (const tuple of ports.slice(0, assured)) {
    bench.send(tuple);
    bench.send(inverse(tuple));
  }
  bench.after(seconds(3));
  for (const tuple of ports) bench.send(tuple);
  const newcomers = Array.from({length: 300}, (_, index) => ({...question, sourcePort: 2000 + index}));
  return newcomers.filter(tuple => bench.send(tuple) !== 'dropped').length;
}

function ofTwoNamespaces(): string {
  const {host, table} = new NatBench({limits: {max: 10}});
  const other = new LinuxConntrack(conntrackDefaults, {number: 1, draw: () => 0.5}, host, {
    lastUsedAt: () => 0,
    removed: () => undefined,
  });
  for (const each of [table, other]) {
    for (let port = 1; port <= 20; port++) {
      const tracked = each.track({tuple: {...question, sourcePort: port}}, 0);
      if (tracked.kind !== 'new') continue;
      each.keepSource(tracked.entry, 0);
      each.confirm(tracked.entry, 0);
    }
  }
  return `${table.count}, ${other.count}`;
}

/** Two flows through a router that may have one connection: what comes back to the sender of the second. */
function refusalOf(lan: Lan): string {
  const lab = new FloatingLab(lan, {max: 1, buckets: 262_144});
  lab.ask(40_000);
  const fate = lab.ask(40_001);
  if (fate !== 'connection table full') return `${fate}`;
  return lab.answered ? 'an error' : 'nothing';
}
