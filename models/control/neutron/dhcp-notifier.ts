import {drawWhole, type Stream} from '../../../engine/chance.ts';
import type {Time} from '../../../engine/time.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NetworkNumber, NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {DhcpScheduling} from './dhcp-scheduling.ts';
import {checkPeriodically} from './agent-checks.ts';
import {dhcpAgentQueue, type DhcpNetworkDetails} from './messages.ts';
import type {PortWiring} from './port-wiring.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';

export type NotifierSurroundings = {
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly settings: NeutronSettings;
  readonly scheduling: DhcpScheduling;
  readonly wiring: PortWiring;
};

/** Of the agents of a network one is told first of a new port (dhcp_rpc_agent_api.py, PRIORITY_PORT_CREATE_HIGH and _LOW). */
const highPriority = 5;
const lowPriority = 6;

/**
 * What the server does about DHCP: it tells the agents of a network of new ports, gives networks of silent agents to
 * others, and answers what agents ask (neutron/api/rpc/agentnotifiers/dhcp_rpc_agent_api.py, db/agentschedulers_db.py).
 */
export class DhcpNotifier {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: NotifierSurroundings;
  readonly #luck: Stream;
  #drawn = 0;

  constructor(ground: Ground, process: Process, rpc: Rpc, among: NotifierSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
    this.#luck = ground.streams.of(`${among.host.name}/neutron-server/dhcp agents`);
  }

  /** A port was made: networks that lack an agent get one, and the agents are told. */
  *portMade(port: NeutronPortNumber): Thread {
    const {inventory, contents, scheduling} = this.#among;
    const {network} = inventory.ports[port];
    if (!inventory.networks[network].dhcp) return;
    const before = [...contents.dhcpHostsOf(network)];
    const added = scheduling.schedule(network);
    yield* this.#addNetwork(network, added);
    const hosts = [...added, ...before];
    if (hosts.length === 0) return;
    const [first] = hosts.splice(drawWhole(this.#luck, this.#drawn++, 0, hosts.length - 1), 1);
    yield* this.#tellPort(first, port, highPriority);
    for (const host of hosts) yield* this.#tellPort(host, port, lowPriority);
  }

  /** remove_networks_from_down_agents */
  check(first: Time): Thread {
    const {settings} = this.#among;
    return checkPeriodically(this.#ground, this.#process, settings, first, () => this.#moveNetworksOfTheDead());
  }

  details(network: NetworkNumber): DhcpNetworkDetails {
    const {inventory, contents} = this.#among;
    const there = inventory.ports.filter(port => port.network === network && contents.isMade(port.number));
    return {
      network,
      ports: there.filter(({kind}) => kind !== 'dhcp').map(({number}) => number),
      dhcpPorts: there
        .filter(({kind}) => kind === 'dhcp')
        .map(({number}) => ({port: number, device: contents.dhcpDeviceOf(number)})),
    };
  }

  /** All networks of an agent, and those that lack one (get_active_networks_info). */
  *activeNetworks(chassis: ChassisNumber): Thread<readonly DhcpNetworkDetails[]> {
    const {contents, scheduling} = this.#among;
    scheduling.scheduleUnhosted(chassis);
    const networks = contents.networksOn(chassis);
    yield* this.#steps('server-port', networks.length);
    return networks.map(network => this.details(network));
  }

  *networkInfo(network: NetworkNumber): Thread<DhcpNetworkDetails> {
    yield* this.#steps('server-port', 1);
    return this.details(network);
  }

  /** An agent takes over a reserved port, which is bound to its host from now on. */
  *updatePort(port: NeutronPortNumber, chassis: ChassisNumber): Thread<boolean> {
    const {inventory, contents, wiring} = this.#among;
    const device = contents.dhcpDeviceOf(port);
    yield* this.#steps('server-port', 1);
    if (device !== undefined && device !== chassis) return false;
    if (!contents.dhcpHostsOf(inventory.ports[port].network).includes(chassis)) return false;
    contents.setDhcpDevice(port, chassis);
    for (const {to, method, argument} of wiring.rebind(port, chassis)) yield* this.#rpc.cast(to, method, argument);
    return true;
  }

  /** If no agent lives, all stays as it is. The dead are not told: they would delete what they are given again later. */
  *#moveNetworksOfTheDead(): Thread {
    const {scheduling} = this.#among;
    yield* this.#steps('server-rpc', 1);
    const bindings = scheduling.bindingsOfTheDead();
    if (!scheduling.hasEligible) return;
    for (const {network, chassis} of bindings) {
      yield* this.#steps('server-port', 1);
      scheduling.remove(network, chassis);
      yield* this.#addNetwork(network, scheduling.schedule(network));
    }
  }

  *#addNetwork(network: NetworkNumber, hosts: readonly ChassisNumber[]): Thread {
    for (const host of hosts) yield* this.#rpc.cast({queue: this.#queueOf(host)}, 'network_create_end', {network});
  }

  *#tellPort(host: ChassisNumber, port: NeutronPortNumber, priority: number): Thread {
    yield* this.#rpc.cast({queue: this.#queueOf(host)}, 'port_create_end', {port, priority});
  }

  #queueOf(chassis: ChassisNumber): string {
    return dhcpAgentQueue(this.#among.inventory.chassis[chassis]);
  }

  *#steps(step: Step, count: number): Thread {
    for (let done = 0; done < count; done++) {
      yield* this.#process.sleep(this.#among.host.take(step, 'neutron-server'));
    }
  }
}
