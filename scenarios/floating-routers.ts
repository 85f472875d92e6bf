import {contains} from '../models/wire/ipv4.ts';
import type {Inventory, RouterSite} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {FloatingIp} from './scenario.ts';

/** The router that translates a floating IP: between its VM's network and the one that the address is of. */
export function routerOf(
  {vm, address}: FloatingIp,
  reachability: Reachability,
  {vms, networks}: Inventory,
): RouterSite | undefined {
  const inside = vms.get(vm)?.network;
  if (inside === undefined) return undefined;
  return reachability.routersOf(inside).find(({external}) => {
    const network = external === undefined ? undefined : networks.get(external);
    return network !== undefined && contains(network.cidr, address);
  });
}

/** The router by which a VM gets a floating IP: the first that leads from its network outside. */
export function exitOf(vm: string, reachability: Reachability, {vms}: Inventory): RouterSite | undefined {
  const network = vms.get(vm)?.network;
  return network === undefined
    ? undefined
    : reachability.routersOf(network).find(({external}) => external !== undefined);
}
