import test from 'ava';
import {formatEntry, translated} from '../../../models/protocols/conntrack-entry.ts';
import {countNatRules, formatNatTable} from '../../../models/protocols/iptables-save.ts';
import {inverse, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import type {TcpSegment} from '../../../models/protocols/conntrack-tcp.ts';
import {passNatHook} from '../../../models/protocols/nat-hooks.ts';
import {evaluateNat, type NatTable} from '../../../models/protocols/nat-rules.ts';
import {
  centralNatTable,
  distributedNatTable,
  externalIngressMark,
  type CentralNat,
} from '../../../models/protocols/neutron-nat-rules.ts';
import {NatBench, ip, segment, tcp, udp} from './nat-bench.ts';

const release = {randomFully: false, matchesInput: false};
const router: CentralNat = {
  gateway: {device: 'qg-0c1d2e3f-4a', address: ip('203.0.113.10'), snat: true},
  floatingIps: [{floating: ip('203.0.113.50'), fixed: ip('10.0.0.5')}],
  metadataPort: 9697,
  release,
};

// What is printed.

test('the nat table of a qrouter with a gateway and a floating IP', t => {
  const table = centralNatTable({...router, release: {randomFully: true, matchesInput: false}});
  t.is(
    formatNatTable(table),
    `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:neutron-l3-agent-OUTPUT - [0:0]
:neutron-l3-agent-POSTROUTING - [0:0]
:neutron-l3-agent-PREROUTING - [0:0]
:neutron-l3-agent-float-snat - [0:0]
:neutron-l3-agent-snat - [0:0]
:neutron-postrouting-bottom - [0:0]
-A PREROUTING -j neutron-l3-agent-PREROUTING
-A OUTPUT -j neutron-l3-agent-OUTPUT
-A POSTROUTING -j neutron-l3-agent-POSTROUTING
-A POSTROUTING -j neutron-postrouting-bottom
-A neutron-l3-agent-OUTPUT -d 203.0.113.50/32 -j DNAT --to-destination 10.0.0.5
-A neutron-l3-agent-POSTROUTING ! -o qg-0c1d2e3f-4a -m conntrack ! --ctstate DNAT -j ACCEPT
-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697
-A neutron-l3-agent-PREROUTING -d 203.0.113.50/32 -j DNAT --to-destination 10.0.0.5
-A neutron-l3-agent-float-snat -s 10.0.0.5/32 -j SNAT --to-source 203.0.113.50 --random-fully
-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat
-A neutron-l3-agent-snat -o qg-0c1d2e3f-4a -j SNAT --to-source 203.0.113.10 --random-fully
-A neutron-l3-agent-snat -m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT -j SNAT --to-source 203.0.113.10 --random-fully
-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat
COMMIT
`,
  );
  t.is(countNatRules(table), 13);
});

test('before Train POSTROUTING also looks at the input device', t => {
  const text = formatNatTable(centralNatTable({...router, release: {randomFully: false, matchesInput: true}}));
  t.regex(text, /POSTROUTING ! -i qg-0c1d2e3f-4a ! -o qg-0c1d2e3f-4a -m conntrack ! --ctstate DNAT -j ACCEPT/);
  t.notRegex(text, /random/);
});

test('without a gateway only the metadata rule and the jumps are there', t => {
  const text = formatNatTable(centralNatTable({...router, gateway: undefined, floatingIps: []}));
  t.deepEqual(
    text.split('\n').filter(line => line.startsWith('-A neutron')),
    [
      '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697',
      '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
      '-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat',
    ],
  );
});

test('with enable_snat off nothing leaves under the gateway address but hairpins', t => {
  const table = centralNatTable({...router, gateway: {...router.gateway!, snat: false}});
  t.notRegex(formatNatTable(table), /-o qg-0c1d2e3f-4a -j SNAT/);
  t.regex(formatNatTable(table), /--ctstate DNAT -j SNAT --to-source 203.0.113.10/);
});

test('a qrouter with DVR translates at its rfp device and leaves the rest to the snat namespace', t => {
  const {floatingIps} = router;
  const table = distributedNatTable({device: 'rfp-0c1d2e3f-4', floatingIps, metadataPort: 9697, release});
  t.deepEqual(
    formatNatTable(table)
      .split('\n')
      .filter(line => line.startsWith('-A neutron-l3')),
    [
      '-A neutron-l3-agent-POSTROUTING ! -o rfp-0c1d2e3f-4 -m conntrack ! --ctstate DNAT -j ACCEPT',
      '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697',
      '-A neutron-l3-agent-PREROUTING -d 203.0.113.50/32 -i rfp-0c1d2e3f-4 -j DNAT --to-destination 10.0.0.5',
      '-A neutron-l3-agent-float-snat -s 10.0.0.5/32 -j SNAT --to-source 203.0.113.50',
      '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
    ],
  );
  const idle = distributedNatTable({device: 'rfp-0c1d2e3f-4', floatingIps: [], metadataPort: undefined, release});
  t.is(formatNatTable(idle).match(/-A neutron-l3/g), null);
});

// What the rules do: the connections of a qrouter as measured.

type Where = 'outside' | 'inside' | 'router';

/** A qrouter whose rules can be exchanged; what leaves is sent to wherever the translated destination is. */
class Router {
  readonly bench = new NatBench();
  nat: NatTable = centralNatTable(router);

  /** Sends a packet from somewhere; returns how it leaves. */
  send(from: Where, tuple: Tuple, tcpSegment?: TcpSegment): Tuple | 'untracked' | 'dropped' {
    const {table, now} = this.bench;
    const tracked = table.track({tuple, ...(tcpSegment && {segment: tcpSegment})}, now);
    if (tracked.kind === 'known') return translated(tracked.entry, tracked.direction);
    if (tracked.kind !== 'new') return tracked.kind === 'invalid' ? 'untracked' : 'dropped';
    const {entry} = tracked;
    const mark = from === 'outside' ? externalIngressMark : 0;
    const came = from === 'router' ? {mark} : {mark, input: from === 'outside' ? 'qg-0c1d2e3f-4a' : 'qr-1'};
    passNatHook(table, this.nat, from === 'router' ? 'OUTPUT' : 'PREROUTING', entry, came, now);
    const output = deviceTo(translated(entry, 'original').destination);
    const hook = output === undefined ? 'INPUT' : 'POSTROUTING';
    passNatHook(table, this.nat, hook, entry, {...came, ...(output !== undefined && {output})}, now);
    return table.confirm(entry, now) ? translated(entry, 'original') : 'dropped';
  }

  /** Sends the packets of a handshake, or a question and its answer. */
  open(from: Where, tuple: Tuple): Tuple {
    const isTcp = tuple.protocol === 'tcp';
    const there = this.send(from, tuple, isTcp ? segment('syn') : undefined) as Tuple;
    this.send('inside', inverse(there), isTcp ? segment('syn-ack') : undefined);
    if (isTcp) this.send(from, tuple, segment('ack'));
    return there;
  }

  /** The only entry as the conntrack tool shows it. */
  get shown(): string {
    return formatEntry(this.bench.only, this.bench.now + 1);
  }
}

function deviceTo(destination: number): string | undefined {
  if (destination === ip('203.0.113.10') || destination === ip('203.0.113.50')) return undefined;
  return destination >= ip('203.0.113.0') ? 'qg-0c1d2e3f-4a' : 'qr-1';
}

const established = 'tcp 6 431999 ESTABLISHED';
const entryRows: readonly {
  readonly flow: string;
  readonly from: Where;
  readonly tuple: Tuple;
  readonly entry: string;
}[] = [
  {
    flow: 'outside to floating IP, tcp',
    from: 'outside',
    tuple: tcp('203.0.113.200', 33_204, '203.0.113.50', 80),
    entry: `${established} src=203.0.113.200 dst=203.0.113.50 sport=33204 dport=80 src=10.0.0.5 dst=203.0.113.200 sport=80 dport=33204 [ASSURED] mark=0 use=1`,
  },
  {
    flow: 'outside to floating IP, udp',
    from: 'outside',
    tuple: udp('203.0.113.200', 40_409, '203.0.113.50', 53),
    entry:
      'udp 17 29 src=203.0.113.200 dst=203.0.113.50 sport=40409 dport=53 src=10.0.0.5 dst=203.0.113.200 sport=53 dport=40409 mark=0 use=1',
  },
  {
    flow: 'VM2 to floating IP (hairpin), tcp',
    from: 'inside',
    tuple: tcp('10.0.0.6', 53_032, '203.0.113.50', 80),
    entry: `${established} src=10.0.0.6 dst=203.0.113.50 sport=53032 dport=80 src=10.0.0.5 dst=203.0.113.10 sport=80 dport=53032 [ASSURED] mark=0 use=1`,
  },
  {
    flow: 'VM2 to floating IP (hairpin), udp',
    from: 'inside',
    tuple: udp('10.0.0.6', 38_099, '203.0.113.50', 53),
    entry:
      'udp 17 29 src=10.0.0.6 dst=203.0.113.50 sport=38099 dport=53 src=10.0.0.5 dst=203.0.113.10 sport=53 dport=38099 mark=0 use=1',
  },
  {
    flow: 'VM with floating IP to outside, udp',
    from: 'inside',
    tuple: udp('10.0.0.5', 59_907, '203.0.113.200', 53),
    entry:
      'udp 17 29 src=10.0.0.5 dst=203.0.113.200 sport=59907 dport=53 src=203.0.113.200 dst=203.0.113.50 sport=53 dport=59907 mark=0 use=1',
  },
  {
    flow: 'VM without floating IP to outside, udp',
    from: 'inside',
    tuple: udp('10.0.0.6', 33_620, '203.0.113.200', 53),
    entry:
      'udp 17 29 src=10.0.0.6 dst=203.0.113.200 sport=33620 dport=53 src=203.0.113.200 dst=203.0.113.10 sport=53 dport=33620 mark=0 use=1',
  },
  {
    flow: 'router itself to floating IP, udp',
    from: 'router',
    tuple: udp('203.0.113.50', 48_177, '203.0.113.50', 53),
    entry:
      'udp 17 29 src=203.0.113.50 dst=203.0.113.50 sport=48177 dport=53 src=10.0.0.5 dst=203.0.113.10 sport=53 dport=48177 mark=0 use=1',
  },
  {
    flow: 'VM1 to its own floating IP, tcp',
    from: 'inside',
    tuple: tcp('10.0.0.5', 36_662, '203.0.113.50', 80),
    entry: `${established} src=10.0.0.5 dst=203.0.113.50 sport=36662 dport=80 src=10.0.0.5 dst=203.0.113.50 sport=80 dport=36662 [ASSURED] mark=0 use=1`,
  },
];

for (const {flow, from, tuple, entry} of entryRows) {
  test(`one entry: ${flow}`, t => {
    const qrouter = new Router();
    qrouter.open(from, tuple);
    t.is(qrouter.shown, entry);
  });
}

test('1, 10 and 100 flows to a floating IP are so many entries', t => {
  for (const count of [1, 10, 100]) {
    const qrouter = new Router();
    for (let i = 0; i < count; i++) qrouter.open('outside', udp('203.0.113.200', 2000 + i, '203.0.113.50', 53));
    t.is(qrouter.bench.table.count, count);
  }
});

test('outside to the SNAT address: no entry for a TCP port that is closed, one for a UDP port', t => {
  const qrouter = new Router();
  const call = tcp('203.0.113.200', 40_000, '203.0.113.10', 80);
  qrouter.send('outside', call, segment('syn'));
  qrouter.send('router', inverse(call), segment('rst'));
  t.is(qrouter.bench.table.count, 0);
  qrouter.send('outside', udp('203.0.113.200', 40_000, '203.0.113.10', 53));
  t.is(qrouter.bench.table.count, 1);
});

test('a request for metadata goes to the proxy in the namespace', t => {
  const request = {tuple: tcp('10.0.0.5', 40_000, '169.254.169.254', 80), mark: 0, destinationTranslated: false};
  const nat = centralNatTable(router);
  t.deepEqual(evaluateNat(nat, 'PREROUTING', {...request, input: 'qr-1'}), {kind: 'redirect', port: 9697});
  t.deepEqual(evaluateNat(nat, 'PREROUTING', {...request, input: 'qg-0c1d2e3f-4a'}), {kind: 'accept'});
});

test('what goes between networks of the router is not translated', t => {
  const nat = centralNatTable(router);
  const packet = {tuple: udp('10.0.0.6', 1, '10.0.1.7', 2), input: 'qr-1', mark: 0, destinationTranslated: false};
  t.deepEqual(evaluateNat(nat, 'POSTROUTING', {...packet, output: 'qr-2'}), {kind: 'accept'});
  t.is(evaluateNat(nat, 'POSTROUTING', {...packet, output: 'qg-0c1d2e3f-4a'}).kind, 'snat');
});

// The life of a floating IP.

const call = tcp('203.0.113.200', 33_204, '203.0.113.50', 80);
const question = udp('203.0.113.200', 40_409, '203.0.113.50', 53);
const withoutFloatingIp = centralNatTable({...router, floatingIps: []});
const toVm2 = centralNatTable({
  ...router,
  floatingIps: [{floating: ip('203.0.113.50'), fixed: ip('10.0.0.6')}],
});

test('NAT rules removed: established flows continue, new ones reach the router itself', t => {
  const qrouter = new Router();
  const there = [qrouter.open('outside', call), qrouter.open('outside', question)];
  qrouter.nat = withoutFloatingIp;
  t.deepEqual(qrouter.send('outside', call, segment('ack', {data: true})), there[0]);
  t.deepEqual(qrouter.send('inside', inverse(there[0]), segment('ack')), inverse(call));
  t.deepEqual(qrouter.send('outside', question), there[1]);
  const fresh = [
    {...call, sourcePort: 50_000},
    {...question, sourcePort: 50_000},
  ];
  t.deepEqual(qrouter.send('outside', fresh[0], segment('syn')), fresh[0]);
  t.deepEqual(qrouter.send('outside', fresh[1]), fresh[1]);
});

test('re-association and conntrack -D -d: TCP reaches the new VM in its middle, UDP goes on there, new flows too', t => {
  const qrouter = new Router();
  qrouter.open('outside', call);
  qrouter.open('outside', question);
  qrouter.nat = toVm2;
  t.is((qrouter.send('outside', question) as Tuple).destination, ip('10.0.0.5'));
  const deleted = qrouter.bench.table.remove({originalDestination: ip('203.0.113.50')}, qrouter.bench.now);
  t.deepEqual(
    deleted.map(({original}) => original),
    [call, question],
  );
  const data = qrouter.send('outside', call, segment('ack', {data: true})) as Tuple;
  t.is(data.destination, ip('10.0.0.6'));
  // The VM does not know the connection; its RST goes back under the floating IP.
  t.deepEqual(qrouter.send('inside', inverse(data), segment('rst')), inverse(call));
  t.is((qrouter.send('outside', question) as Tuple).destination, ip('10.0.0.6'));
  const fresh = qrouter.send('outside', {...call, sourcePort: 50_000}, segment('syn')) as Tuple;
  t.is(fresh.destination, ip('10.0.0.6'));
});

test('flows that a VM started keep the source they started with across associate and disassociate', t => {
  const qrouter = new Router();
  const early = udp('10.0.0.5', 41_000, '203.0.113.200', 53);
  const late = udp('10.0.0.5', 42_000, '203.0.113.200', 53);
  const source = (tuple: Tuple): number => (qrouter.send('inside', tuple) as Tuple).source;
  qrouter.nat = withoutFloatingIp;
  t.is(source(early), ip('203.0.113.10'));
  qrouter.nat = centralNatTable(router);
  t.is(source(early), ip('203.0.113.10'));
  t.is(source(late), ip('203.0.113.50'));
  qrouter.nat = withoutFloatingIp;
  t.is(source(late), ip('203.0.113.50'));
  t.is(source(early), ip('203.0.113.10'));
});

test('conntrack -D -q finds the flows that a VM started under its floating IP', t => {
  const qrouter = new Router();
  qrouter.open('inside', udp('10.0.0.5', 42_000, '203.0.113.200', 53));
  t.is(qrouter.bench.table.remove({replyDestination: ip('203.0.113.50')}, qrouter.bench.now).length, 1);
});
