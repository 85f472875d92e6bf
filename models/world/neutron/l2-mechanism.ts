import type {DeviceCauses} from '../../control/neutron/device-causes.ts';
import {L2Agent} from '../../control/neutron/l2-agent.ts';
import {OvsAgent} from '../../control/neutron/ovs/ovs-agent.ts';
import type {SecurityGroupInfo} from '../../control/neutron/messages.ts';
import type {NeutronSettings} from '../../control/neutron/settings.ts';
import {Daemon} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import {LinuxBridges} from '../../dataplane/linux/linux-bridges.ts';
import type {LinuxHost} from '../../dataplane/linux/linux-host.ts';
import type {Namespace} from '../../dataplane/linux/namespace.ts';
import type {Devices, Switching} from '../../dataplane/linux/switching.ts';
import type {PortFirewall} from '../../dataplane/linux/port-firewall.ts';
import {VxlanDevice} from '../../dataplane/linux/vxlan-device.ts';
import type {Nic} from '../../dataplane/nic.ts';
import {KernelVswitchd} from '../../dataplane/ovs/kernel-vswitchd.ts';
import {OpenVSwitch} from '../../dataplane/ovs/open-vswitch.ts';
import type {Ground} from '../../ground.ts';
import type {HostBridges, HostDevices} from '../../tables/host-network.ts';
import type {TunnelType} from '../../tables/host-switch.ts';
import type {HostNeighbours} from '../../protocols/host-neighbours.ts';
import type {NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {tunnelOverhead} from '../../wire/tunnel-overhead.ts';

/** What a mechanism driver of Neutron puts on a host: its switching, and the agent that sets it up. */
export type L2Mechanism = {
  readonly switching: Switching;
  /** What the agent of the beginning asks for, for what it has done long ago. */
  readonly bridges: HostBridges;
  readonly agent: L2Agent | OvsAgent;
  readonly daemons: Readonly<Record<string, Daemon>>;
  /** Begins as after a long quiet time. */
  beginSettled(stream: Stream, filters: SettledFilters): void;
};

/** What the server would tell of the filters of ports. */
export type SettledFilters = (ports: readonly NeutronPortNumber[]) => SecurityGroupInfo;

export type L2Surroundings = {
  readonly chassis: ChassisNumber;
  readonly host: Host;
  readonly nics: readonly Nic[];
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly vxlanGroup: Ipv4;
  readonly underlayMtu: number;
  /** `net.bridge.bridge-nf-call-iptables` */
  readonly bridgeNfCallIptables: boolean;
  readonly deviceCauses: DeviceCauses;
  readonly firewall: PortFirewall;
  readonly dialler: Dialler;
  /** Tunnel endpoints of all hosts, and of this one. */
  readonly endpoints: readonly (Ipv4 | undefined)[];
  readonly endpoint: Ipv4;
  /** Those of all namespaces of the host. */
  readonly neighbours: HostNeighbours;
  /** What is made after this: the devices, and the stack from which tunnels start. */
  linux(): LinuxHost;
  root(): Namespace;
};

/** MACs of VXLAN devices: no frame of a VM ever bears one. */
const vxlanMacs: Mac = 0x0a_00_05_00_00_01;

/** Linux bridges and neutron-linuxbridge-agent. */
export function makeLinuxBridges(ground: Ground, among: L2Surroundings): L2Mechanism & {switching: LinuxBridges} {
  const {chassis, host, nics, inventory, settings, vxlanGroup, endpoint, root, firewall} = among;
  const {name, kernelPhase} = host;
  const bridges = new LinuxBridges(ground, {
    ...{name, kernelPhase, inventory, firewall, callsIptables: among.bridgeNfCallIptables},
    providers: nics.filter(({segment}) => segment.kind === 'provider'),
    devices: devicesOf(among),
    makeVxlan: (network, bridge) =>
      new VxlanDevice(
        ground,
        {
          host: name,
          vni: network.segmentation ?? 0,
          mac: vxlanMacs + chassis * 0x1_0000 + network.number,
          local: endpoint,
          group: settings.l2Population ? undefined : vxlanGroup,
          learning: true,
          proxy: settings.l2Population && settings.arpResponder,
          kernelPhase,
          neighbours: among.neighbours,
          mtu: among.underlayMtu - tunnelOverhead.vxlan,
        },
        root(),
        bridge,
      ),
  });
  const agent = new L2Agent(ground, {...among, name, bridges, devices: devicesOf(among)});
  return {
    switching: bridges,
    bridges,
    agent,
    daemons: {
      'neutron-linuxbridge-agent': new Daemon(ground, host, 'neutron-linuxbridge-agent', 'agent-start', agent.program),
    },
    beginSettled: (stream, filters) => {
      agent.beginSettled(stream, filters);
    },
  };
}

/** Open vSwitch and neutron-openvswitch-agent. */
export function makeOpenVSwitch(ground: Ground, among: L2Surroundings): L2Mechanism & {switching: OpenVSwitch} {
  const {host, nics, inventory, root, endpoints} = among;
  const {name, kernelPhase} = host;
  const tunnelTypes = (['gre', 'vxlan'] as const).filter(type => inventory.networks.some(one => one.type === type));
  const endpoint = tunnelTypes.length > 0 ? among.endpoint : undefined;
  const devices = devicesOf(among);
  const ovs = new OpenVSwitch(ground, {
    ...{name, kernelPhase, inventory, devices, endpoint, firewall: among.firewall},
    callsIptables: among.bridgeNfCallIptables,
    providers: providerBridges(nics, inventory),
    send: (packet, passage) => root().send(packet, passage),
  });
  const agent = new OvsAgent(ground, {
    ...among,
    name,
    endpoint,
    tunnelTypes: tunnelTypes satisfies TunnelType[],
    devices,
    ovs,
  });
  return {
    switching: ovs,
    bridges: agent.wiring,
    agent,
    daemons: {
      'ovs-vswitchd': new Daemon(ground, host, 'ovs-vswitchd', 'vswitchd-start', new KernelVswitchd(ovs)),
      'neutron-openvswitch-agent': new Daemon(ground, host, 'neutron-openvswitch-agent', 'agent-start', agent.program),
    },
    beginSettled: (stream, filters) => {
      agent.beginSettled(stream, filters, endpoints);
    },
  };
}

function devicesOf({linux}: L2Surroundings): HostDevices & Devices {
  return {
    devices: () => linux().devices(),
    deviceIndex: port => linux().deviceIndex(port),
    has: port => linux().has(port),
    arrive: (port, frame, passage) => linux().arrive(port, frame, passage),
  };
}

/** The bridge of the segment with the first external network, or of the only one, is br-ex. */
function providerBridges(nics: readonly Nic[], {networks}: NeutronInventory) {
  const cards = nics.filter(({segment}) => segment.kind === 'provider');
  const external = networks.find(network => network.external)?.segment;
  return cards.map(nic => {
    const isExternal = cards.length === 1 || nic.segment.name === external;
    return {nic, bridge: isExternal ? 'br-ex' : `br-${nic.segment.name}`};
  });
}
