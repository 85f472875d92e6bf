import type {OvsBfdSettings} from '../../protocols/ovs-bfd.ts';
import type {GatewayGroups} from '../../tables/gateway-groups.ts';
import type {LocalDatabase} from '../../tables/local-database.ts';
import type {SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, Topology} from '../../tables/topology.ts';
import {bfdPeers} from './election.ts';

export type TunnelConfigurationSurroundings = {
  readonly chassis: ChassisNumber;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly groups: GatewayGroups;
  readonly database: LocalDatabase;
  readonly bfd: OvsBfdSettings;
};

/** Whether something was written after `from` and up to `to` from which other tunnels or BFD sessions follow. */
export function touchesTunnels(contents: SouthboundContents, from: number, to: number): boolean {
  return contents
    .between(from, to)
    .some(({table}) => table === 'Chassis' || table === 'HA_Chassis' || table === 'Ref_Chassis');
}

/**
 * Asks the local database for a tunnel to every other chassis of the southbound one, with BFD towards those that a group
 * of gateways asks for (ovn-controller's encaps.c and bfd.c). No timers are set unless the operator set them.
 */
export function configureTunnels(among: TunnelConfigurationSurroundings, watermark: number): void {
  const {chassis, topology, contents, groups, database, bfd} = among;
  if (contents.read('Chassis', chassis, watermark) !== 1) return;
  const peers = new Set(topology.routers.flatMap(router => bfdPeers(chassis, groups.at(router, watermark))));
  for (const peer of topology.chassis.keys()) {
    if (peer === chassis) continue;
    if (contents.read('Chassis', peer, watermark) === 1) database.configure(peer, peers.has(peer) ? bfd : undefined);
    else database.remove(peer);
  }
}
