import type {Time} from '../../engine/time.ts';
import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import type {Neighbour, NeighbourState} from '../protocols/neighbour.ts';
import type {NeighbourSettings, NeighbourThresholds} from '../protocols/neighbour-settings.ts';
import {PathMtus} from '../protocols/path-mtus.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {fragmented, largestPiece, reassembled} from '../wire/fragments.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {IpInterface, type Attachment} from './ip-interface.ts';
import {KernelAnswers} from './kernel-answers.ts';
import {dropped, type Passage, type Verdict} from './passage.ts';

export type StationSettings = {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly network: Cidr;
  /** Next hop for what lies outside the network; undefined if there is none. */
  readonly gateway: Ipv4 | undefined;
  /** Of its interface. */
  readonly mtu: number;
  /** The moment of the kernel's jiffy 0. */
  readonly kernelPhase: Time;
  /** What it is told otherwise than Linux does by itself. */
  readonly sysctls?: Partial<NeighbourSettings>;
  /** How many neighbours it may have, as far as Linux is told otherwise; undefined: any number. */
  readonly limits?: Partial<NeighbourThresholds>;
};

/** An address that a machine has, and where its packets go from there. */
export type Addressing = {
  readonly address: Ipv4;
  readonly network: Cidr;
  /** Beyond the network: the longest prefix counts. By way of 0 it is on the link. */
  readonly routes: readonly {readonly prefix: Cidr; readonly via: Ipv4}[];
};

/** A Linux IP stack with one interface: a VM, an external host, a router outside, a chassis on the management network. */
export class Station {
  readonly name: string;
  /** Take in packets before the stack asks whom they are for, as raw sockets do; the first that does not decline. */
  readonly overhearers: ((packet: Ipv4Packet, passage: Passage) => Verdict | undefined)[] = [];
  /** Told when the machine is switched on or off. */
  onPower: ((on: boolean) => void) | undefined;
  /** Takes in packets for a daemon of its own, before flows do; undefined if it has none, or none for this packet. */
  receive: ((packet: Ipv4Packet, passage: Passage) => Verdict | undefined) | undefined;
  /** Takes in packets for other addresses; undefined if it forwards none. */
  forward: ((packet: Ipv4Packet, passage: Passage) => Verdict) | undefined;
  /** Whether the machine is on. */
  #on = true;
  readonly #ground: Ground;
  readonly #settings: StationSettings;
  readonly #interface: IpInterface;
  readonly #answers: KernelAnswers;
  #pathMtus = new PathMtus();
  #life = 0;
  /** Whether it is on, its address, and what it knows of the ways. */
  readonly #fact: Fact;
  #addressing: Addressing | undefined;

  constructor(ground: Ground, settings: StationSettings, attachment: Attachment) {
    this.#ground = ground;
    this.#settings = settings;
    const {name, mac, address, network, gateway, mtu, kernelPhase, sysctls = {}, limits} = settings;
    this.name = name;
    const routes = gateway === undefined ? [] : [{prefix: everywhere, via: gateway}];
    this.#addressing = {address, network, routes};
    this.#fact = ground.ledger.add();
    const addresses = [{address, length: network.length}];
    this.#interface = new IpInterface(
      ground,
      {name, mac, addresses, mtu, kernelPhase, sysctls, ...(limits && {limits})},
      this,
      attachment,
    );
    this.#answers = new KernelAnswers(ground, {
      ...{place: name, kernelPhase},
      isLocal: own => this.isLocal(own),
      sourceTowards: () => this.address,
      send: (packet, passage) => this.send(packet, passage),
    });
  }

  get mac(): Mac {
    return this.#interface.mac;
  }

  get kernelPhase(): Time {
    return this.#settings.kernelPhase;
  }

  /** How often it has begun anew, with nothing in its memory. */
  get life(): number {
    return this.#life;
  }

  get on(): boolean {
    return this.#on;
  }

  /** 0 while it has none. */
  get address(): Ipv4 {
    return this.#addressing?.address ?? 0;
  }

  get addressing(): Addressing | undefined {
    return this.#addressing;
  }

  isLocal(address: Ipv4): boolean {
    return address === this.#addressing?.address;
  }

  /** Gives the machine another address, or none. */
  configure(addressing: Addressing | undefined): void {
    this.#addressing = addressing;
    const own = addressing && {address: addressing.address, length: addressing.network.length};
    this.#interface.setAddresses(own ? [own] : []);
    this.#changed();
  }

  /** The state of the entry for an address, as `ip neigh` shows it. */
  neighbour(address: Ipv4): {readonly state: NeighbourState; readonly mac: Mac | undefined} | undefined {
    return this.#interface.neighbour(address);
  }

  /** All entries, in the order in which they were created. */
  neighbours(): Iterable<Neighbour<unknown>> {
    return this.#interface.neighbours();
  }

  mtuTo(destination: Ipv4): number {
    const {mtu} = this.#settings;
    return Math.min(mtu, this.#pathMtus.to(destination, this.#ground.engine.now) ?? mtu);
  }

  learnMtu(destination: Ipv4, mtu: number): void {
    const {engine, later} = this.#ground;
    const until = this.#pathMtus.learn(destination, mtu, engine.now);
    later.at(until, () => {
      this.#changed();
    });
    this.#changed();
  }

  /** Sends a packet to where its destination says, in fragments if it is too large. */
  send(packet: Ipv4Packet, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.name);
    if (this.isLocal(packet.destination)) return this.#takeIn(packet, passage);
    const mtu = this.mtuTo(packet.destination);
    if (largestPiece(packet) <= mtu) return this.#route(packet, passage);
    if (packet.dontFragment) return dropped('larger than the mtu', this.name);
    return this.#route(fragmented(packet, mtu), passage);
  }

  /** Sends a packet to everybody on the link, with or without an address of its own. */
  broadcast(packet: Ipv4Packet, passage: Passage): Verdict {
    passage.once();
    if (!this.#on) return dropped('host down', this.name);
    return this.#interface.broadcast(packet, passage);
  }

  /** Sets the MAC of a neighbour as a program does that knows it. */
  setNeighbour(address: Ipv4, mac: Mac): void {
    this.#interface.setNeighbour(address, mac);
  }

  /** Sends on a packet of somebody else, who is told if that cannot be done. */
  relay(packet: Ipv4Packet, passage: Passage): Verdict {
    const {mtu} = this.#settings;
    passage.confirms = false;
    if (largestPiece(packet) <= mtu || !packet.dontFragment) return this.send(packet, passage);
    this.#answers.complain({kind: 'too big', mtu}, packet, passage);
    return dropped('larger than the mtu', this.name);
  }

  /** The neighbour that a packet waited for does not answer. */
  unreachable(packet: Ipv4Packet, passage: Passage): void {
    this.#answers.complain({kind: 'host unreachable'}, packet, passage);
  }

  /** A frame reaches the interface. */
  arrive(frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.name);
    this.#interface.tap(frame, passage);
    if (frame.destination !== this.mac && !isGroupMac(frame.destination)) {
      return dropped('not addressed to this host', this.name);
    }
    if (frame.payload.kind === 'arp') return this.#interface.arriveArp(frame, passage);
    const packet = frame.payload;
    for (const overhear of this.overhearers) {
      const verdict = overhear(packet, passage);
      if (verdict) return verdict;
    }
    if (this.isLocal(packet.destination)) return this.#takeIn(reassembled(packet), passage);
    return this.forward?.(packet, passage) ?? dropped('not addressed to this host', this.name);
  }

  /** The link below has lost its carrier. */
  carrierLost(): void {
    this.#interface.carrierLost();
  }

  /** The machine is switched off, or on again with nothing in its memory. */
  switch(on: boolean): void {
    this.#on = on;
    if (!on) {
      this.#life += 1;
      this.#pathMtus = new PathMtus();
      this.#interface.down();
    } else this.#interface.up();
    this.#changed();
    this.onPower?.(on);
  }

  /** Another machine takes its place and its address: with another MAC, with nothing in its memory, and without a word. */
  replace(mac: Mac): void {
    this.switch(false);
    this.#interface.changeMac(mac);
    this.switch(true);
  }

  #route(packet: Ipv4Packet, passage: Passage): Verdict {
    if (!this.#addressing) return dropped('no address', this.name);
    const nextHop = nextHopFor(packet.destination, this.#addressing);
    if (nextHop === undefined) return dropped('no route', this.name);
    return this.#interface.output(packet, nextHop, passage);
  }

  /** For a daemon or a flow of this host, or a ping that the kernel answers; if nobody wants it the sender is told. */
  #takeIn(packet: Ipv4Packet, passage: Passage): Verdict {
    const taken = this.receive?.(packet, passage) ?? passage.arrive?.(this.name, packet, passage);
    if (taken) return taken;
    const {source, destination, payload} = packet;
    if (payload.kind === 'icmp-echo' && payload.operation === 'request') {
      const reply = {...payload, operation: 'reply'} as const;
      return this.send({...packet, source: destination, destination: source, ttl: 64, payload: reply}, passage);
    }
    this.#answers.refuse(packet, passage);
    return dropped('nobody listens', this.name);
  }

  #changed(): void {
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
    this.#interface.heedArp();
  }
}

const everywhere: Cidr = {address: 0, length: 0};

function nextHopFor(destination: Ipv4, {network, routes}: Addressing): Ipv4 | undefined {
  if (contains(network, destination)) return destination;
  let best: Addressing['routes'][number] | undefined;
  for (const route of routes) {
    if (contains(route.prefix, destination) && route.prefix.length > (best?.prefix.length ?? -1)) best = route;
  }
  return best?.via === 0 ? destination : best?.via;
}

/** A moment of some kernel's jiffy 0, from a draw in [0, 1). */
export function kernelPhaseOf(drawn: number): Time {
  return Math.floor(drawn * phaseSpan);
}
