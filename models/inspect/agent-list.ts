import type {AgentKind, AgentRow, HaState, NeutronContents} from '../tables/neutron-contents.ts';
import type {NeutronRouter} from '../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../tables/topology.ts';
import {uuidOf} from '../tables/uuid.ts';
import {lines} from './lines.ts';

const headers = ['ID', 'Agent Type', 'Host', 'Availability Zone', 'Alive', 'State', 'Binary'];

/** What the client prints of an agent that is down. */
const dead = 'X'.repeat(3);

/** What agents call themselves, and the zone that those have which have one. */
const types: Readonly<Record<AgentKind, readonly [type: string, zone: string]>> = {
  'neutron-linuxbridge-agent': ['Linux bridge agent', 'None'],
  'neutron-openvswitch-agent': ['Open vSwitch agent', 'None'],
  'neutron-l3-agent': ['L3 agent', 'nova'],
  'neutron-dhcp-agent': ['DHCP agent', 'nova'],
};

export type AgentListSettings = {
  readonly chassis: readonly string[];
  isAlive(row: AgentRow): boolean;
};

/** `openstack network agent list`: all agents, by their ids. */
export function formatAgents({agents}: NeutronContents, settings: AgentListSettings): string {
  const rows = agents.map(row => cellsOf(row, settings));
  return table([headers, ...rows.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** `openstack network agent list --router … --long`: the L3 agents of a router, and what the server says of it on each. */
export function formatAgentsOf(
  contents: NeutronContents,
  {number, ha}: NeutronRouter,
  settings: AgentListSettings,
): string {
  const hosts = [...contents.agentsOf(number)].sort((a, b) => a - b);
  const agents = hosts.flatMap(chassis => contents.agent('neutron-l3-agent', chassis) ?? []);
  const states = statesTold(contents, number, agents, settings);
  const rows = agents.map(row => [
    ...cellsOf(row, settings),
    ha === undefined ? 'None' : (states.get(row.chassis) ?? 'unknown'),
  ]);
  return table([[...headers, 'HA State'], ...rows]);
}

function cellsOf(row: AgentRow, {chassis, isAlive}: AgentListSettings): readonly string[] {
  const {kind} = row;
  const host = chassis[row.chassis];
  const [type, zone] = types[kind];
  return [uuidOf('neutron', 'agent', `${kind} of ${host}`), type, host, zone, isAlive(row) ? ':-)' : dead, 'UP', kind];
}

/**
 * Who asks is told that a router is not active where the agent is dead, or, if all are, that nobody knows
 * (l3_hamode_db.py, _get_bindings_and_update_router_state_for_dead_agents; there the answer also goes into the database).
 */
function statesTold(
  contents: NeutronContents,
  router: NeutronRouter['number'],
  agents: readonly AgentRow[],
  {isAlive}: AgentListSettings,
): ReadonlyMap<ChassisNumber, HaState> {
  const instead: HaState = agents.some(isAlive) ? 'standby' : 'unknown';
  return new Map(
    agents.map(row => {
      const state = contents.haStateOf(router, row.chassis);
      return [row.chassis, state === 'active' && !isAlive(row) ? instead : state];
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
