import type {Time} from '../../../engine/time.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Cidr, Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';

/** The number of a port at one bridge. */
export type OfPort = number;

/** A packet between tables. */
export type FlowPacket = {
  readonly inPort: OfPort;
  readonly frame: Frame;
  /** `tun_id`: what it came under, or will leave under. */
  readonly tunnel: number | undefined;
};

/** What a flow asks of a packet; what is left out may be anything. */
export type FlowMatch = {
  readonly inPort?: OfPort;
  /** The VLAN of its tag; `none` without a tag. */
  readonly vlan?: number | 'none';
  readonly tunnel?: number;
  readonly source?: Mac;
  readonly destination?: Mac;
  /** Whether the destination is a group (`dl_dst=01:00:00:00:00:00/01:00:00:00:00:00`). */
  readonly group?: boolean;
  readonly payload?: 'arp' | 'ipv4';
  readonly arpTarget?: Ipv4;
  /** `arp_tha`: what the sender of ARP says of the MAC that it asks for. */
  readonly arpTargetMac?: Mac;
  /** A sender of ARP that lies within. */
  readonly arpSource?: Cidr;
};

/** What a flow does with a packet, one after the other. */
export type FlowAction =
  | {readonly kind: 'goto'; readonly table: number}
  | {readonly kind: 'output'; readonly port: OfPort}
  /** As a switch that learns would do it. */
  | {readonly kind: 'normal'}
  | {readonly kind: 'set vlan'; readonly vlan: number}
  | {readonly kind: 'strip vlan'}
  | {readonly kind: 'set tunnel'; readonly tunnel: number}
  /** Makes or renews a flow in `table` that takes what is for the sender back by where the packet came from. */
  | {
      readonly kind: 'learn';
      readonly table: number;
      readonly priority: number;
      readonly hardTimeout: Time;
      readonly cookie: string;
    }
  /** Turns an ARP packet into the answer of a host and sends it back by where it came from. */
  | {readonly kind: 'answer arp'; readonly address: Ipv4; readonly mac: Mac};

/** A flow as it is sent to a bridge. */
export type FlowSpec = {
  /** As `ovs-ofctl` prints it: which process made the flow. */
  readonly cookie: string;
  readonly table: number;
  readonly priority: number;
  readonly match: FlowMatch;
  /** None: the packet is dropped. */
  readonly actions: readonly FlowAction[];
  /** How long after its last renewal it goes; left out of those that stay. */
  readonly hardTimeout?: Time;
};

/** Which flows are meant: those that ask for all of this, and possibly more. */
export type FlowSelection = {
  readonly cookie?: string;
  readonly table?: number;
  readonly priority?: number;
  readonly match?: FlowMatch;
};

export function isSelected(flow: FlowSpec, {cookie, table, priority, match = {}}: FlowSelection): boolean {
  if (cookie !== undefined && flow.cookie !== cookie) return false;
  if (table !== undefined && flow.table !== table) return false;
  if (priority !== undefined && flow.priority !== priority) return false;
  return matchFields.every(field => match[field] === undefined || isSame(flow.match[field], match[field]));
}

function isSame(a: FlowMatch[keyof FlowMatch], b: FlowMatch[keyof FlowMatch]): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.address === b.address && a.length === b.length;
}

/** The fields of a match, in the order in which `ovs-ofctl` prints them. */
export const matchFields = [
  'payload',
  'tunnel',
  'inPort',
  'vlan',
  'source',
  'destination',
  'group',
  'arpSource',
  'arpTarget',
  'arpTargetMac',
] as const satisfies readonly (keyof FlowMatch)[];
