import {BfdSpeaker} from '../../dataplane/bfd-speaker.ts';
import {Station} from '../../dataplane/station.ts';
import type {NatSample} from '../../events/results.ts';
import type {Operation} from '../../faults/operation.ts';
import {DatapathFlows} from '../../tables/datapath-flows.ts';
import {GatewayGroups} from '../../tables/gateway-groups.ts';
import {InstalledFlows} from '../../tables/installed-flows.ts';
import type {NextHops} from '../../tables/next-hops.ts';
import {none, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, PortNumber, Topology} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Cloud} from '../cloud.ts';
import type {Site} from '../site.ts';
import {Central} from './central.ts';
import {Chassis} from './chassis.ts';
import {makeContents} from './initial-contents.ts';
import {makeNextHops} from './make-next-hops.ts';
import {makeTopology} from './make-topology.ts';

/** An OVN cloud: chassis with ovs-vswitchd and ovn-controller, and a controller with northd and the databases. */
export class OvnCloud implements Cloud {
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly flows: InstalledFlows;
  readonly nextHops: NextHops;
  readonly chassis: readonly Chassis[];
  readonly central: Central;
  readonly #site: Site;
  readonly #groups: GatewayGroups;
  readonly #datapathFlows = new DatapathFlows();
  readonly #vms = new Map<PortNumber, Station>();
  readonly #ports: ReadonlyMap<string, PortNumber>;
  readonly #addresses = new Map<Ipv4, ChassisNumber>();

  constructor(site: Site) {
    this.#site = site;
    const {ground, plan} = site;
    this.topology = makeTopology(plan);
    this.nextHops = makeNextHops(plan, this.topology, ground.streams);
    this.contents = makeContents(this.topology, address => site.macOutside(address));
    this.flows = new InstalledFlows(ground.ledger, this.contents, this.topology.chassis.length);
    this.#groups = new GatewayGroups(this.topology, this.contents);
    this.#ports = new Map(plan.vms.map(({name}, port) => [name, port]));
    this.central = new Central(ground, site.makeController(), this.topology, this.contents);
    this.chassis = this.topology.chassis.map((name, number) => this.#makeChassis(name, number));
    site.makeOutside(
      address => this.routerFor(address),
      station =>
        this.nextHops.watched.some(row => row.address === station.address) ? this.#speakerOf(station) : undefined,
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
  vmBehind(port: PortNumber): Station {
    let station = this.#vms.get(port);
    if (!station) {
      station = this.#makeVm(port);
      this.#vms.set(port, station);
      this.#site.stations.set(station.name, station);
    }
    return station;
  }

  routerFor(address: Ipv4): Ipv4 | undefined {
    const floating = this.topology.floating(address);
    const router = floating?.router ?? this.topology.routers.find(({external}) => external?.address === address);
    return router?.external?.address;
  }

  /** The chassis that holds the gateway port first, then the others by priority. */
  hostsOf(name: string): readonly string[] {
    const {topology, contents} = this;
    const router = topology.routers.find(candidate => candidate.name === name);
    if (!router) return [];
    const holder = contents.read('Port_Binding', router.gatewayPort, contents.latest);
    const others = router.gateways.map(({chassis}) => chassis).filter(chassis => chassis !== holder);
    return (holder === none ? others : [holder, ...others]).map(chassis => topology.chassis[chassis]);
  }

  homeOf(vm: string): string | undefined {
    const port = this.#ports.get(vm);
    return port === undefined ? undefined : this.topology.chassis[this.topology.homeOf(port)];
  }

  reset(client: string | undefined): void {
    this.central.reset(client);
  }

  operate(operation: Operation): void {
    throw new Error(`OVN clouds do not change while they run: ${operation.what}`);
  }

  /** Only the heartbeats' phases are luck. */
  settle(): void {
    const active = this.topology.routers.map(({gateways}) => gateways[0]?.chassis);
    for (const chassis of this.chassis) {
      const own = new Set(active.flatMap((gateway, router) => (gateway === chassis.number ? [router] : [])));
      chassis.controller.beginSettled(this.central.connectSettled(chassis.name, chassis.management), own);
      this.flows.install(chassis.number, {watermark: 0, residents: own}, 0);
      for (const peer of this.chassis) {
        if (peer !== chassis) chassis.tunnels.know(peer.number, peer.nic('underlay').mac);
      }
    }
    this.central.northd.beginSettled(this.central.connectNorthdSettled());
    for (const {vswitchd} of this.chassis) vswitchd.beginSettled();
    for (const {vswitchd} of this.chassis) vswitchd.settleSessions();
    for (const {vswitchd} of this.chassis) vswitchd.publishSettled();
  }

  /** Of every chassis that can be a gateway. */
  natSamples(): readonly NatSample[] {
    return this.chassis.flatMap(chassis =>
      this.topology.routers
        .filter(({gateways}) => gateways.some(gateway => gateway.chassis === chassis.number))
        .map(router => ({
          at: this.#site.ground.engine.now,
          chassis: chassis.name,
          namespace: router.name,
          ...chassis.bridge.translation(router),
        })),
    );
  }

  #makeVm(port: PortNumber): Station {
    const {topology} = this;
    const {ground} = this.#site;
    const name = topology.portName(port);
    const network = topology.switchOf(port);
    const router = topology.routers
      .flatMap(({interfaces}) => interfaces)
      .find(({switch: inside}) => inside === network);
    const gateway = router?.address ?? this.#site.plan.networks[network.number].upstreams.at(0)?.address;
    const bridge = this.chassis[topology.homeOf(port)].bridge;
    return new Station(
      ground,
      {
        name,
        mac: topology.macOf(port),
        address: topology.addressOf(port),
        network: network.cidr,
        gateway,
        mtu: this.#site.plan.vms[port].mtu,
        kernelPhase: this.#site.kernelPhase(name),
        sysctls: this.#site.plan.sysctls.vms,
        limits: this.#site.plan.sysctls.vms,
      },
      {transmit: (frame, passage) => bridge.fromVm(port, frame, passage)},
    );
  }

  #makeChassis(name: string, number: ChassisNumber): Chassis {
    const site = this.#site;
    const made = site.makeChassis(name, number);
    this.#addresses.set(site.addressOn('underlay', number), number);
    return new Chassis(site.ground, number, made, {
      topology: this.topology,
      contents: this.contents,
      groups: this.#groups,
      flows: this.flows,
      datapathFlows: this.#datapathFlows,
      nextHops: this.nextHops,
      underlay: {
        addressOf: peer => this.chassis[peer].nic('underlay').address,
        chassisAt: address => this.#addresses.get(address),
      },
      bfd: site.plan.bfd,
      probeInterval: site.plan.probeInterval,
      chassis: peer => this.chassis[peer],
      vm: port => this.vmBehind(port),
      dialler: (_, station) => this.central.dialler(name, station),
    });
  }

  #speakerOf(station: Station): BfdSpeaker {
    return new BfdSpeaker(this.#site.ground, station, this.nextHops);
  }
}
