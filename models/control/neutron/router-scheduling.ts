import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {AgentKind, AgentRow, NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';

export type SchedulingSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly agentDownTime: Time;
  /** The announcement behind an agent's silence, 0 if none is known. */
  whySilent(kind: AgentKind, chassis: ChassisNumber): number;
};

/**
 * Which L3 agent hosts which router, and who is thought alive (neutron/db/l3_agentschedulers_db.py, agents_db.py). An agent
 * is down when it has not reported for `agent_down_time`; its routers are taken from it after twice that.
 */
export class RouterScheduling {
  readonly #ground: Ground;
  readonly #among: SchedulingSurroundings;
  /** Agents that were found missing and have not reported since. */
  readonly #missed = new Set<AgentRow>();

  constructor(ground: Ground, among: SchedulingSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** An agent reports. Says whether it had been thought down (create_or_update_agent). */
  reported(kind: AgentKind, chassis: ChassisNumber): 'alive' | 'revived' {
    const {contents, inventory} = this.#among;
    const row = contents.agent(kind, chassis);
    if (!row) return 'alive';
    const status = this.#isAlive(row) ? 'alive' : 'revived';
    row.lastReportAt = this.#ground.engine.now;
    this.#missed.delete(row);
    if (status === 'revived') {
      this.#goOnUnder(
        this.#ground.journal.announce('agent revived', {chassis: inventory.chassis[chassis], daemon: kind}),
      );
    }
    return status;
  }

  /** Routers of agents that have not reported for so long that theirs are to go elsewhere (get_down_router_bindings). */
  routersOfTheDead(): readonly RouterNumber[] {
    const {contents, inventory, agentDownTime} = this.#among;
    const cutoff = this.#ground.engine.now - 2 * agentDownTime;
    const dead = contents.agents.filter(({kind, lastReportAt}) => kind === 'neutron-l3-agent' && lastReportAt < cutoff);
    for (const row of dead) {
      if (this.#missed.has(row)) continue;
      this.#missed.add(row);
      const detail = {chassis: inventory.chassis[row.chassis], daemon: row.kind};
      const why = this.#among.whySilent(row.kind, row.chassis);
      this.#goOnUnder(this.#ground.journal.announce('agent missed', detail, [why]));
    }
    return dead.flatMap(({chassis}) => contents.routersOn(chassis));
  }

  /** Whether the L3 agent of a chassis counts as alive. */
  isAlive(chassis: ChassisNumber): boolean {
    const row = this.#among.contents.agent('neutron-l3-agent', chassis);
    return row !== undefined && this.#isAlive(row);
  }

  /** The living L3 agent with the fewest routers, at equal numbers the first (LeastRoutersScheduler). */
  choose(): ChassisNumber | undefined {
    const {contents} = this.#among;
    let best: ChassisNumber | undefined;
    let fewest = Infinity;
    for (const row of contents.agents) {
      if (row.kind !== 'neutron-l3-agent' || !this.#isAlive(row)) continue;
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
    const from = contents.agentOf(router);
    if (from === chassis) return;
    contents.schedule(router, chassis);
    const name = (number: ChassisNumber | undefined): string | undefined =>
      number === undefined ? undefined : inventory.chassis[number];
    const detail = {router: inventory.routers[router].name, from: name(from), to: name(chassis)};
    this.#goOnUnder(this.#ground.journal.announce('router scheduled', detail));
  }

  #isAlive({lastReportAt}: AgentRow): boolean {
    return this.#ground.engine.now - lastReportAt <= this.#among.agentDownTime;
  }

  #goOnUnder(cause: number): void {
    this.#ground.engine.cause = cause;
  }
}
