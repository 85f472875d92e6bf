import type {Time} from '../../../engine/time.ts';
import type {TunnelType} from '../../tables/host-switch.ts';
import type {AgentKind, HaState} from '../../tables/neutron-contents.ts';
import type {FloatingNumber, NetworkNumber, NeutronPortNumber, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {AddressPair, GroupRule} from '../../protocols/security-group.ts';
import type {Cidr, Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';

/** What the server tells an agent of a port (neutron/plugins/ml2/rpc.py, get_device_details). */
export type PortDetails = {readonly port: NeutronPortNumber; readonly activeHere: boolean};

/** What the server tells an agent of ports that are to be filtered (security_group_info_for_devices). */
export type SecurityGroupInfo = {
  /** Neutron's own ports are left out. */
  readonly ports: readonly {
    readonly port: NeutronPortNumber;
    readonly enabled: boolean;
    readonly groups: readonly string[];
    readonly pairs: readonly AddressPair[];
  }[];
  /** Of every group of these ports. */
  readonly rules: ReadonlyMap<string, readonly GroupRule[]>;
  /** Of every group that these rules name. */
  readonly members: ReadonlyMap<string, readonly Cidr[]>;
};

/** What the server tells an L3 agent of a router (neutron/api/rpc/handlers/l3_rpc.py, sync_routers). */
export type RouterDetails = {
  readonly router: RouterNumber;
  readonly interfaces: readonly NeutronPortNumber[];
  readonly gateway: NeutronPortNumber | undefined;
  /** `revision_number` of the gateway's port; 0 without a gateway. */
  readonly gatewayRevision: number;
  readonly floating: readonly {
    readonly floating: FloatingNumber;
    readonly fixed: Ipv4;
    /** As the server has it. */
    readonly active: boolean;
  }[];
  /** Of a highly available router what the agent needs to host it with others. */
  readonly ha: HaDetails | undefined;
};

/** `_ha_interface` and `_ha_state` of a router for one agent. */
export type HaDetails = {
  readonly port: NeutronPortNumber;
  /** Whether the server thinks that the port is wired. */
  readonly isWired: boolean;
  /** What the server knows of the router there. */
  readonly state: HaState;
};

/** What the server tells a DHCP agent of a network (neutron/api/rpc/handlers/dhcp_rpc.py, get_network_info). */
export type DhcpNetworkDetails = {
  readonly network: NetworkNumber;
  /** Those that it may serve: of VMs and of routers. */
  readonly ports: readonly NeutronPortNumber[];
  /** Of DHCP agents, with the agent that has each; undefined of one that is reserved. */
  readonly dhcpPorts: readonly {readonly port: NeutronPortNumber; readonly device: ChassisNumber | undefined}[];
};

/** Forwarding entries of l2-population: what is behind an endpoint (neutron/plugins/ml2/drivers/l2pop/rpc.py). */
export type Population = {
  readonly network: NetworkNumber;
  readonly behind: readonly {
    readonly endpoint: Ipv4;
    /** What is flooded goes there too. */
    readonly flood: boolean;
    readonly ports: readonly {readonly mac: Mac; readonly address: Ipv4}[];
  }[];
};

/** Methods that are called, with what they take and answer. */
export type Calls = {
  report_state: {
    readonly takes: {
      readonly chassis: ChassisNumber;
      readonly kind: AgentKind;
      /** The first of a process (`start_flag`). */
      readonly starts: boolean;
      /** How many networks a DHCP agent has. */
      readonly load: number;
      /** When the agent wrote it. */
      readonly time: Time;
    };
    /** Undefined: the report is older than the server's process and counts for nothing. */
    readonly answers: 'alive' | 'revived' | undefined;
  };
  get_devices_details_list: {
    readonly takes: {readonly chassis: ChassisNumber; readonly ports: readonly NeutronPortNumber[]};
    readonly answers: readonly PortDetails[];
  };
  update_device_up: {
    readonly takes: {readonly chassis: ChassisNumber; readonly port: NeutronPortNumber};
    readonly answers: undefined;
  };
  update_device_down: {
    readonly takes: {readonly chassis: ChassisNumber; readonly port: NeutronPortNumber};
    readonly answers: undefined;
  };
  security_group_info_for_devices: {
    readonly takes: {readonly ports: readonly NeutronPortNumber[]};
    readonly answers: SecurityGroupInfo;
  };
  /** The Open vSwitch agent asks for a port only if it has not been told of it; nothing changes by that (bulk_pull). */
  pull_port: {
    readonly takes: {readonly chassis: ChassisNumber; readonly port: NeutronPortNumber};
    readonly answers: {readonly chassis: ChassisNumber | undefined};
  };
  update_device_list: {
    readonly takes: {
      readonly chassis: ChassisNumber;
      readonly up: readonly NeutronPortNumber[];
      readonly down: readonly NeutronPortNumber[];
      /** `refresh_tunnels`: the agent wants all that is behind the other endpoints. */
      readonly refresh: boolean;
    };
    readonly answers: undefined;
  };
  /** An agent tells its endpoint and hears of all (neutron/plugins/ml2/drivers/type_tunnel.py). */
  tunnel_sync: {
    readonly takes: {readonly chassis: ChassisNumber; readonly endpoint: Ipv4; readonly type: TunnelType};
    readonly answers: readonly Ipv4[];
  };
  has_alive_neutron_server: {readonly takes: {readonly chassis: ChassisNumber}; readonly answers: boolean};
  get_host_ha_router_count: {readonly takes: {readonly chassis: ChassisNumber}; readonly answers: number};
  get_router_ids: {readonly takes: {readonly chassis: ChassisNumber}; readonly answers: readonly RouterNumber[]};
  update_all_ha_network_port_statuses: {readonly takes: {readonly chassis: ChassisNumber}; readonly answers: undefined};
  sync_routers: {
    readonly takes: {readonly chassis: ChassisNumber; readonly routers: readonly RouterNumber[]};
    readonly answers: readonly RouterDetails[];
  };
  update_floatingip_statuses: {
    readonly takes: readonly {readonly floating: FloatingNumber; readonly active: boolean}[];
    readonly answers: undefined;
  };
  get_active_networks_info: {
    readonly takes: {readonly chassis: ChassisNumber};
    readonly answers: readonly DhcpNetworkDetails[];
  };
  get_network_info: {
    readonly takes: {readonly chassis: ChassisNumber; readonly network: NetworkNumber};
    readonly answers: DhcpNetworkDetails;
  };
  /** An agent takes over a port that is reserved; refused (false) if it is not to serve the network. */
  update_dhcp_port: {
    readonly takes: {readonly chassis: ChassisNumber; readonly port: NeutronPortNumber};
    readonly answers: boolean;
  };
  release_dhcp_port: {
    readonly takes: {readonly chassis: ChassisNumber; readonly network: NetworkNumber};
    readonly answers: undefined;
  };
  dhcp_ready_on_ports: {readonly takes: readonly NeutronPortNumber[]; readonly answers: undefined};
  /** The one call that goes from the server to an agent. */
  router_added_to_agent: {readonly takes: {readonly router: RouterNumber}; readonly answers: undefined};
};

/** What is said without waiting for an answer. */
export type Casts = {
  add_fdb_entries: Population;
  remove_fdb_entries: Population;
  /** The port, and where it is bound now. */
  port_update: {readonly port: NeutronPortNumber; readonly chassis: ChassisNumber | undefined};
  /** An Open vSwitch agent has told its endpoint. */
  tunnel_update: {readonly endpoint: Ipv4; readonly type: TunnelType};
  /** Of groups, by their ids. */
  security_groups_rule_updated: {readonly groups: readonly string[]};
  security_groups_member_updated: {readonly groups: readonly string[]};
  router_removed_from_agent: {readonly router: RouterNumber};
  routers_updated: {readonly router: RouterNumber};
  network_create_end: {readonly network: NetworkNumber};
  port_create_end: {readonly port: NeutronPortNumber; readonly priority: number};
  /** The one that goes from an agent to the server. */
  update_ha_routers_states: {
    readonly chassis: ChassisNumber;
    readonly states: readonly {readonly router: RouterNumber; readonly state: HaState}[];
  };
};

export type CallName = keyof Calls;
export type CastName = keyof Casts;

/** A call as it arrives; `method` says what `argument` is. */
export type Call = {[Name in CallName]: {readonly method: Name; readonly argument: Calls[Name]['takes']}}[CallName];
export type Cast = {[Name in CastName]: {readonly method: Name; readonly argument: Casts[Name]}}[CastName];

/** What messages carry. */
export type Letter =
  | {readonly kind: 'call'; readonly call: Call; readonly replyTo: string; readonly number: number}
  | {readonly kind: 'reply'; readonly number: number; readonly answer: unknown}
  | {readonly kind: 'cast'; readonly cast: Cast};

/** Queues of the server (neutron_lib/api/definitions, topics PLUGIN, L3PLUGIN and REPORTS) and of agents. */
export const serverQueues = ['q-plugin', 'q-l3-plugin', 'q-reports-plugin'] as const;
export type ServerQueue = (typeof serverQueues)[number];
export const l2AgentQueue = (chassis: string): string => `q-agent-notifier.${chassis}`;
export const l3AgentQueue = (chassis: string): string => `l3_agent.${chassis}`;
export const dhcpAgentQueue = (chassis: string): string => `dhcp_agent.${chassis}`;

/** The exchange from which every L2 agent has a copy. */
export const l2Fanout = 'q-agent-notifier_fanout';

/** The queues of an L2 agent: that of its host, and one of this process for what is for all. */
export const l2AgentQueues = (chassis: string, life: number): readonly QueueDeclaration[] => [
  {name: l2AgentQueue(chassis), exchange: undefined},
  {name: `${l2Fanout}_${chassis}_${life}`, exchange: l2Fanout},
];

/** A queue that a consumer declares; one that is bound to a fan-out exchange is its own and goes when unused for long. */
export type QueueDeclaration = {readonly name: string; readonly exchange: string | undefined};

export type Destination = {readonly queue: string} | {readonly exchange: string};

/** What clients say to RabbitMQ. */
export type ToBroker =
  | {readonly kind: 'consume'; readonly queues: readonly QueueDeclaration[]}
  | {
      readonly kind: 'publish';
      readonly number: number;
      readonly to: Destination;
      readonly letter: Letter;
      /** How long it may wait in a queue. */
      readonly expiration: Time;
    }
  | {readonly kind: 'acknowledge'; readonly number: number}
  | {readonly kind: 'heartbeat'};

/** What RabbitMQ says to clients. */
export type FromBroker =
  | {readonly kind: 'ready'}
  | {readonly kind: 'confirmed'; readonly number: number}
  | {readonly kind: 'deliver'; readonly number: number; readonly queue: string; readonly letter: Letter}
  | {readonly kind: 'heartbeat'};
