import type {Time} from '../../../engine/time.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import {checkPeriodically} from './agent-checks.ts';
import {l3AgentQueue} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {Outgoing, PortWiring} from './port-wiring.ts';
import type {RouterScheduling} from './router-scheduling.ts';
import type {Rpc} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';

export type MovesSurroundings = {
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly settings: NeutronSettings;
  readonly scheduling: RouterScheduling;
  readonly wiring: PortWiring;
};

/** How often the server calls an agent before it gives up (l3_rpc_agent_api.py, AGENT_NOTIFY_MAX_ATTEMPTS). */
const notifyAttempts = 2;

/**
 * How routers get from one L3 agent to another: by the server's own look at agents that are silent, or by an operator.
 * Whatever changes, the agents concerned are told.
 */
export class RouterMoves {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: MovesSurroundings;

  constructor(ground: Ground, process: Process, rpc: Rpc, among: MovesSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
  }

  /** reschedule_routers_from_down_agents */
  check(first: Time): Thread {
    const {settings} = this.#among;
    return checkPeriodically(this.#ground, this.#process, settings, first, () => this.#moveRoutersOfTheDead());
  }

  /**
   * The agent is told even if it does not host the router (remove_router_from_l3_agent). The HA port that it had is deleted
   * (delete_ha_interfaces_on_host).
   */
  *remove(router: RouterNumber, chassis: ChassisNumber): Thread {
    const {inventory, scheduling, wiring} = this.#among;
    yield* this.#step('server-rpc');
    scheduling.unschedule(router, chassis);
    const haPort = inventory.routers[router].ha?.ports.get(chassis);
    if (haPort !== undefined) {
      yield* this.#step('server-port');
      yield* this.#send(wiring.deleted(haPort, chassis));
    }
    yield* this.#rpc.cast({queue: this.#queueOf(chassis)}, 'router_removed_from_agent', {router});
  }

  /**
   * A legacy router that another agent hosts is refused (check_agent_router_scheduling_needed). An agent that does not answer has it
   * all the same (add_router_to_l3_agent).
   */
  *add(router: RouterNumber, chassis: ChassisNumber): Thread {
    const {inventory, contents, scheduling} = this.#among;
    yield* this.#step('server-rpc');
    if (contents.isHostedBy(router, chassis)) return;
    const [host] = inventory.routers[router].ha ? [] : contents.agentsOf(router);
    if (host !== undefined) {
      const reason = `the agent of ${inventory.chassis[host]} hosts it (409 RouterHostedByL3Agent)`;
      const detail = {what: 'add', subject: inventory.routers[router].name, reason};
      this.#ground.journal.announce('operation refused', detail);
      return;
    }
    scheduling.schedule(router, chassis);
    yield* this.#tellAdded(router, chassis);
  }

  /** One order after the other, as an operator waits for the first to be done. */
  *move(router: RouterNumber, chassis: ChassisNumber): Thread {
    const from = this.#among.contents.activeAgentOf(router);
    if (from !== undefined) yield* this.remove(router, from);
    yield* this.add(router, chassis);
  }

  *#moveRoutersOfTheDead(): Thread {
    const {contents, scheduling} = this.#among;
    yield* this.#step('server-rpc');
    for (const router of scheduling.routersOfTheDead()) {
      const [from] = contents.agentsOf(router);
      if (from === undefined || scheduling.isAlive(from)) continue;
      yield* this.#reschedule(router, from);
    }
  }

  /**
   * If nobody can host the router it stays where it is (reschedule_router: the transaction is undone). If the agent that was
   * chosen does not answer, nobody hosts it (_notify_agents_router_rescheduled).
   */
  *#reschedule(router: RouterNumber, from: ChassisNumber): Thread {
    const {scheduling} = this.#among;
    yield* this.#step('server-router');
    const to = scheduling.choose();
    if (to === undefined) return;
    scheduling.schedule(router, to);
    yield* this.#rpc.cast({queue: this.#queueOf(from)}, 'router_removed_from_agent', {router});
    if (yield* this.#tellAdded(router, to)) return;
    scheduling.unschedule(router, to);
  }

  *#tellAdded(router: RouterNumber, chassis: ChassisNumber): Thread<boolean> {
    for (let attempt = 0; attempt < notifyAttempts; attempt++) {
      const told = yield* this.#rpc.call(this.#queueOf(chassis), 'router_added_to_agent', {router});
      if (told !== 'timed out') return true;
    }
    return false;
  }

  *#send(outgoing: readonly Outgoing[]): Thread {
    for (const {to, method, argument} of outgoing) yield* this.#rpc.cast(to, method, argument);
  }

  #queueOf(chassis: ChassisNumber): string {
    return l3AgentQueue(this.#among.inventory.chassis[chassis]);
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, 'neutron-server'));
  }
}
