import test from 'ava';
import {inverse, type Tuple} from '../../../models/protocols/conntrack-tuple.ts';
import {countNatRules, formatNatTable} from '../../../models/protocols/iptables-save.ts';
import {evaluateNat} from '../../../models/protocols/nat-rules.ts';
import {centralNatTable, distributedNatTable} from '../../../models/protocols/neutron-nat-rules.ts';
import {ip, segment, tcp, udp} from '../../support/nat-bench.ts';
import {NatRouter, routerWithFloatingIp} from '../../support/nat-router.ts';

const router = routerWithFloatingIp;
const {release} = router;

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

// What the rules do; the connections of a qrouter as measured are in test/fidelity/kernel.

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
  const qrouter = new NatRouter();
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
  const qrouter = new NatRouter();
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
  const qrouter = new NatRouter();
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
  const qrouter = new NatRouter();
  qrouter.open('inside', udp('10.0.0.5', 42_000, '203.0.113.200', 53));
  t.is(qrouter.bench.table.remove({replyDestination: ip('203.0.113.50')}, qrouter.bench.now).length, 1);
});
