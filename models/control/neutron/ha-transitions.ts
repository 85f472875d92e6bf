import type {Ground} from '../../ground.ts';
import type {HaState} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {HaHost, RouterState} from './ha-host.ts';
import type {Process, Thread} from './process.ts';
import {traitsOf, type ReleaseTraits} from './releases.ts';
import type {Rpc} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';

export type TransitionSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly haHost: HaHost;
};

const translated: Readonly<Record<RouterState, HaState>> = {primary: 'active', backup: 'standby'};

/**
 * What the L3 agent makes of routers that become primary or backup on its host (neutron/agent/l3/ha.py): it believes in a
 * primary that still is one after an advertisement interval, and tells the server of all changes at most once in such an
 * interval.
 */
export class HaTransitions {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: TransitionSurroundings;
  readonly #traits: ReleaseTraits;
  /** What routers became while a change of theirs is looked at (`_transition_states`). */
  readonly #pending = new Map<RouterNumber, RouterState>();
  /** Routers of which a change was taken in (`_initial_state_change_per_router`). */
  readonly #known = new Set<RouterNumber>();
  /** What this process believes of routers. */
  readonly #states = new Map<RouterNumber, RouterState>();
  #untold: {readonly router: RouterNumber; readonly state: RouterState}[] = [];
  #isTelling = false;

  constructor(ground: Ground, process: Process, rpc: Rpc, among: TransitionSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
    this.#traits = traitsOf(among.settings.release);
  }

  /** All that is there was told long ago. */
  beginSettled(router: RouterNumber): void {
    this.#known.add(router);
  }

  /** A monitor tells of a change (enqueue_state_change). */
  heard(router: RouterNumber, state: RouterState): void {
    const isLookedAt = this.#pending.has(router);
    this.#pending.set(router, state);
    if (!isLookedAt) this.#process.run(this.#take(router, state));
  }

  /** The state of a router as this process, or the file, has it. */
  stateOf(router: RouterNumber): RouterState | undefined {
    return this.#states.get(router) ?? this.#among.haHost.stateFiles.get(router);
  }

  /** The host was without power: whoever was primary is not (_check_and_set_real_state). */
  reset(router: RouterNumber): void {
    if (this.stateOf(router) === 'primary') this.#note(router, 'backup');
  }

  /** What the server knows differs from what is true: it is told (check_ha_state_for_router). */
  compare(router: RouterNumber, known: HaState): void {
    const state = this.stateOf(router);
    if (this.#traits.comparesHaState && state !== undefined && translated[state] !== known) this.#queue(router, state);
  }

  forget(router: RouterNumber): void {
    this.#known.delete(router);
    this.#states.delete(router);
  }

  *#take(router: RouterNumber, first: RouterState): Thread {
    const isInitial = !this.#known.has(router);
    if (first === 'primary') {
      this.#known.add(router);
      if (!isInitial && this.#traits.delaysPrimary) {
        yield* this.#process.sleep(this.#among.settings.haVrrpAdvertInt);
      }
    }
    const last = this.#pending.get(router);
    this.#pending.delete(router);
    if (last !== first) return;
    const {engine, journal} = this.#ground;
    this.#note(router, first);
    // _update_metadata_proxy
    this.#among.haHost.network.runRouterProxy(router, first === 'primary');
    const {name: chassis, inventory} = this.#among;
    const detail = {chassis, router: inventory.routers[router].name, state: first};
    engine.cause = journal.announce('ha router transitioned', detail);
    this.#queue(router, first);
  }

  #note(router: RouterNumber, state: RouterState): void {
    this.#states.set(router, state);
    this.#among.haHost.stateFiles.set(router, state);
  }

  #queue(router: RouterNumber, state: RouterState): void {
    this.#untold.push({router, state});
    if (!this.#isTelling) this.#process.run(this.#tell());
  }

  /** Changes that come while it has just told others wait (neutron/notifiers/batch_notifier.py). */
  *#tell(): Thread {
    const {chassis, settings} = this.#among;
    this.#isTelling = true;
    while (this.#untold.length > 0) {
      const states = new Map(this.#untold.map(({router, state}) => [router, translated[state]]));
      this.#untold = [];
      const told = [...states].map(([router, state]) => ({router, state}));
      yield* this.#rpc.cast({queue: 'q-l3-plugin'}, 'update_ha_routers_states', {chassis, states: told});
      yield* this.#process.sleep(settings.haVrrpAdvertInt);
    }
    this.#isTelling = false;
  }
}
