import {bfdStatus} from '../../tables/next-hops.ts';
import {routerGroups} from '../../tables/router-groups.ts';
import {none, SouthboundContents, type SouthboundTable} from '../../tables/southbound-contents.ts';
import type {Topology} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';

/**
 * The southbound database after a long quiet time: every chassis there, every port bound, every group whole, every
 * neighbour on an external network known, since bindings do not age by default, and BFD up with every next hop that is
 * there.
 */
export function makeContents(topology: Topology, outside: (address: Ipv4) => Mac | undefined): SouthboundContents {
  const behind = new Map(
    routerGroups(topology).flatMap(({routers, ports}) => {
      const chassis = new Set(ports.map(port => topology.homeOf(port)));
      return routers.map(({number}) => [number, chassis] as const);
    }),
  );
  const initial: Readonly<Record<SouthboundTable, (key: number, router: number, what: number) => number>> = {
    Chassis: () => 1,
    Port_Binding: key =>
      key < topology.portCount
        ? topology.homeOf(key)
        : (topology.routers[key - topology.portCount].gateways[0]?.chassis ?? none),
    HA_Chassis: (_, router, chassis) =>
      topology.routers[router].gateways.some(gateway => gateway.chassis === chassis) ? 1 : 0,
    Ref_Chassis: (_, router, chassis) =>
      topology.routers[router].gateways.length > 1 && behind.get(router)?.has(chassis) ? 1 : 0,
    MAC_Binding: (_, __, address) => outside(address) ?? none,
    Route: (_, router, number) => {
      const {nextHop, bfd} = topology.routers[router].routes[number];
      return bfd && outside(nextHop) === undefined ? 0 : 1;
    },
    BFD: (_, __, address) => bfdStatus(outside(address) === undefined ? 'down' : 'up'),
  };
  return new SouthboundContents((table, key) =>
    initial[table](key, Math.floor(key / 0x1_0000_0000), key % 0x1_0000_0000),
  );
}
