import {settleDhcp} from '../../control/neutron/settle-dhcp.ts';
import {settleHost} from '../../control/neutron/settle-host.ts';
import type {ServiceEnd} from '../../dataplane/flow-end.ts';
import {DhcpGuest} from '../../dataplane/dhcp-guest.ts';
import type {SyncChannel} from '../../dataplane/conntrackd/sync-channel.ts';
import {VirtualRouters} from '../../dataplane/keepalived/virtual-routers.ts';
import {Station} from '../../dataplane/station.ts';
import type {NatSample} from '../../events/results.ts';
import type {Operation} from '../../faults/operation.ts';
import {NeutronContents} from '../../tables/neutron-contents.ts';
import {
  deviceName,
  type FloatingNumber,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronPortNumber,
  type RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import {formatIpv4, type Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Cloud} from '../cloud.ts';
import {serveDhcp} from '../foreign-dhcp.ts';
import type {Site} from '../site.ts';
import type {NeutronPlan} from '../world-plan.ts';
import {ComputeService} from './compute-service.ts';
import {groupId, makeInventory, withRemoteId} from './make-inventory.ts';
import {NeutronCentral} from './neutron-central.ts';
import {NeutronChassis} from './neutron-chassis.ts';
import {clientIdOf, SettledLeases} from './settled-leases.ts';
import {settleHa} from './settle-ha.ts';

/** The agent that goes with a mechanism driver. */
const l2Kinds = {linuxbridge: 'neutron-linuxbridge-agent', openvswitch: 'neutron-openvswitch-agent'} as const;

/** A Neutron cloud: hosts with Linux bridges or Open vSwitch and agents, and a controller with the message bus and neutron-server. */
export class NeutronCloud implements Cloud {
  readonly inventory: NeutronInventory;
  readonly contents: NeutronContents;
  readonly chassis: readonly NeutronChassis[];
  readonly central: NeutronCentral;
  readonly #site: Site;
  readonly #plan: NeutronPlan;
  readonly #vms = new Map<NeutronPortNumber, Station>();
  readonly #ports: ReadonlyMap<string, NeutronPortNumber>;
  /** Who has each tap. */
  readonly #owners: ReadonlyMap<string, string>;
  readonly #compute: ComputeService;
  readonly #leases: SettledLeases;
  /** Who runs virtual routers on each HA network. */
  readonly #peers = new Map<NetworkNumber, VirtualRouters>();
  /** Who tells each other of the connections of each router. */
  readonly #syncPeers = new Map<RouterNumber, Set<SyncChannel>>();

  constructor(site: Site, plan: NeutronPlan) {
    this.#site = site;
    this.#plan = plan;
    this.inventory = makeInventory(site.plan, plan, site.ground.chance.sequence('neutron/ha allocation'));
    const off = new Set(site.plan.vms.flatMap(({isOff}, port) => (isOff ? [port] : [])));
    this.contents = this.#makeContents(off);
    this.#owners = new Map(this.inventory.ports.map(({id, owner}) => [deviceName('tap', id), owner]));
    this.#leases = new SettledLeases(site.ground, this.inventory, plan);
    this.#ports = new Map(site.plan.vms.map(({name}, port) => [name, port]));
    this.central = this.#makeCentral();
    this.chassis = this.inventory.chassis.map((name, number) => this.#makeChassis(name, number));
    this.#compute = new ComputeService(site.ground, {
      chassis: number => this.chassis[number],
      vm: port => this.vmBehind(port),
      statusOf: port => (this.contents.isMade(port) ? this.contents.statusOf(port) : undefined),
      neutronFlaw: () => this.#serverFlaw,
      createPort: (port, made) => {
        this.central.server.createPort(port, made);
      },
    });
    for (const {number, home, kind} of this.inventory.ports) {
      if (kind === 'vm' && home !== undefined) this.#compute.place(number, home, off.has(number));
    }
    site.makeOutside(
      address => this.routerFor(address),
      () => undefined,
    );
  }

  get machines(): Cloud['machines'] {
    return [...this.chassis, this.central];
  }

  vm(name: string): Station | undefined {
    const port = this.#ports.get(name);
    return port === undefined ? undefined : this.vmBehind(port);
  }

  /** The VM behind a port. */
  vmBehind(port: NeutronPortNumber): Station {
    let station = this.#vms.get(port);
    if (!station) {
      station = this.#makeVm(port);
      this.#vms.set(port, station);
      this.#site.stations.set(station.name, station);
    }
    return station;
  }

  /** The proxies of the metadata service, by the names of their namespaces. */
  serviceAt(place: string): ServiceEnd | undefined {
    const name = place.slice(0, place.indexOf(' '));
    const proxy = this.chassis.find(node => node.name === name)?.linux.metadataProxy(place);
    return proxy?.runs ? proxy : undefined;
  }

  routerFor(address: Ipv4): Ipv4 | undefined {
    const {floating, routers, ports} = this.inventory;
    const owner = floating.find(candidate => candidate.address === address)?.router;
    const gateways = routers.flatMap(({gateway}) => (gateway === undefined ? [] : [ports[gateway]]));
    return gateways.find(port => port.router === owner || port.address === address)?.address;
  }

  /** The network nodes with the router's addresses first, then those that it is scheduled to, then the others. */
  hostsOf(name: string): readonly string[] {
    const router = this.inventory.routers.find(candidate => candidate.name === name);
    if (!router) return [];
    const rankOf = ({number, linux}: NeutronChassis): number => {
      if (linux.routers.get(router.number)?.replicated?.hasAddresses) return 0;
      return this.contents.isHostedBy(router.number, number) ? 1 : 2;
    };
    const nodes = this.chassis.filter(({role}) => role === 'gateway');
    return [...nodes].sort((a, b) => rankOf(a) - rankOf(b) || a.number - b.number).map(({name: node}) => node);
  }

  homeOf(vm: string): string | undefined {
    const port = this.#ports.get(vm);
    const home = port === undefined ? undefined : this.#compute.homeOf(port);
    return home === undefined ? undefined : this.inventory.chassis[home];
  }

  reset(client: string | undefined): void {
    this.central.reset(client);
  }

  operate(operation: Operation, subject: string): void {
    const refusal = this.#order(operation, subject);
    if (refusal === undefined) return;
    const detail = {what: operation.what, subject, reason: refusal};
    this.#site.ground.journal.announce('operation refused', detail);
  }

  /** Returns why nothing is done. What neutron-server refuses it tells itself, once it has looked into its database. */
  #order(operation: Operation, subject: string): string | undefined {
    const {server} = this.central;
    if (operation.what === 'boot' || operation.what === 'start') return this.#compute.boot(this.#portOf(subject));
    if (operation.what === 'replace') return this.#replace(subject, operation.mac);
    const flaw = this.#serverFlaw;
    if (flaw !== undefined) return flaw;
    switch (operation.what) {
      case 'associate':
        server.associate(this.#floatingOf(subject), this.#portOf(operation.vm));
        return undefined;
      case 'disassociate':
        server.associate(this.#floatingOf(subject), undefined);
        return undefined;
      case 'allocate':
        server.allocate(this.#portOf(subject));
        return undefined;
      case 'release':
        server.release(this.#floatingOf(subject));
        return undefined;
      case 'reschedule':
        server.moveRouter(this.#routerOf(subject), this.#chassisOf(operation.to));
        return undefined;
      case 'remove':
        server.removeRouter(this.#routerOf(subject), this.#chassisOf(operation.from));
        return undefined;
      case 'add':
        server.addRouter(this.#routerOf(subject), this.#chassisOf(operation.to));
        return undefined;
      case 'move':
        return this.#move(this.#portOf(subject), this.#chassisOf(operation.to));
      case 'reload':
        return undefined;
      case 'add-rule':
        return server.changeRules(groupId(subject), withRemoteId(operation.rule), 'add');
      case 'remove-rule':
        return server.changeRules(groupId(subject), withRemoteId(operation.rule), 'remove');
      case 'add-group':
        return server.changeGroups(this.#portOf(subject), groupId(operation.group), 'join');
      case 'remove-group':
        return server.changeGroups(this.#portOf(subject), groupId(operation.group), 'leave');
    }
  }

  settle(): void {
    const {contents, central, inventory, chassis: hosts} = this;
    const {server} = central;
    central.beginSettled();
    this.#settleLeases();
    for (const chassis of hosts) {
      const networks = server.networksOn(chassis.number);
      const leasesOf = (port: NeutronPortNumber) => this.#leases.givenBy(port);
      settleDhcp({inventory, settings: this.#plan}, chassis.number, chassis.linux, networks, leasesOf);
      const routers = server.routersOn(chassis.number);
      settleHost(
        {contents, population: server.population, settings: this.#plan},
        chassis.number,
        chassis.linux,
        chassis.mechanism.bridges,
        routers,
      );
    }
    const luck = this.#site.ground.chance.sequence('neutron/ha phases');
    settleHa({inventory, contents, settings: this.#plan, chassis: hosts, luck});
    for (const chassis of hosts) {
      chassis.beginSettled(
        (client, station, agent) => central.connectSettled(client, station, agent),
        server.routersOn(chassis.number),
        ports => server.groups.infoFor(ports),
        server.networksOn(chassis.number),
      );
    }
  }

  /** Of every router that is in a namespace somewhere. */
  natSamples(): readonly NatSample[] {
    const at = this.#site.ground.engine.now;
    return this.chassis.flatMap(({name, linux}) =>
      [...linux.routers.values()].map(router => ({
        ...{at, chassis: name, namespace: router.namespace.name},
        ...router.state(),
      })),
    );
  }

  #makeVm(port: NeutronPortNumber): Station {
    const {networks, ports} = this.inventory;
    const {owner: name, mac, address, network} = ports[port];
    const {cidr, gateway} = networks[network];
    const {mtu} = this.#site.plan.vms[port];
    const station = new Station(
      this.#site.ground,
      {
        ...{name, mac, address, network: cidr, gateway, mtu, kernelPhase: this.#site.kernelPhase(name)},
        sysctls: this.#site.plan.sysctls.vms,
        limits: this.#site.plan.sysctls.vms,
      },
      {transmit: (frame, passage) => this.#compute.transmit(port, frame, passage)},
    );
    const {addressing, servesDhcp} = this.#site.plan.vms[port];
    if (servesDhcp) serveDhcp(this.#site.ground, station, servesDhcp, {address, network: cidr});
    if (addressing === 'dhcp') {
      const guest = new DhcpGuest(this.#site.ground, station, clientIdOf(name));
      const held = this.#leases.heldBy(port);
      if (held) guest.beginBound(held);
    }
    return station;
  }

  /** VMs that run have leases, and renew them when it is time. */
  #settleLeases(): void {
    const {ground, plan} = this.#site;
    const {ports} = this.inventory;
    const details = new Map(this.central.server.servedNetworks().map(known => [known.network, known]));
    for (const [port, {addressing, isOff}] of plan.vms.entries()) {
      const served = details.get(ports[port].network);
      if (served && addressing === 'dhcp' && !isOff) this.#leases.add(ports[port], served);
    }
    for (const [port, at] of this.#leases.renewalsBefore(plan.duration)) {
      ground.later.at(at, () => {
        this.vmBehind(port);
      });
    }
  }

  get #serverFlaw(): string | undefined {
    return this.central.daemons['neutron-server'].running ? undefined : 'neutron-server is not running';
  }

  /** Nova asks Neutron first, and tells it afterwards where the VM is. */
  #move(port: NeutronPortNumber, to: ChassisNumber): string | undefined {
    const refusal = this.central.server.bindingFlaw(to) ?? this.#compute.move(port, to);
    if (refusal === undefined) this.central.server.rebind(port, to);
    return refusal;
  }

  /** Neither Neutron nor Nova is told who answers at a place. */
  #replace(name: string, mac: Mac): string | undefined {
    const machine = this.vm(name) ?? this.#site.stations.get(name);
    if (!machine) throw new Error(`there is no machine ${name}`);
    if (!machine.on) return 'it is off';
    machine.replace(mac);
    return undefined;
  }

  #portOf(vm: string): NeutronPortNumber {
    const port = this.#ports.get(vm);
    if (port === undefined) throw new Error(`there is no VM ${vm}`);
    return port;
  }

  #routerOf(name: string): RouterNumber {
    return this.inventory.routers.findIndex(router => router.name === name);
  }

  #chassisOf(name: string): ChassisNumber {
    return this.inventory.chassis.indexOf(name);
  }

  /** The floating address that is there, else one that may be made. */
  #floatingOf(address: string): FloatingNumber {
    const named = this.inventory.floating.filter(floating => formatIpv4(floating.address) === address);
    const made = named.find(({number}) => this.contents.isFloatingMade(number));
    return (made ?? named[0]).number;
  }

  /**
   * Routers are where the plan says, or in turn on the network nodes with the fewest (LeastRoutersScheduler). Which of several
   * has become primary was luck.
   */
  #makeContents(off: ReadonlySet<NeutronPortNumber>): NeutronContents {
    const {plan} = this.#site;
    const {chassis, ports} = this.inventory;
    const isGateway = (name: string): boolean =>
      plan.chassis.some(node => node.name === name && node.role === 'gateway');
    const all = [...chassis.keys()];
    const nodes = all.filter(number => isGateway(chassis[number]));
    const counts = new Map(nodes.map(number => [number, 0]));
    const countOf = (node: ChassisNumber): number => counts.get(node) ?? 0;
    const luck = this.#site.ground.chance.sequence('neutron/first primaries');
    const {maxL3AgentsPerRouter} = this.#plan;
    const routers = plan.routers.map(({agent, agents, ha}): readonly ChassisNumber[] => {
      const named = agents ?? (agent === undefined ? undefined : [agent]);
      const most = !ha ? 1 : maxL3AgentsPerRouter || nodes.length;
      const least = [...nodes].sort((a, b) => countOf(a) - countOf(b) || a - b).slice(0, most);
      const chosen = named?.map(name => chassis.indexOf(name)) ?? least;
      for (const node of chosen) counts.set(node, countOf(node) + 1);
      const primary = ha ? chosen[Math.floor(luck() * chosen.length)] : chosen.at(0);
      return [...chosen].sort((a, b) => Number(b === primary) - Number(a === primary));
    });
    const floating = plan.floating.map(({vm}) => ports.find(({kind, owner}) => kind === 'vm' && owner === vm)?.number);
    const dhcp = this.#placeDhcp(nodes);
    return new NeutronContents(this.inventory, {
      ...{routers, floating, off, dhcp},
      ...{l2Agents: all, l3Agents: nodes, dhcpAgents: nodes},
      l2Kind: l2Kinds[this.#plan.mechanismDriver],
    });
  }

  /** DHCP ports are with the agents that have the fewest networks (WeightScheduler), one for each agent of a network. */
  #placeDhcp(nodes: readonly ChassisNumber[]): ReadonlyMap<NeutronPortNumber, ChassisNumber> {
    const placed = new Map<NeutronPortNumber, ChassisNumber>();
    const counts = new Map(nodes.map(number => [number, 0]));
    const taken = new Set<string>();
    for (const {number, kind, network} of this.inventory.ports) {
      if (kind !== 'dhcp') continue;
      const free = nodes.filter(node => !taken.has(`${network} ${node}`));
      const [node] = [...free].sort((a, b) => counts.get(a)! - counts.get(b)!);
      placed.set(number, node);
      taken.add(`${network} ${node}`);
      counts.set(node, counts.get(node)! + 1);
    }
    return placed;
  }

  #makeCentral(): NeutronCentral {
    const site = this.#site;
    return new NeutronCentral(site.ground, site.makeController(), {
      inventory: this.inventory,
      contents: this.contents,
      settings: this.#plan,
      endpoints: this.#endpoints(),
      whySilent: (kind, number) => {
        const daemon = this.chassis[number].daemons[kind];
        return daemon.running && !daemon.hung ? 0 : daemon.cause;
      },
      activated: port => {
        this.#compute.activated(port);
      },
    });
  }

  #endpoints(): readonly Ipv4[] {
    return this.inventory.chassis.map((_, number) => this.#site.addressOn('underlay', number));
  }

  #syncPeersOf(router: RouterNumber): Set<SyncChannel> {
    let peers = this.#syncPeers.get(router);
    if (!peers) this.#syncPeers.set(router, (peers = new Set()));
    return peers;
  }

  #peersOn(network: NetworkNumber): VirtualRouters {
    let peers = this.#peers.get(network);
    if (!peers) this.#peers.set(network, (peers = new VirtualRouters()));
    return peers;
  }

  #makeChassis(name: string, number: ChassisNumber): NeutronChassis {
    const site = this.#site;
    return new NeutronChassis(site.ground, number, site.makeChassis(name, number), {
      inventory: this.inventory,
      settings: this.#plan,
      vxlanGroup: this.#plan.vxlanGroup,
      endpoints: this.#endpoints(),
      underlay: site.cidrOf('underlay'),
      underlayMtu: site.mtuOf('underlay'),
      bridgeNfCallIptables: this.#plan.bridgeNfCallIptables,
      sysctls: this.#site.plan.sysctls.chassis,
      vm: port => this.vmBehind(port),
      peersOn: network => this.#peersOn(network),
      syncPeersOf: router => this.#syncPeersOf(router),
      ownerOf: device => this.#owners.get(device) ?? device,
      dialler: (client, station) => this.central.dialler(client, station),
    });
  }
}
