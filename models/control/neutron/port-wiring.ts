import type {Ground} from '../../ground.ts';
import {portName, type NeutronContents, type PortStatus} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {L2Population} from './l2-population.ts';
import {l2AgentQueue, l2Fanout, l3AgentQueue, type Cast, type Destination, type PortDetails} from './messages.ts';
import type {ReleaseTraits} from './releases.ts';

/** Something to be said to agents. */
export type Outgoing = Cast & {readonly to: Destination};

export type WiringSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly population: L2Population;
  readonly l2Population: boolean;
  /** The compute service is told that a port is ACTIVE (neutron/notifiers/nova.py). */
  activated(port: NeutronPortNumber): void;
  readonly traits: ReleaseTraits;
};

/**
 * What the server makes of ports: where they are bound and whether they are wired there (neutron/plugins/ml2/rpc.py and
 * plugin.py). Every change says what agents must be told.
 */
export class PortWiring {
  readonly #ground: Ground;
  readonly #among: WiringSurroundings;

  constructor(ground: Ground, among: WiringSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** An agent found a device: it is not wired before the agent says so (_get_new_status). */
  details(port: NeutronPortNumber, chassis: ChassisNumber): PortDetails {
    const {inventory, contents} = this.#among;
    const isBoundHere = contents.hostOf(port) === chassis;
    if (isBoundHere) this.#setStatus(port, 'BUILD');
    return {port, activeHere: isBoundHere || inventory.ports[port].kind !== 'vm'};
  }

  /**
   * An agent has wired a port (update_device_up). A port that becomes ACTIVE by that is made known twice: once because its status
   * changed, once because it was wired; but a port of a highly available router only because it was wired, wherever that is
   * (notify_l2pop_port_wiring). `refresh`: the agent must hear of the whole network, whichever port of it this is. The agent
   * that waits for its HA port is told of it (_notify_l3_agent_ha_port_update).
   */
  up(port: NeutronPortNumber, chassis: ChassisNumber, refresh = false): readonly Outgoing[] {
    const {inventory, contents, population, traits} = this.#among;
    const {kind, router} = inventory.ports[port];
    const isBoundHere = contents.hostOf(port) === chassis;
    const isReplicated = population.isReplicated(port);
    if (!isBoundHere && !isReplicated) return [];
    if (isBoundHere) contents.setWired(port, true);
    const changed = isBoundHere && contents.isReady(port) && this.#setStatus(port, 'ACTIVE');
    const news = this.#newsOf(port, chassis, refresh);
    const all = changed && !isReplicated ? [...news, ...news] : news;
    const isAwaited = changed && kind === 'router ha interface' && traits.awaitsHaPort;
    if (!isAwaited || router === undefined) return all;
    const queue = l3AgentQueue(inventory.chassis[chassis]);
    return [...all, {to: {queue}, method: 'routers_updated', argument: {router}}];
  }

  /** A wired port is set DOWN in the database: its agent is to say again that it is wired (update_all_ha_network_port_statuses). */
  takeDown(port: NeutronPortNumber, chassis: ChassisNumber): readonly Outgoing[] {
    const {contents} = this.#among;
    if (contents.hostOf(port) !== chassis || contents.statusOf(port) !== 'ACTIVE') return [];
    this.#setStatus(port, 'DOWN');
    return [...this.#farewell(port, chassis, false), this.#update(port, chassis)];
  }

  /** A port is deleted. */
  deleted(port: NeutronPortNumber, chassis: ChassisNumber): readonly Outgoing[] {
    return this.#setStatus(port, 'DOWN') ? this.#farewell(port, chassis, false) : [];
  }

  /** A DHCP agent has a new port: if it is wired, nothing keeps it from being ACTIVE any more (provisioning_complete). */
  dhcpReady(port: NeutronPortNumber): readonly Outgoing[] {
    const {contents} = this.#among;
    const host = contents.hostOf(port);
    if (!contents.setDhcpReady(port) || host === undefined || !contents.isReady(port)) return [];
    return this.#setStatus(port, 'ACTIVE') ? this.#newsOf(port, host, false) : [];
  }

  /**
   * A device is gone (update_device_down). `hostsRouter`: whether the port's router is still scheduled to this host, which
   * then goes on being flooded.
   */
  down(port: NeutronPortNumber, chassis: ChassisNumber, hostsRouter: boolean): readonly Outgoing[] {
    const isBoundHere = this.#among.contents.hostOf(port) === chassis;
    const changed = isBoundHere && this.#setStatus(port, 'DOWN');
    const isTold = changed && !this.#among.population.isReplicated(port);
    const first = isTold ? this.#farewell(port, chassis, false) : [];
    return [...first, ...this.#farewell(port, chassis, hostsRouter)];
  }

  /** A port goes to another host, where it is not wired yet (update_port with `binding:host_id`). */
  rebind(port: NeutronPortNumber, chassis: ChassisNumber): readonly Outgoing[] {
    const {contents} = this.#among;
    const from = contents.hostOf(port);
    if (from === chassis) return [];
    const wasActive = contents.statusOf(port) === 'ACTIVE';
    contents.bind(port, chassis);
    this.#setStatus(port, 'DOWN');
    const isTold = from !== undefined && wasActive && !this.#among.population.isReplicated(port);
    return [...(isTold ? this.#farewell(port, from, false) : []), this.#update(port, chassis)];
  }

  #update(port: NeutronPortNumber, chassis: ChassisNumber): Outgoing {
    return {to: {exchange: l2Fanout}, method: 'port_update', argument: {port, chassis}};
  }

  #newsOf(port: NeutronPortNumber, chassis: ChassisNumber, refresh: boolean): readonly Outgoing[] {
    const {inventory, population, l2Population} = this.#among;
    const news = l2Population ? population.portUp(port, chassis, refresh) : undefined;
    if (!news) return [];
    const forAll: Outgoing = {to: {exchange: l2Fanout}, method: 'add_fdb_entries', argument: news.forAll};
    if (!news.forHost) return [forAll];
    const queue = l2AgentQueue(inventory.chassis[chassis]);
    return [{to: {queue}, method: 'add_fdb_entries', argument: news.forHost}, forAll];
  }

  #farewell(port: NeutronPortNumber, chassis: ChassisNumber, keepsFlood: boolean): readonly Outgoing[] {
    const {population, l2Population} = this.#among;
    const gone = l2Population ? population.portDown(port, chassis, keepsFlood) : undefined;
    return gone ? [{to: {exchange: l2Fanout}, method: 'remove_fdb_entries', argument: gone}] : [];
  }

  #setStatus(port: NeutronPortNumber, status: PortStatus): boolean {
    const {inventory, contents} = this.#among;
    if (status !== 'ACTIVE') contents.setWired(port, false);
    const from = contents.statusOf(port);
    if (from === status) return false;
    contents.setStatus(port, status);
    const {engine, journal} = this.#ground;
    const host = contents.hostOf(port);
    const chassis = host === undefined ? undefined : inventory.chassis[host];
    const detail = {port: portName(inventory, port), host: chassis, from, to: status};
    engine.cause = journal.announce('port status changed', detail);
    if (status === 'ACTIVE') this.#among.activated(port);
    return true;
  }
}
