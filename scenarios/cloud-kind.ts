/** Who runs a cloud's networks. */
export type CloudKind = 'ovn' | 'neutron';

type Traits = {
  /** What it is called in messages. */
  readonly title: string;
  /** The networks in its tunnels. */
  readonly tunnels: 'geneve' | 'vxlan';
  /** What can be broken in it only. */
  readonly breakable: readonly string[];
  /** The only TCP that is on a wire: to which port, and whose it is. */
  readonly tcp: {readonly port: number; readonly owner: string};
};

/** What clouds of one kind have and others do not, in the words of the file. */
export const cloudKinds: Readonly<Record<CloudKind, Traits>> = {
  ovn: {
    title: 'OVN',
    tunnels: 'geneve',
    breakable: ['ovs-vswitchd', 'ovn-controller', 'ovn-northd', 'southbound'],
    tcp: {port: 6642, owner: 'the southbound database'},
  },
  neutron: {
    title: 'Neutron',
    tunnels: 'vxlan',
    breakable: ['neutron-linuxbridge-agent', 'neutron-l3-agent', 'neutron-server', 'rabbitmq-server', 'bus'],
    tcp: {port: 5672, owner: 'the message bus'},
  },
};

/** Whether only the other kind of cloud has such a thing to break. */
export function isForeign(breakable: string, kind: CloudKind): boolean {
  return otherKind(kind).breakable.includes(breakable);
}

/** What clouds of the other kind have. */
export function otherKind(kind: CloudKind): Traits {
  return cloudKinds[kind === 'ovn' ? 'neutron' : 'ovn'];
}
