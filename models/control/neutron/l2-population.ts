import type {NeutronContents} from '../../tables/neutron-contents.ts';
import {
  isReplicated,
  isTunnelled,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronPort,
  type NeutronPortNumber,
} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Population} from './messages.ts';
import type {ReleaseTraits} from './releases.ts';

type Behind = Population['behind'][number];

/**
 * What agents are told of who is behind which tunnel endpoint (neutron/plugins/ml2/drivers/l2pop/mech_driver.py). An agent
 * whose host has its first or second wired port of a network is told everything about the network; everybody is told of
 * every port, and of the host itself with the first two ports and after the last. A port of a highly available router is on
 * every host of an agent that has the router, and is behind none: its MAC is to be learnt. Releases before Newton know
 * nothing of that and take such a port for one like others.
 */
export class L2Population {
  readonly #contents: NeutronContents;
  readonly #inventory: NeutronInventory;
  /** The tunnel endpoint of each chassis that has one. */
  readonly #endpoints: readonly (Ipv4 | undefined)[];
  readonly #portsOf = new Map<NetworkNumber, NeutronPort[]>();

  readonly #floodsToHaAgents: boolean;

  constructor(
    contents: NeutronContents,
    inventory: NeutronInventory,
    endpoints: readonly (Ipv4 | undefined)[],
    {floodsToHaAgents}: Pick<ReleaseTraits, 'floodsToHaAgents'>,
  ) {
    this.#contents = contents;
    this.#inventory = inventory;
    this.#endpoints = endpoints;
    this.#floodsToHaAgents = floodsToHaAgents;
    for (const port of inventory.ports) {
      const ports = this.#portsOf.get(port.network);
      if (ports) ports.push(port);
      else this.#portsOf.set(port.network, [port]);
    }
  }

  /** A port is wired on a host: what its agent is told, if anything, and what all are (update_port_up). */
  portUp(
    number: NeutronPortNumber,
    chassis: ChassisNumber,
    refresh = false,
  ): {readonly forHost: Population | undefined; readonly forAll: Population} | undefined {
    const port = this.#inventory.ports[number];
    const endpoint = this.#endpointFor(port, chassis);
    if (endpoint === undefined) return undefined;
    const isFirst = refresh || [1, 2].includes(this.#wiredPorts(port.network, chassis).length);
    const everything = isFirst ? this.fullList(port.network, chassis) : undefined;
    return {
      forHost: everything && everything.behind.length > 0 ? everything : undefined,
      forAll: {
        network: port.network,
        behind: [{endpoint, flood: isFirst, ports: this.isReplicated(number) ? [] : [port]}],
      },
    };
  }

  /** A port is not wired on a host any more: what all are told to forget (_get_agent_fdb). */
  portDown(number: NeutronPortNumber, chassis: ChassisNumber, keepsFlood = false): Population | undefined {
    const port = this.#inventory.ports[number];
    const endpoint = this.#endpointFor(port, chassis);
    if (endpoint === undefined) return undefined;
    const flood = !keepsFlood && this.#wiredPorts(port.network, chassis).length === 0;
    return {network: port.network, behind: [{endpoint, flood, ports: [port]}]};
  }

  /** All that is behind the other endpoints of a network (_create_agent_fdb). */
  fullList(network: NetworkNumber, chassis: ChassisNumber): Population {
    const behind = new Map<ChassisNumber, NeutronPort[]>();
    const portsBehind = (host: ChassisNumber): NeutronPort[] => {
      const ports = behind.get(host) ?? [];
      behind.set(host, ports);
      return ports;
    };
    for (const port of this.#portsOf.get(network) ?? []) {
      if (this.isReplicated(port.number)) {
        for (const host of this.#contents.agentsOf(port.router ?? -1)) if (host !== chassis) portsBehind(host);
        continue;
      }
      const host = this.#contents.hostOf(port.number);
      if (host === undefined || host === chassis || this.#contents.statusOf(port.number) !== 'ACTIVE') continue;
      portsBehind(host).push(port);
    }
    return {
      network,
      behind: [...behind].flatMap(([host, ports]): readonly Behind[] => {
        const endpoint = this.#endpoints[host];
        return endpoint === undefined ? [] : [{endpoint, flood: true, ports}];
      }),
    };
  }

  /** Networks of which a host has wired ports, if they run in tunnels. */
  networksAt(chassis: ChassisNumber): readonly NetworkNumber[] {
    const {networks} = this.#inventory;
    return networks
      .filter(network => isTunnelled(network) && this.#wiredPorts(network.number, chassis).length > 0)
      .map(({number}) => number);
  }

  /** Whether a port counts as being wherever its router is. */
  isReplicated(port: NeutronPortNumber): boolean {
    return this.#floodsToHaAgents && isReplicated(this.#inventory, this.#inventory.ports[port]);
  }

  #wiredPorts(network: NetworkNumber, chassis: ChassisNumber): readonly NeutronPort[] {
    const contents = this.#contents;
    return (this.#portsOf.get(network) ?? []).filter(({number, router = -1}) => {
      if (contents.statusOf(number) !== 'ACTIVE') return false;
      return this.isReplicated(number) ? contents.isHostedBy(router, chassis) : contents.hostOf(number) === chassis;
    });
  }

  #endpointFor({network}: NeutronPort, chassis: ChassisNumber): Ipv4 | undefined {
    return isTunnelled(this.#inventory.networks[network]) ? this.#endpoints[chassis] : undefined;
  }
}
