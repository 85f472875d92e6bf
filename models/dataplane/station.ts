import type {Time} from '../../engine/time.ts';
import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import type {Neighbour, NeighbourState} from '../protocols/neighbour.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {IpInterface, type Attachment} from './ip-interface.ts';
import {dropped, type Passage, type Verdict} from './passage.ts';

export type StationSettings = {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  readonly network: Cidr;
  /** Next hop for what lies outside the network; undefined if there is none. */
  readonly gateway: Ipv4 | undefined;
  /** The moment of the kernel's jiffy 0. */
  readonly kernelPhase: Time;
};

/** A Linux IP stack with one interface: a VM, an external host, a router outside, a chassis on the management network. */
export class Station {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  /** Takes in packets for a daemon of its own, before flows do; undefined if it has none, or none for this packet. */
  receive: ((packet: Ipv4Packet, passage: Passage) => Verdict | undefined) | undefined;
  /** Takes in packets for other addresses; undefined if it forwards none. */
  forward: ((packet: Ipv4Packet, passage: Passage) => Verdict) | undefined;
  /** Whether the machine is on. */
  #on = true;
  readonly #ground: Ground;
  readonly #settings: StationSettings;
  readonly #interface: IpInterface;
  readonly #fact: Fact;

  constructor(ground: Ground, settings: StationSettings, attachment: Attachment) {
    this.#ground = ground;
    this.#settings = settings;
    const {name, mac, address, network, kernelPhase} = settings;
    this.name = name;
    this.mac = mac;
    this.address = address;
    this.#fact = ground.ledger.add();
    const addresses = [{address, length: network.length}];
    this.#interface = new IpInterface(ground, {name, mac, addresses, kernelPhase}, this, attachment);
  }

  get on(): boolean {
    return this.#on;
  }

  isLocal(address: Ipv4): boolean {
    return address === this.address;
  }

  /** The state of the entry for an address, as `ip neigh` shows it. */
  neighbour(address: Ipv4): {readonly state: NeighbourState; readonly mac: Mac | undefined} | undefined {
    return this.#interface.neighbour(address);
  }

  /** All entries, in the order in which they were created. */
  neighbours(): Iterable<Neighbour<unknown>> {
    return this.#interface.neighbours();
  }

  /** Sends a packet to where its destination says. */
  send(packet: Ipv4Packet, passage: Passage): Verdict {
    const {network, gateway} = this.#settings;
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.name);
    const nextHop = contains(network, packet.destination) ? packet.destination : gateway;
    if (nextHop === undefined) return dropped('no route', this.name);
    return this.#interface.output(packet, nextHop, passage);
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
    if (packet.destination === this.address) {
      const taken = this.receive?.(packet, passage) ?? passage.arrive?.(this.name, packet);
      return taken ?? dropped('unknown destination', this.name);
    }
    return this.forward?.(packet, passage) ?? dropped('not addressed to this host', this.name);
  }

  /** The link below has lost its carrier. */
  carrierLost(): void {
    this.#interface.carrierLost();
  }

  /** The machine is switched off, or on again with nothing in its memory. */
  switch(on: boolean): void {
    this.#on = on;
    if (!on) this.#interface.down();
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }
}

/** A moment of some kernel's jiffy 0, from a draw in [0, 1). */
export function kernelPhaseOf(drawn: number): Time {
  return Math.floor(drawn * phaseSpan);
}
