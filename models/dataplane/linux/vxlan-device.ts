import type {Fact} from '../../../engine/ledger.ts';
import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {HostNeighbours} from '../../protocols/host-neighbours.ts';
import {defaultVxlanAgeingTime, everyMac, VxlanTable} from '../../protocols/vxlan-table.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import {largestPiece} from '../../wire/fragments.ts';
import type {Frame} from '../../wire/frame.ts';
import {isIcmpError, quoteOf} from '../../wire/icmp-quote.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import {tunnelOverhead} from '../../wire/tunnel-overhead.ts';
import {linuxVxlanPort} from '../../wire/vxlan.ts';
import {copyCounter} from '../flood-copies.ts';
import {FloodMemory} from '../flood-memory.ts';
import {flowPort} from '../flow-port.ts';
import {dropped, heard, Passage, type Verdict} from '../passage.ts';
import type {LinuxBridge} from './linux-bridge.ts';
import type {Namespace} from './namespace.ts';

export type VxlanDeviceSettings = {
  readonly host: string;
  readonly vni: number;
  readonly mac: Mac;
  /** The endpoint of this host. */
  readonly local: Ipv4;
  /** The group that gets what is flooded; undefined where an agent lists the endpoints. */
  readonly group: Ipv4 | undefined;
  readonly learning: boolean;
  readonly proxy: boolean;
  readonly kernelPhase: Time;
  /** Of its host: addresses that it answers for are permanent neighbours. */
  readonly neighbours: HostNeighbours;
  /** Bytes of the largest packet: what the tunnel adds below the MTU of the underlay. */
  readonly mtu: number;
};

/** A `vxlan-…` device: a port of a bridge whose other side is every host that has the network. */
export class VxlanDevice {
  readonly name: string;
  readonly place: string;
  readonly #ground: Ground;
  readonly #settings: VxlanDeviceSettings;
  readonly #root: Namespace;
  readonly #bridge: LinuxBridge;
  readonly #port: number;
  readonly #table: VxlanTable;
  readonly #facts: KeyedFacts;
  readonly #floods: FloodMemory<Ipv4>;
  /** Addresses that the device answers for. */
  readonly #responders = new Map<Ipv4, Mac>();
  readonly #actor: number;
  #answers = 0;

  constructor(ground: Ground, settings: VxlanDeviceSettings, root: Namespace, bridge: LinuxBridge) {
    const {host, vni, mac, group, learning, proxy, kernelPhase, mtu} = settings;
    this.name = `vxlan-${vni}`;
    this.place = `${host} ${this.name}`;
    this.#ground = ground;
    this.#settings = settings;
    this.#root = root;
    this.#bridge = bridge;
    this.#facts = new KeyedFacts(ground.ledger);
    this.#floods = new FloodMemory(ground);
    this.#table = new VxlanTable(
      {mac, learning, proxy, ageingTime: defaultVxlanAgeingTime, phase: kernelPhase},
      {
        neighbour: address => this.#responders.get(address),
        lastSeenAt: known => ground.ledger.keptAt(this.#facts.of(known)),
        removed: known => {
          this.#changed(known);
        },
      },
      ground.engine.now,
    );
    if (group !== undefined) this.#table.append(everyMac, group);
    this.#port = bridge.addPort(this.name, mtu, (frame, passage) => this.#transmit(frame, passage));
    this.#actor = ground.engine.add(this.#table);
  }

  get mac(): Mac {
    return this.#settings.mac;
  }

  /** Where each MAC is, as `bridge fdb show dev vxlan-…` has it. */
  entries(): readonly {readonly mac: Mac; readonly remotes: readonly Ipv4[]; readonly listed: boolean}[] {
    return [...this.#table.entries()].map(([mac, remotes]) => ({mac, remotes, listed: this.#table.isListed(mac)}));
  }

  /** Addresses that it answers for, as `ip neigh show dev vxlan-…` has them. */
  responders(): ReadonlyMap<Ipv4, Mac> {
    return this.#responders;
  }

  addRemote(mac: Mac, endpoint: Ipv4): void {
    if (this.#table.replace(mac, endpoint)) this.#changed(mac);
  }

  removeRemote(mac: Mac, endpoint: Ipv4): void {
    if (this.#table.remove(mac, endpoint)) this.#changed(mac);
  }

  addFlood(endpoint: Ipv4): void {
    if (this.#table.append(everyMac, endpoint)) this.#changed(everyMac);
  }

  removeFlood(endpoint: Ipv4): void {
    if (this.#table.remove(everyMac, endpoint)) this.#changed(everyMac);
  }

  addResponder(address: Ipv4, mac: Mac): void {
    if (!this.#responders.has(address)) this.#settings.neighbours.countPermanent(1, this.#ground.engine.now);
    this.#responders.set(address, mac);
  }

  removeResponder(address: Ipv4): void {
    if (this.#responders.delete(address)) this.#settings.neighbours.countPermanent(-1, this.#ground.engine.now);
  }

  /** The device goes with its host. */
  remove(): void {
    for (const address of [...this.#responders.keys()]) this.removeResponder(address);
    this.#table.flush();
    this.#bridge.removePort(this.name);
  }

  /** A frame of the network comes out of a tunnel. */
  receive(frame: Frame, remote: Ipv4, passage: Passage): Verdict {
    this.#tap(frame, passage);
    const fact = this.#facts.of(frame.source);
    passage.rely(fact);
    passage.keep(fact);
    const reception = this.#table.receive(frame, remote, this.#ground.engine.now);
    if (reception.kind === 'swallowed') {
      const isListed = reception.reason === 'listed elsewhere';
      return dropped(isListed ? 'listed at another endpoint' : 'not addressed to this host', this.place);
    }
    if (reception.lesson === 'new' || reception.lesson === 'moved') {
      passage.once();
      this.#ground.engine.rearm(this.#actor);
      passage.because(() => {
        this.#changed(frame.source);
      });
    }
    return this.#bridge.receive(this.#port, frame, passage);
  }

  #tap(frame: Frame, {arrivesAt}: Passage): void {
    const {taps} = this.#ground;
    if (taps.open) taps.see(this.place, frame, arrivesAt);
  }

  #transmit(frame: Frame, passage: Passage): Verdict {
    this.#tap(frame, passage);
    passage.rely(this.#facts.of(frame.destination));
    const fate = this.#table.transmit(frame);
    if (fate.kind === 'answered') return this.#answer(fate.reply, passage);
    if (fate.kind === 'swallowed') {
      passage.rely(this.#facts.of(everyMac));
      return dropped(fate.reason === 'no remote' ? 'no remote endpoint' : 'arp not answered', this.place);
    }
    if (fate.known && fate.remotes.length === 1) return this.#send(frame, fate.remotes[0], passage);
    passage.rely(this.#facts.of(everyMac));
    const count = copyCounter(this.#ground, this.place, frame, passage);
    const send = (remote: Ipv4): Verdict => {
      count();
      return this.#send(frame, remote, passage);
    };
    return this.#floods.flood(frame, fate.remotes, remote => remote, send, this.place, passage);
  }

  #send(frame: Frame, remote: Ipv4, passage: Passage): Verdict {
    const {local, vni, mtu} = this.#settings;
    const inner = frame.payload;
    if (inner.kind === 'ipv4' && inner.dontFragment && largestPiece(inner) > mtu) {
      return this.#tellTooBig(frame, inner, passage);
    }
    const pieces = inner.kind === 'ipv4' ? inner.pieces : undefined;
    const packet: Ipv4Packet = {
      kind: 'ipv4',
      source: local,
      destination: remote,
      ttl: 64,
      tos: 0,
      identification: 0,
      dontFragment: false,
      payload: {
        kind: 'udp',
        sourcePort: flowPort(frame, local),
        destinationPort: linuxVxlanPort,
        checksummed: false,
        payload: {kind: 'vxlan', vni, payload: frame},
      },
      ...(pieces && {pieces: {count: pieces.count, size: pieces.size + tunnelOverhead.vxlan}}),
    };
    return this.#root.send(packet, passage);
  }

  /** "Fragmentation needed", as if from whom the packet was for (net/ipv4/ip_tunnel_core.c, skb_tunnel_check_pmtu). */
  #tellTooBig({source, destination}: Frame, packet: Ipv4Packet, passage: Passage): Verdict {
    if (!isIcmpError(packet)) {
      const payload = {kind: 'icmp-too-big', nextHopMtu: this.#settings.mtu, original: quoteOf(packet)} as const;
      const answer: Ipv4Packet = {
        kind: 'ipv4',
        source: packet.destination,
        destination: packet.source,
        ...{ttl: 64, tos: 0, identification: 0, dontFragment: true, payload},
      };
      this.#answer({source: destination, destination: source, vlan: undefined, payload: answer}, passage);
    }
    return dropped('larger than the mtu', this.place);
  }

  /** The bridge gets the answer back by the device's port, once the question has arrived. */
  #answer(reply: Frame, question: Passage): Verdict {
    question.once();
    question.because(() => {
      this.#ground.later.at(question.arrivesAt, () => {
        const passage = new Passage(this.#ground, {sender: `${this.place}/arp proxy`, number: this.#answers++});
        passage.arrive = question.arrive;
        passage.finish(this.#bridge.receive(this.#port, reply, passage));
      });
    });
    return heard;
  }

  #changed(mac: Mac): void {
    const fact: Fact = this.#facts.of(mac);
    this.#ground.ledger.changed(fact, this.#ground.engine.cause);
  }
}
