import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/** What connection tracking says of a packet (`-m state`); `untracked` is what it never looks at. */
export type PacketState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** Ports from the least to the most, both included. */
export type PortRange = {readonly least: number; readonly most: number};

/** A packet as a rule of the filter table meets it. */
export type FilterPacket = {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** The MAC in the frame that carries it. */
  readonly sourceMac: Mac;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | number;
  /** Of TCP and UDP. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmp?: {readonly type: number; readonly code: number};
  readonly state: PacketState;
  /** The ports of the bridge by which it came in and is about to leave. */
  readonly input?: string;
  readonly output?: string;
};

/** What a rule looks at; all that is given must hold. */
export type FilterMatch = {
  readonly source?: Cidr;
  readonly destination?: Cidr;
  /** `-m physdev … --physdev-is-bridged` */
  readonly input?: string;
  readonly output?: string;
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | number;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
  readonly icmp?: {readonly type: number; readonly code: number | undefined};
  readonly sourceMac?: Mac;
  readonly state?: 'established' | 'invalid';
  /** `-m set --match-set` */
  readonly set?: {readonly name: string; readonly of: 'source' | 'destination'};
};

/** Why a packet that a port's filter drops is dropped. */
export type FilterReason = 'anti-spoofing' | 'dhcp server blocked' | 'invalid state' | 'security group';

export type FilterTarget =
  | {readonly kind: 'accept'}
  | {readonly kind: 'return'}
  | {readonly kind: 'jump'; readonly chain: string}
  | {readonly kind: 'drop'; readonly reason: FilterReason};

export type FilterRule = {readonly match: FilterMatch; readonly target: FilterTarget; readonly comment?: string};

/** The chains of a filter table by name, in the order in which they are printed; the built-in ones come first. */
export type FilterTable = ReadonlyMap<string, readonly FilterRule[]>;

/** What a chain does with a packet; `return` is also the end of a chain. */
export type FilterVerdict = Exclude<FilterTarget, {readonly kind: 'jump'}>;

/** Who knows the sets that rules ask for (`ipset test`). */
export type Sets = {has(set: string, address: Ipv4): boolean};

/** What a chain does with a packet. A loop of jumps is a mistake of whoever made the table. */
export function evaluateFilter(table: FilterTable, chain: string, packet: FilterPacket, sets: Sets): FilterVerdict {
  for (const {match, target} of table.get(chain) ?? []) {
    if (!matches(match, packet, sets)) continue;
    if (target.kind !== 'jump') return target;
    const verdict = evaluateFilter(table, target.chain, packet, sets);
    if (verdict.kind !== 'return') return verdict;
  }
  return {kind: 'return'};
}

function matches(match: FilterMatch, packet: FilterPacket, sets: Sets): boolean {
  const {protocol, source, destination, state, set} = match;
  if (protocol !== undefined && protocol !== packet.protocol) return false;
  if (state !== undefined && !isInState(state, packet.state)) return false;
  if (source && !contains(source, packet.source)) return false;
  if (destination && !contains(destination, packet.destination)) return false;
  if (match.sourceMac !== undefined && match.sourceMac !== packet.sourceMac) return false;
  if (match.sourcePorts && !isInside(match.sourcePorts, packet.sourcePort)) return false;
  if (match.destinationPorts && !isInside(match.destinationPorts, packet.destinationPort)) return false;
  if (match.icmp && !isOfType(match.icmp, packet.icmp)) return false;
  if (match.input !== undefined && match.input !== packet.input) return false;
  if (match.output !== undefined && match.output !== packet.output) return false;
  return !set || sets.has(set.name, set.of === 'source' ? packet.source : packet.destination);
}

function isOfType({type, code}: NonNullable<FilterMatch['icmp']>, icmp: FilterPacket['icmp']): boolean {
  return icmp?.type === type && (code === undefined || code === icmp.code);
}

/** Neutron asks for RELATED and ESTABLISHED together. */
function isInState(wanted: 'established' | 'invalid', state: PacketState): boolean {
  return wanted === 'invalid' ? state === 'invalid' : state === 'established' || state === 'related';
}

function isInside({least, most}: PortRange, port: number | undefined): boolean {
  return port !== undefined && port >= least && port <= most;
}
