import {never, type Time} from '../../../engine/time.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {HostRouters} from '../../tables/host-network.ts';
import type {NeutronInventory, RouterNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {DeviceCauses} from './device-causes.ts';
import {haConfiguration, type HaContents} from './ha-configuration.ts';
import type {HaHost} from './ha-host.ts';
import type {HaTransitions} from './ha-transitions.ts';
import type {HaDetails} from './messages.ts';
import type {Process, Thread} from './process.ts';
import {traitsOf, type ReleaseTraits} from './releases.ts';
import type {NeutronSettings} from './settings.ts';

export type HaRoutersSurroundings = {
  readonly chassis: ChassisNumber;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly network: HostRouters;
  readonly deviceCauses: DeviceCauses;
  readonly haHost: HaHost;
};

/** SIGHUPs are that many advertisement intervals apart (ha_router.py, THROTTLER_MULTIPLIER). */
const throttle = 1.5;

/**
 * What the L3 agent does for a router beyond what it does for a legacy one (neutron/agent/l3/ha_router.py): the HA device,
 * the monitor, and keepalived with its file.
 */
export class HaRouters {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #transitions: HaTransitions;
  readonly #among: HaRoutersSurroundings;
  readonly #traits: ReleaseTraits;
  /** When keepalived of a router was last told to read its file; routers that are looked after (`register`). */
  readonly #enabledAt = new Map<RouterNumber, Time>();
  /** What is in the files, to start keepalived again. */
  readonly #contents = new Map<RouterNumber, HaContents>();

  constructor(ground: Ground, process: Process, transitions: HaTransitions, among: HaRoutersSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#transitions = transitions;
    this.#among = among;
    this.#traits = traitsOf(among.settings.release);
  }

  /** The router has long been here. */
  beginSettled(router: RouterNumber, contents: HaContents): void {
    this.#contents.set(router, contents);
    this.#enabledAt.set(router, -never);
    if (this.#transitions.stateOf(router) === 'primary') this.#transitions.beginSettled(router);
  }

  /** A router that this process did not know (initialize). */
  *initialise(router: RouterNumber, {port}: HaDetails): Thread {
    const {network, deviceCauses, haHost} = this.#among;
    if (!network.keepalivedRuns(router)) this.#transitions.reset(router);
    yield* this.#step('l3-port');
    network.addRouterPort(port);
    deviceCauses.made(port, this.#ground.engine.cause);
    haHost.spawnMonitor(router);
    this.#contents.set(router, {interfaces: [], gateway: undefined, floating: []});
  }

  /** The router is as it should be: keepalived runs with what there is now, once its port is wired (enable_keepalived). */
  *enable(router: RouterNumber, {isWired}: HaDetails, contents: HaContents): Thread {
    const {engine} = this.#ground;
    const {settings} = this.#among;
    this.#contents.set(router, contents);
    if (!isWired && this.#traits.awaitsHaPort) return;
    if (settings.haConntrackdEnabled) yield* this.#enableConntrackd(router);
    const last = this.#enabledAt.get(router);
    if (last !== undefined && this.#traits.throttlesReloads) {
      yield* this.#process.sleep(last + throttle * settings.haVrrpAdvertInt - engine.now);
    }
    this.#enabledAt.set(router, engine.now);
    yield* this.#spawn(router);
  }

  /** Everything of the router goes: the monitor first, then keepalived, then the device (delete). */
  *remove(router: RouterNumber): Thread {
    const {inventory, chassis, network, haHost} = this.#among;
    this.#enabledAt.delete(router);
    this.#contents.delete(router);
    this.#transitions.forget(router);
    haHost.stopMonitor(router);
    haHost.removeFiles(router);
    if (network.keepalivedRuns(router)) {
      yield* this.#step('l3-keepalived');
      network.disableKeepalived(router);
      while (network.keepalivedRuns(router)) yield* this.#step('l3-keepalived');
    }
    if (network.conntrackdRuns(router)) {
      yield* this.#step('l3-keepalived');
      network.disableConntrackd(router);
    }
    const port = inventory.routers[router].ha?.ports.get(chassis);
    if (port === undefined) return;
    yield* this.#step('l3-remove');
    network.removeRouterPort(port);
  }

  /** Starts again what has died (neutron/agent/linux/external_process.py, ProcessMonitor). */
  *respawn(): Thread {
    const {network, haHost} = this.#among;
    for (const router of [...this.#contents.keys()]) {
      if (!haHost.monitorRuns(router)) {
        yield* this.#step('l3-keepalived');
        haHost.spawnMonitor(router);
      }
      if (!this.#enabledAt.has(router)) continue;
      if (!network.keepalivedRuns(router)) yield* this.#spawn(router);
      if (this.#among.settings.haConntrackdEnabled) yield* this.#enableConntrackd(router);
    }
  }

  *#spawn(router: RouterNumber): Thread {
    yield* this.#step('l3-keepalived');
    const {inventory, chassis, settings, network, haHost} = this.#among;
    const contents = this.#contents.get(router);
    if (!contents) return;
    const configuration = haConfiguration(inventory, router, chassis, contents, settings);
    haHost.configurationFiles.set(router, configuration);
    network.enableKeepalived(router, configuration);
  }

  /** Starts conntrackd unless it runs, and lets it ask the others for what they know (neutron/agent/linux/conntrackd.py). */
  *#enableConntrackd(router: RouterNumber): Thread {
    const {network} = this.#among;
    if (network.conntrackdRuns(router)) return;
    yield* this.#step('l3-keepalived');
    network.enableConntrackd(router);
    while (!network.conntrackdAnswers(router)) {
      if (!network.conntrackdRuns(router)) return;
      yield* this.#step('conntrackd-start');
    }
    yield* this.#step('conntrackd-command');
    yield done => {
      network.commandConntrackd(router, '-n', done);
    };
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, 'neutron-l3-agent'));
  }
}
