import type {LogicalRouter} from '../tables/topology.ts';
import {contains, type Ipv4} from '../wire/ipv4.ts';

/**
 * The next hop for an address that is in none of the router's internal networks: itself on the external network, else by
 * the longest prefix among the routes in force. Undefined if there is none.
 */
export function routeFor(
  router: LogicalRouter,
  destination: Ipv4,
  inForce: (route: number) => boolean,
): Ipv4 | undefined {
  if (router.external && contains(router.external.switch.cidr, destination)) return destination;
  let best: {readonly length: number; readonly nextHop: Ipv4} | undefined;
  for (const {number, prefix, nextHop} of router.routes) {
    if (!inForce(number) || !contains(prefix, destination)) continue;
    if (!best || prefix.length > best.length) best = {length: prefix.length, nextHop};
  }
  return best?.nextHop;
}
