import type {Time} from '../../engine/time.ts';
import {isSince, releases, type Release} from '../control/neutron/releases.ts';
import type {NeutronSettings} from '../control/neutron/settings.ts';
import type {SegmentSettings} from '../dataplane/segment.ts';
import type {FaultPlan} from '../faults/breakage.ts';
import type {NeighbourSettings, NeighbourThresholds} from '../protocols/neighbour-settings.ts';
import type {KeepalivedConfiguration} from '../protocols/keepalived-configuration.ts';
import type {TcpPattern} from '../traffic/tcp-flow.ts';
import type {OvsBfdSettings} from '../protocols/ovs-bfd.ts';
import type {GroupRule} from '../protocols/security-group.ts';
import type {NextHopBfd} from '../tables/topology.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

export type {KeepalivedConfiguration, Release};
export {isSince, releases};

export type HostPlan = {
  readonly base: 'quiet' | 'real-time' | 'busy';
  /** Step → [least, most]. */
  readonly steps: ReadonlyMap<string, readonly [Time, Time]>;
};

export type SegmentPlan = SegmentSettings & {readonly cidr: Cidr};

export type ChassisPlan = {
  readonly name: string;
  readonly role: 'compute' | 'gateway' | 'controller';
  readonly host: HostPlan;
};

export type NetworkPlan = {
  readonly name: string;
  readonly type: 'geneve' | 'vxlan' | 'gre' | 'flat' | 'vlan';
  readonly cidr: Cidr;
  readonly external: boolean;
  /** The VNI of a VXLAN network, the key of a GRE network. */
  readonly vni: number | undefined;
  /** Of an external network: its provider segment, tag and upstream routers, the default first. */
  readonly segment: string | undefined;
  readonly vlan: number | undefined;
  /** Bytes of the largest packet on it. */
  readonly mtu: number;
  readonly upstreams: readonly {readonly name: string; readonly address: Ipv4}[];
  /** The addresses of the DHCP servers that Neutron may have on it; none if nobody serves it. */
  readonly dhcp: readonly Ipv4[];
};

export type RouterPlan = {
  readonly name: string;
  readonly interfaces: readonly {readonly network: string; readonly address: Ipv4}[];
  readonly external: {readonly network: string; readonly address: Ipv4} | undefined;
  readonly gateways: readonly {readonly chassis: string; readonly priority: number}[];
  /** The network node that Neutron has scheduled it to; undefined: the one with the fewest. */
  readonly agent: string | undefined;
  /** Several network nodes have it. */
  readonly ha: boolean;
  /** Those that it has been scheduled to; undefined: those with the fewest. */
  readonly agents: readonly string[] | undefined;
  /** Whose it is: the routers of one project share an HA network. */
  readonly project: string;
  readonly snat: readonly string[];
  readonly routes: readonly {
    readonly prefix: Cidr;
    readonly nextHop: Ipv4;
    readonly bfd: NextHopBfd | undefined;
  }[];
};

export type VmPlan = {
  readonly name: string;
  readonly network: string;
  readonly address: Ipv4;
  readonly mac: Mac;
  readonly chassis: string;
  /** Of its interface. */
  readonly mtu: number;
  /** It is off until an operation boots it. */
  readonly isOff: boolean;
  /** Of a VM in a cloud of Neutron. */
  readonly security: PortSecurityPlan;
  /** Whether it gets its address by DHCP, or has it in its image. */
  readonly addressing: 'dhcp' | 'static';
  readonly servesDhcp: DhcpServerPlan | undefined;
};

/** A DHCP server that is no part of the cloud's. */
export type DhcpServerPlan = {
  readonly range: {readonly first: Ipv4; readonly last: Ipv4};
  readonly leaseTime: Time;
  /** What it tells its clients to send by way of. */
  readonly router: Ipv4 | undefined;
  readonly broadcasts: boolean;
  readonly ping: boolean;
};

export type PortSecurityPlan = {
  readonly enabled: boolean;
  /** Names of its security groups. */
  readonly groups: readonly string[];
  /** A pair without a MAC has the port's own. */
  readonly pairs: readonly {readonly mac: Mac | undefined; readonly prefix: Cidr}[];
};

/** A group of Neutron; a rule's remote group is called by its name. */
export type SecurityGroupPlan = {readonly name: string; readonly rules: readonly GroupRule[]};

export type ExternalHostPlan = {
  readonly name: string;
  readonly network: string;
  readonly address: Ipv4;
  /** On the far side of the network's upstream routers. */
  readonly behindGateway: boolean;
  readonly servesDhcp: DhcpServerPlan | undefined;
};

export type FlowPlan = {
  readonly name: string;
  readonly group: string;
  readonly from: string;
  /** Undefined: a router's own address. */
  readonly to: string | undefined;
  readonly destination: Ipv4;
  /** Others who answer under the destination if it comes to lead to them. */
  readonly others: readonly string[];
  /** The service that answers, by whatever program that is. */
  readonly service?: 'metadata';
  /** Whether anybody listens at the port. */
  readonly listening: boolean;
  readonly protocol: 'udp-echo' | 'udp' | 'icmp-echo' | 'tcp';
  /** Of TCP, and of UDP without answers. */
  readonly pattern: TcpPattern;
  /** After how long a TCP client connects again; `never` if it does not. */
  readonly reconnect: Time;
  /** Whether who asks by UDP tells its kernel that it was answered (MSG_CONFIRM). */
  readonly confirms: boolean;
  /** Undefined: what fits must not be fragmented, and the rest is sent in fragments, as Linux does if nobody says otherwise. */
  readonly dontFragment: boolean | undefined;
  readonly every: Time;
  readonly start: Time;
  readonly count: number;
  readonly limit: Time;
  readonly port: number;
  /** The address that packets bear instead of their sender's. */
  readonly source: Ipv4 | undefined;
  readonly size: number;
};

/** Options of neutron-server about HA networks, under their own names. */
export type HaNetworkSettings = {
  readonly l3HaNetCidr: Cidr;
  readonly l3HaNetworkType: 'vxlan' | 'vlan' | 'flat';
  /** The provider segment of a VLAN or flat one. */
  readonly l3HaNetworkPhysicalName: string | undefined;
};

export type NeutronPlan = NeutronSettings &
  HaNetworkSettings & {
    /** The group to which VXLAN devices send what is flooded, where L2 population does not list the endpoints. */
    readonly vxlanGroup: Ipv4;
    /** `net.bridge.bridge-nf-call-iptables` of every host. */
    readonly bridgeNfCallIptables: boolean;
  };

/** A machine on LANs, without any cloud. */
export type MachinePlan = {
  readonly name: string;
  readonly host: HostPlan;
  /** Whether it passes on what is for others (`ip_forward`). */
  readonly forwards: boolean;
  readonly sysctls: NeighbourSysctls;
  readonly interfaces: readonly {
    readonly name: string;
    readonly lan: string;
    /** Undefined: it has none of its own. */
    readonly address: {readonly address: Ipv4; readonly length: number} | undefined;
  }[];
  readonly routes: readonly {readonly prefix: Cidr; readonly via: Ipv4; readonly device: string}[];
  readonly keepalived: KeepalivedConfiguration | undefined;
};

/** What the kernel of a machine is told otherwise than it does by itself. */
export type NeighbourSysctls = Partial<NeighbourSettings> & Partial<NeighbourThresholds>;

/** The same by classes of machines; of chassis for all their namespaces. */
export type SysctlsPlan = {
  readonly chassis: NeighbourSysctls;
  readonly vms: NeighbourSysctls;
  readonly hosts: NeighbourSysctls;
};

/** A cloud with all that happens to it, every draw of the seed's made: what a world is built from. */
export type WorldPlan = {
  readonly seed: string;
  readonly duration: Time;
  readonly bfd: OvsBfdSettings;
  readonly probeInterval: Time;
  /** Undefined: the cloud is one of OVN. */
  readonly neutron: NeutronPlan | undefined;
  /** Machines on LANs; undefined: there is a cloud. */
  readonly machines: readonly MachinePlan[] | undefined;
  readonly sysctls: SysctlsPlan;
  readonly segments: readonly SegmentPlan[];
  readonly chassis: readonly ChassisPlan[];
  readonly networks: readonly NetworkPlan[];
  readonly routers: readonly RouterPlan[];
  readonly securityGroups: readonly SecurityGroupPlan[];
  readonly vms: readonly VmPlan[];
  readonly hosts: readonly ExternalHostPlan[];
  readonly floating: readonly {readonly address: Ipv4; readonly vm: string; readonly distributed: boolean}[];
  /** Addresses that floating ones can come to have in the run, by these routers. */
  readonly spareAddresses: readonly {readonly address: Ipv4; readonly router: string}[];
  readonly flows: readonly FlowPlan[];
  readonly faults: readonly FaultPlan[];
};
