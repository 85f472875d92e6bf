import {draw} from '../../engine/chance.ts';
import {seconds, type Time} from '../../engine/time.ts';
import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import {neighbourDefaults} from '../protocols/neighbour-settings.ts';
import {NeighbourTable} from '../protocols/neighbour-table.ts';
import type {NeighbourDrop, NeighbourState} from '../protocols/neighbour.ts';
import {phaseSpan} from '../protocols/timer-wheel.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import {ipv4PacketSize, type Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import {isGroupMac, type Mac} from '../wire/mac.ts';
import {dropped, Passage, type DropReason, type Verdict} from './passage.ts';

type Traveller = {readonly packet: Ipv4Packet; readonly passage: Passage};

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

/** Where a station's frames go out, and whether they can at all. */
export type Attachment = {
  transmit(frame: Frame, passage: Passage): Verdict;
};

/**
 * A Linux IP stack with one interface: a VM, an external host, a router outside, a chassis on the management network.
 * Packets find their next hop's MAC in its neighbour table and wait there for the answer.
 */
export class Station {
  readonly name: string;
  readonly mac: Mac;
  readonly address: Ipv4;
  /** Takes in packets for other addresses; undefined if it forwards none. */
  forward: ((packet: Ipv4Packet, passage: Passage) => Verdict) | undefined;
  /** Whether the machine is on. */
  #on = true;
  readonly #ground: Ground;
  readonly #settings: StationSettings;
  readonly #attachment: Attachment;
  readonly #neighbours: NeighbourTable<Traveller>;
  readonly #neighbourFacts: KeyedFacts;
  readonly #fact: Fact;
  readonly #actor: number;
  #arps = 0;

  constructor(ground: Ground, settings: StationSettings, attachment: Attachment) {
    this.#ground = ground;
    this.#settings = settings;
    this.#attachment = attachment;
    this.name = settings.name;
    this.mac = settings.mac;
    this.address = settings.address;
    this.#neighbourFacts = new KeyedFacts(ground.ledger);
    this.#fact = ground.ledger.add();
    this.#neighbours = this.#makeNeighbours();
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#neighbours.wakeAt;
  }

  get on(): boolean {
    return this.#on;
  }

  wake(now: Time): void {
    this.#neighbours.wake(now);
  }

  hear(message: unknown, now: Time): void {
    if (this.#on) this.#neighbours.hear(message as Frame, now);
  }

  /** The state of the entry for an address, as `ip neigh` shows it. */
  neighbour(address: Ipv4): {readonly state: NeighbourState; readonly mac: Mac | undefined} | undefined {
    return this.#neighbours.get(address);
  }

  /** Sends a packet to where its destination says. */
  send(packet: Ipv4Packet, passage: Passage): Verdict {
    const {network, gateway} = this.#settings;
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.name);
    const nextHop = contains(network, packet.destination) ? packet.destination : gateway;
    if (nextHop === undefined) return dropped('no route', this.name);
    const fact = this.#neighbourFacts.of(nextHop);
    passage.rely(fact);
    const before = this.#neighbours.get(nextHop)?.state;
    const to = passage.because(() =>
      this.#neighbours.output(nextHop, {packet, passage}, ipv4PacketSize(packet), this.#ground.engine.now),
    );
    this.#ground.engine.rearm(this.#actor);
    if (this.#neighbours.get(nextHop)?.state !== before) passage.once();
    if (to === undefined) return passage.park('neighbour unresolved', this.name);
    passage.keep(fact);
    return this.#transmit(packet, to, passage);
  }

  /** A frame reaches the interface. */
  arrive(frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#fact);
    if (!this.#on) return dropped('host down', this.name);
    if (frame.destination !== this.mac && !isGroupMac(frame.destination)) {
      return dropped('not addressed to this host', this.name);
    }
    if (frame.payload.kind === 'arp') return this.#arriveArp(frame, passage);
    const packet = frame.payload;
    if (packet.destination === this.address) {
      return passage.arrive?.(this.name, packet) ?? dropped('unknown destination', this.name);
    }
    return this.forward?.(packet, passage) ?? dropped('not addressed to this host', this.name);
  }

  /** The link below has lost its carrier. */
  carrierLost(): void {
    this.#neighbours.carrierLost(this.#ground.engine.now);
  }

  /** The machine is switched off, or on again with nothing in its memory. */
  switch(on: boolean): void {
    this.#on = on;
    if (!on) this.#neighbours.linkDown(this.#ground.engine.now);
    this.#ground.ledger.changed(this.#fact, this.#ground.engine.cause);
  }

  #transmit(packet: Ipv4Packet, to: Mac, passage: Passage): Verdict {
    return this.#attachment.transmit({source: this.mac, destination: to, vlan: undefined, payload: packet}, passage);
  }

  /** ARP is heard when the frame has arrived, not when it was sent. */
  #arriveArp(frame: Frame, passage: Passage): Verdict {
    passage.once();
    passage.because(() => {
      this.#ground.engine.post(passage.arrivesAt, this.#actor, this.#actor, this.#arps++, frame);
    });
    return {kind: 'delivered'};
  }

  #makeNeighbours(): NeighbourTable<Traveller> {
    const {engine, ledger, streams, chance, journal} = this.#ground;
    const {name, mac, address, network, kernelPhase} = this.#settings;
    const draws = streams.of(`${name}/neighbours`);
    const passes = chance.sequence(`${name}/neighbour passes`);
    return new NeighbourTable<Traveller>(
      neighbourDefaults,
      {
        mac,
        phase: kernelPhase,
        draw: count => draw(draws, count),
        tidyAt: Math.floor(passes() * seconds(15.1)),
        redrawAt: Math.floor(passes() * seconds(300)),
      },
      [{address, length: network.length}],
      {
        send: (arp, destination) => {
          this.#sendArp(arp, destination);
        },
        isLocal: candidate => candidate === address,
        sourceOf: ({packet}) => packet.source,
        forward: ({packet, passage}, to) => {
          passage.resume(() => this.#transmit(packet, to, passage));
        },
        drop: ({passage}, reason) => {
          passage.resume(() => dropped(reasonOf[reason], name));
        },
        changed: (target, from) => {
          const entry = this.#neighbours.get(target);
          const to = entry?.state ?? 'none';
          const cause = isTelling(from, to)
            ? journal.announce('neighbour changed', {host: name, address: target, from, to, mac: entry?.mac})
            : engine.cause;
          this.#neighbourFacts.changed(target, cause);
        },
        usedAt: target => ledger.keptAt(this.#neighbourFacts.of(target)),
        confirmedAt: () => -1,
      },
    );
  }

  #sendArp(arp: Arp, destination: Mac): void {
    const {counters} = this.#ground;
    const passage = new Passage(this.#ground, {sender: `${this.name}/arp`, number: this.#arps++});
    passage.count(counters.of(this.name, arp.operation === 'request' ? 'arp requests sent' : 'arp replies sent'));
    passage.finish(this.#attachment.transmit({source: this.mac, destination, vlan: undefined, payload: arp}, passage));
  }
}

const reasonOf: Readonly<Record<NeighbourDrop, DropReason>> = {
  'queue overflow': 'neighbour queue full',
  unreachable: 'neighbour unreachable',
  evicted: 'neighbour unreachable',
};

/** Changes that an operator would notice: those after which packets fare differently. */
function isTelling(from: NeighbourState, to: NeighbourState): boolean {
  return to === 'failed' || (from === 'failed' && to !== 'incomplete');
}

/** A moment of some kernel's jiffy 0, from a draw in [0, 1). */
export function kernelPhaseOf(drawn: number): Time {
  return Math.floor(drawn * phaseSpan);
}
