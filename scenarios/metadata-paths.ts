import {cloudKinds} from './cloud-kind.ts';
import type {Flaw} from './mistakes.ts';
import type {Inventory, VmSite} from './inventory.ts';
import type {Reachability} from './reachability.ts';

/** Why a VM cannot ask for its metadata; undefined if a router or a DHCP server of its network answers. */
export function metadataFlaw(
  {name, network, addressing}: VmSite,
  {cloud, networks, metadata}: Inventory,
  reachability: Reachability,
): Flaw | undefined {
  if (cloud !== 'neutron') return {message: `${cloudKinds[cloud].title} has no metadata service here`};
  if (reachability.routersOf(network).length > 0) return undefined;
  if (networks.get(network)?.dhcp === false || metadata === 'by routers') {
    const message = `nobody answers for the metadata service on ${network} of ${name}: it has no router`;
    const hint = 'Let its DHCP server answer, in the section neutron: enable-isolated-metadata: true';
    return {message, hint};
  }
  if (addressing === 'dhcp') return undefined;
  const message = `${name} has no route to the metadata service: it would learn it by DHCP, and its address is static`;
  return {message};
}
