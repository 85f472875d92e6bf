import {never, type Time} from '../../engine/time.ts';
import type {
  FloatingNumber,
  NetworkNumber,
  NeutronInventory,
  NeutronPortNumber,
  RouterNumber,
} from './neutron-inventory.ts';
import {SecurityGroups} from './security-groups.ts';
import type {ChassisNumber} from './topology.ts';

/** Neutron's word for whether a port is wired. */
export type PortStatus = 'DOWN' | 'BUILD' | 'ACTIVE';

/** What wires ports on a host. */
export type L2AgentKind = 'neutron-linuxbridge-agent' | 'neutron-openvswitch-agent';

export type AgentKind = L2AgentKind | 'neutron-l3-agent' | 'neutron-dhcp-agent';

/** A row of the table `agents`. */
export type AgentRow = {
  readonly chassis: ChassisNumber;
  readonly kind: AgentKind;
  /** `heartbeat_timestamp`; before 0 if the last report was before the run. */
  lastReportAt: Time;
  /** `started_at`: when the process first reported that now runs. */
  startedAt: Time;
  /** What the agent last said that it has to do: of a DHCP agent, how many networks. */
  load: number;
};

/** What the server knows of a router on one of its agents (`ha_state`). */
export type HaState = 'active' | 'standby' | 'unknown';

/** What stands in the database when a run begins. */
export type InitialContents = {
  /** The agents that host each router, by router, the one where it is active first. */
  readonly routers: readonly (readonly ChassisNumber[])[];
  /** The port that each floating address leads to, by floating address; the inventory may have more, which are not there yet. */
  readonly floating: readonly (NeutronPortNumber | undefined)[];
  /** Ports of VMs that are bound and have not been started. */
  readonly off?: ReadonlySet<NeutronPortNumber>;
  /** Left out: Linux bridge agents. */
  readonly l2Kind?: L2AgentKind;
  /** Chassis with an L2 agent, with an L3 agent, and with a DHCP agent. */
  readonly l2Agents: readonly ChassisNumber[];
  readonly l3Agents: readonly ChassisNumber[];
  readonly dhcpAgents?: readonly ChassisNumber[];
  /** The host of the agent that has each DHCP port. */
  readonly dhcp?: ReadonlyMap<NeutronPortNumber, ChassisNumber>;
};

/**
 * Neutron's database, as far as it changes in a run: which port is on which host and wired, which agent hosts a router,
 * where floating addresses lead, what security groups let through, who has reported when. No packet depends on it: packets meet what agents have done to
 * their hosts.
 */
export class NeutronContents {
  readonly agents: readonly AgentRow[];
  readonly security: SecurityGroups;
  readonly #hosts: (ChassisNumber | undefined)[];
  readonly #statuses: PortStatus[];
  readonly #revisions: number[];
  /** By router the agents that host it, in the order in which it was scheduled to them. */
  readonly #routers: Map<ChassisNumber, HaState>[];
  readonly #floating: (NeutronPortNumber | undefined)[];
  readonly #floatingActive: boolean[];
  readonly #floatingMade: boolean[];
  readonly #dhcpDevices: Map<NeutronPortNumber, ChassisNumber>;
  readonly #dhcpHosts: ReadonlyMap<NetworkNumber, ChassisNumber[]>;
  /** Ports of VMs that have not been made yet, and made ones for which something is still to be done. */
  readonly #unmade: Set<NeutronPortNumber>;
  readonly #awaitsDhcp = new Set<NeutronPortNumber>();
  readonly #isWired = new Set<NeutronPortNumber>();

  /** As after a long quiet time: every port that is somewhere is wired there. */
  constructor(inventory: NeutronInventory, initial: InitialContents) {
    this.security = new SecurityGroups(inventory, initial.off ?? new Set());
    this.#routers = initial.routers.map(
      agents =>
        new Map([...agents].sort((a, b) => a - b).map(agent => [agent, agent === agents[0] ? 'active' : 'standby'])),
    );
    this.#floating = inventory.floating.map(({number}) => initial.floating[number]);
    this.#floatingActive = this.#floating.map(port => port !== undefined);
    this.#floatingMade = this.#floating.map((_, number) => number < initial.floating.length);
    this.#dhcpDevices = new Map(initial.dhcp);
    this.#dhcpHosts = new Map(inventory.networks.map(({number}) => [number, []]));
    for (const [port, chassis] of this.#dhcpDevices) {
      this.#dhcpHosts.get(inventory.ports[port].network)?.push(chassis);
    }
    this.#unmade = new Set(initial.off);
    this.#hosts = inventory.ports.map(({number, home, router}) =>
      router === undefined ? (home ?? this.#dhcpDevices.get(number)) : (home ?? initial.routers[router].at(0)),
    );
    this.#statuses = inventory.ports.map(({number, router}) => {
      const host = this.#hosts[number];
      const isUnused = router !== undefined && host !== undefined && !initial.routers[router].includes(host);
      return host === undefined || isUnused || initial.off?.has(number) ? 'DOWN' : 'ACTIVE';
    });
    this.#revisions = inventory.ports.map(() => 0);
    const row = (kind: AgentKind) => (chassis: ChassisNumber) => {
      const load = kind === 'neutron-dhcp-agent' ? this.networksOn(chassis).length : 0;
      return {chassis, kind, lastReportAt: 0, startedAt: -never, load};
    };
    this.agents = [
      ...initial.l2Agents.map(row(initial.l2Kind ?? 'neutron-linuxbridge-agent')),
      ...initial.l3Agents.map(row('neutron-l3-agent')),
      ...(initial.dhcpAgents ?? []).map(row('neutron-dhcp-agent')),
    ];
  }

  agent(kind: AgentKind, chassis: ChassisNumber): AgentRow | undefined {
    return this.agents.find(row => row.kind === kind && row.chassis === chassis);
  }

  /** `binding:host_id` of a port. */
  hostOf(port: NeutronPortNumber): ChassisNumber | undefined {
    return this.#hosts[port];
  }

  /** `revision_number` of a port: every change counts. */
  revisionOf(port: NeutronPortNumber): number {
    return this.#revisions[port];
  }

  bind(port: NeutronPortNumber, host: ChassisNumber): void {
    this.#hosts[port] = host;
    this.#revisions[port] += 1;
  }

  statusOf(port: NeutronPortNumber): PortStatus {
    return this.#statuses[port];
  }

  setStatus(port: NeutronPortNumber, status: PortStatus): void {
    this.#statuses[port] = status;
    this.#revisions[port] += 1;
  }

  /** The chassis of the L3 agents to which the router is scheduled; at most one unless it is highly available. */
  agentsOf(router: RouterNumber): readonly ChassisNumber[] {
    return [...this.#routers[router].keys()];
  }

  isHostedBy(router: RouterNumber, chassis: ChassisNumber): boolean {
    return this.#routers[router].has(chassis);
  }

  /** The first of its agents where the router is active, as far as the server knows; of a legacy router its agent. */
  activeAgentOf(router: RouterNumber): ChassisNumber | undefined {
    return this.agentsOf(router).find(chassis => this.haStateOf(router, chassis) === 'active');
  }

  haStateOf(router: RouterNumber, chassis: ChassisNumber): HaState {
    return this.#routers[router].get(chassis) ?? 'unknown';
  }

  setHaState(router: RouterNumber, chassis: ChassisNumber, state: HaState): void {
    if (this.#routers[router].has(chassis)) this.#routers[router].set(chassis, state);
  }

  /** Adds an agent to those that host the router. */
  schedule(router: RouterNumber, chassis: ChassisNumber, state: HaState): void {
    this.#routers[router].set(chassis, state);
  }

  unschedule(router: RouterNumber, chassis: ChassisNumber): void {
    this.#routers[router].delete(chassis);
  }

  /** Routers scheduled to the L3 agent of a chassis. */
  routersOn(chassis: ChassisNumber): readonly RouterNumber[] {
    return [...this.#routers.keys()].filter(router => this.isHostedBy(router, chassis));
  }

  /** Whether the port of a VM is there: those of VMs that are started later are made then. */
  isMade(port: NeutronPortNumber): boolean {
    return !this.#unmade.has(port);
  }

  /** The port of a VM is made. Where DHCP agents serve its network it is not ACTIVE before one of them has it. */
  make(port: NeutronPortNumber, awaitsDhcp: boolean): void {
    this.#unmade.delete(port);
    if (awaitsDhcp) this.#awaitsDhcp.add(port);
  }

  /** The provisioning blocks of a port: what must still be said of it before it is ACTIVE (provisioning_blocks.py). */
  isReady(port: NeutronPortNumber): boolean {
    return this.#isWired.has(port) && !this.#awaitsDhcp.has(port);
  }

  setWired(port: NeutronPortNumber, wired: boolean): void {
    if (wired) this.#isWired.add(port);
    else this.#isWired.delete(port);
  }

  /** A DHCP agent has the port. Says whether that was waited for. */
  setDhcpReady(port: NeutronPortNumber): boolean {
    return this.#awaitsDhcp.delete(port);
  }

  /** The hosts of the DHCP agents that serve a network, in the order in which they were given it. */
  dhcpHostsOf(network: NetworkNumber): readonly ChassisNumber[] {
    return this.#dhcpHosts.get(network) ?? [];
  }

  /** Networks that the DHCP agent of a chassis serves. */
  networksOn(chassis: ChassisNumber): readonly NetworkNumber[] {
    return [...this.#dhcpHosts].filter(([, hosts]) => hosts.includes(chassis)).map(([network]) => network);
  }

  bindDhcp(network: NetworkNumber, chassis: ChassisNumber): void {
    this.#dhcpHosts.get(network)?.push(chassis);
  }

  unbindDhcp(network: NetworkNumber, chassis: ChassisNumber): void {
    const hosts = this.#dhcpHosts.get(network) ?? [];
    hosts.splice(hosts.indexOf(chassis), 1);
  }

  /** `device_id` of a DHCP port: the agent that has it; undefined of one that is reserved for the next. */
  dhcpDeviceOf(port: NeutronPortNumber): ChassisNumber | undefined {
    return this.#dhcpDevices.get(port);
  }

  setDhcpDevice(port: NeutronPortNumber, chassis: ChassisNumber | undefined): void {
    if (chassis === undefined) this.#dhcpDevices.delete(port);
    else this.#dhcpDevices.set(port, chassis);
  }

  /** The port that a floating address leads to. */
  targetOf(floating: FloatingNumber): NeutronPortNumber | undefined {
    return this.#floating[floating];
  }

  associate(floating: FloatingNumber, port: NeutronPortNumber | undefined): void {
    this.#floating[floating] = port;
  }

  /** Whether a floating address is there: others may be made in the run. */
  isFloatingMade(floating: FloatingNumber): boolean {
    return this.#floatingMade[floating];
  }

  setFloatingMade(floating: FloatingNumber, made: boolean): void {
    this.#floatingMade[floating] = made;
  }

  /** The status of a floating address: what its agent has said of it. */
  isFloatingActive(floating: FloatingNumber): boolean {
    return this.#floatingActive[floating];
  }

  setFloatingActive(floating: FloatingNumber, active: boolean): void {
    this.#floatingActive[floating] = active;
  }
}

/** What a port is called in announcements: its owner, and of what has several ports the network too. */
export function portName(inventory: NeutronInventory, port: NeutronPortNumber): string {
  const {owner, kind, network, home} = inventory.ports[port];
  if (kind === 'router ha interface' && home !== undefined) return `${owner} at ${inventory.chassis[home]}`;
  return kind === 'vm' ? owner : `${owner} on ${inventory.networks[network].name}`;
}
