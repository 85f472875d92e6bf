import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {AgentRow, NeutronContents} from '../../tables/neutron-contents.ts';
import type {NetworkNumber, NeutronInventory} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {AgentReports} from './agent-reports.ts';
import type {NeutronSettings} from './settings.ts';

export type DhcpSchedulingSurroundings = {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly reports: AgentReports;
  readonly settings: NeutronSettings;
};

/** What an agent that was just started may need for each network before it reports in time (agent_starting_up). */
const startForEach: Time = seconds(2);

/**
 * Which DHCP agents serve which network (neutron/db/agentschedulers_db.py, scheduler/dhcp_agent_scheduler.py). Of those that
 * live the ones with the least load are chosen; the load is what they last said, so that all that is given away at once goes
 * to the same.
 */
export class DhcpScheduling {
  readonly #ground: Ground;
  readonly #among: DhcpSchedulingSurroundings;

  constructor(ground: Ground, among: DhcpSchedulingSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** What is served by agents that are thought dead and are not starting up just now. */
  bindingsOfTheDead(): readonly {readonly network: NetworkNumber; readonly chassis: ChassisNumber}[] {
    const {contents, reports} = this.#among;
    const dead = reports.theDead('neutron-dhcp-agent').filter(row => !this.#isStarting(row));
    return dead.flatMap(({chassis}) => contents.networksOn(chassis).map(network => ({network, chassis})));
  }

  /** Whether there is an agent to give anything to. */
  get hasEligible(): boolean {
    return this.#agents.some(row => this.#among.reports.isAlive(row) || this.#isStarting(row));
  }

  /** Gives a network to as many agents as it lacks. Returns those that have it now. */
  schedule(network: NetworkNumber): readonly ChassisNumber[] {
    const {contents, reports, settings} = this.#among;
    const hosts = contents.dhcpHostsOf(network);
    const wanted = settings.dhcpAgentsPerNetwork - hosts.length;
    const chosen = this.#agents
      .filter(row => reports.isAlive(row) && !hosts.includes(row.chassis))
      .sort((a, b) => a.load - b.load)
      .slice(0, Math.max(0, wanted))
      .map(({chassis}) => chassis);
    for (const chassis of chosen) this.#bind(network, chassis);
    return chosen;
  }

  /** Networks that lack an agent go to this one (auto_schedule_networks). */
  scheduleUnhosted(chassis: ChassisNumber): void {
    const {inventory, contents, reports, settings} = this.#among;
    const row = contents.agent('neutron-dhcp-agent', chassis);
    if (!row || !reports.isAlive(row)) return;
    for (const {number, dhcp} of inventory.networks) {
      const hosts = contents.dhcpHostsOf(number);
      if (!dhcp || hosts.length >= settings.dhcpAgentsPerNetwork || hosts.includes(chassis)) continue;
      this.#bind(number, chassis);
    }
  }

  /** Takes a network from an agent; its port is reserved for the next one (remove_network_from_dhcp_agent). */
  remove(network: NetworkNumber, chassis: ChassisNumber): void {
    const {inventory, contents} = this.#among;
    if (!contents.dhcpHostsOf(network).includes(chassis)) return;
    contents.unbindDhcp(network, chassis);
    for (const {number, kind, network: on} of inventory.ports) {
      if (kind === 'dhcp' && on === network && contents.dhcpDeviceOf(number) === chassis) {
        contents.setDhcpDevice(number, undefined);
      }
    }
    this.#announce(network, chassis, false);
  }

  get #agents(): readonly AgentRow[] {
    return this.#among.contents.agents.filter(({kind}) => kind === 'neutron-dhcp-agent');
  }

  #isStarting({startedAt, chassis}: AgentRow): boolean {
    const {contents, settings} = this.#among;
    const patience = 2 * settings.agentDownTime + contents.networksOn(chassis).length * startForEach;
    return startedAt + patience > this.#ground.engine.now;
  }

  #bind(network: NetworkNumber, chassis: ChassisNumber): void {
    this.#among.contents.bindDhcp(network, chassis);
    this.#announce(network, chassis, true);
  }

  #announce(network: NetworkNumber, chassis: ChassisNumber, hosted: boolean): void {
    const {inventory} = this.#among;
    const {engine, journal} = this.#ground;
    const detail = {network: inventory.networks[network].name, chassis: inventory.chassis[chassis], hosted};
    engine.cause = journal.announce('network scheduled', detail);
  }
}
