import {Chance} from '../../engine/chance.ts';
import {Engine} from '../../engine/engine.ts';
import type {Agenda} from '../../engine/agenda.ts';
import {Journal} from '../../engine/journal.ts';
import {Ledger} from '../../engine/ledger.ts';
import type {Time} from '../../engine/time.ts';
import {HostProfile} from '../daemons/host-profile.ts';
import {Host} from '../daemons/host.ts';
import {BfdSpeaker} from '../dataplane/bfd-speaker.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import {Nic, type NicName} from '../dataplane/nic.ts';
import {Outside, type Upstream} from '../dataplane/outside.ts';
import {Segment} from '../dataplane/segment.ts';
import {Station} from '../dataplane/station.ts';
import type {Announcements, WorldJournal} from '../events/announcements.ts';
import type {FlowResult, NatSample} from '../events/results.ts';
import {FaultInjector} from '../faults/fault-injector.ts';
import {Later, Streams, type Ground} from '../ground.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {Counters} from '../tables/counters.ts';
import {GatewayGroups} from '../tables/gateway-groups.ts';
import {InstalledFlows} from '../tables/installed-flows.ts';
import type {NextHops} from '../tables/next-hops.ts';
import type {SouthboundContents} from '../tables/southbound-contents.ts';
import type {ChassisNumber, PortNumber, Topology} from '../tables/topology.ts';
import {Flow} from '../traffic/flow.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {Central} from './central.ts';
import {Chassis} from './chassis.ts';
import {makeContents} from './initial-contents.ts';
import {makeNextHops} from './make-next-hops.ts';
import {makeTopology} from './make-topology.ts';
import type {HostPlan, SegmentPlan, WorldPlan} from './world-plan.ts';

export type WorldOptions = {
  readonly agenda: Agenda;
  /** Whether what repeats is counted instead of run; the results are the same. */
  readonly skipping: boolean;
};

/** MACs of network cards: one block for each kind, counted by host. */
const cardMacs: Readonly<Record<NicName, Mac>> = {
  underlay: 0x0a_00_01_00_00_01,
  provider: 0x0a_00_02_00_00_01,
  management: 0x0a_00_03_00_00_01,
};
const outsideMacs: Mac = 0x0a_00_04_00_00_01;

/** Cards get the addresses from the tenth of their network on. */
const firstCard = 10;

/** A cloud put together from a plan, settled as after a long quiet time, and run. */
export class World {
  readonly plan: WorldPlan;
  readonly ground: Ground;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly flows: InstalledFlows;
  readonly nextHops: NextHops;
  readonly segments: ReadonlyMap<string, Segment>;
  readonly chassis: readonly Chassis[];
  readonly central: Central;
  readonly stations = new Map<string, Station>();
  /** BFD daemons of routers and hosts outside that the cloud watches, by name. */
  readonly speakers = new Map<string, BfdSpeaker>();
  readonly traffic: readonly Flow[];
  readonly #groups: GatewayGroups;
  readonly #ends = new Map<string, FlowEnd>();
  readonly #vms = new Map<PortNumber, Station>();
  readonly #cards = new Map<string, Nic>();
  readonly #addresses = new Map<Ipv4, ChassisNumber>();
  readonly #outsideMacs = new Map<Ipv4, Mac>();

  constructor(plan: WorldPlan, {agenda, skipping}: WorldOptions) {
    this.plan = plan;
    this.ground = makeGround(plan.seed, agenda, skipping);
    const faults = new FaultInjector(this.ground, plan.faults, this);
    this.topology = makeTopology(plan);
    this.nextHops = makeNextHops(plan, this.topology, this.ground.streams);
    this.contents = makeContents(this.topology, address => this.#outsideMacs.get(address));
    this.flows = new InstalledFlows(this.ground.ledger, this.contents, this.topology.chassis.length);
    this.#groups = new GatewayGroups(this.topology, this.contents);
    this.segments = new Map(plan.segments.map(segment => [segment.name, new Segment(this.ground, segment)]));
    this.central = this.#makeCentral();
    this.chassis = this.topology.chassis.map((name, number) => this.#makeChassis(name, number));
    for (const port of Array.from({length: this.topology.portCount}, (_, number) => number)) {
      this.chassis[this.topology.homeOf(port)].place(port);
    }
    this.#makeOutside();
    this.#settle();
    this.traffic = plan.flows.map((_, number) => this.#makeFlow(number));
    faults.begin();
  }

  get journal(): WorldJournal {
    return this.ground.journal;
  }

  get now(): Time {
    return this.ground.engine.now;
  }

  /** Runs until `until`, or the end of the plan. */
  advance(until: Time): void {
    this.ground.engine.advance(Math.min(until, this.plan.duration));
  }

  /** What became of each flow's packets so far. */
  results(): readonly FlowResult[] {
    this.ground.ledger.settle();
    return this.traffic.map(flow => flow.result());
  }

  /** Address translation at present, on every chassis that can be a gateway. */
  natSamples(): readonly NatSample[] {
    return this.chassis.flatMap(chassis =>
      this.topology.routers
        .filter(({gateways}) => gateways.some(gateway => gateway.chassis === chassis.number))
        .map(router => ({
          at: this.now,
          chassis: chassis.name,
          namespace: router.name,
          ...chassis.bridge.translation(router),
        })),
    );
  }

  chassisNamed(name: string): Chassis | undefined {
    return this.chassis.find(chassis => chassis.name === name);
  }

  roleOf(name: string): 'compute' | 'gateway' | 'controller' {
    return this.plan.chassis.find(chassis => chassis.name === name)?.role ?? 'compute';
  }

  /** The card of an external host. */
  cardOf(host: string): Nic | undefined {
    return this.#cards.get(host);
  }

  /** The VM behind a port; made when something first needs it. */
  vm(port: PortNumber): Station {
    let station = this.#vms.get(port);
    if (!station) {
      station = this.#makeVm(port);
      this.#vms.set(port, station);
      this.stations.set(station.name, station);
    }
    return station;
  }

  #makeVm(port: PortNumber): Station {
    const {topology, ground} = this;
    const name = topology.portName(port);
    const network = topology.switchOf(port);
    const router = topology.routers
      .flatMap(({interfaces}) => interfaces)
      .find(({switch: inside}) => inside === network);
    const gateway = router?.address ?? this.plan.networks[network.number].upstreams.at(0)?.address;
    const bridge = this.chassis[topology.homeOf(port)].bridge;
    return new Station(
      ground,
      {
        name,
        mac: topology.macOf(port),
        address: topology.addressOf(port),
        network: network.cidr,
        gateway,
        kernelPhase: this.#kernelPhase(name),
      },
      {transmit: (frame, passage) => bridge.fromVm(port, frame, passage)},
    );
  }

  #makeCentral(): Central {
    const plan = this.plan.chassis.find(({role}) => role === 'controller');
    if (!plan) throw new Error('a cloud has a controller');
    const host = this.#makeHost(plan.name, plan.host);
    const nic = this.#makeCard(host, 'management', 0);
    const station = this.#makeManagement(host, nic);
    nic.receiver = (frame, passage) => station.arrive(frame, passage);
    nic.onCarrier = up => {
      if (!up) station.carrierLost();
    };
    return new Central(this.ground, host, nic, station, this.topology, this.contents);
  }

  #makeChassis(name: string, number: ChassisNumber): Chassis {
    const plan = this.plan.chassis.find(candidate => candidate.name === name);
    if (!plan) throw new Error(`there is no chassis ${name}`);
    const host = this.#makeHost(name, plan.host);
    const providers = this.plan.segments.filter(({kind}) => kind === 'provider');
    const nics = [
      this.#makeCard(host, 'underlay', number),
      this.#makeCard(host, 'management', number + 1),
      ...providers.map((segment, index) => this.#plug(host.name, 'provider', segment, number * 16 + index, 0)),
    ];
    this.#addresses.set(nics[0].address, number);
    return new Chassis(this.ground, number, host, nics, this.#makeManagement(host, nics[1]), {
      topology: this.topology,
      contents: this.contents,
      groups: this.#groups,
      flows: this.flows,
      nextHops: this.nextHops,
      underlay: {
        addressOf: peer => this.chassis[peer].nic('underlay').address,
        chassisAt: address => this.#addresses.get(address),
      },
      bfd: this.plan.bfd,
      probeInterval: this.plan.probeInterval,
      chassis: peer => this.chassis[peer],
      vm: port => this.vm(port),
      dialler: (_, management) => this.central.dialler(name, management),
    });
  }

  #makeHost(name: string, {base, steps}: HostPlan): Host {
    return new Host(this.ground, name, new HostProfile(base, steps));
  }

  #makeCard(host: Host, kind: 'underlay' | 'management', index: number): Nic {
    const segment = this.plan.segments.find(candidate => candidate.kind === kind);
    if (!segment) throw new Error(`a cloud has a segment of kind ${kind}`);
    return this.#plug(host.name, kind, segment, index, segment.cidr.address + firstCard + index);
  }

  #plug(host: string, name: NicName, plan: SegmentPlan, index: number, address: Ipv4): Nic {
    const segment = this.segments.get(plan.name);
    if (!segment) throw new Error(`there is no segment ${plan.name}`);
    return new Nic(this.ground, host, name, cardMacs[name] + index, address, segment);
  }

  #makeManagement(host: Host, nic: Nic): Station {
    const network = this.plan.segments.find(({kind}) => kind === 'management')?.cidr;
    if (!network) throw new Error('a cloud has a management network');
    const station = new Station(
      this.ground,
      {
        name: host.name,
        mac: nic.mac,
        address: nic.address,
        network,
        gateway: undefined,
        kernelPhase: host.kernelPhase,
      },
      nic,
    );
    this.stations.set(host.name, station);
    return station;
  }

  /** Upstream routers, the hosts behind them, and hosts on external networks. */
  #makeOutside(): void {
    let macs = 0;
    const station = (name: string, network: WorldPlan['networks'][number], address: Ipv4): Station => {
      const plan = this.plan.segments.find(segment => segment.name === network.segment);
      if (!plan) throw new Error(`${network.name} is on no segment`);
      const segment = this.segments.get(plan.name)!;
      const nic = new Nic(this.ground, name, 'provider', outsideMacs + macs++, address, segment);
      this.#cards.set(name, nic);
      this.#outsideMacs.set(address, nic.mac);
      const {cidr, upstreams, vlan} = network;
      const isUpstream = upstreams.some(upstream => upstream.address === address);
      const made = new Station(
        this.ground,
        {
          name,
          mac: nic.mac,
          address,
          network: cidr,
          gateway: isUpstream ? undefined : upstreams.at(0)?.address,
          kernelPhase: this.#kernelPhase(name),
        },
        {transmit: (frame, passage) => nic.transmit({...frame, vlan}, passage)},
      );
      nic.receiver = (frame, passage) => made.arrive(frame, passage);
      nic.onCarrier = up => {
        if (!up) made.carrierLost();
      };
      this.stations.set(name, made);
      if (this.nextHops.watched.some(row => row.address === address)) {
        this.speakers.set(name, new BfdSpeaker(this.ground, made, this.nextHops));
      }
      return made;
    };
    for (const network of this.plan.networks) {
      if (network.segment === undefined) continue;
      const behind = this.plan.hosts.filter(host => host.network === network.name && host.behindGateway);
      const upstreams = network.upstreams.map(({name, address}): Upstream => {
        const made = station(name, network, address);
        return {station: made, card: this.#cards.get(name)!, speaker: this.speakers.get(name)};
      });
      if (upstreams.length > 0) {
        const outside = new Outside(upstreams, address => this.#routerFor(address));
        for (const {name, address} of behind) this.#ends.set(name, outside.add(name, address));
      }
      for (const {name, address, network: on, behindGateway} of this.plan.hosts) {
        if (on === network.name && !behindGateway) this.#ends.set(name, station(name, network, address));
      }
    }
  }

  /** The external address of the router that answers for an address on an external network. */
  #routerFor(address: Ipv4): Ipv4 | undefined {
    const floating = this.topology.floating(address);
    const router = floating?.router ?? this.topology.routers.find(({external}) => external?.address === address);
    return router?.external?.address;
  }

  /** Everything up and known, as after a long quiet time; only the heartbeats' phases are luck. */
  #settle(): void {
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

  #makeFlow(number: number): Flow {
    const plan = this.plan.flows[number];
    return new Flow(this.ground, {
      ...plan,
      number,
      from: this.#endNamed(plan.from),
      to: plan.to === undefined ? undefined : this.#endNamed(plan.to),
      sourcePort: firstSourcePort + (number % sourcePorts),
    });
  }

  #endNamed(name: string): FlowEnd {
    const outside = this.#ends.get(name);
    if (outside) return outside;
    const port = this.plan.vms.findIndex(vm => vm.name === name);
    if (port < 0) throw new Error(`there is no host ${name}`);
    return this.vm(port);
  }

  #kernelPhase(name: string): Time {
    return Math.floor(this.ground.chance.sequence(`${name}/kernel phase`)() * phaseSpan);
  }
}

/** Source ports of flows are handed out in order, as distinct as there are ports. */
const firstSourcePort = 20_000;
const sourcePorts = 40_000;

function makeGround(seed: string, agenda: Agenda, skipping: boolean): Ground {
  const engine = new Engine(agenda);
  const chance = new Chance(seed);
  return {
    engine,
    chance,
    ledger: new Ledger(skipping),
    journal: new Journal<Announcements>(engine),
    counters: new Counters(),
    later: new Later(engine),
    streams: new Streams(chance),
  };
}
