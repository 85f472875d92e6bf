import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import type {HostRouters} from '../../tables/host-network.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {ReleaseTraits} from './releases.ts';
import {StateChangeMonitor} from './state-change-monitor.ts';

/** What a host's agent calls the state of a router there. */
export type RouterState = 'primary' | 'backup';

export type HaHostSurroundings = {
  readonly chassis: ChassisNumber;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly network: HostRouters;
  readonly traits: ReleaseTraits;
  /** `ha_conntrackd_enabled` */
  readonly syncsConnections: boolean;
};

/** What of highly available routers is on a host beside their namespaces, and outlives the L3 agent. */
export class HaHost {
  /** The files `state` in the folders of the routers: they outlive the host's power too. */
  readonly stateFiles = new Map<RouterNumber, RouterState>();
  /** The files `keepalived.conf` beside them. */
  readonly configurationFiles = new Map<RouterNumber, KeepalivedConfiguration>();
  readonly monitors = new Map<RouterNumber, StateChangeMonitor>();
  /** The agent at its socket; undefined if there is none. */
  agent: ((router: RouterNumber, state: RouterState) => void) | undefined;
  readonly #ground: Ground;
  readonly #among: HaHostSurroundings;

  constructor(ground: Ground, among: HaHostSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  get network(): HostRouters {
    return this.#among.network;
  }

  get traits(): ReleaseTraits {
    return this.#among.traits;
  }

  monitorRuns(router: RouterNumber): boolean {
    return this.monitors.get(router)?.daemon.spawned === true;
  }

  /** Starts the monitor of a router unless it runs. */
  spawnMonitor(router: RouterNumber): void {
    this.#monitorOf(router).daemon.spawn();
  }

  /** The router's folder goes. */
  removeFiles(router: RouterNumber): void {
    this.stateFiles.delete(router);
    this.configurationFiles.delete(router);
  }

  stopMonitor(router: RouterNumber): void {
    this.monitors.get(router)?.daemon.dismiss();
    this.monitors.delete(router);
  }

  /** The L3 agent has written the router's files, and the monitor has been running, for long. */
  beginSettled(router: RouterNumber, configuration: KeepalivedConfiguration, state: RouterState): void {
    this.configurationFiles.set(router, configuration);
    this.stateFiles.set(router, state);
    this.#monitorOf(router).beginSettled();
  }

  /** The power goes. */
  crash(): void {
    for (const monitor of this.monitors.values()) monitor.daemon.kill('power', 'chassis crashed');
    this.monitors.clear();
  }

  #monitorOf(router: RouterNumber): StateChangeMonitor {
    let monitor = this.monitors.get(router);
    if (!monitor) {
      monitor = new StateChangeMonitor(this.#ground, router, this, this.#among);
      this.monitors.set(router, monitor);
    }
    return monitor;
  }
}
