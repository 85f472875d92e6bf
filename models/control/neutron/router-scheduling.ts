import type {Ground} from '../../ground.ts';
import type {HaState, NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {AgentReports} from './agent-reports.ts';

export type SchedulingSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly reports: AgentReports;
  /** `max_l3_agents_per_router`; 0 is no limit. */
  readonly maxL3AgentsPerRouter: number;
};

/** Which L3 agent hosts which router (neutron/db/l3_agentschedulers_db.py). */
export class RouterScheduling {
  readonly #ground: Ground;
  readonly #among: SchedulingSurroundings;

  constructor(ground: Ground, among: SchedulingSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** Routers of agents that have been silent for long (get_down_router_bindings); highly available ones stay. */
  routersOfTheDead(): readonly RouterNumber[] {
    const {inventory, contents, reports} = this.#among;
    const theirs = reports.theDead('neutron-l3-agent').flatMap(({chassis}) => contents.routersOn(chassis));
    return theirs.filter(router => inventory.routers[router].ha === undefined);
  }

  /** Whether the L3 agent of a chassis counts as alive. */
  isAlive(chassis: ChassisNumber): boolean {
    const {contents, reports} = this.#among;
    const row = contents.agent('neutron-l3-agent', chassis);
    return row !== undefined && reports.isAlive(row);
  }

  /** The living L3 agent with the fewest routers, at equal numbers the first (LeastRoutersScheduler). */
  choose(): ChassisNumber | undefined {
    const {contents, reports} = this.#among;
    let best: ChassisNumber | undefined;
    let fewest = Infinity;
    for (const row of contents.agents) {
      if (row.kind !== 'neutron-l3-agent' || !reports.isAlive(row)) continue;
      const count = contents.routersOn(row.chassis).length;
      if (count >= fewest) continue;
      best = row.chassis;
      fewest = count;
    }
    return best;
  }

  /** Routers that no agent hosts, or fewer than could, go to this one (router_auto_schedule). */
  scheduleUnhosted(chassis: ChassisNumber): void {
    const {inventory, contents, reports, maxL3AgentsPerRouter} = this.#among;
    if (!contents.agent('neutron-l3-agent', chassis)) return;
    const alive = contents.agents.filter(row => row.kind === 'neutron-l3-agent' && reports.isAlive(row)).length;
    const most = maxL3AgentsPerRouter === 0 ? alive : Math.min(maxL3AgentsPerRouter, alive);
    for (const {number, ha} of inventory.routers) {
      const {length} = contents.agentsOf(number);
      if (length < (ha ? most : 1)) this.schedule(number, chassis);
    }
  }

  /** The router goes to an agent, and from the one that hosts it unless it is highly available. */
  schedule(router: RouterNumber, chassis: ChassisNumber): void {
    const {inventory, contents} = this.#among;
    if (contents.isHostedBy(router, chassis)) return;
    const {ha} = inventory.routers[router];
    const from = ha ? undefined : contents.agentsOf(router).at(0);
    if (from !== undefined) contents.unschedule(router, from);
    contents.schedule(router, chassis, ha ? 'standby' : 'active');
    this.#announce(router, from, chassis);
  }

  /** The router is taken from an agent. */
  unschedule(router: RouterNumber, chassis: ChassisNumber): void {
    const {contents} = this.#among;
    if (!contents.isHostedBy(router, chassis)) return;
    contents.unschedule(router, chassis);
    this.#announce(router, chassis, undefined);
  }

  /**
   * Where the router is active, as far as the server knows. Agents that it thinks down are not: what is active there is
   * noted as standby, or as unknown if all are down (_get_bindings_and_update_router_state_for_dead_agents).
   */
  activeHostOf(router: RouterNumber): ChassisNumber | undefined {
    const {contents} = this.#among;
    const agents = contents.agentsOf(router);
    const dead = agents.filter(chassis => !this.isAlive(chassis));
    for (const chassis of dead) {
      if (contents.haStateOf(router, chassis) !== 'active') continue;
      this.noteHaState(router, chassis, dead.length === agents.length ? 'unknown' : 'standby');
    }
    return contents.activeAgentOf(router);
  }

  /** An agent has said what the router is there, or the server has concluded it. */
  noteHaState(router: RouterNumber, chassis: ChassisNumber, state: HaState): void {
    const {inventory, contents} = this.#among;
    const {engine, journal} = this.#ground;
    const from = contents.haStateOf(router, chassis);
    if (from === state || !contents.isHostedBy(router, chassis)) return;
    contents.setHaState(router, chassis, state);
    const detail = {router: inventory.routers[router].name, chassis: inventory.chassis[chassis], from, to: state};
    engine.cause = journal.announce('ha state noted', detail);
  }

  #announce(router: RouterNumber, from: ChassisNumber | undefined, to: ChassisNumber | undefined): void {
    const {inventory} = this.#among;
    const {engine, journal} = this.#ground;
    const name = (number: ChassisNumber | undefined): string | undefined =>
      number === undefined ? undefined : inventory.chassis[number];
    const detail = {router: inventory.routers[router].name, from: name(from), to: name(to)};
    engine.cause = journal.announce('router scheduled', detail);
  }
}
