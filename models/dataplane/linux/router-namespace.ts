import type {Ground} from '../../ground.ts';
import type {ConntrackHost} from '../../protocols/conntrack-host.ts';
import {countNatRules} from '../../protocols/iptables-save.ts';
import {centralNatTable, externalIngressMark, type NatRelease} from '../../protocols/neutron-nat-rules.ts';
import type {IpRoute} from '../../protocols/ip-routes.ts';
import type {NatTable} from '../../protocols/nat-rules.ts';
import {
  routerDevice,
  type FloatingNumber,
  type NeutronInventory,
  type NeutronPort,
  type NeutronPortNumber,
  type NeutronRouter,
} from '../../tables/neutron-inventory.ts';
import type {AddressWatcher} from '../../tables/host-network.ts';
import {contains, type Ipv4} from '../../wire/ipv4.ts';
import type {NeighbourSettings} from '../../protocols/neighbour-settings.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Time} from '../../../engine/time.ts';
import type {Attachment} from '../ip-interface.ts';
import type {NeighbouringHost} from '../neighbouring-host.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {MetadataAgent} from './metadata-agent.ts';
import {MetadataProxy} from './metadata-proxy.ts';
import {Namespace} from './namespace.ts';
import {NamespaceTranslation} from './namespace-translation.ts';
import {ReplicatedRouter, type ReplicatedRouterSettings} from './replicated-router.ts';

export type RouterNamespaceSettings = {
  readonly host: string;
  readonly kernelPhase: Time;
  readonly inventory: NeutronInventory;
  readonly router: NeutronRouter;
  readonly neighbours: NeighbouringHost;
  readonly sysctls?: Partial<NeighbourSettings>;
  readonly conntrack: ConntrackHost;
  /** A connection began: the collector may have to pass earlier. */
  rearm(): void;
  /** Namespaces made on this host before. */
  readonly number: number;
  readonly release: NatRelease;
  /** Undefined: no other host has the router. */
  readonly replicated: ReplicatedRouterSettings | undefined;
  readonly metadataAgent: MetadataAgent;
};

/** Where the metadata proxy of a router listens (metadata_port of the L3 agent). */
const metadataPort = 9697;

const everywhere = {address: 0, length: 0} as const;

/**
 * `qrouter-…`: a router's namespace as the L3 agent fills it (neutron/agent/l3/router_info.py). Where several hosts have the
 * router keepalived sets addresses and routes (neutron/agent/l3/ha_router.py).
 */
export class RouterNamespace {
  readonly namespace: Namespace;
  readonly translation: NamespaceTranslation;
  readonly replicated: ReplicatedRouter | undefined;
  readonly proxy: MetadataProxy;
  readonly #ground: Ground;
  readonly #settings: RouterNamespaceSettings;
  readonly #devices = new Map<NeutronPortNumber, string>();
  /** Floating addresses on the gateway. */
  readonly #floating = new Set<FloatingNumber>();

  constructor(ground: Ground, settings: RouterNamespaceSettings) {
    const {host, kernelPhase, router, neighbours, conntrack, number, sysctls = {}} = settings;
    this.#ground = ground;
    this.#settings = settings;
    this.namespace = new Namespace(ground, {host, name: `qrouter-${router.id}`, kernelPhase, neighbours, sysctls});
    this.translation = new NamespaceTranslation(ground, {
      place: this.namespace.place,
      number,
      host: conntrack,
      rearm: () => {
        settings.rearm();
      },
      markOf: device => (device?.startsWith('qg-') ? externalIngressMark : 0),
      addressOf: device => this.namespace.interfaces.get(device)?.addresses[0]?.address,
    });
    this.namespace.translation = this.translation;
    this.replicated =
      settings.replicated &&
      new ReplicatedRouter(ground, this.namespace, this.translation.tracked, settings.replicated);
    this.proxy = new MetadataProxy(ground, this.namespace, {
      kernelPhase,
      port: metadataPort,
      agent: settings.metadataAgent,
    });
    this.namespace.receive = (packet, passage, device) =>
      this.replicated?.arrive(packet, passage, device) ?? this.proxy.receive(packet, passage);
    this.translation.table = undefined;
  }

  get ports(): readonly NeutronPortNumber[] {
    return [...this.#devices.keys()];
  }

  hasPort(port: NeutronPortNumber): boolean {
    return this.#devices.has(port);
  }

  addPort(port: NeutronPort, attachment: Attachment): void {
    if (this.#devices.has(port.number)) return;
    const {inventory} = this.#settings;
    const network = inventory.networks[port.network];
    const device = routerDevice(port);
    this.#devices.set(port.number, device);
    const isSetByKeepalived = this.replicated !== undefined && port.kind !== 'router ha interface';
    const addresses = isSetByKeepalived ? [] : [{address: port.address, length: network.cidr.length}];
    this.namespace.addInterface(device, {mac: port.mac, addresses, mtu: network.mtu}, attachment);
    if (this.replicated) this.replicated.linkChanged(device, true);
    else if (port.kind === 'router gateway' && network.gateway !== undefined) {
      this.namespace.addRoute({prefix: everywhere, device, via: network.gateway, source: undefined});
    }
  }

  /**
   * Routes that the router was given (routes_updated), as far as there are devices for them. The default route by the gateway
   * gives way to one that was given.
   */
  addRoutes(): void {
    if (this.replicated) return;
    const {inventory, router} = this.#settings;
    for (const {prefix, nextHop} of router.routes) {
      const port = this.ports.find(number =>
        contains(inventory.networks[inventory.ports[number].network].cidr, nextHop),
      );
      if (port === undefined) continue;
      const device = this.#devices.get(port)!;
      const isSame = (route: IpRoute): boolean =>
        route.via !== undefined && route.prefix.address === prefix.address && route.prefix.length === prefix.length;
      const wanted = router.routes.map(route => route.nextHop);
      this.namespace.removeRoute(route => isSame(route) && !wanted.includes(route.via!));
      if (this.namespace.routes().some(route => isSame(route) && route.via === nextHop)) continue;
      this.namespace.addRoute({prefix, device, via: nextHop, source: undefined});
    }
  }

  removePort(port: NeutronPortNumber): void {
    const device = this.#devices.get(port);
    if (device === undefined) return;
    this.namespace.removeInterface(device);
    this.#devices.delete(port);
    if (port === this.#settings.router.gateway) this.#floating.clear();
    this.replicated?.linkChanged(device, false);
  }

  arrive(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    const device = this.#devices.get(port);
    if (device === undefined) return dropped('no such port here', this.namespace.place);
    return this.namespace.arrive(device, frame, passage);
  }

  /** The nat table anew, with rules of the gateway if it is there, of these floating addresses, and for the metadata service. */
  writeRules(floating: ReadonlyMap<FloatingNumber, Ipv4>, redirectsMetadata: boolean): void {
    const {inventory, router, release} = this.#settings;
    const device = router.gateway === undefined ? undefined : this.#devices.get(router.gateway);
    const table: NatTable = centralNatTable({
      gateway:
        router.gateway === undefined || device === undefined
          ? undefined
          : {device, address: inventory.ports[router.gateway].address, snat: router.snat},
      floatingIps: [...floating].map(([number, fixed]) => ({
        floating: inventory.floating[number].address,
        fixed,
      })),
      metadataPort: redirectsMetadata ? metadataPort : undefined,
      release,
    });
    this.translation.table = table;
  }

  addFloating(floating: FloatingNumber): void {
    this.#floating.add(floating);
    this.#addressGateway();
  }

  removeFloating(floating: FloatingNumber): void {
    this.#floating.delete(floating);
    this.#addressGateway();
  }

  /** `conntrack -D -d` and `-r` of a floating address (router_info.py, remove_floating_ip → delete_conntrack_state). */
  deleteConnections(address: Ipv4): void {
    this.translation.remove({originalDestination: address});
    this.translation.remove({replyDestination: address});
  }

  /** One gratuitous ARP for an address of a port, or for every one. */
  announce(port: NeutronPortNumber, address?: Ipv4): void {
    const device = this.#devices.get(port);
    if (device !== undefined) this.namespace.interfaces.get(device)?.announce(address);
  }

  addressesOf(port: NeutronPortNumber): readonly Ipv4[] {
    const device = this.#devices.get(port);
    const addresses = device === undefined ? [] : (this.namespace.interfaces.get(device)?.addresses ?? []);
    return addresses.map(({address}) => address);
  }

  /** Tells of every address that appears on a device or goes from it. */
  watchAddresses(watcher: AddressWatcher | undefined): void {
    this.namespace.addressChanged =
      watcher &&
      ((device, address, present) => {
        for (const [port, name] of this.#devices) if (name === device) watcher(port, address, present);
      });
  }

  /** Address translation at present. */
  state(): {connections: number; connectionsMax: number; snatPorts: number; rules: number; insertFailed: number} {
    const {connections, table} = this.translation;
    const {conntrack, inventory, router} = this.#settings;
    const external = router.gateway === undefined ? undefined : inventory.ports[router.gateway].address;
    const ports = connections
      .list(this.#ground.engine.now)
      .filter(({reply}) => reply.destination === external)
      .map(({reply}) => reply.destinationPort);
    return {
      connections: connections.count,
      connectionsMax: conntrack.limits.max,
      snatPorts: new Set(ports).size,
      rules: table ? countNatRules(table) : 0,
      insertFailed: connections.counters.insertFailed + connections.counters.drop,
    };
  }

  remove(): void {
    this.replicated?.kill('namespace deleted');
    this.proxy.run(false);
    this.namespace.remove();
    this.translation.remove({});
    this.#devices.clear();
  }

  /** The external address, and floating ones as /32 beside it. */
  #addressGateway(): void {
    if (this.replicated) return;
    const {inventory, router} = this.#settings;
    if (router.gateway === undefined) return;
    const device = this.#devices.get(router.gateway);
    if (device === undefined) return;
    const {address, network} = inventory.ports[router.gateway];
    const own = {address, length: inventory.networks[network].cidr.length};
    const others = [...this.#floating].map(number => ({
      address: inventory.floating[number].address,
      length: 32,
    }));
    this.namespace.setAddresses(device, [own, ...others]);
  }
}
