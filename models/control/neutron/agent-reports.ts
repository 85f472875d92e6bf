import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {AgentKind, AgentRow, L2AgentKind, NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Calls} from './messages.ts';

type Report = Omit<Calls['report_state']['takes'], 'time'>;

export type ReportsSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly agentDownTime: Time;
  /** The announcement behind an agent's silence, 0 if none is known. */
  whySilent(kind: AgentKind, chassis: ChassisNumber): number;
};

const l2Agents = {'neutron-linuxbridge-agent': true, 'neutron-openvswitch-agent': true} satisfies Record<
  L2AgentKind,
  true
>;

/**
 * Who is thought alive (neutron/db/agents_db.py, agentschedulers_db.py). An agent is down when it has not reported for
 * `agent_down_time`; what it has is taken from it after twice that.
 */
export class AgentReports {
  readonly #ground: Ground;
  readonly #among: ReportsSurroundings;
  /** Agents that were found missing and have not reported since. */
  readonly #missed = new Set<AgentRow>();

  constructor(ground: Ground, among: ReportsSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** An agent reports. Says whether it had been thought down (create_or_update_agent). */
  take({kind, chassis, starts, load}: Report): 'alive' | 'revived' {
    const {contents, inventory} = this.#among;
    const {engine, journal} = this.#ground;
    const row = contents.agent(kind, chassis);
    if (!row) return 'alive';
    const status = this.isAlive(row) ? 'alive' : 'revived';
    row.lastReportAt = engine.now;
    row.load = load;
    if (starts) row.startedAt = engine.now;
    this.#missed.delete(row);
    if (status === 'revived') {
      engine.cause = journal.announce('agent revived', {chassis: inventory.chassis[chassis], daemon: kind});
    }
    return status;
  }

  isAlive({lastReportAt}: AgentRow): boolean {
    return this.#ground.engine.now - lastReportAt <= this.#among.agentDownTime;
  }

  /**
   * Why a port cannot be bound to a host, if it cannot: ML2 binds to no agent that is thought dead (mech_agent.py, bind_port),
   * and Nova gives up what it was to do with a port that is not bound.
   */
  bindingFlaw(chassis: ChassisNumber): string | undefined {
    const {contents, inventory} = this.#among;
    const row = contents.agents.find(({kind, chassis: at}) => at === chassis && kind in l2Agents);
    if (!row || this.isAlive(row)) return undefined;
    return `${row.kind} of ${inventory.chassis[chassis]} is thought dead (PortBindingFailed)`;
  }

  /** Agents that have not reported for so long that what they have is to go elsewhere. */
  theDead(kind: AgentKind): readonly AgentRow[] {
    const {contents, inventory, agentDownTime} = this.#among;
    const {engine, journal} = this.#ground;
    const cutoff = engine.now - 2 * agentDownTime;
    const dead = contents.agents.filter(row => row.kind === kind && row.lastReportAt < cutoff);
    for (const row of dead) {
      if (this.#missed.has(row)) continue;
      this.#missed.add(row);
      const detail = {chassis: inventory.chassis[row.chassis], daemon: row.kind};
      const why = this.#among.whySilent(row.kind, row.chassis);
      engine.cause = journal.announce('agent missed', detail, [why]);
    }
    return dead;
  }
}
