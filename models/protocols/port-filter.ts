import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {FilterMatch, FilterReason, FilterRule, FilterTable, FilterTarget} from './filter-rules.ts';
import {formatFilterRule} from './iptables-filter-save.ts';
import type {FilteredPort, GroupRule} from './security-group.ts';

/** What the firewall of a host is made from: its ports, sorted as the driver sorts them, and the rules of their groups. */
export type HostFilters = {
  /** The first sixteen characters of the agent's name, which begin the names of its chains. */
  readonly prefix: string;
  readonly filtered: readonly FilteredPort[];
  /** Devices of ports with port security off, and of Neutron's own ports. */
  readonly unfiltered: readonly string[];
  readonly trusted: readonly string[];
  readonly rules: ReadonlyMap<string, readonly GroupRule[]>;
};

/** Which of a port's three chains: what it receives, what it sends, from whom it may send. */
export type PortChain = 'i' | 'o' | 's';

/** `neutron-linuxbri-i145db8f2-c` (iptables_manager.py: eleven characters behind the agent's name). */
export function portChainName(prefix: string, chain: PortChain, device: string): string {
  return `${prefix}-${`${chain}${device.slice(3)}`.slice(0, 11)}`;
}

/** The set of a remote group's addresses: `NIPv4` and the beginning of its id (ipset_manager.py). */
export function setName(group: string): string {
  return `NIPv4${group}`.slice(0, 29);
}

/** The filter table that Neutron's agent writes on a host (neutron/agent/linux/iptables_firewall.py). */
export function hostFilterTable(filters: HostFilters): FilterTable {
  const {prefix, filtered, unfiltered, trusted} = filters;
  const own = (name: string): string => `${prefix}-${name}`;
  const ports = [...filtered].sort((a, b) => (a.device < b.device ? -1 : 1));
  const toPort = (port: FilteredPort, chain: 'i' | 'o', target: string, comment: string): FilterRule => ({
    match: chain === 'i' ? {output: port.device} : {input: port.device},
    target: {kind: 'jump', chain: target},
    comment,
  });
  const each = (make: (port: FilteredPort, chain: 'i' | 'o') => FilterRule): readonly FilterRule[] =>
    ports.flatMap(port => [make(port, 'i'), make(port, 'o')]);
  const accepted = (devices: readonly string[], comment: string): readonly FilterRule[] =>
    devices.flatMap(device => [accept({output: device}, comment), accept({input: device}, comment)]);
  const named: (readonly [string, readonly FilterRule[]])[] = [
    [
      own('FORWARD'),
      [
        ...each((port, chain) => toPort(port, chain, own('sg-chain'), comments.toGroups)),
        ...accepted(unfiltered, comments.unfiltered),
        ...accepted(trusted, comments.trusted),
      ],
    ],
    [
      own('INPUT'),
      [
        ...ports.map(port => toPort(port, 'o', portChainName(prefix, 'o', port.device), comments.fromPort)),
        ...unfiltered.map(device => accept({input: device}, comments.unfiltered)),
      ],
    ],
    [own('OUTPUT'), []],
    [own('local'), []],
    [
      own('sg-chain'),
      [
        ...each((port, chain) => toPort(port, chain, portChainName(prefix, chain, port.device), comments.toPort)),
        accept({}),
      ],
    ],
    ...ports.flatMap(port => [...portChains(port, filters)]),
    ...fallbackChain(prefix),
  ];
  const jump = (chain: string): FilterRule => ({match: {}, target: {kind: 'jump', chain}});
  return new Map([
    ['INPUT', [jump(own('INPUT'))]],
    ['FORWARD', [jump('neutron-filter-top'), jump(own('FORWARD'))]],
    ['OUTPUT', [jump('neutron-filter-top'), jump(own('OUTPUT'))]],
    ['neutron-filter-top', [jump(own('local'))]],
    ...named.sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** Where the chains of all ports end. */
export function fallbackChain(prefix: string): FilterTable {
  return new Map([[fallbackName(prefix), [drop({}, 'security group', comments.fallback)]]]);
}

/** The chains of one port, without the one in which they end. */
export function portChains(port: FilteredPort, {prefix, rules}: HostFilters): FilterTable {
  const {mac, addresses, pairs, groups, device} = port;
  const own = groups.flatMap(group => rules.get(group) ?? []);
  const spoofing = portChainName(prefix, 's', device);
  const allowed = [...pairs, ...addresses.map(address => ({mac, prefix: host(address)}))];
  return new Map([
    [
      portChainName(prefix, 'i', device),
      [...stateful(prefix, [...dhcpAnswers(addresses), ...userRules(own, 'ingress')])],
    ],
    [
      portChainName(prefix, 'o', device),
      [
        back({source: host(0), destination: host(0xffff_ffff), ...dhcpRequest}, comments.dhcpClient),
        {match: {}, target: {kind: 'jump', chain: spoofing}},
        back(dhcpRequest, comments.dhcpClient),
        drop(dhcpAnswer, 'dhcp server blocked', comments.dhcpServer),
        ...stateful(prefix, userRules(own, 'egress')),
      ],
    ],
    [
      spoofing,
      [
        ...allowed.map(pair => back({source: pair.prefix, sourceMac: pair.mac}, comments.pair)),
        drop({}, 'anti-spoofing', comments.noPair),
      ],
    ],
  ]);
}

const dhcpRequest = {
  protocol: 'udp',
  sourcePorts: {least: 68, most: 68},
  destinationPorts: {least: 67, most: 67},
} as const;
const dhcpAnswer = {
  protocol: 'udp',
  sourcePorts: {least: 67, most: 67},
  destinationPorts: {least: 68, most: 68},
} as const;

/** neutron/agent/linux/iptables_comments.py */
const comments = {
  fallback: 'Default drop rule for unmatched traffic.',
  toGroups: 'Direct traffic from the VM interface to the security group chain.',
  toPort: 'Jump to the VM specific chain.',
  fromPort: 'Direct incoming traffic from VM to the security group chain.',
  pair: 'Allow traffic from defined IP/MAC pairs.',
  noPair: 'Drop traffic without an IP/MAC allow rule.',
  dhcpClient: 'Allow DHCP client traffic.',
  dhcpServer: 'Prevent DHCP Spoofing by VM.',
  unmatched: 'Send unmatched traffic to the fallback chain.',
  invalid:
    'Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack.',
  established: 'Direct packets associated with a known session to the RETURN chain.',
  unfiltered: 'Accept all packets when port security is disabled.',
  trusted: 'Accept all packets when port is trusted.',
};

function fallbackName(prefix: string): string {
  return `${prefix}-sg-fallback`;
}

/** Established first; what is invalid is dropped only if no rule of a group has let it through before. */
function* stateful(prefix: string, rules: readonly FilterRule[]): Iterable<FilterRule> {
  yield back({state: 'established'}, comments.established);
  yield* withoutRepeats(rules);
  yield drop({state: 'invalid'}, 'invalid state', comments.invalid);
  yield {match: {}, target: {kind: 'jump', chain: fallbackName(prefix)}, comment: comments.unmatched};
}

/** Any server may answer, but only to the port's own addresses and to everybody (securitygroups_rpc_base.py). */
function dhcpAnswers(addresses: readonly Ipv4[]): readonly FilterRule[] {
  return [...addresses, 0xffff_ffff].map(address => back({destination: host(address), ...dhcpAnswer}));
}

function userRules(rules: readonly GroupRule[], direction: GroupRule['direction']): readonly FilterRule[] {
  return rules.filter(rule => rule.direction === direction).map(rule => back(matchOf(rule)));
}

/** A prefix of length 0 is no condition, and of a rule with a remote group it is not asked for. */
function matchOf({direction, protocol, ports, icmp, remotePrefix, remoteGroup}: GroupRule): FilterMatch {
  const of = direction === 'ingress' ? 'source' : 'destination';
  return {
    ...(remotePrefix && remotePrefix.length > 0 && {[of]: remotePrefix}),
    ...(protocol !== undefined && {protocol}),
    ...(ports && {destinationPorts: ports}),
    ...(icmp && {icmp}),
    ...(remoteGroup !== undefined && {set: {name: setName(remoteGroup), of}}),
  };
}

/** Rules of several groups may say the same. */
function withoutRepeats(rules: readonly FilterRule[]): Iterable<FilterRule> {
  return new Map(rules.map(rule => [formatFilterRule(rule), rule] as const)).values();
}

function back(match: FilterMatch, comment?: string): FilterRule {
  return made(match, {kind: 'return'}, comment);
}

function accept(match: FilterMatch, comment?: string): FilterRule {
  return made(match, {kind: 'accept'}, comment);
}

function drop(match: FilterMatch, reason: FilterReason, comment?: string): FilterRule {
  return made(match, {kind: 'drop', reason}, comment);
}

function made(match: FilterMatch, target: FilterTarget, comment: string | undefined): FilterRule {
  return {match, target, ...(comment !== undefined && {comment})};
}

function host(address: Ipv4): Cidr {
  return {address, length: 32};
}
