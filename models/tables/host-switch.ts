import type {FlowSelection, FlowSpec, OfPort} from '../protocols/openflow/flow.ts';
import type {Flow} from '../protocols/openflow/flow-tables.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {NeutronPortNumber} from './neutron-inventory.ts';

/** Tunnels that Open vSwitch makes for Neutron. */
export type TunnelType = 'gre' | 'vxlan';

/** The tag of ports that must not talk to anybody (DEAD_VLAN_TAG of neutron-lib). */
export const deadVlan = 4095;

/** `br-int`, `br-tun`, or the bridge of a provider segment. */
export type BridgeName = string;

/** A bridge that leads to a provider segment, and the patch between it and br-int. */
export type ProviderBridgePorts = {
  readonly segment: string;
  readonly bridge: BridgeName;
  /** At br-int: `int-br-ex`. */
  readonly inside: OfPort;
  /** At the bridge itself: `phy-br-ex`. */
  readonly outside: OfPort;
};

/**
 * Open vSwitch of a host, as Neutron's agent talks to it: flows by OpenFlow, ports by its database. Flows are gone with the
 * process; ports and tags stand in the database until they are removed.
 */
export type HostSwitch = {
  /** Whether ovs-vswitchd takes anything in. */
  readonly answering: boolean;
  /** Calls `done` once it does. */
  whenAnswering(done: () => void): void;
  /** The bridge with the tunnels and its patch to br-int; undefined of a host without tunnels. */
  readonly tunnels: {readonly patch: OfPort} | undefined;
  readonly providers: readonly ProviderBridgePorts[];
  flows(bridge: BridgeName): readonly Flow[];
  install(bridge: BridgeName, flow: FlowSpec): void;
  uninstall(bridge: BridgeName, selection: FlowSelection): void;
  /** The number of a device's port at br-int; undefined if it is not there. */
  portOf(port: NeutronPortNumber): OfPort | undefined;
  /** The tag of a device's port; undefined if it has none yet. */
  tagOf(port: NeutronPortNumber): number | undefined;
  setTag(port: NeutronPortNumber, tag: number): void;
  /** The port of a tunnel at br-tun, made if it is not there. */
  addTunnel(type: TunnelType, remote: Ipv4): OfPort;
  removeTunnel(type: TunnelType, remote: Ipv4): void;
};
