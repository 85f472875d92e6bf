import type {Ground} from '../../ground.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {AgentReports} from './agent-reports.ts';

export type SchedulingSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly reports: AgentReports;
};

/** Which L3 agent hosts which router (neutron/db/l3_agentschedulers_db.py). */
export class RouterScheduling {
  readonly #ground: Ground;
  readonly #among: SchedulingSurroundings;

  constructor(ground: Ground, among: SchedulingSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** Routers of agents that have been silent for long (get_down_router_bindings). */
  routersOfTheDead(): readonly RouterNumber[] {
    const {contents, reports} = this.#among;
    return reports.theDead('neutron-l3-agent').flatMap(({chassis}) => contents.routersOn(chassis));
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

  /** Routers that no agent hosts go to this one (router_auto_schedule). */
  scheduleUnhosted(chassis: ChassisNumber): void {
    const {inventory, contents} = this.#among;
    if (!contents.agent('neutron-l3-agent', chassis)) return;
    for (const {number} of inventory.routers) {
      if (contents.agentOf(number) === undefined) this.schedule(number, chassis);
    }
  }

  schedule(router: RouterNumber, chassis: ChassisNumber | undefined): void {
    const {inventory, contents} = this.#among;
    const {engine, journal} = this.#ground;
    const from = contents.agentOf(router);
    if (from === chassis) return;
    contents.schedule(router, chassis);
    const name = (number: ChassisNumber | undefined): string | undefined =>
      number === undefined ? undefined : inventory.chassis[number];
    const detail = {router: inventory.routers[router].name, from: name(from), to: name(chassis)};
    engine.cause = journal.announce('router scheduled', detail);
  }
}
