import {seconds, type Time} from '../../../engine/time.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {HostRouters} from '../../tables/host-network.ts';
import type {
  FloatingNumber,
  NeutronInventory,
  NeutronPortNumber,
  RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {DeviceCauses} from './device-causes.ts';
import type {HaContents} from './ha-configuration.ts';
import type {HaRouters} from './ha-routers.ts';
import type {HaTransitions} from './ha-transitions.ts';
import type {RouterDetails} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';

export type BuilderSurroundings = {
  readonly name: string;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly network: HostRouters;
  readonly deviceCauses: DeviceCauses;
  /** Addresses on the device of a router's port at present, as `ip addr` lists them. */
  addressesOf(port: NeutronPortNumber): readonly Ipv4[];
};

/** What the agent knows that it has made of a router (`router_info`). */
type Built = {
  readonly interfaces: Set<NeutronPortNumber>;
  gateway: NeutronPortNumber | undefined;
  fixed: Map<FloatingNumber, Ipv4>;
  readonly isReplicated: boolean;
};

const daemon = 'neutron-l3-agent';

/** neutron/agent/linux/ip_lib.py: three times, two seconds apart. */
const announcements = 3;
const announcementInterval: Time = seconds(2);

/**
 * Makes routers of a host as the L3 agent does (neutron/agent/l3/router_info.py, process): the namespace, interfaces, the
 * gateway, all NAT rules at once, then floating addresses one by one. Every address is announced from when it is there,
 * whether or not its device is wired already.
 */
export class RouterBuilder {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: BuilderSurroundings;
  readonly #ha: HaRouters;
  readonly #transitions: HaTransitions;
  readonly #built = new Map<RouterNumber, Built>();

  constructor(
    ground: Ground,
    process: Process,
    rpc: Rpc,
    {ha, transitions, ...among}: BuilderSurroundings & {readonly ha: HaRouters; readonly transitions: HaTransitions},
  ) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
    this.#ha = ha;
    this.#transitions = transitions;
  }

  /** Routers that the agent knows it has made. */
  get routers(): readonly RouterNumber[] {
    return [...this.#built.keys()];
  }

  /** A router that was made long ago. */
  beginSettled({router, interfaces, gateway, floating, ha}: RouterDetails): void {
    const fixed = new Map(floating.map(({floating: number, fixed: address}) => [number, address]));
    const built = {interfaces: new Set(interfaces), gateway, fixed, isReplicated: ha !== undefined};
    this.#built.set(router, built);
    if (ha) this.#ha.beginSettled(router, contentsOf(built));
  }

  /**
   * Makes the router so, or changes it. False if the server could not be told about floating addresses in time: a router
   * that the agent has just made is then taken away again (_cleanup_failed_router).
   */
  *process(details: RouterDetails): Thread<boolean> {
    const {router, interfaces, ha} = details;
    const {network} = this.#among;
    const known = this.#built.get(router);
    const isReplicated = ha !== undefined;
    const built: Built = known ?? {interfaces: new Set(), gateway: undefined, fixed: new Map(), isReplicated};
    if (!known) {
      this.#built.set(router, built);
      yield* this.#step('l3-namespace');
      network.addRouter(router);
      if (ha) yield* this.#ha.initialise(router, ha);
    } else if (ha) this.#transitions.compare(router, ha.state);
    for (const port of interfaces) {
      if (built.interfaces.has(port)) continue;
      yield* this.#addPort(port, isReplicated);
      built.interfaces.add(port);
    }
    const isDone = yield* this.#processExternal(details, built);
    if (!isDone) {
      if (!known) yield* this.#takeAway(router);
      return false;
    }
    if (ha) yield* this.#ha.enable(router, ha, contentsOf(built));
    this.#announce('router configured', router);
    if (!known && !ha) yield* this.#runProxy(router);
    return true;
  }

  /** Takes the router away, and all that belongs to it. */
  *remove(router: RouterNumber): Thread {
    const {network, inventory} = this.#among;
    const built = this.#built.get(router);
    this.#built.delete(router);
    if (built?.isReplicated) yield* this.#ha.remove(router);
    if (built) {
      for (const port of built.interfaces) {
        yield* this.#step('l3-remove');
        network.removeRouterPort(port);
      }
      if (built.gateway !== undefined) {
        yield* this.#step('l3-remove');
        network.removeRouterPort(built.gateway);
      }
    } else if (!this.isThere(router)) return;
    yield* this.#step('l3-remove');
    network.removeRouter(inventory.routers[router].number);
    this.#announce('router removed', router);
  }

  /** Whether anything of the router is on the host. */
  isThere(router: RouterNumber): boolean {
    return this.routersThere().includes(router);
  }

  /** Routers whose namespaces are on the host, whoever made them. */
  routersThere(): readonly RouterNumber[] {
    const {network, inventory} = this.#among;
    const routers = network.devices().map(port => inventory.ports[port].router);
    return [...new Set(routers)].filter(router => router !== undefined);
  }

  /** process_external */
  *#processExternal({gateway, floating, ha}: RouterDetails, built: Built): Thread<boolean> {
    if (gateway === undefined) return true;
    const {network, inventory} = this.#among;
    if (built.gateway === undefined) {
      yield* this.#addPort(gateway, built.isReplicated);
      built.gateway = gateway;
    }
    yield* this.#step('l3-nat');
    // What keepalived is to set counts as there, wherever it sets it (get_router_cidrs).
    const managed = [...built.fixed.keys()].map(number => inventory.floating[number].address);
    const there = ha ? managed : this.#among.addressesOf(gateway);
    const gone = [...built.fixed.keys()].filter(number => floating.every(({floating: kept}) => kept !== number));
    for (const number of gone) network.removeFloating(number);
    const isThere = ({floating: number}: RouterDetails['floating'][number]): boolean =>
      there.includes(inventory.floating[number].address);
    for (const {floating: number, fixed} of floating.filter(isThere)) network.addFloating(number, fixed);
    for (const {floating: number, fixed} of floating.filter(address => !isThere(address))) {
      yield* this.#step('l3-floating');
      network.addFloating(number, fixed);
      const {address} = inventory.floating[number];
      this.#tellFloating(number, true);
      if (!ha) this.#process.run(this.#announceAddress(gateway, address));
    }
    for (const number of gone) {
      yield* this.#step('l3-floating');
      network.deleteConnections(number);
      this.#tellFloating(number, false);
    }
    const known = built.fixed;
    built.fixed = new Map(floating.map(({floating: number, fixed}) => [number, fixed]));
    const active = floating
      .filter(address => !address.active || !isThere(address) || isMoved(address, known))
      .map(({floating: number}) => ({floating: number, active: true}));
    const statuses = [...active, ...gone.map(number => ({floating: number, active: false}))];
    if (statuses.length === 0) return true;
    return (yield* this.#rpc.call('q-l3-plugin', 'update_floatingip_statuses', statuses)) !== 'timed out';
  }

  /** spawn_monitored_metadata_proxy: one that an earlier process has started goes on. */
  *#runProxy(router: RouterNumber): Thread {
    const {network} = this.#among;
    if (network.runsRouterProxy(router)) return;
    yield* this.#step('metadata-proxy');
    network.runRouterProxy(router, true);
  }

  *#addPort(port: NeutronPortNumber, isReplicated: boolean): Thread {
    const {network, inventory} = this.#among;
    yield* this.#step('l3-port');
    network.addRouterPort(port);
    this.#among.deviceCauses.made(port, this.#ground.engine.cause);
    if (!isReplicated) this.#process.run(this.#announceAddress(port, inventory.ports[port].address));
  }

  /** _arping: ends when the address is gone. */
  *#announceAddress(port: NeutronPortNumber, address: Ipv4): Thread {
    const {name, network, inventory} = this.#among;
    const {engine, journal} = this.#ground;
    for (let round = 1; round <= announcements; round++) {
      if (round > 1) yield* this.#process.sleep(announcementInterval);
      if (!this.#among.addressesOf(port).includes(address)) return;
      const {mac} = inventory.ports[port];
      engine.cause = journal.announce('address announced', {chassis: name, address, mac, round});
      network.announce(port, address);
    }
  }

  *#takeAway(router: RouterNumber): Thread {
    if (this.#built.get(router)?.isReplicated) yield* this.#ha.remove(router);
    this.#built.delete(router);
    yield* this.#step('l3-remove');
    this.#among.network.removeRouter(router);
    this.#announce('router removed', router);
  }

  #announce(kind: 'router configured' | 'router removed', router: RouterNumber): void {
    const {name, inventory} = this.#among;
    const {engine, journal} = this.#ground;
    engine.cause = journal.announce(kind, {chassis: name, router: inventory.routers[router].name});
  }

  #tellFloating(number: FloatingNumber, active: boolean): void {
    const {name, inventory} = this.#among;
    const {engine, journal} = this.#ground;
    const {address} = inventory.floating[number];
    engine.cause = journal.announce('floating address configured', {chassis: name, address, active});
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, daemon));
  }
}

function contentsOf({interfaces, gateway, fixed}: Built): HaContents {
  return {interfaces: [...interfaces], gateway, floating: [...fixed.keys()]};
}

function isMoved(
  {floating, fixed}: RouterDetails['floating'][number],
  known: ReadonlyMap<FloatingNumber, Ipv4>,
): boolean {
  const before = known.get(floating);
  return before !== undefined && before !== fixed;
}
