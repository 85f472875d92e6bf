import type {Time} from '../engine/time.ts';
import type {Breakage as PlannedBreakage, Target as PlannedTarget} from '../models/faults/breakage.ts';
import type {Operation} from '../models/faults/operation.ts';
import type {
  KeepalivedConfiguration,
  NeighbourSysctls,
  PortSecurityPlan,
  Release,
  SecurityGroupPlan,
  SysctlsPlan,
} from '../models/world/world-plan.ts';
import type {Cidr, Ipv4} from '../models/wire/ipv4.ts';
import type {Mac} from '../models/wire/mac.ts';

/**
 * What a scenario file says once it has been read and checked: templates written out, defaults filled in, every name
 * known to exist. Lists keep the order of the file, which is the order in which things get their numbers.
 */
export type Scenario = {
  readonly name: string;
  readonly description: string;
  /** How long the run is. */
  readonly duration: Time;
  /** The host profile of every host that names none of its own. */
  readonly host: HostProfile;
  readonly ovn: OvnOptions;
  readonly sysctls: SysctlsPlan;
  /** Machines on LANs; undefined: there is a cloud. */
  readonly machines: readonly Machine[] | undefined;
  /** Undefined: the cloud is one of OVN. */
  readonly neutron: NeutronOptions | undefined;
  readonly segments: readonly Segment[];
  readonly chassis: readonly Chassis[];
  readonly networks: readonly Network[];
  readonly routers: readonly Router[];
  /** With those that are there anyway. */
  readonly securityGroups: readonly SecurityGroupPlan[];
  readonly vms: readonly Vm[];
  readonly hosts: readonly ExternalHost[];
  /** Of each network that has DHCP: the addresses of its servers, as many as can be. */
  readonly dhcpAddresses: ReadonlyMap<string, readonly Ipv4[]>;
  readonly floatingIps: readonly FloatingIp[];
  readonly spareAddresses: readonly SpareAddress[];
  readonly traffic: readonly TrafficGroup[];
  readonly faults: readonly Fault[];
  readonly expectations: readonly Expectation[];
  /** What a sweep runs if it is not told otherwise: setting → values. */
  readonly sweep: {readonly seeds: readonly string[]; readonly set: Readonly<Record<string, readonly unknown[]>>};
};

/** A named profile, or one with times of its own for some steps; see `models/daemons/host-profile.ts`. */
export type HostProfile = {
  readonly base: 'quiet' | 'real-time' | 'busy';
  /** Step name → [least, most]: drawn uniformly between the two. */
  readonly steps: ReadonlyMap<string, readonly [Time, Time]>;
};

/** Options under the names that OVN gives them (`NB_Global.options`, `Open_vSwitch.external_ids`). */
export type OvnOptions = {
  readonly 'bfd-min-rx': Time;
  readonly 'bfd-min-tx': Time;
  readonly 'bfd-mult': number;
  /** 0 is off. */
  readonly 'bfd-decay-min-rx': Time;
  readonly 'ovn-remote-probe-interval': Time;
};

/** Options under the names that Neutron and its message library give them, with dashes. */
export type NeutronOptions = {
  readonly 'mechanism-driver': 'linuxbridge' | 'openvswitch';
  readonly release: Release;
  readonly 'l2-population': boolean;
  readonly 'arp-responder': boolean;
  readonly 'vxlan-group': Ipv4;
  readonly 'bridge-nf-call-iptables': boolean;
  readonly 'dhcp-agents-per-network': number;
  readonly 'allow-automatic-dhcp-failover': boolean;
  /** 0 is for ever. */
  readonly 'dhcp-lease-duration': Time;
  readonly 'resync-throttle': Time;
  readonly 'enable-isolated-metadata': boolean;
  readonly 'force-metadata': boolean;
  /** 0 is no limit. */
  readonly 'max-l3-agents-per-router': number;
  readonly 'l3-ha-net-cidr': Cidr;
  readonly 'l3-ha-network-type': 'vxlan' | 'vlan' | 'flat';
  readonly 'l3-ha-network-physical-name'?: string | undefined;
  readonly 'ha-vrrp-advert-int': Time;
  /** 0 is off. */
  readonly 'ha-vrrp-health-check-interval': Time;
  readonly 'ha-conntrackd-enabled': boolean;
  readonly 'ha-conntrackd-hashlimit': number;
  readonly 'check-child-processes-interval': Time;
  readonly 'report-interval': Time;
  readonly 'agent-down-time': Time;
  readonly 'allow-automatic-l3agent-failover': boolean;
  readonly 'rpc-workers': number;
  readonly 'rpc-state-report-workers': number;
  readonly 'rpc-response-timeout': Time;
  readonly 'rpc-response-max-timeout': Time;
  readonly 'polling-interval': Time;
  readonly 'periodic-interval': Time;
  readonly 'periodic-fuzzy-delay': Time;
  readonly 'heartbeat-timeout-threshold': Time;
  readonly 'heartbeat-rate': number;
};

/** A physical layer 2 network with one learning switch. */
export type Segment = {
  readonly name: string;
  readonly kind: 'underlay' | 'provider' | 'management' | 'lan';
  /** The addresses of the chassis on it; of a provider segment those of the external network. */
  readonly cidr: Cidr;
  /** One way, port to port. */
  readonly latency: Time;
  /** Added to the latency of each frame, uniform in [0, jitter]. */
  readonly jitter: Time;
  /** The share of frames lost, in [0, 1]. */
  readonly loss: number;
  /** Bytes of the largest packet. */
  readonly mtu: number;
  /** After how long without a frame the switch forgets a MAC. */
  readonly ageing: Time;
  /** The VLANs that its ports carry, the first and last of each range; undefined: all. */
  readonly trunk: readonly (readonly [first: number, last: number])[] | undefined;
  /** Whether a port takes frames from the MAC of the card there only. */
  readonly knownMacsOnly: boolean;
};

export type Chassis = {
  readonly name: string;
  readonly role: 'compute' | 'gateway' | 'controller';
  readonly host: HostProfile;
};

export type Network = {
  readonly name: string;
  readonly type: 'geneve' | 'vxlan' | 'gre' | 'flat' | 'vlan';
  readonly cidr: Cidr;
  readonly external: boolean;
  /** The upstream routers' addresses of an external network, the one that leads outside by default first. */
  readonly gateways: readonly Ipv4[];
  readonly vlan: number | undefined;
  /** The number of a VXLAN network. */
  readonly vni: number | undefined;
  /** The provider segment of a flat or VLAN network. */
  readonly segment: string | undefined;
  /** Undefined: what it can carry. */
  readonly mtu: number | undefined;
  /** Whether DHCP agents serve it. */
  readonly dhcp: boolean;
};

/** A DHCP server that is no part of the cloud's. */
export type DhcpServer = {
  readonly range: {readonly first: Ipv4; readonly last: Ipv4};
  /** 0 is for ever. */
  readonly lease: Time;
  readonly router?: Ipv4 | undefined;
  readonly 'answers-by': 'broadcast' | 'unicast';
  readonly ping: boolean;
};

export type Router = {
  readonly name: string;
  readonly control: 'ovn' | 'neutron';
  readonly external: {readonly network: string; readonly address: Ipv4} | undefined;
  readonly interfaces: readonly {readonly network: string; readonly address: Ipv4}[];
  /** Priorities of the gateway chassis, higher first; at equal priorities the name decides, as in OVN. */
  readonly gatewayChassis: readonly {readonly chassis: string; readonly priority: number}[];
  /** The gateway on which Neutron has put it; undefined: the plan's choice. */
  readonly agent: string | undefined;
  /** Whether Neutron has put it on several gateways. */
  readonly ha: boolean;
  /** Those gateways; undefined: the plan's choice. */
  readonly agents: readonly string[] | undefined;
  readonly project: string;
  /** Internal networks whose VMs leave with the router's external address. */
  readonly snat: readonly string[];
  readonly routes: readonly StaticRoute[];
};

export type StaticRoute = {
  readonly prefix: Cidr;
  readonly nextHop: Ipv4;
  /** Next-hop BFD with the timers of OVN's `BFD` table; undefined is none. */
  readonly bfd: {readonly minTx: Time; readonly minRx: Time; readonly detectMult: number} | undefined;
};

export type Vm = {
  readonly name: string;
  readonly network: string;
  readonly address: Ipv4;
  readonly mac: Mac;
  /** Undefined: that of its network. */
  readonly mtu: number | undefined;
  /** Undefined: placed by the plan. */
  readonly chassis: string | undefined;
  readonly placement: 'spread' | 'pack' | 'random';
  readonly security: PortSecurityPlan;
  readonly addressing: 'dhcp' | 'static';
  readonly servesDhcp: DhcpServer | undefined;
};

/** A machine on LANs. */
export type Machine = {
  readonly name: string;
  readonly host: HostProfile;
  readonly forwards: boolean;
  readonly sysctls: NeighbourSysctls;
  readonly interfaces: readonly {
    readonly name: string;
    readonly lan: string;
    readonly address: {readonly address: Ipv4; readonly length: number} | undefined;
  }[];
  readonly routes: readonly {readonly prefix: Cidr; readonly via: Ipv4; readonly device: string}[];
  readonly keepalived: KeepalivedConfiguration | undefined;
};

/** A host outside the cloud: on an external network, or behind that network's upstream routers. */
export type ExternalHost = {
  readonly name: string;
  readonly network: string;
  readonly address: Ipv4;
  readonly behindGateway: boolean;
  readonly servesDhcp: DhcpServer | undefined;
};

export type FloatingIp = {
  readonly address: Ipv4;
  readonly vm: string;
  readonly distributed: boolean;
};

/** An address that a floating IP of an operation can come to have, by that router. */
export type SpareAddress = {readonly address: Ipv4; readonly router: string};

export type Endpoint =
  | {readonly kind: 'vm'; readonly name: string}
  | {readonly kind: 'host'; readonly name: string}
  | {readonly kind: 'address'; readonly address: Ipv4}
  /** Another VM, drawn from the seed. */
  | {readonly kind: 'any vm'}
  /** The metadata service: whoever answers under 169.254.169.254. */
  | {readonly kind: 'metadata'};

/** Flows of one kind: one from every `from` to `to`. */
export type TrafficGroup = {
  readonly name: string;
  readonly from: readonly Endpoint[];
  readonly to: readonly Endpoint[];
  readonly protocol: 'udp-echo' | 'udp' | 'icmp-echo' | 'tcp';
  readonly pattern: 'upload' | 'download' | 'push' | 'ping-pong' | 'connect';
  /** Undefined: a TCP client does not connect again. */
  readonly reconnect: Time | undefined;
  readonly confirms: boolean;
  readonly every: Time;
  readonly start: Time;
  /** Undefined: until the end of the run. */
  readonly count: number | undefined;
  /** A packet later than this is lost. */
  readonly limit: Time;
  readonly port: number;
  /** The address that packets bear instead of their sender's. */
  readonly source: Ipv4 | undefined;
  /** Bytes of payload. */
  readonly size: number;
  /** Undefined: as Linux does if the program says nothing. */
  readonly dontFragment: boolean | undefined;
  /** Whether anybody listens at the port. */
  readonly listening: boolean;
};

export type Instant = {readonly base: Time; readonly random: Time};

export type Target =
  | PlannedTarget
  /** An upstream router of the network: 1 is the first. */
  | {readonly kind: 'upstream'; readonly network: string; readonly rank: number}
  /** What an operation is about: a floating IP, a router, a VM. */
  | {readonly kind: 'subject'; readonly name: string};

/** Of a chassis `underlay`, `provider`, `management` or a segment, of a machine what it calls them; or `all`. */
export type Nic = string;

export type Breakage = PlannedBreakage<{readonly nic: Nic}, SecurityRule>;
export type OperationOfFile = Operation<SecurityRule>;
type SecurityRule = SecurityGroupPlan['rules'][number];

export type Fault = {
  readonly name: string;
  readonly breakage: Breakage;
  readonly targets: readonly Target[];
  readonly at: Instant;
  /** Undefined: for ever. */
  readonly lasts: Instant | undefined;
  readonly repeat: {readonly every: Time; readonly times: number} | undefined;
};

export type Expectation = {
  /** As written. */
  readonly text: string;
  readonly metric: string;
  readonly comparison: '<' | '<=' | '==' | '!=' | '>=' | '>';
  /** In the metric's own unit. */
  readonly value: number;
};
