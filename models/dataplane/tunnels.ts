import {seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import type {Counter} from '../tables/counters.ts';
import {KeyedFacts} from '../tables/keyed-facts.ts';
import type {ChassisNumber} from '../tables/topology.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import {genevePort, type Geneve} from '../wire/geneve.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, type Mac} from '../wire/mac.ts';
import type {Nic} from './nic.ts';
import {dropped, Passage, type Verdict} from './passage.ts';

/** The other ends of tunnels. */
export type Underlay = {
  addressOf(chassis: ChassisNumber): Ipv4;
  chassisAt(address: Ipv4): ChassisNumber | undefined;
};

/** The datapath's own neighbours of tunnel ends are forgotten when unused for this long (lib/tnl-neigh-cache.c). */
const idleTime: Time = seconds(15 * 60);

const noMac: Mac = 0;

/**
 * The Geneve tunnels of one chassis as the userspace datapath runs them: which exist, which may be used, and the MACs of
 * the other ends, which it learns itself. A packet to an end whose MAC is not known is lost and an ARP request goes out in
 * its place (ofproto-dpif-xlate.c, native_tunnel_output).
 */
export class Tunnels {
  readonly #ground: Ground;
  readonly #chassis: ChassisNumber;
  readonly #nic: Nic;
  readonly #underlay: Underlay;
  readonly #enabled = new Map<ChassisNumber, boolean>();
  readonly #facts: KeyedFacts;
  readonly #macs = new Map<ChassisNumber, Mac>();
  readonly #macFacts: KeyedFacts;
  readonly #received = new Map<ChassisNumber, Counter>();
  #arps = 0;

  constructor(ground: Ground, chassis: ChassisNumber, nic: Nic, underlay: Underlay) {
    this.#ground = ground;
    this.#chassis = chassis;
    this.#nic = nic;
    this.#underlay = underlay;
    this.#facts = new KeyedFacts(ground.ledger);
    this.#macFacts = new KeyedFacts(ground.ledger);
  }

  get chassis(): ChassisNumber {
    return this.#chassis;
  }

  get peers(): readonly ChassisNumber[] {
    return [...this.#enabled.keys()];
  }

  exists(peer: ChassisNumber): boolean {
    return this.#enabled.has(peer);
  }

  /** Whether a choice among tunnels may fall on this one. */
  enabled(peer: ChassisNumber): boolean {
    return this.#enabled.get(peer) ?? false;
  }

  fact(peer: ChassisNumber): number {
    return this.#facts.of(peer);
  }

  /** Counts the packets that came through the tunnel (`Interface:statistics:rx_packets`). */
  received(peer: ChassisNumber): Counter {
    let counter = this.#received.get(peer);
    if (counter === undefined) this.#received.set(peer, (counter = this.#ground.counters.unlisted()));
    return counter;
  }

  /** The other ends whose MAC it knows, expired or not, as `tnl/neigh/show` lists them. */
  neighbours(): readonly {readonly address: Ipv4; readonly mac: Mac; readonly expired: boolean}[] {
    const {ledger, engine} = this.#ground;
    return [...this.#macs].map(([peer, mac]) => ({
      address: this.#underlay.addressOf(peer),
      mac,
      expired: !ledger.keptSince(this.#macFacts.of(peer), engine.now - idleTime),
    }));
  }

  add(peer: ChassisNumber, enabled: boolean): void {
    if (this.#enabled.get(peer) === enabled) return;
    this.#enabled.set(peer, enabled);
    this.#facts.changed(peer, this.#ground.engine.cause);
  }

  remove(peer: ChassisNumber): void {
    if (this.#enabled.delete(peer)) this.#facts.changed(peer, this.#ground.engine.cause);
  }

  /** Forgets all tunnels and neighbours, as the process that held them is gone. */
  clear(): void {
    for (const peer of this.peers) this.remove(peer);
    for (const peer of [...this.#macs.keys()]) this.#forget(peer);
  }

  /** Knows the other end's MAC from before the run. */
  know(peer: ChassisNumber, mac: Mac): void {
    this.#macs.set(peer, mac);
    this.#ground.ledger.keep(this.#macFacts.of(peer), this.#ground.engine.now);
  }

  /** Wraps a frame and sends it to the other end. */
  send(peer: ChassisNumber, geneve: Geneve, sourcePort: number, passage: Passage): Verdict {
    const {counters} = this.#ground;
    passage.rely(this.#facts.of(peer));
    if (!this.exists(peer)) return dropped('no tunnel', this.#nic.host);
    const fact = this.#macFacts.of(peer);
    passage.rely(fact);
    const mac = this.#macOf(peer);
    if (mac === undefined) {
      passage.once();
      passage.because(() => {
        this.#ask(peer);
      });
      return dropped('tunnel neighbour unresolved', this.#nic.host);
    }
    passage.keep(fact);
    passage.count(counters.of(this.#nic.host, 'tunnel packets sent'));
    return this.#nic.transmit(this.#wrap(peer, mac, geneve, sourcePort), passage);
  }

  /** Whether the frame comes from a tunnel that exists at this end, and from whom. */
  sourceOf(frame: Frame, passage: Passage): ChassisNumber | undefined {
    if (frame.payload.kind !== 'ipv4') return undefined;
    const peer = this.#underlay.chassisAt(frame.payload.source);
    if (peer === undefined) return undefined;
    passage.rely(this.#facts.of(peer));
    return this.exists(peer) ? peer : undefined;
  }

  /**
   * Learns from ARP replies to its own address and from announcements (terminate_native_tunnel, tnl_arp_snoop). What is known
   * already is kept from then on. Returns whether anything was new.
   */
  hear(arp: Arp): boolean {
    const isAnswer = arp.operation === 'reply' && arp.targetIp === this.#nic.address;
    if (!isAnswer && arp.senderIp !== arp.targetIp) return false;
    const peer = this.#underlay.chassisAt(arp.senderIp);
    if (peer === undefined || arp.senderMac === noMac) return false;
    const before = this.#macOf(peer);
    this.know(peer, arp.senderMac);
    if (before === arp.senderMac) return false;
    this.#macFacts.changed(peer, this.#ground.engine.cause);
    return true;
  }

  /** Learns from the first packet of a flow that comes through a tunnel (terminate_native_tunnel). */
  hearThrough(peer: ChassisNumber, mac: Mac, passage: Passage): void {
    const fact = this.#macFacts.of(peer);
    passage.rely(fact);
    if (this.#macs.get(peer) === mac) return;
    passage.once();
    this.know(peer, mac);
    this.#macFacts.changed(peer, this.#ground.engine.cause);
  }

  /** Answers a request for the tunnel end's own address. */
  answer(arp: Arp): void {
    if (arp.operation !== 'request' || arp.targetIp !== this.#nic.address || arp.senderIp === arp.targetIp) return;
    this.#sendArp(
      {
        kind: 'arp',
        operation: 'reply',
        senderMac: this.#nic.mac,
        senderIp: this.#nic.address,
        targetMac: arp.senderMac,
        targetIp: arp.senderIp,
      },
      arp.senderMac,
    );
  }

  #macOf(peer: ChassisNumber): Mac | undefined {
    const {ledger, engine} = this.#ground;
    const expired = this.#macs.has(peer) && !ledger.keptSince(this.#macFacts.of(peer), engine.now - idleTime);
    if (expired) this.#forget(peer);
    return this.#macs.get(peer);
  }

  #forget(peer: ChassisNumber): void {
    this.#macs.delete(peer);
    this.#macFacts.changed(peer, this.#ground.engine.cause);
  }

  #ask(peer: ChassisNumber): void {
    this.#sendArp(
      {
        kind: 'arp',
        operation: 'request',
        senderMac: this.#nic.mac,
        senderIp: this.#nic.address,
        targetMac: noMac,
        targetIp: this.#underlay.addressOf(peer),
      },
      broadcastMac,
    );
  }

  #sendArp(arp: Arp, destination: Mac): void {
    const passage = new Passage(this.#ground, {sender: `${this.#nic.host}/tunnel arp`, number: this.#arps++});
    const name = arp.operation === 'request' ? 'arp requests sent' : 'arp replies sent';
    passage.count(this.#ground.counters.of(this.#nic.host, name));
    passage.finish(this.#nic.transmit({source: this.#nic.mac, destination, vlan: undefined, payload: arp}, passage));
  }

  #wrap(peer: ChassisNumber, mac: Mac, geneve: Geneve, sourcePort: number): Frame {
    return {
      source: this.#nic.mac,
      destination: mac,
      vlan: undefined,
      payload: {
        kind: 'ipv4',
        source: this.#nic.address,
        destination: this.#underlay.addressOf(peer),
        ttl: 64,
        tos: 0,
        identification: 0,
        dontFragment: true,
        payload: {
          kind: 'udp',
          sourcePort,
          destinationPort: genevePort,
          checksummed: true,
          payload: geneve,
        },
      },
    };
  }
}
