import {deadVlan} from '../../models/tables/host-switch.ts';
import {formatIpv4} from '../../models/wire/ipv4.ts';
import {formatMac} from '../../models/wire/mac.ts';
import type {NeutronChassis} from '../../models/world/neutron/neutron-chassis.ts';
import type {World} from '../../models/world/world.ts';
import type {Mutation} from './common-mutations.ts';
import type {Luck} from './luck.ts';
import {neutronMutations} from './neutron-mutations.ts';

/** What has to do with Linux bridges. */
const foreign: ReadonlySet<string> = new Set(['wiring', 'forwarding entry', 'router']);

const shared = Object.fromEntries(Object.entries(neutronMutations).filter(([name]) => !foreign.has(name)));

/** What can happen to a cloud of Neutron with Open vSwitch. */
export const ovsMutations: Readonly<Record<string, Mutation>> = {
  ...shared,

  tag: (world, luck) => {
    const {ovs, name} = luck.pick(world.neutron.chassis);
    const {number, owner} = luck.pick(world.neutron.inventory.ports);
    const tag = luck.pick([1, 2, 3, deadVlan]);
    ovs.setTag(number, tag);
    return `${owner} has the tag ${tag} on ${name}`;
  },

  'flow that goes': (world, luck) => {
    const {name, bridge, node} = someBridge(world, luck);
    const flows = node.ovs.flows(bridge);
    if (flows.length === 0) return undefined;
    const {table, priority, match} = luck.pick(flows);
    // Without the flows that drop what comes by a patch the bridges form a circle.
    if (table === 0 && priority === 2) return undefined;
    node.ovs.uninstall(bridge, {table, priority, match});
    return `${name} ${bridge} loses ${table}/${priority} ${JSON.stringify(match)}`;
  },

  'flow that does something else': (world, luck) => {
    const {ovs, name} = luck.pick(world.neutron.chassis);
    const flows = ovs.flows('br-tun').filter(({table}) => table >= 20);
    if (flows.length === 0) return undefined;
    const [one, other] = [luck.pick(flows), luck.pick(flows)];
    if (one.table !== other.table) return undefined;
    const {cookie, table, priority, match} = one;
    ovs.install('br-tun', {cookie, table, priority, match, actions: other.actions});
    return `${name} ${table}/${priority} ${JSON.stringify(match)} does ${JSON.stringify(other.actions)}`;
  },

  'forwarding entry of br-tun': (world, luck) => {
    const {mechanism, name} = luck.pick(world.neutron.chassis);
    const network = luck.pick(world.neutron.inventory.networks.filter(({type}) => type === 'vxlan')).number;
    const {mac} = luck.pick(world.neutron.inventory.ports.filter(port => port.network === network));
    const {address: endpoint} = luck.pick(world.neutron.chassis).nic('underlay');
    const [what, act] = luck.pick([
      ['finds', () => mechanism.bridges.addRemote(network, mac, endpoint)],
      ['loses', () => mechanism.bridges.removeRemote(network, mac, endpoint)],
      ['floods', () => mechanism.bridges.addFlood(network, endpoint)],
      ['floods no more', () => mechanism.bridges.removeFlood(network, endpoint)],
    ] as const);
    act();
    return `${name} ${what} ${formatMac(mac)} at ${formatIpv4(endpoint)}`;
  },

  tunnel: (world, luck) => {
    const {ovs, name} = luck.pick(world.neutron.chassis);
    const {address} = luck.pick(world.neutron.chassis).nic('underlay');
    const adds = luck.happens(0.5);
    if (adds) ovs.addTunnel('vxlan', address);
    else ovs.removeTunnel('vxlan', address);
    return `${name} ${adds ? 'has a' : 'has no'} tunnel to ${formatIpv4(address)}`;
  },

  device: (world, luck) => {
    const {ovs, name, vms} = luck.pick(world.neutron.chassis);
    if (vms.size === 0) return undefined;
    const port = luck.pick([...vms]);
    const appears = luck.happens(0.7);
    if (appears) ovs.appeared(port);
    else ovs.gone(port);
    if (appears) ovs.setTag(port, luck.pick([1, 2]));
    return `${world.neutron.inventory.ports[port].owner} ${appears ? 'is in' : 'leaves'} br-int of ${name}`;
  },

  'ovs-vswitchd': (world, luck) => {
    const {ovs, name} = luck.pick(world.neutron.chassis);
    const [what, act] = luck.pick([
      ['stops', () => ovs.stop()],
      ['goes on', () => ovs.resume()],
    ] as const);
    act();
    return `ovs-vswitchd of ${name} ${what}`;
  },
};

function someBridge(world: World, luck: Luck): {name: string; bridge: string; node: NeutronChassis} {
  const node = luck.pick(world.neutron.chassis);
  return {name: node.name, bridge: luck.pick([...node.ovs.bridges.keys()]), node};
}
