import {inverse, sameTuple, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import type {SourceRange} from '../../../models/protocols/nat-ports.ts';
import {ip, NatBench, segment, tcp, udp} from '../../support/nat-bench.ts';
import {exactHead, exactRow, type Row, type Table} from '../part.ts';

const address = ip('203.0.113.10');

const rules: Readonly<Record<string, SourceRange>> = {
  'port-preserving': {address},
  'a range': {address, ports: {least: 20_000, most: 20_099}},
  '`--random-fully`': {address, random: true},
};

const flows = {
  udp: udp('10.0.0.5', 31_000, '203.0.113.200', 53),
  tcp: tcp('10.0.0.5', 31_000, '203.0.113.200', 80),
};

type Protocol = 'UDP' | 'TCP, `tcp_loose` 1' | 'TCP, `tcp_loose` 0';
type First = 'client → outside' | 'outside → client';

/** What was measured: for each rule and first packet what becomes of each protocol. */
const measured: readonly (readonly [keyof typeof rules, First, Partial<Record<Protocol, string>>])[] = [
  [
    'port-preserving',
    'client → outside',
    {
      UDP: 'survives',
      'TCP, `tcp_loose` 1': 'survives',
      'TCP, `tcp_loose` 0': 'dies: packets with the private source leave',
    },
  ],
  [
    'port-preserving',
    'outside → client',
    {
      UDP: "dies: the router itself refuses it, the client's next packet gets another port",
      'TCP, `tcp_loose` 1': 'dies: the router itself resets it',
      'TCP, `tcp_loose` 0': 'dies',
    },
  ],
  ...(['a range', '`--random-fully`'] as const).flatMap(rule =>
    (['client → outside', 'outside → client'] as const).map(
      first => [rule, first, {UDP: 'dies', 'TCP, `tcp_loose` 1': 'dies'}] as const,
    ),
  ),
];

/** Another router takes over, with the same address and no connections. */
export function takeovers(seeds: number): Table {
  return {
    title: 'SNAT: takeover with the same address and no connection state',
    notes: [
      'Segments and packets are put to the connection tracking of the second router by hand. A packet that finds no connection and is for the router’s own address is answered by the router itself.',
    ],
    head: ['SNAT', 'first packet afterwards', 'protocol', ...exactHead],
    rows: measured.flatMap(([rule, first, cells]) =>
      Object.entries(cells).map(([protocol, cell]): Row => {
        const emulated = Array.from({length: Math.min(seeds, 10)}, (_, seed) =>
          fate(rules[rule], first, protocol as Protocol, seed),
        );
        const asTold = emulated.map(outcome => (cell.includes(':') ? outcome : outcome.split(':')[0]));
        return exactRow([rule, first, protocol], 1, cell, asTold);
      }),
    ),
  };
}

function fate(snat: SourceRange, first: First, protocol: Protocol, seed: number): string {
  const isTcp = protocol !== 'UDP';
  const flow = isTcp ? flows.tcp : flows.udp;
  const begin = isTcp ? {segment: segment('syn')} : {};
  const more = isTcp ? {segment: segment('ack', {data: true})} : {};
  const leaving = new NatBench({seed: 2 * seed + 1}).send(flow, {snat, ...begin}) as Tuple;
  const router = new NatBench({seed: 2 * seed + 2, conntrack: {tcpLoose: protocol !== 'TCP, `tcp_loose` 0'}});
  if (first === 'client → outside') {
    const sent = router.send(flow, {snat, ...more});
    if (sent === 'untracked') return 'dies: packets with the private source leave';
    if (typeof sent === 'string' || !sameTuple(sent, leaving)) return 'dies: it leaves from another port';
    const answer = router.send(inverse(leaving), more);
    return typeof answer !== 'string' && sameTuple(answer, inverse(flow)) ? 'survives' : 'dies: answers go elsewhere';
  }
  const arrived = router.send(inverse(leaving), more);
  const isForRouter = arrived === 'untracked' || (typeof arrived !== 'string' && sameTuple(arrived, inverse(leaving)));
  if (!isForRouter) return 'survives';
  if (isTcp) return 'dies: the router itself resets it';
  const next = router.send(flow, {snat}) as Tuple;
  return next.sourcePort === leaving.sourcePort
    ? 'survives'
    : "dies: the router itself refuses it, the client's next packet gets another port";
}
