import {none, SouthboundContents, type SouthboundTable} from '../tables/southbound-contents.ts';
import type {Topology} from '../tables/topology.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/**
 * The southbound database after a long quiet time: every chassis there, every port bound, every group whole, and every
 * neighbour on an external network known, since bindings do not age by default.
 */
export function makeContents(topology: Topology, outside: (address: Ipv4) => Mac | undefined): SouthboundContents {
  const behind = topology.routers.map(router => {
    const ports = router.interfaces.flatMap(({switch: network}) => topology.portsOn(network));
    return new Set(ports.map(port => topology.homeOf(port)));
  });
  const initial: Readonly<Record<SouthboundTable, (key: number, router: number, what: number) => number>> = {
    Chassis: () => 1,
    Port_Binding: key =>
      key < topology.portCount
        ? topology.homeOf(key)
        : (topology.routers[key - topology.portCount].gateways[0]?.chassis ?? none),
    HA_Chassis: (_, router, chassis) =>
      topology.routers[router].gateways.some(gateway => gateway.chassis === chassis) ? 1 : 0,
    Ref_Chassis: (_, router, chassis) =>
      topology.routers[router].gateways.length > 1 && behind[router].has(chassis) ? 1 : 0,
    MAC_Binding: (_, __, address) => outside(address) ?? none,
    Route: () => 1,
    BFD: () => 1,
  };
  return new SouthboundContents((table, key) =>
    initial[table](key, Math.floor(key / 0x1_0000_0000), key % 0x1_0000_0000),
  );
}
