import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {PortRange} from './filter-rules.ts';

/** A rule of a security group: what it lets through. Nothing that is not given is looked at. */
export type GroupRule = {
  /** `ingress` is what a port receives. */
  readonly direction: 'ingress' | 'egress';
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | number;
  /** Destination ports of TCP and UDP. */
  readonly ports?: PortRange;
  readonly icmp?: {readonly type: number; readonly code: number | undefined};
  /** `remote_ip_prefix` */
  readonly remotePrefix?: Cidr;
  /** `remote_group_id`: the members of that group, at present. */
  readonly remoteGroup?: string;
};

/** An address that a port may send from beside its own, and with which MAC. */
export type AddressPair = {readonly mac: Mac; readonly prefix: Cidr};

/** A port with port security on, as the server describes it to the agent of its host. */
export type FilteredPort = {
  readonly device: string;
  /** The bridge of its network, which has one zone of connection tracking. */
  readonly bridge: string;
  readonly mac: Mac;
  readonly addresses: readonly Ipv4[];
  readonly pairs: readonly AddressPair[];
  /** Ids of its security groups. */
  readonly groups: readonly string[];
};

/** What a new group lets through before anybody adds a rule to it (neutron/db/securitygroups_db.py). */
export const newGroupRules: readonly GroupRule[] = [{direction: 'egress'}];

/** The rules of Neutron's group `default`, whose id is given: everything out, and in from its own members. */
export function defaultGroupRules(id: string): readonly GroupRule[] {
  return [...newGroupRules, {direction: 'ingress', remoteGroup: id}];
}

/** Groups of which a rule of one of these lets members through. */
export function remoteGroups(rules: readonly GroupRule[]): readonly string[] {
  return [...new Set(rules.flatMap(({remoteGroup}) => (remoteGroup === undefined ? [] : [remoteGroup])))];
}

export function sameRule(a: GroupRule, b: GroupRule): boolean {
  return (
    a.direction === b.direction &&
    a.protocol === b.protocol &&
    a.ports?.least === b.ports?.least &&
    a.ports?.most === b.ports?.most &&
    a.icmp?.type === b.icmp?.type &&
    a.icmp?.code === b.icmp?.code &&
    a.remoteGroup === b.remoteGroup &&
    a.remotePrefix?.address === b.remotePrefix?.address &&
    a.remotePrefix?.length === b.remotePrefix?.length
  );
}
