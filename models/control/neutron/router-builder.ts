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
  /** What was last told of the gateway's port. */
  gatewayRevision: number;
  fixed: Map<FloatingNumber, Ipv4>;
  /** Whether this process has the rule that leads to the metadata proxy. */
  redirectsMetadata: boolean;
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
  beginSettled({router, interfaces, gateway, gatewayRevision, floating, ha}: RouterDetails): void {
    const fixed = fixedOf(floating);
    const built = {
      ...{interfaces: new Set(interfaces), gateway, gatewayRevision, fixed},
      ...{redirectsMetadata: true, isReplicated: ha !== undefined},
    };
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
    const built: Built = known ?? {
      ...{interfaces: new Set(), gateway: undefined, gatewayRevision: 0},
      ...{fixed: new Map(), redirectsMetadata: false, isReplicated},
    };
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
    network.addRouterRoutes(router);
    if (ha) yield* this.#ha.enable(router, ha, contentsOf(built));
    this.#announce('router configured', router);
    if (!known) {
      built.redirectsMetadata = true;
      yield* this.#writeRules(details, built);
      if (!ha) yield* this.#runProxy(router);
    }
    return true;
  }

  /**
   * Takes the router away, and all that belongs to it. False if the server could not be told that its floating addresses are
   * down: the namespace stays then, and is to be removed again (_process_external_on_delete).
   */
  *remove(router: RouterNumber): Thread<boolean> {
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
      const down = [...built.fixed.keys()].map(floating => ({floating, active: false}));
      if (!(yield* this.#tellServer(down))) {
        this.#built.set(router, {...built, interfaces: new Set(), gateway: undefined, fixed: new Map()});
        return false;
      }
    } else if (!this.isThere(router)) return true;
    yield* this.#step('l3-remove');
    network.removeRouter(inventory.routers[router].number);
    this.#announce('router removed', router);
    return true;
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

  /** process_external: the gateway, all rules at once, addresses that are new, addresses that are gone. */
  *#processExternal(details: RouterDetails, built: Built): Thread<boolean> {
    const {router, gateway, floating, ha} = details;
    const {network, inventory} = this.#among;
    if (gateway !== undefined) yield* this.#makeGateway(details, gateway, built);
    yield* this.#writeRules(details, built);
    if (gateway === undefined) return true;
    const known = built.fixed;
    // What keepalived is to set counts as there, wherever it sets it (get_router_cidrs).
    const there = ha ? [...known.keys()] : this.#floatingOn(router, gateway);
    for (const {floating: number} of floating.filter(address => !there.includes(address.floating))) {
      yield* this.#step('l3-floating');
      network.addFloating(number);
      this.#tellFloating(number, true);
      if (!ha) this.#process.run(this.#announceAddress(gateway, inventory.floating[number].address));
    }
    for (const number of there.filter(other => !isAmong(floating, other))) {
      yield* this.#step('l3-floating');
      this.#removeFloating(number);
    }
    built.fixed = fixedOf(floating);
    const active = floating
      .filter(address => !address.active || !there.includes(address.floating) || isMoved(address, known))
      .map(({floating: number}) => ({floating: number, active: true}));
    const gone = [...known.keys()].filter(number => !isAmong(floating, number));
    return yield* this.#tellServer([...active, ...gone.map(number => ({floating: number, active: false}))]);
  }

  /**
   * _process_external_gateway. A gateway whose port has changed in any way since the agent was last told of it is set up, and
   * announced, like a new one (_gateway_ports_equal). Of what an earlier process has left there, floating addresses that are
   * not the router's any more go with their connections (init_l3).
   */
  *#makeGateway({router, gatewayRevision, floating}: RouterDetails, gateway: NeutronPortNumber, built: Built): Thread {
    const isUnchanged = built.gateway !== undefined && built.gatewayRevision === gatewayRevision;
    built.gatewayRevision = gatewayRevision;
    if (isUnchanged || (built.isReplicated && built.gateway !== undefined)) return;
    yield* this.#addPort(gateway, built.isReplicated);
    built.gateway = gateway;
    if (built.isReplicated) return;
    for (const number of this.#floatingOn(router, gateway)) {
      if (!isAmong(floating, number)) this.#removeFloating(number);
    }
  }

  *#writeRules({router, floating}: RouterDetails, {redirectsMetadata}: Built): Thread {
    yield* this.#step('l3-nat');
    this.#among.network.writeRules(router, fixedOf(floating), redirectsMetadata);
  }

  /** Floating addresses that are on the gateway, whoever has set them. */
  #floatingOn(router: RouterNumber, gateway: NeutronPortNumber): readonly FloatingNumber[] {
    const there = this.#among.addressesOf(gateway);
    const own = this.#among.inventory.floating.filter(floating => floating.router === router);
    return own.filter(({address}) => there.includes(address)).map(({number}) => number);
  }

  /** delete_addr_and_conntrack_state */
  #removeFloating(number: FloatingNumber): void {
    const {network} = this.#among;
    network.removeFloating(number);
    network.deleteConnections(number);
    this.#tellFloating(number, false);
  }

  /** update_fip_statuses. False if the server did not answer. */
  *#tellServer(statuses: readonly {readonly floating: FloatingNumber; readonly active: boolean}[]): Thread<boolean> {
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

function fixedOf(floating: RouterDetails['floating']): Map<FloatingNumber, Ipv4> {
  return new Map(floating.map(({floating: number, fixed}) => [number, fixed]));
}

function isAmong(floating: RouterDetails['floating'], number: FloatingNumber): boolean {
  return floating.some(other => other.floating === number);
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
