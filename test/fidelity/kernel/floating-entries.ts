import {milliseconds} from '../../../engine/time.ts';
import {inverse, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import {segment, tcp, udp} from '../../support/nat-bench.ts';
import {NatRouter, type Where} from '../../support/nat-router.ts';
import {exactHead, exactRow, type Table} from '../part.ts';
import {FloatingLab} from './floating-lab.ts';
import {Lan} from './lan.ts';
import {readMeasured} from './measured.ts';

/** Who began the flow, by what the bench calls it. */
const beginners: readonly (readonly [string, Where])[] = [
  ['ext', 'outside'],
  ['router itself', 'router'],
  ['VM2 -> FIP', 'inside'],
  ['VM1 -> own FIP', 'inside'],
  ['FIP VM', 'inside'],
  ['non-FIP VM', 'inside'],
];

/** What the other rows did, and how many entries there are for each flow then. */
const others: Readonly<Record<string, () => number>> = {
  '1 udp flows ext -> FIP': () => entriesEach(1),
  '10 udp flows ext -> FIP': () => entriesEach(10),
  '100 udp flows ext -> FIP': () => entriesEach(100),
  'VM2 -> VM1 direct (same net, bridged)': bridged,
  'ext -> router SNAT ip, closed tcp port': () => refused('tcp'),
  'ext -> router SNAT ip, closed udp port': () => refused('udp'),
};

/** The entries of a router's connections. */
export function floatingEntries(): Table {
  const rows = readMeasured('g1_entries');
  return {
    title: 'Floating IP: entries of the router',
    notes: [
      'As `conntrack -L` shows them; where there is no entry to show, how many there are for each flow. The rules are those of a `qrouter` before `--random-fully`.',
    ],
    head: ['flow', ...exactHead],
    rows: rows.flatMap(({flow, tuples, entries_per_flow: entries}) => {
      if (tuples !== '') return [exactRow([flow], 1, tuples, [shownAfter(flow, tuples)])];
      return [exactRow([flow], 1, `${Math.round(Number(entries))}`, [`${others[flow]()}`])];
    }),
  };
}

function shownAfter(flow: string, tuples: string): string {
  const router = new NatRouter();
  const from = beginners.find(([begin]) => flow.startsWith(begin))?.[1] ?? 'inside';
  router.open(from, firstTuple(tuples));
  return router.shown;
}

/** The original direction of an entry as it is shown. */
function firstTuple(tuples: string): Tuple {
  const [, protocol] = /^(tcp|udp)/.exec(tuples) ?? [];
  const [, source, destination, sport, dport] = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/.exec(tuples) ?? [];
  const make = protocol === 'tcp' ? tcp : udp;
  return make(source, Number(sport), destination, Number(dport));
}

function entriesEach(flows: number): number {
  const router = new NatRouter();
  for (let i = 0; i < flows; i++) router.open('outside', udp('203.0.113.200', 2000 + i, '203.0.113.50', 53));
  return router.bench.table.count / flows;
}

/** A call to the router's own address, on a port that nobody listens on. */
function refused(protocol: 'tcp' | 'udp'): number {
  const router = new NatRouter();
  const call: Tuple = {...udp('203.0.113.200', 40_000, '203.0.113.10', 80), protocol};
  router.send('outside', call, protocol === 'tcp' ? segment('syn') : undefined);
  if (protocol === 'tcp') router.send('router', inverse(call), segment('rst'));
  return router.bench.table.count;
}

/** Between VMs of one network a packet goes by the bridge. */
function bridged(): number {
  const lan = new Lan(1);
  const {members, translation} = new FloatingLab(lan);
  lan.udp(members.vm2.namespace, '10.0.0.5');
  lan.pass(milliseconds(100));
  return translation.connections.count;
}
