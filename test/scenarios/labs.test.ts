import {readFileSync} from 'node:fs';
import test from 'ava';
import {seconds} from '../../engine/time.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {Capture, captureLine, findPlace, placesToListen} from '../../scenarios/capture.ts';
import {findObject} from '../../scenarios/find-object.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {Run} from '../../scenarios/run.ts';
import {thingsToShow} from '../../scenarios/show.ts';
import {readLibrary, runLibrary} from '../support/library.ts';

/*
 * What people see when they build these labs themselves: networks of every kind on Linux bridges, and a floating IP.
 */

function runOf(name: string, until: number): Run {
  const run = new Run(makePlan(readLibrary(name), 1));
  run.advance(seconds(until));
  return run;
}

function show(run: Run, object: string): string {
  const found = findObject(thingsToShow(run), object.split(' '));
  if ('flaw' in found) throw new Error(found.flaw);
  return found.show();
}

test('the ping across VXLAN: ARP and ICMP inside UDP 8472, in the order of who needs what', t => {
  const run = new Run(makePlan(readLibrary('neutron-lab-networks'), 1));
  const capture = new Capture(run, seconds(2), seconds(3.5));
  const place = findPlace(placesToListen(run), ['node4', 'underlay']);
  if ('flaw' in place) throw new Error(place.flaw);
  run.advance(capture.beginsAt);
  capture.begin(place);
  run.advance(seconds(3.5));
  const tunnel = (from: string, to: string, inner: string): string =>
    `IP 192.168.31.${from} > 192.168.31.${to}.8472: OTV, flags [I] (0x08), overlay 0, instance 1: ${inner}`;
  const ping = (sequence: number) => [
    tunnel('12', '11', `IP 172.16.1.33 > 172.16.1.17: ICMP echo request, seq ${sequence}`),
    tunnel('11', '12', `IP 172.16.1.17 > 172.16.1.33: ICMP echo reply, seq ${sequence}`),
  ];
  const lines = capture.captured.map(packet => captureLine(packet));
  const golden = readFileSync('test/golden/show/capture-vxlan-ping.txt', 'utf8').trim().split('\n');
  t.deepEqual(lines.slice(0, golden.length), golden);
  t.deepEqual(
    lines.map(line =>
      line
        .replace(/^\S+ /, '')
        .replace(/(192\.168\.31\.\d+)\.\d+ >/, '$1 >')
        .replace(/, id \d+|, length \d+/g, ''),
    ),
    [
      'IP 192.168.31.12 > 224.0.0.1.8472: OTV, flags [I] (0x08), overlay 0, instance 1: ARP, Request who-has 172.16.1.17 tell 172.16.1.33',
      'ARP, Request who-has 192.168.31.12 tell 192.168.31.11',
      'ARP, Reply 192.168.31.12 is-at 0a:00:01:00:00:03',
      tunnel('11', '12', 'ARP, Reply 172.16.1.17 is-at 02:00:01:00:00:06'),
      ...ping(0),
      ...ping(1),
    ],
  );
});

test('an external network may overlap the network of a tenant, and is refused as the gateway of a router that joins it', t => {
  const file = 'scenarios/library/neutron-lab-networks.yaml';
  const mistakesUnder = (...settings: readonly string[]): readonly string[] => {
    const all = ['networks.provider.external=true', 'networks.provider.dhcp=true', ...settings];
    const reading = readScenario(readFileSync(file, 'utf8'), file, all);
    return 'mistakes' in reading ? reading.mistakes.map(({message}) => message) : [];
  };
  t.deepEqual(mistakesUnder(), []);
  const gateway = 'routers.vxlan1and2.external={network: provider, address: 172.16.1.200}';
  const message = 'provider (172.16.1.0/24) and vxlan1 (172.16.1.0/24) overlap, and vxlan1and2 joins them';
  t.true(mistakesUnder(gateway).includes(message), mistakesUnder(gateway).join('\n'));
});

test('a VLAN that is not of the range of the physical network is refused, and one that is named twice', t => {
  const file = 'scenarios/library/neutron-lab-networks.yaml';
  const mistakes = (tag: number): readonly string[] => {
    const reading = readScenario(readFileSync(file, 'utf8'), file, [`networks.vlan1001.vlan=${tag}`]);
    return 'mistakes' in reading ? reading.mistakes.map(({message}) => message) : [];
  };
  t.deepEqual(mistakes(2001), ['VLAN 2001 is in none of the ranges of ens19: 1001..2000']);
  t.deepEqual(mistakes(1002), ['VLAN 1002 of ens19 is the network vlan1001 already']);
  t.deepEqual(mistakes(1999), []);
});

test('bridges: an uplink of its own kind for each network, and taps beside it', t => {
  const bridges = show(runOf('neutron-lab-networks', 20), 'node4 brctl show')
    .split(/\n(?=brq)/)
    .map(text => text.match(/(?:ens|tap|vxlan-)\S*/g)?.map(name => name.replace(/^tap.*/, 'tap')))
    .slice(1);
  const sorted = bridges.map(names => [...(names ?? [])].sort().join(' ')).sort();
  t.deepEqual(sorted, ['ens19 tap', 'ens19.1001 tap', 'ens19.1002 tap', 'tap vxlan-1']);
});

test('the namespace of the router has its addresses and the floating one, and the rules that lead to the VM', t => {
  const run = runOf('neutron-lab-networks', 20);
  const addresses = show(run, 'node1 qrouter-vxlan1and2 ip addr').match(/inet \S+ .*scope global \w+/g);
  t.deepEqual(
    addresses?.map(line => line.replace(/ brd \S+/, '')),
    [
      'inet 172.16.1.1/24 scope global qr',
      'inet 172.16.2.1/24 scope global qr',
      'inet 10.1.0.83/24 scope global qg',
      'inet 10.1.0.50/32 scope global qg',
    ],
  );
  const rules = show(run, 'node1 qrouter-vxlan1and2 iptables-save -t nat');
  t.true(rules.includes('-A neutron-l3-agent-OUTPUT -d 10.1.0.50/32 -j DNAT --to-destination 172.16.1.33'));
  t.true(rules.includes('-A neutron-l3-agent-PREROUTING -d 10.1.0.50/32 -j DNAT --to-destination 172.16.1.33'));
});

test('what the filters of ports and the DHCP rules take is counted, by reason and place', t => {
  const report = runLibrary(readLibrary('neutron-lab-networks'), 1);
  const drops = makeCsvFiles(report).find(({name}) => name === 'drops.csv')!.text;
  const rows = drops.split('\n').map(row => row.split(',').slice(2, 6).join(', '));
  t.true(rows.includes('dhcp messages, dhcp server blocked, node5 port of impostor, 1'), drops);
  t.true(rows.includes('unasked, security group, node4 port of vxlan1-1, 2'), drops);
  t.true(
    rows.some(row => row.startsWith('leased, neighbour unresolved, guest, ')),
    drops,
  );
});

test('the filters of the port are those of the lab: answers, DHCP, members, ssh, ping, and the fallback', t => {
  const run = runOf('neutron-lab-networks', 20);
  const chains = show(run, 'node4 iptables-save -t filter').split('\n');
  const accepted = chains.filter(line => line.includes('-A neutron-linuxbri-i') && line.includes('-j RETURN'));
  for (const words of ['--dport 22', '-p icmp', 'RELATED,ESTABLISHED', '--sport 67']) {
    t.true(
      accepted.some(line => line.includes(words)),
      words,
    );
  }
  t.true(chains.some(line => line.includes('Prevent DHCP Spoofing by VM.') && line.includes('-j DROP')));
  t.true(chains.some(line => line.includes('Send unmatched traffic to the fallback chain.')));
  const pair = chains.find(line => line.includes('-s 172.16.1.33/32') && line.includes('--mac-source'));
  t.regex(pair ?? '', /Allow traffic from defined IP\/MAC pairs\./);
});

test('DHCP servers have their namespaces, the metadata address beside their own, and a file of hosts', t => {
  const run = runOf('neutron-lab-networks', 20);
  for (const network of ['provider', 'vlan1001', 'inside', 'vxlan1', 'vxlan2']) {
    const addresses = show(run, `node1 qdhcp-${network} ip addr`);
    t.regex(addresses, /\d: ns-[0-9a-f]{8}-[0-9a-f]{2}: /, network);
    t.regex(addresses, /inet 169\.254\.169\.254\/32 brd 169\.254\.169\.254 scope global ns-/, network);
  }
  const hosts = show(run, 'node1 qdhcp-vxlan1 cat host');
  t.true(hosts.includes('02:00:01:00:00:05,host-172-16-1-33.openstacklocal,172.16.1.33'), hosts);
  t.true(hosts.includes(',host-172-16-1-1.openstacklocal,172.16.1.1'), hosts);
});

test('the bridge of the external network has the uplink, the gateway of the router and the DHCP server', t => {
  const run = runOf('neutron-lab-networks', 20);
  const gateway = /qg-(\S+):/.exec(show(run, 'node1 qrouter-vxlan1and2 ip addr'))?.[1];
  const server = /ns-(\S+):/.exec(show(run, 'node1 qdhcp-inside ip addr'))?.[1];
  const bridges = show(run, 'node1 brctl show').split(/\n(?=brq)/);
  const inside = bridges.find(text => text.includes(`tap${gateway}`))!;
  t.deepEqual([...inside.matchAll(/(?:ens|tap)\S*/g)].map(([name]) => name).sort(), [
    'ens20',
    ...[`tap${gateway}`, `tap${server}`].sort(),
  ]);
});

test('the floating IP of the other lab: two rules in, one out, and one connection for each flow', t => {
  const run = runOf('neutron-lab-floating-ip', 20);
  const rules = show(run, 'devstack qrouter-router1 iptables-save -t nat').split('\n');
  for (const rule of [
    '-A neutron-l3-agent-OUTPUT -d 192.168.1.102/32 -j DNAT --to-destination 192.168.46.3',
    '-A neutron-l3-agent-PREROUTING -d 192.168.1.102/32 -j DNAT --to-destination 192.168.46.3',
    '-A neutron-l3-agent-float-snat -s 192.168.46.3/32 -j SNAT --to-source 192.168.1.102',
  ]) {
    t.true(rules.includes(rule), rule);
  }
  const connections = show(run, 'devstack qrouter-router1 conntrack -L').trim().split('\n');
  t.deepEqual(connections.map(line => line.split(' ')[0]).sort(), ['icmp', 'udp']);
});

test('the other lab is one machine with Open vSwitch: its bridges, namespaces and addresses', t => {
  const run = runOf('neutron-lab-floating-ip', 20);
  const names = show(run, 'devstack ip netns').trim().split('\n');
  t.deepEqual(
    names.map(name => name.replace(/-.*/, '')),
    ['qrouter', 'qdhcp'],
    'the public network has DHCP disabled',
  );
  t.deepEqual(
    show(run, 'devstack qrouter-router1 ip addr')
      .match(/inet \S+ .*scope global \w+/g)
      ?.map(line => line.split(' ')[1]),
    ['192.168.46.1/24', '192.168.1.100/24', '192.168.1.102/32'],
  );
  // VLAN 100 is translated on its way through br-eth1, and the flat network has no tag beyond br-ex.
  t.regex(show(run, 'devstack br-eth1'), /dl_vlan=1 actions=mod_vlan_vid:100,NORMAL/);
  t.regex(show(run, 'devstack br-ex'), /dl_vlan=2 actions=strip_vlan,NORMAL/);
  t.regex(show(run, 'devstack fdb/show br-ex'), /0a:00:04:00:00:01/, 'somebody outside');
});
