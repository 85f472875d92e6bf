import {draw} from '../../engine/chance.ts';
import type {Place} from '../../engine/engine.ts';
import {never, seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {OwnAddress} from '../protocols/arp-policy.ts';
import {neighbourDefaults, type NeighbourSettings, type NeighbourThresholds} from '../protocols/neighbour-settings.ts';
import {NeighbourTable} from '../protocols/neighbour-table.ts';
import type {Neighbour, NeighbourDrop, NeighbourState} from '../protocols/neighbour.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import {bufferSizes} from '../wire/fragments.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {isMulticast, type Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, multicastMac, type Mac} from '../wire/mac.ts';
import {makeNeighbouringHost, type NeighbouringHost} from './neighbouring-host.ts';
import {dropped, heard, Passage, type DropReason, type Verdict} from './passage.ts';

type Traveller = {readonly packet: Ipv4Packet; readonly passage: Passage};

/** ARP on its way to an interface. */
type ArrivingArp = {readonly frame: Frame; readonly at: Time; readonly number: number; readonly cause: number};

/** Where an interface's frames go out. */
export type Attachment = {
  transmit(frame: Frame, passage: Passage): Verdict;
};

export type IpInterfaceSettings = {
  /** What it is called in results, and what its luck depends on. */
  readonly name: string;
  readonly mac: Mac;
  readonly addresses: readonly OwnAddress[];
  /** Bytes of the largest packet. */
  readonly mtu: number;
  /** The moment of the kernel's jiffy 0. */
  readonly kernelPhase: Time;
  /** The neighbours of its whole host, where that has other interfaces. */
  readonly host?: NeighbouringHost;
  /** Of a host without others: how many neighbours it may have. Neither of both: any number. */
  readonly limits?: Partial<NeighbourThresholds>;
  /** What `net.ipv4.neigh` and `net.ipv4.conf` set otherwise than Linux does. */
  readonly sysctls?: Partial<NeighbourSettings>;
};

/** The stack that an interface belongs to. */
export type IpStack = {
  /** Whether frames that arrive later are still taken in. */
  readonly on: boolean;
  isLocal(address: Ipv4): boolean;
  /** Whether what comes in by an interface from `sender` for `target` would be forwarded, out of another interface. */
  leavesElsewhere?(target: Ipv4, sender: Ipv4, by: IpInterface): boolean;
  /** The next hop of a packet does not answer, and its sender is to be told. */
  unreachable(packet: Ipv4Packet, passage: Passage): void;
};

/**
 * One interface of a Linux IP stack: packets find their next hop's MAC in its neighbour table and wait there for the
 * answer.
 */
export class IpInterface {
  readonly name: string;
  readonly #ground: Ground;
  readonly #settings: IpInterfaceSettings;
  readonly #stack: IpStack;
  readonly #attachment: Attachment;
  readonly #neighbours: NeighbourTable<Traveller>;
  readonly #facts: KeyedFacts;
  /** When upper layers have last heard from a neighbour. */
  readonly #confirmations: KeyedFacts;
  readonly #actor: number;
  /** What the latest request for an address met on its way, as an announcement. */
  readonly #asked = new Map<Ipv4, number>();
  /** Neighbours under suspicion: the MAC under which they do not answer, and the announcement that gave them up; 0 is not yet. */
  readonly #doubted = new Map<Ipv4, {readonly mac: Mac | undefined; announcement: number}>();
  /** ARP on its way here that changes nothing, unless something else changes before it is there. */
  #ignored: ArrivingArp[] = [];
  #arps = 0;

  constructor(ground: Ground, settings: IpInterfaceSettings, stack: IpStack, attachment: Attachment) {
    this.#ground = ground;
    this.#settings = settings;
    this.#stack = stack;
    this.#attachment = attachment;
    this.name = settings.name;
    this.#facts = new KeyedFacts(ground.ledger);
    this.#confirmations = new KeyedFacts(ground.ledger);
    this.#neighbours = this.#makeNeighbours();
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#neighbours.wakeAt;
  }

  get mac(): Mac {
    return this.#neighbours.mac;
  }

  get mtu(): number {
    return this.#settings.mtu;
  }

  get addresses(): readonly OwnAddress[] {
    return this.#neighbours.addresses;
  }

  wake(now: Time): void {
    this.#neighbours.wake(now);
  }

  hear(message: unknown, now: Time): void {
    if (this.#stack.on) this.#neighbours.hear(message as Frame, now);
  }

  /** The state of the entry for an address, as `ip neigh` shows it. */
  neighbour(address: Ipv4): {readonly state: NeighbourState; readonly mac: Mac | undefined} | undefined {
    return this.#neighbours.get(address);
  }

  /** All entries, in the order in which they were created. */
  neighbours(): Iterable<Neighbour<unknown>> {
    return this.#neighbours.entries();
  }

  /** Sends a packet to a next hop on the link. */
  output(packet: Ipv4Packet, nextHop: Ipv4, passage: Passage): Verdict {
    if (isMulticast(nextHop)) return this.#transmit(packet, multicastMac(nextHop), passage);
    const fact = this.#facts.of(nextHop);
    const to = passage.because(() => this.#neighbours.output(nextHop, {packet, passage}, this.#ground.engine.now));
    // Only now: that nobody answered before is no reason why somebody is asked again.
    passage.rely(fact);
    this.#ground.engine.rearm(this.#actor);
    if (passage.confirms) passage.keep(this.#confirmations.of(nextHop));
    passage.confirms = false;
    if (to === undefined) return passage.park('neighbour unresolved', this.name);
    passage.keep(fact);
    return this.#transmit(packet, to, passage);
  }

  /** A frame passes the interface, in or out. */
  tap(frame: Frame, {arrivesAt}: Passage): void {
    const {taps} = this.#ground;
    if (taps.open) taps.see(this.name, frame, arrivesAt);
  }

  /** ARP is heard when the frame has arrived, not when it was sent. */
  arriveArp(frame: Frame, passage: Passage): Verdict {
    const {payload} = frame;
    if (this.#ground.ledger.skipping && payload.kind === 'arp' && this.#neighbours.ignores(payload)) {
      const {cause} = passage;
      if (passage.repeatable) passage.rely(this.#facts.of(payload.senderIp));
      passage.cause = cause;
      passage.tell(arriving => this.#ignored.push(this.#arriving(frame, arriving)));
    } else {
      passage.once();
      this.#post(this.#arriving(frame, passage));
    }
    return heard;
  }

  /** What makes it ignore ARP is different now: what is on its way is heard. */
  heedArp(): void {
    const {engine} = this.#ground;
    const ignored = this.#ignored;
    this.#ignored = [];
    for (const arp of ignored) if (!engine.reached(this.#placeOf(arp))) this.#post(arp);
  }

  /** The link has lost its carrier. */
  carrierLost(): void {
    this.#neighbours.carrierLost(this.#ground.engine.now);
  }

  /** The interface has another MAC: all it knows is forgotten. */
  changeMac(mac: Mac): void {
    this.#neighbours.changeMac(mac, this.#ground.engine.now);
  }

  /** The interface goes down: all it knows is forgotten. */
  down(): void {
    this.#neighbours.linkDown(this.#ground.engine.now);
    this.heedArp();
  }

  /** The interface goes up: it may announce its addresses. */
  up(): void {
    this.#neighbours.linkUp();
  }

  setAddresses(addresses: readonly OwnAddress[]): void {
    this.#neighbours.setAddresses(addresses, this.#ground.engine.now);
    this.heedArp();
  }

  /** Announces an address, or each of its own, by a gratuitous request. */
  announce(address?: Ipv4): void {
    this.#neighbours.announce(address);
  }

  /** Sends a packet to everybody on the link, whatever it is addressed to. */
  broadcast(packet: Ipv4Packet, passage: Passage): Verdict {
    return this.#transmit(packet, broadcastMac, passage);
  }

  /** Sets the MAC of a neighbour as a program does that knows it. */
  setNeighbour(address: Ipv4, mac: Mac): void {
    this.#neighbours.set(address, mac, this.#ground.engine.now);
    this.#ground.engine.rearm(this.#actor);
  }

  /** Sets the MAC of a neighbour for good. */
  pin(address: Ipv4, mac: Mac): void {
    this.#neighbours.pin(address, mac, this.#ground.engine.now);
  }

  /** Sends an ARP message: its own, or that of a program which writes them itself. */
  sendArp(arp: Arp, destination: Mac): void {
    const {counters} = this.#ground;
    const passage = new Passage(this.#ground, {sender: `${this.name}/arp`, number: this.#arps++});
    passage.count(counters.of(this.name, arp.operation === 'request' ? 'arp requests sent' : 'arp replies sent'));
    passage.once();
    const frame: Frame = {source: this.mac, destination, vlan: undefined, payload: arp};
    this.tap(frame, passage);
    passage.finish(this.#attachment.transmit(frame, passage));
    if (arp.operation === 'request' && passage.cause > 0) this.#asked.set(arp.targetIp, passage.cause);
  }

  #transmit(packet: Ipv4Packet, to: Mac, passage: Passage): Verdict {
    const frame: Frame = {source: this.mac, destination: to, vlan: undefined, payload: packet};
    this.tap(frame, passage);
    return this.#attachment.transmit(frame, passage);
  }

  #arriving(frame: Frame, {arrivesAt: at, cause}: Passage): ArrivingArp {
    const {engine} = this.#ground;
    if (this.#ignored.length > 0 && this.#ignored[0].at < engine.now) {
      this.#ignored = this.#ignored.filter(arp => arp.at >= engine.now);
    }
    return {frame, at, number: this.#arps++, cause: Math.max(cause, engine.cause)};
  }

  #placeOf({at, number}: ArrivingArp): Place {
    return {at, receiver: this.#actor, sender: this.#actor, number};
  }

  #post({frame, at, number, cause}: ArrivingArp): void {
    this.#ground.engine.post(at, this.#actor, this.#actor, number, frame, cause);
  }

  /** Whether a neighbour that was given up has been found under another MAC. */
  #isElsewhere(target: Ipv4, mac: Mac | undefined): boolean {
    const doubted = this.#doubted.get(target);
    return doubted !== undefined && doubted.announcement > 0 && mac !== undefined && mac !== doubted.mac;
  }

  #makeNeighbours(): NeighbourTable<Traveller> {
    const {engine, ledger, streams, chance, journal} = this.#ground;
    const {name, mac, addresses, kernelPhase: phase, sysctls, limits} = this.#settings;
    const draws = streams.of(`${name}/neighbours`);
    const passes = chance.sequence(`${name}/neighbour passes`);
    const tidyAt = this.#settings.host?.tidyAt ?? Math.floor(passes() * seconds(15.1));
    const host = this.#settings.host ?? (limits && makeNeighbouringHost(this.#ground, name, {phase, tidyAt}, limits));
    return new NeighbourTable<Traveller>(
      {...neighbourDefaults, ...sysctls},
      {
        ...{mac, phase, tidyAt},
        draw: count => draw(draws, count),
        redrawAt: Math.floor(passes() * seconds(300)),
      },
      addresses,
      {
        send: (arp, destination) => {
          if (this.#stack.on) this.sendArp(arp, destination);
        },
        isLocal: address => this.#stack.isLocal(address),
        leavesElsewhere: (target, sender) => this.#stack.leavesElsewhere?.(target, sender, this) ?? false,
        sourceOf: ({packet}) => packet.source,
        forward: ({packet, passage}, to) => {
          passage.resume(() => this.#transmit(packet, to, passage));
        },
        drop: ({packet, passage}, reason) => {
          passage.resume(() => {
            if (reason === 'unreachable') this.#stack.unreachable(packet, passage);
            return dropped(reasonOf[reason], name);
          });
        },
        sizesOf: ({packet}) => bufferSizes(packet),
        changed: (target, from, sentAsBefore) => {
          const entry = this.#neighbours.get(target);
          const to = entry?.state ?? 'none';
          if (to === 'probe') this.#doubted.set(target, {mac: entry?.mac, announcement: 0});
          const isElsewhere = this.#isElsewhere(target, entry?.mac);
          let {cause} = engine;
          if (isElsewhere || isTelling(from, to)) {
            const detail = {host: name, address: target, from, to, mac: entry?.mac};
            const asked = to === 'failed' ? (this.#asked.get(target) ?? 0) : 0;
            const doubted = this.#doubted.get(target);
            const givenUp = isElsewhere ? (doubted?.announcement ?? 0) : 0;
            cause = journal.announce('neighbour changed', detail, [Math.max(engine.cause, asked), givenUp]);
            if (doubted?.announcement === 0) doubted.announcement = cause;
          }
          // Who waited for it was let through by it.
          if (isElsewhere) engine.cause = cause;
          if (to !== 'probe' && to !== 'incomplete' && to !== 'failed') this.#doubted.delete(target);
          this.#asked.delete(target);
          if (sentAsBefore) return;
          this.#facts.changed(target, cause);
          this.heedArp();
        },
        nextUseAt: target => {
          const fact = this.#facts.of(target);
          const at = ledger.awaitKeep(fact, engine.now);
          if (at > engine.now) return at;
          // What is due within this instant cannot be told from what has passed: it is run.
          ledger.changed(fact, ledger.causeOf(fact));
          return never;
        },
        usedAt: target => ledger.keptAt(this.#facts.of(target)),
        confirmedAt: target => ledger.keptAt(this.#confirmations.of(target)),
        overflow: ({passage}) => {
          passage.resume(() => dropped('neighbour table full', name));
        },
        rearm: () => {
          engine.rearm(this.#actor);
        },
      },
      host?.neighbours,
    );
  }
}

const reasonOf: Readonly<Record<NeighbourDrop, DropReason>> = {
  'queue overflow': 'neighbour queue full',
  unreachable: 'neighbour unreachable',
  'never asked': 'neighbour unreachable',
  evicted: 'neighbour unreachable',
};

/** Changes that an operator would notice: those after which packets fare differently. */
function isTelling(from: NeighbourState, to: NeighbourState): boolean {
  return to === 'failed' || (from === 'failed' && to !== 'incomplete');
}
