import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import type {NetworkPlan, WorldPlan} from '../world/world-plan.ts';
import type {World} from '../world/world.ts';

/** A machine with one interface, as the plan has it. */
export type PlannedEnd = {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly network: Cidr;
  readonly gateway: Ipv4 | undefined;
  readonly mtu: number;
};

/** What Ethernet carries unless someone says otherwise, in bytes. */
const usualMtu = 1500;

/** VMs, upstream routers and hosts on external networks. Those behind an upstream router have no stack of their own. */
export function endsOf(world: World): readonly PlannedEnd[] {
  const {plan, site} = world;
  const networks = new Map(plan.networks.map(network => [network.name, network]));
  const vms = plan.vms.map(({name, network, mac, address}): PlannedEnd => {
    const on = networks.get(network)!;
    return {name, mac, address, network: on.cidr, gateway: gatewayOf(on, plan), mtu: mtuOf(on, world)};
  });
  const outside = plan.networks.flatMap(network => {
    const hosts = plan.hosts.filter(host => host.network === network.name && !host.behindGateway);
    const gateway = network.upstreams.at(0)?.address;
    return [
      ...network.upstreams.map(router => ({...router, gateway: undefined})),
      ...hosts.map(({name, address}) => ({name, address, gateway})),
    ].flatMap(({name, address, gateway: via}): readonly PlannedEnd[] => {
      const mac = site.macOutside(address);
      return mac === undefined ? [] : [{name, mac, address, network: network.cidr, gateway: via, mtu: usualMtu}];
    });
  });
  return [...vms, ...outside];
}

/** The router of the cloud on a network; of an external one its upstream router. */
function gatewayOf({name, upstreams}: NetworkPlan, {routers}: WorldPlan): Ipv4 | undefined {
  const inside = routers.flatMap(({interfaces}) => interfaces).find(({network}) => network === name);
  return inside?.address ?? upstreams.at(0)?.address;
}

/** Neutron tells VMs what their network carries. */
function mtuOf({name}: NetworkPlan, {cloud}: World): number {
  if (!(cloud instanceof NeutronCloud)) return usualMtu;
  return cloud.inventory.networks.find(network => network.name === name)?.mtu ?? usualMtu;
}
