import type {Time} from '../../engine/time.ts';
import type {FloatingNumber, NeutronInventory, NeutronPortNumber, RouterNumber} from './neutron-inventory.ts';
import {SecurityGroups} from './security-groups.ts';
import type {ChassisNumber} from './topology.ts';

/** Neutron's word for whether a port is wired. */
export type PortStatus = 'DOWN' | 'BUILD' | 'ACTIVE';

/** What wires ports on a host. */
export type L2AgentKind = 'neutron-linuxbridge-agent' | 'neutron-openvswitch-agent';

export type AgentKind = L2AgentKind | 'neutron-l3-agent';

/** A row of the table `agents`. */
export type AgentRow = {
  readonly chassis: ChassisNumber;
  readonly kind: AgentKind;
  /** `heartbeat_timestamp`; before 0 if the last report was before the run. */
  lastReportAt: Time;
};

/** What stands in the database when a run begins. */
export type InitialContents = {
  /** The agent that hosts each router, by router. */
  readonly routers: readonly (ChassisNumber | undefined)[];
  /** The port that each floating address leads to, by floating address. */
  readonly floating: readonly (NeutronPortNumber | undefined)[];
  /** Ports of VMs that are bound and have not been started. */
  readonly off?: ReadonlySet<NeutronPortNumber>;
  /** Left out: Linux bridge agents. */
  readonly l2Kind?: L2AgentKind;
  /** Chassis with an L2 agent, and with an L3 agent. */
  readonly l2Agents: readonly ChassisNumber[];
  readonly l3Agents: readonly ChassisNumber[];
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
  readonly #routers: (ChassisNumber | undefined)[];
  readonly #floating: (NeutronPortNumber | undefined)[];
  readonly #floatingActive: boolean[];

  /** As after a long quiet time: every port that is somewhere is wired there. */
  constructor(inventory: NeutronInventory, initial: InitialContents) {
    this.security = new SecurityGroups(inventory, initial.off ?? new Set());
    this.#routers = [...initial.routers];
    this.#floating = [...initial.floating];
    this.#floatingActive = initial.floating.map(port => port !== undefined);
    this.#hosts = inventory.ports.map(({home, router}) => (router === undefined ? home : initial.routers[router]));
    this.#statuses = this.#hosts.map((host, port) =>
      host === undefined || initial.off?.has(port) ? 'DOWN' : 'ACTIVE',
    );
    const row = (kind: AgentKind) => (chassis: ChassisNumber) => ({chassis, kind, lastReportAt: 0});
    this.agents = [
      ...initial.l2Agents.map(row(initial.l2Kind ?? 'neutron-linuxbridge-agent')),
      ...initial.l3Agents.map(row('neutron-l3-agent')),
    ];
  }

  agent(kind: AgentKind, chassis: ChassisNumber): AgentRow | undefined {
    return this.agents.find(row => row.kind === kind && row.chassis === chassis);
  }

  /** `binding:host_id` of a port. */
  hostOf(port: NeutronPortNumber): ChassisNumber | undefined {
    return this.#hosts[port];
  }

  bind(port: NeutronPortNumber, host: ChassisNumber): void {
    this.#hosts[port] = host;
  }

  statusOf(port: NeutronPortNumber): PortStatus {
    return this.#statuses[port];
  }

  setStatus(port: NeutronPortNumber, status: PortStatus): void {
    this.#statuses[port] = status;
  }

  /** The chassis of the L3 agent to which the router is scheduled. */
  agentOf(router: RouterNumber): ChassisNumber | undefined {
    return this.#routers[router];
  }

  schedule(router: RouterNumber, chassis: ChassisNumber | undefined): void {
    this.#routers[router] = chassis;
  }

  /** Routers scheduled to the L3 agent of a chassis. */
  routersOn(chassis: ChassisNumber): readonly RouterNumber[] {
    return [...this.#routers.keys()].filter(router => this.#routers[router] === chassis);
  }

  /** The port that a floating address leads to. */
  targetOf(floating: FloatingNumber): NeutronPortNumber | undefined {
    return this.#floating[floating];
  }

  associate(floating: FloatingNumber, port: NeutronPortNumber | undefined): void {
    this.#floating[floating] = port;
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
  const {owner, kind, network} = inventory.ports[port];
  return kind === 'vm' ? owner : `${owner} on ${inventory.networks[network].name}`;
}
