import type {HostBridges, HostRouters} from '../../tables/host-network.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {L2Population} from './l2-population.ts';
import type {RouterDetails} from './messages.ts';
import type {NeutronSettings} from './settings.ts';

export type SettleSurroundings = {
  readonly contents: NeutronContents;
  readonly population: L2Population;
  readonly settings: NeutronSettings;
};

/** Brings a host to where its agents would have brought it long ago: routers, wired ports, forwarding entries. */
export function settleHost(
  {contents, population, settings}: SettleSurroundings,
  chassis: ChassisNumber,
  network: HostRouters,
  bridges: HostBridges,
  routers: readonly RouterDetails[],
): void {
  for (const {router, interfaces, gateway, floating, ha} of routers) {
    network.addRouter(router);
    if (ha) network.addRouterPort(ha.port);
    for (const port of gateway === undefined ? interfaces : [...interfaces, gateway]) network.addRouterPort(port);
    network.writeRules(router, new Map(floating.map(({floating: number, fixed}) => [number, fixed])), true);
    for (const {floating: number} of floating) network.addFloating(number);
    network.addRouterRoutes(router);
    if (!ha) network.runRouterProxy(router, true);
  }
  const routersHere = new Set(
    routers.filter(({ha}) => ha).flatMap(({interfaces, gateway = -1}) => [...interfaces, gateway]),
  );
  const isWiredAt = (port: NeutronPortNumber): boolean => contents.hostOf(port) === chassis || routersHere.has(port);
  for (const port of network.devices()) {
    if (isWiredAt(port)) bridges.plug(port);
  }
  if (!settings.l2Population) return;
  for (const number of population.networksAt(chassis)) {
    for (const {endpoint, ports} of population.fullList(number, chassis).behind) {
      bridges.addFlood(number, endpoint);
      for (const {mac, address} of ports) {
        if (settings.arpResponder) bridges.addResponder(number, address, mac);
        bridges.addRemote(number, mac, endpoint);
      }
    }
  }
}
