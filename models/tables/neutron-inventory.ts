import type {AddressPair, GroupRule} from '../protocols/security-group.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {ChassisNumber} from './topology.ts';

/** Rows by number. The number is the place in the inventory's list, and says nothing else. */
export type NetworkNumber = number;
export type NeutronPortNumber = number;
export type RouterNumber = number;
export type FloatingNumber = number;

export type NeutronNetwork = {
  readonly number: NetworkNumber;
  readonly name: string;
  /** As a UUID. */
  readonly id: string;
  readonly type: 'flat' | 'vlan' | 'gre' | 'vxlan';
  /** VLAN tag, GRE key or VNI; undefined of a flat network. */
  readonly segmentation: number | undefined;
  /** The provider segment of a flat or VLAN network; undefined of one in tunnels. */
  readonly segment: string | undefined;
  readonly cidr: Cidr;
  /** The address of the router that its hosts have as their gateway, inside the cloud or upstream. */
  readonly gateway: Ipv4 | undefined;
  readonly external: boolean;
  readonly mtu: number;
  /** `enable_dhcp` of its subnet; undefined of a network that no agent serves. */
  readonly dhcp: {readonly subnetId: string} | undefined;
};

export type NeutronPort = {
  readonly number: NeutronPortNumber;
  readonly id: string;
  /** The VM's name, or the router's or server's it belongs to. */
  readonly owner: string;
  readonly kind: 'vm' | 'router interface' | 'router gateway' | 'router ha interface' | 'dhcp';
  readonly network: NetworkNumber;
  readonly mac: Mac;
  readonly address: Ipv4;
  /** The router of an interface or gateway. */
  readonly router: RouterNumber | undefined;
  /** Where a VM runs, or whose agent an HA interface is for; undefined of ports that go where an agent is. */
  readonly home: ChassisNumber | undefined;
  /** Undefined of Neutron's own ports, which are trusted. */
  readonly security: PortSecurity | undefined;
};

export type PortSecurity = {
  /** `port_security_enabled` */
  readonly enabled: boolean;
  /** Ids of the groups that the port is made for. */
  readonly groups: readonly string[];
  /** `allowed_address_pairs` */
  readonly pairs: readonly AddressPair[];
};

export type NeutronSecurityGroup = {
  readonly name: string;
  readonly id: string;
  /** At first. */
  readonly rules: readonly GroupRule[];
};

export type NeutronRouter = {
  readonly number: RouterNumber;
  readonly name: string;
  readonly id: string;
  readonly interfaces: readonly NeutronPortNumber[];
  readonly gateway: NeutronPortNumber | undefined;
  /** Whether networks behind it leave under its external address. */
  readonly snat: boolean;
  readonly routes: readonly {readonly prefix: Cidr; readonly nextHop: Ipv4}[];
  /** Undefined: one agent hosts it. */
  readonly ha: HighAvailability | undefined;
};

/** What several agents need to host one router together. */
export type HighAvailability = {
  /** `ha_vr_id` */
  readonly virtualRouterId: number;
  /** The HA network of the router's project. */
  readonly network: NetworkNumber;
  /** The HA interface on each chassis with an L3 agent, whether the router is scheduled there or not. */
  readonly ports: ReadonlyMap<ChassisNumber, NeutronPortNumber>;
};

export type NeutronFloating = {
  readonly number: FloatingNumber;
  readonly address: Ipv4;
  readonly id: string;
  readonly router: RouterNumber;
};

/** What a Neutron cloud is made of; which port is where and which address leads to whom stands in its database. */
export type NeutronInventory = {
  readonly chassis: readonly string[];
  readonly networks: readonly NeutronNetwork[];
  readonly ports: readonly NeutronPort[];
  readonly routers: readonly NeutronRouter[];
  readonly floating: readonly NeutronFloating[];
  readonly securityGroups: readonly NeutronSecurityGroup[];
};

/** Whether the frames of a network leave hosts in tunnels. */
export function isTunnelled({type}: Pick<NeutronNetwork, 'type'>): boolean {
  return type === 'vxlan' || type === 'gre';
}

/** Names that agents give devices: a prefix and the first eleven characters of an id (neutron_lib, constants). */
export function deviceName(
  prefix: 'tap' | 'qr-' | 'qg-' | 'ha-' | 'brq' | 'qbr' | 'qvb' | 'qvo' | 'ns-',
  id: string,
): string {
  return `${prefix}${id.slice(0, 11)}`;
}

/** The device of a router's port in its namespace. */
export function routerDevice({kind, id}: NeutronPort): string {
  if (kind === 'router gateway') return deviceName('qg-', id);
  return deviceName(kind === 'router ha interface' ? 'ha-' : 'qr-', id);
}

/** Whether a port is an interface of a highly available router on a network of a tenant (l3_hamode_db.py, is_ha_router_port). */
export function isReplicated({routers}: NeutronInventory, {kind, router}: NeutronPort): boolean {
  return kind === 'router interface' && router !== undefined && routers[router].ha !== undefined;
}
