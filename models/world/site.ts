import {Chance} from '../../engine/chance.ts';
import {Engine} from '../../engine/engine.ts';
import type {Agenda} from '../../engine/agenda.ts';
import {Journal} from '../../engine/journal.ts';
import {Ledger} from '../../engine/ledger.ts';
import type {Time} from '../../engine/time.ts';
import {HostProfile} from '../daemons/host-profile.ts';
import {Host} from '../daemons/host.ts';
import type {BfdSpeaker} from '../dataplane/bfd-speaker.ts';
import type {FlowEnd} from '../dataplane/flow-end.ts';
import {Nic} from '../dataplane/nic.ts';
import {Outside, type Upstream} from '../dataplane/outside.ts';
import {Segment, type SegmentKind} from '../dataplane/segment.ts';
import {Station} from '../dataplane/station.ts';
import type {Announcements} from '../events/announcements.ts';
import {Later, Streams, type Ground} from '../ground.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {Counters} from '../tables/counters.ts';
import {Losses} from '../tables/losses.ts';
import {Taps} from '../tables/taps.ts';
import type {ChassisNumber} from '../tables/topology.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {serveDhcp} from './foreign-dhcp.ts';
import type {HostPlan, MachinePlan, NetworkPlan, SegmentPlan, WorldPlan} from './world-plan.ts';

/** MACs of network cards: one block for each kind, counted by host. */
const cardMacs = {
  underlay: 0x0a_00_01_00_00_01,
  provider: 0x0a_00_02_00_00_01,
  management: 0x0a_00_03_00_00_01,
} as const satisfies Partial<Record<SegmentKind, Mac>>;
const machineMacs: Mac = 0x0a_00_06_00_00_01;
const outsideMacs: Mac = 0x0a_00_04_00_00_01;

/** Cards get the addresses from the tenth of their network on. */
const firstCard = 10;

export type ControllerHost = {
  readonly host: Host;
  readonly nics: readonly Nic[];
  /** Its stack on the management network. */
  readonly management: Station;
};

export type ChassisHost = ControllerHost & {readonly role: 'compute' | 'gateway'};

/** What a cloud runs on an external host that it watches; undefined if it does not. */
type Watched = (station: Station) => BfdSpeaker | undefined;

/** The site that a cloud stands on: physical networks, cards and hosts, and who is outside. */
export class Site {
  readonly plan: WorldPlan;
  readonly ground: Ground;
  readonly segments: ReadonlyMap<string, Segment>;
  /** Hosts outside, and the stacks of chassis on the management network, by name. */
  readonly stations = new Map<string, Station>();
  /** BFD daemons of routers and hosts outside that the cloud watches, by name. */
  readonly speakers = new Map<string, BfdSpeaker>();
  readonly #cards = new Map<string, Nic>();
  readonly #ends = new Map<string, FlowEnd>();
  readonly #outsideMacs = new Map<Ipv4, Mac>();
  #macs = 0;

  constructor(plan: WorldPlan, agenda: Agenda, skipping: boolean) {
    this.plan = plan;
    this.ground = makeGround(plan.seed, agenda, skipping);
    this.segments = new Map(plan.segments.map(segment => [segment.name, new Segment(this.ground, segment)]));
  }

  /** The card of an external host. */
  cardOf(host: string): Nic | undefined {
    return this.#cards.get(host);
  }

  /** The MAC of who has an address outside. */
  macOutside(address: Ipv4): Mac | undefined {
    return this.#outsideMacs.get(address);
  }

  /** An external host as an end of flows. */
  end(name: string): FlowEnd | undefined {
    return this.#ends.get(name);
  }

  /** The controller with its card and its stack. */
  makeController(): ControllerHost {
    const plan = this.plan.chassis.find(({role}) => role === 'controller');
    if (!plan) throw new Error('a cloud has a controller');
    const host = this.#makeHost(plan.name, plan.host);
    const nic = this.#makeCard(host, 'management', 0);
    return {host, nics: [nic], management: this.#makeManagement(host, nic)};
  }

  /** A chassis with its cards and its stack on the management network, where the controller is the first. */
  makeChassis(name: string, number: ChassisNumber): ChassisHost {
    const plan = this.plan.chassis.find(candidate => candidate.name === name);
    if (!plan || plan.role === 'controller') throw new Error(`there is no chassis ${name}`);
    const host = this.#makeHost(name, plan.host);
    const underlay = this.#makeCard(host, 'underlay', number);
    const management = this.#makeCard(host, 'management', number + 1);
    const nics = [underlay, management, ...this.#makeProviderCards(host, number)];
    return {role: plan.role, host, nics, management: this.#makeManagement(host, management)};
  }

  /** The MTU of a segment of which there is one. */
  mtuOf(kind: 'underlay' | 'management'): number {
    return this.#segmentOf(kind).mtu;
  }

  /** A machine on LANs, with its cards. */
  makeMachine({name, host, interfaces}: MachinePlan): {readonly host: Host; readonly nics: readonly Nic[]} {
    const nics = interfaces.map(({name: device, lan, address}) => {
      const segment = this.segments.get(lan);
      if (!segment) throw new Error(`there is no LAN ${lan}`);
      return new Nic(this.ground, name, device, machineMacs + this.#macs++, address?.address ?? 0, segment);
    });
    return {host: this.#makeHost(name, host), nics};
  }

  /** The addresses of a segment of which there is one. */
  cidrOf(kind: 'underlay' | 'management'): Cidr {
    return this.#segmentOf(kind).cidr;
  }

  /** The address of the card with that number on a segment. */
  addressOn(kind: 'underlay' | 'management', index: number): Ipv4 {
    return this.#segmentOf(kind).cidr.address + firstCard + index;
  }

  /** Upstream routers, the hosts behind them, and hosts on external networks. */
  makeOutside(routerFor: (address: Ipv4) => Ipv4 | undefined, watched: Watched): void {
    for (const network of this.plan.networks) {
      if (network.segment === undefined) continue;
      const behind = this.plan.hosts.filter(host => host.network === network.name && host.behindGateway);
      const upstreams = network.upstreams.map(({name, address}): Upstream => {
        const station = this.#makeOutsideStation(name, network, address, watched);
        return {station, card: this.#cards.get(name)!, speaker: this.speakers.get(name)};
      });
      if (upstreams.length > 0) {
        const outside = new Outside(upstreams, routerFor);
        const {mtu} = this.#segmentNamed(network.segment);
        for (const {name, address} of behind) {
          const settings = {name, address, kernelPhase: this.kernelPhase(name), mtu};
          this.#ends.set(name, outside.add(this.ground, settings));
        }
      }
      for (const {name, address, network: on, behindGateway, servesDhcp} of this.plan.hosts) {
        if (on !== network.name || behindGateway) continue;
        const station = this.#makeOutsideStation(name, network, address, watched);
        this.#ends.set(name, station);
        if (servesDhcp) serveDhcp(this.ground, station, servesDhcp, {address, network: network.cidr});
      }
    }
  }

  /** The moment of jiffy 0 of a machine that is no host of the cloud. */
  kernelPhase(name: string): Time {
    return Math.floor(this.ground.chance.sequence(`${name}/kernel phase`)() * phaseSpan);
  }

  #makeHost(name: string, {base, steps}: HostPlan): Host {
    return new Host(this.ground, name, new HostProfile(base, steps));
  }

  #makeCard(host: Host, kind: 'underlay' | 'management', index: number): Nic {
    return this.#plug(host.name, kind, this.#segmentOf(kind), cardMacs[kind] + index, this.addressOn(kind, index));
  }

  /** Cards of a host on every provider segment. */
  #makeProviderCards(host: Host, number: number): readonly Nic[] {
    const providers = this.plan.segments.filter(({kind}) => kind === 'provider');
    const first = cardMacs.provider + number * 16;
    return providers.map((segment, index) => this.#plug(host.name, segment.name, segment, first + index, 0));
  }

  /** The stack of a chassis on the management network. */
  #makeManagement(host: Host, nic: Nic): Station {
    const {cidr: network, mtu} = this.#segmentOf('management');
    const {mac, address} = nic;
    const {name, kernelPhase} = host;
    const {chassis: sysctls} = this.plan.sysctls;
    const station = new Station(
      this.ground,
      {name, mac, address, network, gateway: undefined, mtu, kernelPhase, sysctls},
      nic,
    );
    nic.filters = true;
    attach(nic, station);
    this.stations.set(host.name, station);
    return station;
  }

  #makeOutsideStation(name: string, network: NetworkPlan, address: Ipv4, watched: Watched): Station {
    const segment = this.segments.get(network.segment ?? '');
    if (!segment) throw new Error(`${network.name} is on no segment`);
    const nic = new Nic(this.ground, name, 'provider', outsideMacs + this.#macs++, address, segment);
    this.#cards.set(name, nic);
    this.#outsideMacs.set(address, nic.mac);
    const {cidr, upstreams, vlan} = network;
    const isUpstream = upstreams.some(upstream => upstream.address === address);
    const gateway = isUpstream ? undefined : upstreams.at(0)?.address;
    const {mac} = nic;
    const {mtu} = this.#segmentNamed(segment.name);
    const station = new Station(
      this.ground,
      {
        ...{name, mac, address, network: cidr, gateway, mtu, kernelPhase: this.kernelPhase(name)},
        sysctls: this.plan.sysctls.hosts,
        limits: this.plan.sysctls.hosts,
      },
      {transmit: (frame, passage) => nic.transmit({...frame, vlan}, passage)},
    );
    attach(nic, station);
    this.stations.set(name, station);
    const speaker = watched(station);
    if (speaker) this.speakers.set(name, speaker);
    return station;
  }

  #segmentNamed(name: string): SegmentPlan {
    const segment = this.plan.segments.find(candidate => candidate.name === name);
    if (!segment) throw new Error(`there is no segment ${name}`);
    return segment;
  }

  #segmentOf(kind: SegmentPlan['kind']): SegmentPlan {
    const segment = this.plan.segments.find(candidate => candidate.kind === kind);
    if (!segment) throw new Error(`a cloud has a segment of kind ${kind}`);
    return segment;
  }

  #plug(host: string, name: string, plan: SegmentPlan, mac: Mac, address: Ipv4): Nic {
    const segment = this.segments.get(plan.name);
    if (!segment) throw new Error(`there is no segment ${plan.name}`);
    return new Nic(this.ground, host, name, mac, address, segment);
  }
}

/** A station on a card loses its neighbours with the carrier. */
function attach(nic: Nic, station: Station): void {
  nic.receiver = (frame, passage) => station.arrive(frame, passage);
  nic.onCarrier = up => {
    if (!up) station.carrierLost();
  };
}

function makeGround(seed: string, agenda: Agenda, skipping: boolean): Ground {
  const engine = new Engine(agenda);
  const chance = new Chance(seed);
  return {
    engine,
    chance,
    ledger: new Ledger(skipping),
    journal: new Journal<Announcements>(engine),
    counters: new Counters(),
    losses: new Losses(),
    later: new Later(engine),
    streams: new Streams(chance),
    taps: new Taps(),
  };
}
