import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {OwnAddress} from '../../protocols/arp-policy.ts';
import {firstRules, inOrder, lookUpRoute, mainTable, type IpRoute, type IpRule} from '../../protocols/ip-routes.ts';
import type {NeighbourSettings} from '../../protocols/neighbour-settings.ts';
import {PathMtus} from '../../protocols/path-mtus.ts';
import {fragmented, largestPiece, reassembled} from '../../wire/fragments.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {contains, networkOf, type Ipv4} from '../../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../../wire/mac.ts';
import {IpInterface, type Attachment} from '../ip-interface.ts';
import {KernelAnswers, type Trouble} from '../kernel-answers.ts';
import type {NeighbouringHost} from '../neighbouring-host.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';

export type NamespaceSettings = {
  readonly host: string;
  readonly name: string;
  readonly kernelPhase: Time;
  readonly neighbours: NeighbouringHost;
  readonly sysctls?: Partial<NeighbourSettings>;
  /** Whether it passes on what is for others (`ip_forward`); it does unless this says no. */
  readonly forwards?: boolean;
};

/** An interface as it is added; its addresses may change. */
export type DeviceSettings = {readonly mac: Mac; readonly addresses: readonly OwnAddress[]; readonly mtu: number};

/** The nat table of a namespace, with the connections that it tracks. */
export type AddressTranslation = {
  /** PREROUTING, or OUTPUT if `device` is undefined: what a packet is for; a verdict if it goes no further. */
  enter(packet: Ipv4Packet, device: string | undefined, passage: Passage): Transit | Verdict;
};

/** A packet between the hooks; one of the three comes next. */
export type Transit = {
  readonly packet: Ipv4Packet;
  /** An ICMP error about the packet, as its sender is told it. */
  toldOf(error: Ipv4Packet): Ipv4Packet;
  /** POSTROUTING. */
  leave(packet: Ipv4Packet, device: string): Ipv4Packet | Verdict;
  /** INPUT: a verdict if the packet goes no further. */
  takeIn(): Verdict | undefined;
  /** It was dropped in between. */
  abandon(): void;
};

/** A network namespace that forwards: a `qrouter`, a `snat` or a `fip` of Neutron. */
export class Namespace {
  readonly name: string;
  readonly place: string;
  /** Its nat table; undefined if it has none. */
  translation: AddressTranslation | undefined;
  /** Takes in packets for a program that listens here; undefined if none does for this packet. */
  receive: ((packet: Ipv4Packet, passage: Passage, device: string) => Verdict | undefined) | undefined;
  /** Told of every address that appears or goes, as `ip monitor address` tells; undefined if nobody watches. */
  addressChanged: ((device: string, address: Ipv4, present: boolean) => void) | undefined;
  readonly #ground: Ground;
  readonly #settings: NamespaceSettings;
  readonly #answers: KernelAnswers;
  readonly #pathMtus = new PathMtus();
  readonly #interfaces = new Map<string, IpInterface>();
  readonly #tables = new Map<number, IpRoute[]>();
  #rules: readonly IpRule[] = firstRules;
  /** Addresses, routes and rules. */
  readonly #fact: Fact;
  /** Whether it is there, and which interfaces: all that a packet for a group meets before those who listen. */
  readonly #interfacesFact: Fact;
  #on = true;

  constructor(ground: Ground, settings: NamespaceSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.name = settings.name;
    this.place = `${settings.host} ${settings.name}`;
    this.#fact = ground.ledger.add();
    this.#interfacesFact = ground.ledger.add();
    this.#answers = new KernelAnswers(ground, {
      ...{place: this.place, kernelPhase: settings.kernelPhase},
      isLocal: address => this.isLocal(address),
      sourceTowards: address => this.#sourceTowards(address),
      send: (packet, passage) => this.send(packet, passage),
    });
  }

  get on(): boolean {
    return this.#on;
  }

  /** Its interfaces by name, in the order in which they were added. */
  get interfaces(): ReadonlyMap<string, IpInterface> {
    return this.#interfaces;
  }

  get rules(): readonly IpRule[] {
    return this.#rules;
  }

  routes(table = mainTable): readonly IpRoute[] {
    return this.#tables.get(table) ?? [];
  }

  isLocal(address: Ipv4): boolean {
    for (const {addresses} of this.#interfaces.values()) {
      if (addresses.some(own => own.address === address)) return true;
    }
    return false;
  }

  /** Whether a packet that comes in by a device would be forwarded, out of another one. (arp_fwd_proxy) */
  leavesElsewhere(target: Ipv4, sender: Ipv4, by: IpInterface): boolean {
    const {device} = this.#routeOf({source: sender, destination: target});
    return device !== undefined && device !== by;
  }

  addInterface(device: string, {mac, addresses, mtu}: DeviceSettings, attachment: Attachment): IpInterface {
    const {kernelPhase, neighbours: host, sysctls = {}} = this.#settings;
    const settings = {name: `${this.place} ${device}`, mac, addresses: [], mtu, kernelPhase, host, sysctls};
    const made = new IpInterface(this.#ground, settings, this, attachment);
    this.#interfaces.set(device, made);
    this.#interfacesChanged();
    this.setAddresses(device, addresses);
    return made;
  }

  removeInterface(device: string): void {
    this.#interfaces.get(device)?.down();
    this.#interfaces.delete(device);
    for (const [table, routes] of this.#tables) {
      this.#tables.set(
        table,
        routes.filter(route => route.device !== device),
      );
    }
    this.#interfacesChanged();
    this.changed();
  }

  /** Sets the addresses of an interface, and with them the routes to their networks. */
  setAddresses(device: string, addresses: readonly OwnAddress[]): void {
    const known = this.#interfaces.get(device);
    if (!known) return;
    const before = known.addresses;
    known.setAddresses(addresses);
    const others = this.routes().filter(route => route.device !== device || route.via !== undefined);
    const connected = addresses
      .filter((own, index) => own.length < 32 && !isSecondary(own, addresses.slice(0, index)))
      .map((own): IpRoute => ({prefix: networkOf(own), device, via: undefined, source: own.address}));
    this.#tables.set(mainTable, [...others, ...connected]);
    this.changed();
    this.#tellOfAddresses(device, before, addresses);
  }

  addRoute(route: IpRoute, table = mainTable): void {
    this.#tables.set(table, [...this.routes(table), route]);
    this.changed();
  }

  removeRoute(isMeant: (route: IpRoute) => boolean, table = mainTable): void {
    this.#tables.set(
      table,
      this.routes(table).filter(route => !isMeant(route)),
    );
    this.changed();
  }

  addRule(rule: IpRule): void {
    this.#rules = inOrder([...this.#rules, rule]);
    this.changed();
  }

  removeRule(isMeant: (rule: IpRule) => boolean): void {
    this.#rules = this.#rules.filter(rule => !isMeant(rule));
    this.changed();
  }

  /** Its host has its power back: interfaces are there, and nothing on them is known. */
  restore(): void {
    this.#on = true;
    this.#interfacesChanged();
    this.changed();
  }

  /** The namespace is deleted, or its host has lost its power. */
  remove(): void {
    this.#on = false;
    for (const known of this.#interfaces.values()) known.down();
    this.#interfacesChanged();
    this.changed();
  }

  /** A frame reaches an interface. */
  arrive(device: string, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#interfacesFact);
    const known = this.#interfaces.get(device);
    if (!this.#on || !known) return dropped('host down', this.place);
    known.tap(frame, passage);
    if (frame.destination !== known.mac && !isGroupMac(frame.destination)) {
      return dropped('not addressed to this host', this.place);
    }
    // A packet to everybody is for whoever listens here, and is not forwarded.
    if (frame.payload.kind === 'ipv4' && isGroupMac(frame.destination)) {
      return this.receive?.(frame.payload, passage, device) ?? dropped('not addressed to this host', this.place);
    }
    passage.rely(this.#fact);
    if (frame.payload.kind === 'arp') return known.arriveArp(frame, passage);
    const transit = this.#enter(frame.payload, device, passage);
    if ('kind' in transit) return transit;
    const {packet} = transit;
    if (this.isLocal(packet.destination)) {
      return transit.takeIn() ?? this.#takeIn(reassembled(packet), passage, device);
    }
    if (this.#settings.forwards === false) {
      transit.abandon();
      return dropped('not addressed to this host', this.place);
    }
    if (packet.ttl > 1) return this.#forward({...packet, ttl: packet.ttl - 1}, transit, passage);
    this.#complain({kind: 'ttl expired'}, packet, transit, passage);
    return dropped('ttl expired', this.place);
  }

  /** Sends a packet of its own. */
  send(packet: Ipv4Packet, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.place);
    const transit = this.#enter(packet, undefined, passage);
    return 'kind' in transit ? transit : this.#sendOwn(transit.packet, transit, passage);
  }

  /** Sends a packet to a group by a socket that is bound to a device: routes are not asked. */
  sendToGroup(device: string, packet: Ipv4Packet, passage: Passage): Verdict {
    passage.rely(this.#interfacesFact);
    const known = this.#interfaces.get(device);
    if (!this.#on || !known) return dropped('host down', this.place);
    return known.output(packet, packet.destination, passage);
  }

  /** Bytes that a packet of its own to an address may have, as far as it knows. */
  mtuTo(destination: Ipv4): number {
    const mtu = this.#routeOf({source: 0, destination}).device?.mtu ?? unlimited;
    return Math.min(mtu, this.#pathMtus.to(destination, this.#ground.engine.now) ?? mtu);
  }

  /** Sends a packet of its own to everybody on the link of a device. */
  broadcast(device: string, packet: Ipv4Packet, passage: Passage): Verdict {
    passage.once();
    const known = this.#interfaces.get(device);
    return this.#on && known ? known.broadcast(packet, passage) : dropped('host down', this.place);
  }

  /** A router has told it what fits on the way to an address. */
  learnMtu(destination: Ipv4, mtu: number): void {
    const {engine, later} = this.#ground;
    later.at(this.#pathMtus.learn(destination, mtu, engine.now), () => {
      this.changed();
    });
    this.changed();
  }

  /** The next hop of a packet, its own or another's, does not answer. */
  unreachable(packet: Ipv4Packet, passage: Passage): void {
    this.#answers.complain({kind: 'host unreachable'}, packet, passage);
  }

  /** Connection tracking puts fragments together before it looks (nf_defrag_ipv4). */
  #enter(packet: Ipv4Packet, device: string | undefined, passage: Passage): Transit | Verdict {
    return this.translation?.enter(reassembled(packet), device, passage) ?? asItIs(packet);
  }

  #forward(packet: Ipv4Packet, transit: Transit, passage: Passage): Verdict {
    const {route, device} = this.#routeOf(packet);
    if (!route || !device) {
      this.#complain({kind: route ? 'host unreachable' : 'no route'}, packet, transit, passage);
      return dropped('no route', this.place);
    }
    const {mtu} = device;
    if (packet.dontFragment && largestPiece(packet) > mtu) {
      this.#complain({kind: 'too big', mtu}, packet, transit, passage);
      return dropped('larger than the mtu', this.place);
    }
    return this.#leave(packet, route, device, transit, passage);
  }

  #sendOwn(packet: Ipv4Packet, transit: Transit, passage: Passage): Verdict {
    if (this.isLocal(packet.destination)) return transit.takeIn() ?? this.#takeIn(packet, passage, loopback);
    const {route, device} = this.#routeOf(packet);
    const mtu = this.mtuTo(packet.destination);
    const tooLarge = largestPiece(packet) > mtu;
    const flaw = !device ? 'no route' : tooLarge && packet.dontFragment ? 'larger than the mtu' : undefined;
    if (route && device && !flaw) {
      return this.#leave(tooLarge ? fragmented(packet, mtu) : packet, route, device, transit, passage);
    }
    transit.abandon();
    return dropped(flaw ?? 'no route', this.place);
  }

  #leave(packet: Ipv4Packet, route: IpRoute, device: IpInterface, transit: Transit, passage: Passage): Verdict {
    const leaving = transit.leave(packet, route.device);
    if (leaving.kind !== 'ipv4') return leaving;
    const fitting = largestPiece(leaving) > device.mtu ? fragmented(leaving, device.mtu) : leaving;
    return device.output(fitting, route.via ?? leaving.destination, passage);
  }

  #routeOf({source, destination}: Pick<Ipv4Packet, 'source' | 'destination'>): {
    readonly route?: IpRoute;
    readonly device?: IpInterface;
  } {
    const route = lookUpRoute(this.#rules, this.#tables, source, destination);
    const device = route && !route.unreachable ? this.#interfaces.get(route.device) : undefined;
    return {...(route && {route}), ...(device && {device})};
  }

  /** The address under which it would send to another: that of the route, else the first one of the device. */
  #sourceTowards(destination: Ipv4): Ipv4 | undefined {
    const {route, device} = this.#routeOf({source: 0, destination});
    return route?.source ?? device?.addresses.at(0)?.address;
  }

  /** A packet goes no further, and its sender is told, in the words of its own side of the translation. */
  #complain(trouble: Trouble, packet: Ipv4Packet, transit: Transit, passage: Passage): void {
    this.#answers.complain(trouble, packet, passage, (error, answering) => {
      const told = transit.toldOf(error);
      return this.#sendOwn(told, asItIs(told), answering);
    });
    transit.abandon();
  }

  /** For the namespace itself: a program's, or a ping that the kernel answers. */
  #takeIn(packet: Ipv4Packet, passage: Passage, device: string): Verdict {
    const taken = this.receive?.(packet, passage, device);
    if (taken) return taken;
    const {payload} = packet;
    if (payload.kind !== 'icmp-echo' || payload.operation !== 'request') {
      this.#answers.refuse(packet, passage);
      return dropped('no connection', this.place);
    }
    const {source, destination} = packet;
    const answer: Ipv4Packet = {
      ...packet,
      source: destination,
      destination: source,
      ttl: 64,
      payload: {...payload, operation: 'reply'},
    };
    return this.send(answer, passage);
  }

  #tellOfAddresses(device: string, before: readonly OwnAddress[], after: readonly OwnAddress[]): void {
    const missing = (list: readonly OwnAddress[]) => (own: OwnAddress) =>
      list.every(({address}) => address !== own.address);
    for (const {address} of before.filter(missing(after))) this.addressChanged?.(device, address, false);
    for (const {address} of after.filter(missing(before))) this.addressChanged?.(device, address, true);
  }

  #interfacesChanged(): void {
    this.#ground.ledger.changed(this.#interfacesFact, this.#ground.engine.cause);
  }

  /** Packets may fare differently here from now on. */
  changed(): void {
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
    for (const known of this.#interfaces.values()) known.heedArp();
  }
}

const loopback = 'lo';

/** Where there is no way, nothing says how large a packet may be. */
const unlimited = 65_535;

/** Of several addresses in one network only the first brings the route to it (fib_add_ifaddr). */
function isSecondary(own: OwnAddress, before: readonly OwnAddress[]): boolean {
  return before.some(({address, length}) => length === own.length && contains(networkOf(own), address));
}

/** A packet that nobody translates. */
export function asItIs(packet: Ipv4Packet): Transit {
  return {
    packet,
    toldOf: error => error,
    leave: leaving => leaving,
    takeIn: () => undefined,
    abandon: () => undefined,
  };
}
