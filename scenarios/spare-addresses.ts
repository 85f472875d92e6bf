import {contains} from '../models/wire/ipv4.ts';
import type {AddressBooks} from './address-book.ts';
import {exitOf, routerOf} from './floating-routers.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {FloatingIp, SpareAddress} from './scenario.ts';

/**
 * The addresses that floating IPs of operations can come to have, with the routers that would have them: as many of the free
 * ones of a pool as are asked for, and those that operations give back.
 */
export function spareAddresses(
  {operations, networks}: Draft,
  floatingIps: readonly FloatingIp[],
  books: AddressBooks,
  reachability: Reachability,
  inventory: Inventory,
): readonly SpareAddress[] {
  const asked = new Map<string, {count: number; readonly routers: Set<string>}>();
  const released: FloatingIp[] = [];
  for (const entry of Object.values(operations)) {
    if (entry.do === 'release') released.push(...floatingIps.filter(({address}) => address === entry['floating-ip']));
    const router = entry.do === 'allocate' ? exitOf(entry.vm, reachability, inventory) : undefined;
    if (router?.external === undefined) continue;
    const known = asked.get(router.external) ?? {count: 0, routers: new Set()};
    asked.set(router.external, {count: known.count + 1, routers: known.routers.add(router.name)});
  }
  return [...asked].flatMap(([network, {count, routers}]) => {
    const free = books.get(network)?.lowest(count, networks[network]?.pool) ?? [];
    const cidr = inventory.networks.get(network)?.cidr;
    const again = released.filter(({address}) => cidr && contains(cidr, address));
    const spares = [...routers].flatMap(router => [
      ...free.map(address => ({address, router})),
      ...again
        .filter(floating => routerOf(floating, reachability, inventory)?.name !== router)
        .map(({address}) => ({address, router})),
    ]);
    return spares.sort((a, b) => a.address - b.address);
  });
}
