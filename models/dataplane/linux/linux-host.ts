import type {DnsmasqLease} from '../../protocols/dnsmasq-dhcp.ts';
import type {ConntrackdCommand} from '../../protocols/conntrackd/conntrackd.ts';
import type {KeepalivedConfiguration} from '../../protocols/keepalived-configuration.ts';
import type {AddressWatcher, DhcpFiles, HostDhcp, HostRouters} from '../../tables/host-network.ts';
import {
  deviceName,
  type FloatingNumber,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronPort,
  type NeutronPortNumber,
  type RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {Taps} from '../../tables/taps.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {Station} from '../station.ts';
import type {DhcpNamespace} from './dhcp-namespace.ts';
import type {MetadataProxy} from './metadata-proxy.ts';
import type {ReplicatedRouter} from './replicated-router.ts';
import type {RouterNamespace} from './router-namespace.ts';
import type {Devices, Switching} from './switching.ts';

export type LinuxHostSurroundings = {
  readonly name: string;
  readonly taps: Taps;
  readonly inventory: NeutronInventory;
  /** Ports of the VMs that run here. */
  readonly vmPorts: ReadonlySet<NeutronPortNumber>;
  /** How what is here is joined to everything else. */
  readonly switching: Switching;
  /** The VM behind a port of these. */
  vm(port: NeutronPortNumber): Station;
  makeRouter(router: RouterNumber): RouterNamespace;
  makeDhcp(network: NetworkNumber): DhcpNamespace;
};

/**
 * What is on a host of Neutron: the devices of its VMs, and a namespace for each router with devices of its own. What a
 * device sends goes to the host's switching, and what comes from there to the device.
 */
export class LinuxHost implements HostRouters, HostDhcp, Devices {
  readonly routers = new Map<RouterNumber, RouterNamespace>();
  readonly dhcp = new Map<NetworkNumber, DhcpNamespace>();
  /** What stands in /var/lib/neutron/dhcp. */
  readonly dhcpFiles = new Map<NetworkNumber, DhcpFiles>();
  readonly #dhcpLeases = new Map<NetworkNumber, readonly DnsmasqLease[]>();
  readonly #among: LinuxHostSurroundings;
  readonly #indices = new Map<NeutronPortNumber, number>();
  #made = 0;

  constructor(among: LinuxHostSurroundings) {
    this.#among = among;
  }

  get name(): string {
    return this.#among.name;
  }

  devices(): readonly NeutronPortNumber[] {
    const routers = [...this.routers.values()].flatMap(({ports}) => ports);
    const dhcp = [...this.dhcp.values()].flatMap(({port}) => (port === undefined ? [] : [port]));
    return [...this.#among.vmPorts, ...routers, ...dhcp];
  }

  deviceIndex(port: NeutronPortNumber): number {
    return this.#indices.get(port) ?? 0;
  }

  has(number: NeutronPortNumber): boolean {
    const {kind, router} = this.#port(number);
    if (kind === 'vm') return this.#among.vmPorts.has(number);
    if (kind === 'dhcp') return this.hasDhcpPort(number);
    return router !== undefined && this.routers.get(router)?.hasPort(number) === true;
  }

  /** A device was made. */
  made(port: NeutronPortNumber): void {
    this.#indices.set(port, ++this.#made);
    this.#among.switching.appeared(port);
  }

  /** The device of a VM is gone: it runs here no more. */
  gone(port: NeutronPortNumber): void {
    this.#among.switching.gone(port);
  }

  addRouter(router: RouterNumber): void {
    if (!this.routers.has(router)) this.routers.set(router, this.#among.makeRouter(router));
  }

  removeRouter(router: RouterNumber): void {
    const namespace = this.routers.get(router);
    if (!namespace) return;
    for (const port of namespace.ports) this.gone(port);
    namespace.remove();
    this.routers.delete(router);
  }

  addRouterPort(number: NeutronPortNumber): void {
    const port = this.#port(number);
    if (port.router === undefined) throw new Error(`port ${port.id} belongs to no router`);
    const isNew = !this.has(number);
    this.routers.get(port.router)?.addPort(port, {
      transmit: (frame, passage) => this.transmit(number, frame, passage),
    });
    if (isNew) this.made(number);
  }

  removeRouterPort(number: NeutronPortNumber): void {
    const {router} = this.#port(number);
    this.gone(number);
    if (router !== undefined) this.routers.get(router)?.removePort(number);
  }

  dhcpNetworks(): readonly NetworkNumber[] {
    return [...this.dhcpFiles.keys()];
  }

  hasDhcpPort(number: NeutronPortNumber): boolean {
    return this.dhcp.get(this.#port(number).network)?.port === number;
  }

  addDhcpPort(number: NeutronPortNumber): void {
    if (this.hasDhcpPort(number)) return;
    const port = this.#port(number);
    const namespace = this.#among.makeDhcp(port.network);
    this.dhcp.set(port.network, namespace);
    namespace.addPort(port, {transmit: (frame, passage) => this.transmit(number, frame, passage)});
    this.made(number);
  }

  isDhcpRunning(network: NetworkNumber): boolean {
    return this.dhcp.get(network)?.dnsmasq !== undefined;
  }

  startDhcp(network: NetworkNumber, files: DhcpFiles, leases: readonly DnsmasqLease[]): void {
    this.dhcpFiles.set(network, files);
    this.dhcp.get(network)?.start(files, leases);
  }

  /** What stands in the leases file: what dnsmasq has given, or had when it ended. */
  leasesOf(network: NetworkNumber): readonly DnsmasqLease[] {
    return this.dhcp.get(network)?.dnsmasq?.leases ?? this.#dhcpLeases.get(network) ?? [];
  }

  stopDhcp(network: NetworkNumber): void {
    this.#dhcpLeases.set(network, this.leasesOf(network));
    this.dhcp.get(network)?.stop();
  }

  reloadDhcp(network: NetworkNumber, files: DhcpFiles): void {
    this.dhcpFiles.set(network, files);
    this.dhcp.get(network)?.reload(files);
  }

  runMetadata(network: NetworkNumber, runs: boolean): void {
    this.dhcp.get(network)?.proxy.run(runs);
  }

  removeDhcp(network: NetworkNumber): void {
    this.#removeDhcpNamespace(network);
    this.dhcpFiles.delete(network);
  }

  runsRouterProxy(router: RouterNumber): boolean {
    return this.routers.get(router)?.proxy.runs === true;
  }

  runRouterProxy(router: RouterNumber, runs: boolean): void {
    this.routers.get(router)?.proxy.run(runs);
  }

  /** The proxy of the metadata service in the namespace that results call so. */
  metadataProxy(place: string): MetadataProxy | undefined {
    for (const {proxy} of [...this.routers.values(), ...this.dhcp.values()]) if (proxy.name === place) return proxy;
    return undefined;
  }

  addRouterRoutes(router: RouterNumber): void {
    this.routers.get(router)?.addRoutes();
  }

  writeRules(router: RouterNumber, floating: ReadonlyMap<FloatingNumber, Ipv4>, redirectsMetadata: boolean): void {
    this.routers.get(router)?.writeRules(floating, redirectsMetadata);
  }

  addFloating(floating: FloatingNumber): void {
    const {router} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.addFloating(floating);
  }

  removeFloating(floating: FloatingNumber): void {
    const {router} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.removeFloating(floating);
  }

  deleteConnections(floating: FloatingNumber): void {
    const {router, address} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.deleteConnections(address);
  }

  announce(number: NeutronPortNumber, address?: Ipv4): void {
    const {router} = this.#port(number);
    if (router !== undefined) this.routers.get(router)?.announce(number, address);
  }

  /** The addresses on a router's port, floating ones included. */
  addressesOf(number: NeutronPortNumber): readonly Ipv4[] {
    const {router} = this.#port(number);
    return router === undefined ? [] : (this.routers.get(router)?.addressesOf(number) ?? []);
  }

  keepalivedRuns(router: RouterNumber): boolean {
    return this.#replicated(router)?.keepalived.daemon.spawned === true;
  }

  enableKeepalived(router: RouterNumber, configuration: KeepalivedConfiguration): void {
    this.#replicated(router)?.keepalived.enable(configuration);
  }

  disableKeepalived(router: RouterNumber): void {
    this.#replicated(router)?.keepalived.daemon.dismiss();
  }

  conntrackdRuns(router: RouterNumber): boolean {
    return this.#replicated(router)?.conntrackd?.daemon.spawned === true;
  }

  conntrackdAnswers(router: RouterNumber): boolean {
    return this.#replicated(router)?.conntrackd?.daemon.running === true;
  }

  enableConntrackd(router: RouterNumber): void {
    this.#replicated(router)?.conntrackd?.daemon.spawn();
  }

  disableConntrackd(router: RouterNumber): void {
    this.#replicated(router)?.conntrackd?.daemon.dismiss();
  }

  commandConntrackd(router: RouterNumber, command: ConntrackdCommand, done: () => void): void {
    const conntrackd = this.#replicated(router)?.conntrackd;
    if (conntrackd) conntrackd.command(command, done);
    else done();
  }

  watchAddresses(router: RouterNumber, watcher: AddressWatcher | undefined): void {
    this.routers.get(router)?.watchAddresses(watcher);
  }

  /** The power goes, and with it everything that was built. */
  crash(): void {
    for (const {replicated} of this.routers.values()) replicated?.kill('chassis crashed');
    for (const router of [...this.routers.keys()]) this.removeRouter(router);
    for (const network of [...this.dhcp.keys()]) this.#removeDhcpNamespace(network);
    this.#among.switching.crash();
  }

  /** A frame leaves a device. */
  transmit(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    this.#tap(port, frame, passage);
    return this.#among.switching.receive(port, frame, passage);
  }

  arrive(number: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    this.#tap(number, frame, passage);
    const {kind, router, network} = this.#port(number);
    if (kind === 'dhcp') {
      return this.dhcp.get(network)?.arrive(frame, passage) ?? dropped('no such port here', this.name);
    }
    if (router === undefined) return this.#among.vm(number).arrive(frame, passage);
    const namespace = this.routers.get(router);
    return namespace?.arrive(number, frame, passage) ?? dropped('no such port here', this.name);
  }

  /** A frame passes the device of a port. */
  #tap(port: NeutronPortNumber, frame: Frame, {arrivesAt}: Passage): void {
    const {taps} = this.#among;
    if (taps.open) taps.see(`${this.name} ${deviceName('tap', this.#port(port).id)}`, frame, arrivesAt);
  }

  #removeDhcpNamespace(network: NetworkNumber): void {
    const namespace = this.dhcp.get(network);
    if (!namespace) return;
    this.#dhcpLeases.set(network, this.leasesOf(network));
    if (namespace.port !== undefined) this.gone(namespace.port);
    namespace.remove();
    this.dhcp.delete(network);
  }

  #replicated(router: RouterNumber): ReplicatedRouter | undefined {
    return this.routers.get(router)?.replicated;
  }

  #port(number: NeutronPortNumber): NeutronPort {
    return this.#among.inventory.ports[number];
  }
}
