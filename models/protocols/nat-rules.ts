import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import type {Tuple} from './conntrack-tuple.ts';

/** The built-in chains of the nat table, which new connections pass where the packet does. */
export type NatHook = 'PREROUTING' | 'INPUT' | 'OUTPUT' | 'POSTROUTING';

/** What a rule looks at; all that is given must hold. `not` turns a match around. */
export type NatMatch = {
  readonly source?: Cidr;
  readonly destination?: Cidr;
  /** A device; a name that ends in `+` means all that begin so. */
  readonly input?: {readonly device: string; readonly not?: boolean};
  readonly output?: {readonly device: string; readonly not?: boolean};
  /** `-p tcp -m tcp --dport` */
  readonly tcpPort?: number;
  readonly mark?: {readonly value: number; readonly mask: number; readonly not?: boolean};
  /** `--ctstate DNAT`: the connection's destination was translated. */
  readonly destinationTranslated?: boolean;
};

export type NatTarget =
  | {readonly kind: 'accept'}
  | {readonly kind: 'jump'; readonly chain: string}
  | {readonly kind: 'dnat'; readonly to: Ipv4}
  | {readonly kind: 'redirect'; readonly port: number}
  | {
      readonly kind: 'snat';
      readonly to: Ipv4;
      /** `--to-source address:least-most` */
      readonly ports?: {readonly least: number; readonly most: number};
      readonly random?: 'random' | 'random-fully';
    };

export type NatRule = {readonly match: NatMatch; readonly target: NatTarget; readonly comment?: string};

/** The chains of a nat table by name, in the order in which they are printed; the built-in ones come first. */
export type NatTable = ReadonlyMap<string, readonly NatRule[]>;

/** The first packet of a connection as it is at the hook: what an earlier hook has translated is translated. */
export type NatPacket = {
  readonly tuple: Tuple;
  /** The device it came in by; undefined for the host's own. */
  readonly input?: string;
  readonly output?: string;
  readonly mark: number;
  readonly destinationTranslated: boolean;
};

/** What the rules do to a new connection; `accept` is also the policy at the end of a built-in chain. */
export type NatVerdict = Exclude<NatTarget, {readonly kind: 'jump'}>;

/** What the table says of a new connection at a hook. A loop of jumps is a mistake of whoever made the table. */
export function evaluateNat(table: NatTable, hook: NatHook, packet: NatPacket): NatVerdict {
  return walk(table, hook, packet) ?? {kind: 'accept'};
}

function walk(table: NatTable, chain: string, packet: NatPacket): NatVerdict | undefined {
  for (const {match, target} of table.get(chain) ?? []) {
    if (!matches(match, packet)) continue;
    if (target.kind !== 'jump') return target;
    const verdict = walk(table, target.chain, packet);
    if (verdict) return verdict;
  }
  return undefined;
}

function matches(match: NatMatch, packet: NatPacket): boolean {
  const {tuple, mark} = packet;
  if (match.source && !contains(match.source, tuple.source)) return false;
  if (match.destination && !contains(match.destination, tuple.destination)) return false;
  if (match.tcpPort !== undefined && !(tuple.protocol === 'tcp' && tuple.destinationPort === match.tcpPort))
    return false;
  if (match.mark && ((mark & match.mark.mask) === match.mark.value) === (match.mark.not ?? false)) return false;
  if (match.destinationTranslated !== undefined && match.destinationTranslated !== packet.destinationTranslated) {
    return false;
  }
  return matchesDevice(match.input, packet.input) && matchesDevice(match.output, packet.output);
}

function matchesDevice(match: NatMatch['input'], device = ''): boolean {
  if (!match) return true;
  const wanted = match.device;
  const same = wanted.endsWith('+') ? device.startsWith(wanted.slice(0, -1)) : device === wanted;
  return same !== (match.not ?? false);
}
