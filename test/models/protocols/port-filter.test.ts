import test from 'ava';
import {arpProtectionOf, passesArpProtection} from '../../../models/protocols/arp-protection.ts';
import {evaluateFilter, type FilterPacket, type FilterTable} from '../../../models/protocols/filter-rules.ts';
import {formatFilterRule, formatFilterTable} from '../../../models/protocols/iptables-filter-save.ts';
import {hostFilterTable, setName, type HostFilters} from '../../../models/protocols/port-filter.ts';
import {
  defaultGroupRules,
  newGroupRules,
  type FilteredPort,
  type GroupRule,
} from '../../../models/protocols/security-group.ts';
import {parseCidr, parseIpv4, type Ipv4} from '../../../models/wire/ipv4.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {broadcastMac, parseMac} from '../../../models/wire/mac.ts';

const ip = (text: string): Ipv4 => parseIpv4(text)!;
const own = parseMac('fa:16:3e:de:6e:86')!;
const strange = parseMac('fa:16:3e:00:00:99')!;
const group = '9612db0d-b44e-4eba-9e8e-123456789abc';

const port: FilteredPort = {
  ...{device: 'tap145db8f2-ce', bridge: 'brq5415275c-9c', mac: own},
  ...{addresses: [ip('172.16.1.33')], pairs: [], groups: [group]},
};

/** The rules of the article: the group `default` with SSH and ping let in. */
const rules: readonly GroupRule[] = [
  ...defaultGroupRules(group),
  {direction: 'ingress', protocol: 'tcp', ports: {least: 22, most: 22}},
  {direction: 'ingress', protocol: 'icmp'},
];

function table(of: Partial<HostFilters> = {}): FilterTable {
  return hostFilterTable({
    ...{prefix: 'neutron-linuxbri', filtered: [port], unfiltered: [], trusted: []},
    ...{rules: new Map([[group, rules]]), ...of},
  });
}

const members = {
  has: (set: string, address: Ipv4) => set === setName(group) && address === ip('172.16.1.17'),
};

/** What becomes of a packet that the port receives. */
function received(packet: Partial<FilterPacket>, of: Partial<HostFilters> = {}): string {
  return fate({output: port.device, source: ip('10.0.0.7'), destination: ip('172.16.1.33'), ...packet}, of);
}

/** What becomes of a packet that the port sends. */
function sent(packet: Partial<FilterPacket>, of: Partial<HostFilters> = {}): string {
  return fate({input: port.device, source: ip('172.16.1.33'), destination: ip('10.0.0.7'), ...packet}, of);
}

function fate(packet: Partial<FilterPacket>, of: Partial<HostFilters>): string {
  const whole = {sourceMac: own, protocol: 'udp', sourcePort: 4000, destinationPort: 9000, state: 'new', ...packet};
  const verdict = evaluateFilter(table(of), 'FORWARD', whole as FilterPacket, members);
  return verdict.kind === 'drop' ? verdict.reason : verdict.kind;
}

test('the chains of the port read as in the article, in its order', t => {
  const chain = (name: string) =>
    table()
      .get(`neutron-linuxbri-${name}`)!
      .map(rule => formatFilterRule(rule));
  t.deepEqual(chain('i145db8f2-c'), [
    '-m state --state RELATED,ESTABLISHED -m comment --comment "Direct packets associated with a known session to the RETURN chain." -j RETURN',
    '-d 172.16.1.33/32 -p udp -m udp --sport 67 --dport 68 -j RETURN',
    '-d 255.255.255.255/32 -p udp -m udp --sport 67 --dport 68 -j RETURN',
    '-m set --match-set NIPv49612db0d-b44e-4eba-9e8e- src -j RETURN',
    '-p tcp -m tcp --dport 22 -j RETURN',
    '-p icmp -j RETURN',
    '-m state --state INVALID -m comment --comment "Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack." -j DROP',
    '-m comment --comment "Send unmatched traffic to the fallback chain." -j neutron-linuxbri-sg-fallback',
  ]);
  t.deepEqual(chain('o145db8f2-c'), [
    '-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN',
    '-j neutron-linuxbri-s145db8f2-c',
    '-p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN',
    '-p udp -m udp --sport 67 --dport 68 -m comment --comment "Prevent DHCP Spoofing by VM." -j DROP',
    '-m state --state RELATED,ESTABLISHED -m comment --comment "Direct packets associated with a known session to the RETURN chain." -j RETURN',
    '-j RETURN',
    '-m state --state INVALID -m comment --comment "Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack." -j DROP',
    '-m comment --comment "Send unmatched traffic to the fallback chain." -j neutron-linuxbri-sg-fallback',
  ]);
  t.deepEqual(chain('s145db8f2-c'), [
    '-s 172.16.1.33/32 -m mac --mac-source FA:16:3E:DE:6E:86 -m comment --comment "Allow traffic from defined IP/MAC pairs." -j RETURN',
    '-m comment --comment "Drop traffic without an IP/MAC allow rule." -j DROP',
  ]);
});

test('a port receives what belongs to a connection, what a rule names, and what members of a remote group send', t => {
  t.is(received({state: 'established'}), 'accept');
  t.is(received({state: 'related', protocol: 'icmp'}), 'accept');
  t.is(received({protocol: 'tcp', destinationPort: 22}), 'accept');
  t.is(received({protocol: 'tcp', destinationPort: 23}), 'security group');
  t.is(received({protocol: 'icmp'}), 'accept');
  t.is(received({source: ip('172.16.1.17')}), 'accept');
  t.is(received({source: ip('172.16.1.18')}), 'security group');
});

test('what is invalid is dropped as such only where no rule lets it through', t => {
  t.is(received({state: 'invalid', protocol: 'tcp', destinationPort: 23}), 'invalid state');
  t.is(received({state: 'invalid', protocol: 'tcp', destinationPort: 22}), 'accept');
});

test('answers of a DHCP server come in, to the address of the port and to everybody only', t => {
  const answer = {sourcePort: 67, destinationPort: 68};
  t.is(received(answer), 'accept');
  t.is(received({...answer, destination: ip('255.255.255.255')}), 'accept');
  t.is(received({...answer, destination: ip('172.16.1.34')}), 'security group');
});

test('a port may ask for a lease without an address and serve none', t => {
  const request = {sourcePort: 68, destinationPort: 67};
  t.is(sent({...request, source: 0, destination: ip('255.255.255.255')}, {rules: new Map()}), 'accept');
  t.is(sent(request, {rules: new Map()}), 'accept');
  t.is(sent({...request, source: 0, destination: ip('172.16.1.10')}), 'anti-spoofing');
  t.is(sent({sourcePort: 67, destinationPort: 68}), 'dhcp server blocked');
});

test('a port sends from its own pair of MAC and address, and from pairs that are allowed', t => {
  t.is(sent({}), 'accept');
  t.is(sent({sourceMac: strange}), 'anti-spoofing');
  t.is(sent({source: ip('172.16.1.99')}), 'anti-spoofing');
  const pairs = [{mac: strange, prefix: parseCidr('172.16.1.96/29')!}];
  const filtered = [{...port, pairs}];
  t.is(sent({source: ip('172.16.1.99'), sourceMac: strange}, {filtered}), 'accept');
  t.is(sent({source: ip('172.16.1.99')}, {filtered}), 'anti-spoofing');
  // A connection that is established gives nobody another address.
  t.is(sent({source: ip('172.16.1.99'), state: 'established'}), 'anti-spoofing');
});

test('a port without groups sends and receives only what connections and DHCP need', t => {
  const none = {rules: new Map<string, readonly GroupRule[]>()};
  t.is(received({}, none), 'security group');
  t.is(sent({}, none), 'security group');
  t.is(sent({}, {rules: new Map([[group, newGroupRules]])}), 'accept');
});

test('rules ask for ranges of ports, types of ICMP and prefixes on the far side', t => {
  const some = (rule: GroupRule) => ({rules: new Map([[group, [rule]]])});
  const range = some({direction: 'ingress', protocol: 'udp', ports: {least: 8000, most: 8010}});
  t.is(received({destinationPort: 8010}, range), 'accept');
  t.is(received({destinationPort: 8011}, range), 'security group');
  const echo = some({direction: 'ingress', protocol: 'icmp', icmp: {type: 8, code: undefined}});
  t.is(received({protocol: 'icmp', icmp: {type: 8, code: 0}}, echo), 'accept');
  t.is(received({protocol: 'icmp', icmp: {type: 13, code: 0}}, echo), 'security group');
  const remotePrefix = parseCidr('10.0.0.0/24')!;
  t.is(received({}, some({direction: 'ingress', remotePrefix})), 'accept');
  t.is(received({source: ip('10.0.1.7')}, some({direction: 'ingress', remotePrefix})), 'security group');
  t.is(sent({}, some({direction: 'egress', remotePrefix})), 'accept');
  t.is(sent({destination: ip('10.0.1.7')}, some({direction: 'egress', remotePrefix})), 'security group');
});

test('two ports of one host: what one sends must pass both', t => {
  const other: FilteredPort = {...port, device: 'tap0a000000-01', addresses: [ip('172.16.1.34')], groups: ['closed']};
  const filtered = [port, other];
  const way = {output: other.device, destination: ip('172.16.1.34')};
  t.is(sent(way, {filtered}), 'security group');
  t.is(sent({...way, state: 'established'}, {filtered}), 'accept');
  t.is(sent({...way, source: ip('172.16.1.99'), state: 'established'}, {filtered}), 'anti-spoofing');
});

test('ports with port security off and ports of Neutron itself are let through whatever they say', t => {
  const spoofed = {source: ip('1.2.3.4'), sourcePort: 67, destinationPort: 68, input: 'tap-off'};
  t.is(fate(spoofed, {unfiltered: ['tap-off']}), 'accept');
  t.is(fate(spoofed, {trusted: ['tap-off']}), 'accept');
  t.is(fate({...spoofed, output: port.device}, {unfiltered: ['tap-off']}), 'security group');
});

test('rules that two groups have in common stand there once', t => {
  const rules = new Map([
    ['a', newGroupRules],
    ['b', newGroupRules],
  ]);
  const text = formatFilterTable(table({filtered: [{...port, groups: ['a', 'b']}], rules}));
  t.is(text.split('\n').filter(line => line === '-A neutron-linuxbri-o145db8f2-c -j RETURN').length, 1);
});

test('ebtables looks at MACs and at the senders of ARP, each by itself', t => {
  const arp = (senderIp: string, source = own): Frame => {
    const sender = {senderMac: strange, senderIp: ip(senderIp)};
    const payload = {kind: 'arp', operation: 'request', ...sender, targetMac: 0, targetIp: ip('172.16.1.1')} as const;
    return {source, destination: broadcastMac, vlan: undefined, payload};
  };
  const alone = arpProtectionOf(port);
  t.true(passesArpProtection(alone, arp('172.16.1.33')));
  t.false(passesArpProtection(alone, arp('172.16.1.99')));
  t.false(passesArpProtection(alone, arp('172.16.1.33', strange)));
  const paired = arpProtectionOf({...port, pairs: [{mac: strange, prefix: parseCidr('172.16.1.99/32')!}]});
  t.true(passesArpProtection(paired, arp('172.16.1.99')));
  t.true(passesArpProtection(paired, arp('172.16.1.33', strange)));
  const any = arpProtectionOf({...port, pairs: [{mac: own, prefix: parseCidr('0.0.0.0/0')!}]});
  t.true(passesArpProtection(any, arp('9.9.9.9')));
});
