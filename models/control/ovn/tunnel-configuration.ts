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

/** What an iteration wrote to the local database. */
export type TunnelChange = 'nothing' | 'BFD' | 'ports';

/**
 * Which tunnels ovn-controller asks the local database for: one to every other chassis of the southbound one, with BFD
 * towards those that a group of gateways asks for (ovn-controller's encaps.c and bfd.c). No timers are set unless the
 * operator set them.
 */
export class TunnelConfiguration {
  readonly #among: TunnelConfigurationSurroundings;
  /** How much of the southbound log the local database is in step with; -1 if it may not be. */
  #inStepWith = -1;

  constructor(among: TunnelConfigurationSurroundings) {
    this.#among = among;
  }

  /** Asks for everything at once, as after a long quiet time. */
  beginSettled(watermark: number): void {
    while (this.write(watermark) !== 'nothing');
  }

  /**
   * What one iteration writes. A port that it adds is not among the bridge's ports before the database has answered, so
   * that BFD is asked for by a later iteration (bfd_run goes through the ports that it has read).
   */
  write(watermark: number): TunnelChange {
    const {chassis, contents} = this.#among;
    if (contents.read('Chassis', chassis, watermark) !== 1) return 'nothing';
    if (this.#inStepWith >= 0 && !touchesTunnels(contents, this.#inStepWith, watermark)) return 'nothing';
    const bfd = this.#writeBfd(watermark);
    const ports = this.#writePorts(watermark);
    this.#inStepWith = bfd || ports ? -1 : watermark;
    return ports ? 'ports' : bfd ? 'BFD' : 'nothing';
  }

  #writeBfd(watermark: number): boolean {
    const {chassis, topology, groups, database, bfd} = this.#among;
    const wanted = new Set(topology.routers.flatMap(router => bfdPeers(chassis, groups.at(router, watermark))));
    let changed = false;
    for (const peer of database.peers) {
      if (database.setBfd(peer, wanted.has(peer) ? bfd : undefined)) changed = true;
    }
    return changed;
  }

  #writePorts(watermark: number): boolean {
    const {chassis, topology, contents, database} = this.#among;
    let changed = false;
    for (const peer of topology.chassis.keys()) {
      if (peer === chassis) continue;
      const isThere = contents.read('Chassis', peer, watermark) === 1;
      if (isThere ? database.add(peer) : database.remove(peer)) changed = true;
    }
    return changed;
  }
}

/** Whether something was written after `from` and up to `to` from which other tunnels or BFD sessions follow. */
function touchesTunnels(contents: SouthboundContents, from: number, to: number): boolean {
  return contents
    .between(from, to)
    .some(({table}) => table === 'Chassis' || table === 'HA_Chassis' || table === 'Ref_Chassis');
}
