import type {HostBridges, HostRouters} from '../../tables/host-network.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
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
  for (const {router, interfaces, gateway, floating} of routers) {
    network.addRouter(router);
    for (const port of gateway === undefined ? interfaces : [...interfaces, gateway]) network.addRouterPort(port);
    for (const {floating: number, fixed} of floating) network.addFloating(number, fixed);
  }
  for (const port of network.devices()) {
    if (contents.hostOf(port) === chassis) bridges.plug(port);
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
