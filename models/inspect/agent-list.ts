import {uuidOf} from '../tables/uuid.ts';
import type {HaState, NeutronContents} from '../tables/neutron-contents.ts';
import type {RouterNumber} from '../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../tables/topology.ts';
import {lines} from './lines.ts';

const headers = ['ID', 'Agent Type', 'Host', 'Availability Zone', 'Alive', 'State', 'Binary', 'HA State'];

/** What the client prints of an agent that is down. */
const dead = 'X'.repeat(3);

export type AgentListSettings = {
  readonly chassis: readonly string[];
  isAlive(chassis: ChassisNumber): boolean;
};

/** `openstack network agent list --router … --long`: the L3 agents of a router, and what the server says of it on each. */
export function formatAgentList(
  contents: NeutronContents,
  router: RouterNumber,
  {chassis, isAlive}: AgentListSettings,
): string {
  const agents = [...contents.agentsOf(router)].sort((a, b) => a - b);
  const states = statesTold(contents, router, isAlive);
  const rows = agents.map(agent => [
    uuidOf('neutron', 'agent', `neutron-l3-agent of ${chassis[agent]}`),
    'L3 agent',
    chassis[agent],
    'nova',
    isAlive(agent) ? ':-)' : dead,
    'UP',
    'neutron-l3-agent',
    states.get(agent) ?? 'unknown',
  ]);
  return table([headers, ...rows]);
}

/**
 * Who asks is told that a router is not active where the agent is dead, or, if all are, that nobody knows
 * (l3_hamode_db.py, _get_bindings_and_update_router_state_for_dead_agents; there the answer also goes into the database).
 */
function statesTold(
  contents: NeutronContents,
  router: RouterNumber,
  isAlive: (chassis: ChassisNumber) => boolean,
): ReadonlyMap<ChassisNumber, HaState> {
  const agents = contents.agentsOf(router);
  const instead: HaState = agents.some(isAlive) ? 'standby' : 'unknown';
  return new Map(
    agents.map(agent => {
      const state = contents.haStateOf(router, agent);
      return [agent, state === 'active' && !isAlive(agent) ? instead : state];
    }),
  );
}

/** As cliff draws tables. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const rule = `+${widths.map(width => '-'.repeat(width + 2)).join('+')}+`;
  const [head, ...body] = rows.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  return lines([rule, head, rule, ...body, rule]);
}
