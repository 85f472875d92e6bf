/** Who runs a cloud's networks. */
export type CloudKind = 'ovn' | 'neutron';

/** The same, and with what: Neutron wires hosts with one of two mechanism drivers. */
export type CloudMechanism = 'ovn' | 'linuxbridge' | 'openvswitch';

/** The networks that run in tunnels. */
export type TunnelType = 'geneve' | 'vxlan' | 'gre';

/** What clouds are called in messages, and the only TCP that is on a wire in one: to which port, and whose it is. */
export const cloudKinds: Readonly<
  Record<CloudKind, {readonly title: string; readonly tcp: {readonly port: number; readonly owner: string}}>
> = {
  ovn: {title: 'OVN', tcp: {port: 6642, owner: 'the southbound database'}},
  neutron: {title: 'Neutron', tcp: {port: 5672, owner: 'the message bus'}},
};

type Traits = {
  readonly title: string;
  /** The networks in its tunnels, the usual ones first. */
  readonly tunnels: readonly TunnelType[];
  /** What of it alone can be broken, beside what every cloud has. */
  readonly breakable: readonly string[];
};

const neutronBreakable = [
  'neutron-l3-agent',
  'neutron-dhcp-agent',
  'neutron-metadata-agent',
  'keepalived',
  'neutron-keepalived-state-change',
  'conntrackd',
  'neutron-server',
  'rabbitmq-server',
  'bus',
] as const;

/** What clouds with one mechanism have and others do not, in the words of the file. */
export const mechanisms: Readonly<Record<CloudMechanism, Traits>> = {
  ovn: {
    title: 'OVN',
    tunnels: ['geneve'],
    breakable: ['ovs-vswitchd', 'ovn-controller', 'ovn-northd', 'southbound'],
  },
  linuxbridge: {
    title: 'Neutron with Linux bridges',
    tunnels: ['vxlan'],
    breakable: ['neutron-linuxbridge-agent', ...neutronBreakable],
  },
  openvswitch: {
    title: 'Neutron with Open vSwitch',
    tunnels: ['vxlan', 'gre'],
    breakable: ['ovs-vswitchd', 'neutron-openvswitch-agent', ...neutronBreakable],
  },
};

/** Whether only clouds with other mechanisms have such a thing to break. */
export function isForeign(breakable: string, mechanism: CloudMechanism): boolean {
  const isKnown = Object.values(mechanisms).some(traits => traits.breakable.includes(breakable));
  return isKnown && !mechanisms[mechanism].breakable.includes(breakable);
}

/** How a cloud would come to have such tunnels. */
export function remedyFor(tunnels: TunnelType, mechanism: CloudMechanism): string | undefined {
  if (tunnels === 'gre') return 'the cloud one with neutron: {mechanism-driver: openvswitch}';
  return tunnels === 'vxlan' && mechanism === 'ovn'
    ? 'the cloud one of Neutron with the section neutron: {}'
    : undefined;
}
