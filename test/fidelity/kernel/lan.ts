import {seconds, type Time} from '../../../engine/time.ts';
import type {IpInterface} from '../../../models/dataplane/ip-interface.ts';
import {LinuxBridge} from '../../../models/dataplane/linux/linux-bridge.ts';
import {Namespace} from '../../../models/dataplane/linux/namespace.ts';
import {delivered, dropped, Passage, type Verdict} from '../../../models/dataplane/passage.ts';
import {kernelPhaseOf} from '../../../models/dataplane/station.ts';
import type {Ground} from '../../../models/ground.ts';
import {HostNeighbours} from '../../../models/protocols/host-neighbours.ts';
import type {NeighbourSettings} from '../../../models/protocols/neighbour-settings.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import {parseIpv4, type Ipv4} from '../../../models/wire/ipv4.ts';
import type {Mac} from '../../../models/wire/mac.ts';
import {makeGround} from '../../support/ground.ts';

export const ip = (text: string): Ipv4 => parseIpv4(text)!;

/** What an interface has put on the wire. */
export type Sent = {readonly at: Time; readonly from: string; readonly frame: Frame};

/** What became of a packet, and when. */
export type Fate = {readonly number: number; readonly at: Time; readonly verdict: Verdict};

export type Member = {readonly namespace: Namespace; readonly device: IpInterface};

/** One machine with a bridge and namespaces on it, as the bench had it. */
export class Lan {
  readonly seed: number;
  readonly ground: Ground;
  readonly neighbours: {readonly neighbours: HostNeighbours; readonly tidyAt: Time};
  readonly kernelPhase: Time;
  /** Numbers in [0, 1) for what the bench left to chance. */
  readonly luck: () => number;
  /** All frames, in the order in which they were sent. */
  readonly wire: Sent[] = [];
  readonly fates: Fate[] = [];
  /** Numbers of packets, in the order in which they arrived somewhere. */
  readonly arrivals: number[] = [];
  readonly #bridges = new Map<string, LinuxBridge>();
  #packets = 0;
  #macs: Mac = 0x02_00_00_00_01_00;

  constructor(seed: number) {
    this.seed = seed;
    this.ground = makeGround(String(seed));
    this.luck = this.ground.chance.sequence('bench');
    this.kernelPhase = kernelPhaseOf(this.luck());
    const tidyAt = Math.floor(this.luck() * seconds(15.1));
    this.neighbours = {neighbours: new HostNeighbours({phase: this.kernelPhase, tidyAt}), tidyAt};
  }

  get now(): Time {
    return this.ground.engine.now;
  }

  bridge(name = 'br0', ageing = seconds(300)): LinuxBridge {
    let bridge = this.#bridges.get(name);
    const {ground, kernelPhase} = this;
    if (!bridge) {
      bridge = new LinuxBridge(ground, {host: 'bench', name, ageing, kernelPhase, callsIptables: false});
      this.#bridges.set(name, bridge);
    }
    return bridge;
  }

  /** A namespace that takes in what is for it, without a link yet. */
  namespace(name: string, sysctls: Partial<NeighbourSettings> = {}, neighbours = this.neighbours): Namespace {
    const {ground, kernelPhase} = this;
    const namespace = new Namespace(ground, {host: 'bench', name, kernelPhase, neighbours, sysctls});
    namespace.receive = (_, {identity}) => {
      this.arrivals.push(identity.number);
      return delivered;
    };
    return namespace;
  }

  /** Gives a namespace a veth into a bridge. */
  link(namespace: Namespace, device: string, address: string, bridge = this.bridge()): IpInterface {
    const name = `${namespace.name} ${device}`;
    const port = bridge.addPort(name, 1500, (frame, passage) => namespace.arrive(device, frame, passage));
    const [own, length] = address.split('/');
    const addresses = [{address: ip(own), length: Number(length)}];
    return namespace.addInterface(
      device,
      {mac: this.#macs++, addresses, mtu: 1500},
      {
        transmit: (frame, passage) => {
          this.wire.push({at: this.now, from: name, frame});
          return bridge.receive(port, frame, passage);
        },
      },
    );
  }

  unlink(namespace: Namespace, device: string, bridge = this.bridge()): void {
    bridge.removePort(`${namespace.name} ${device}`);
  }

  /** A namespace with one link, `eth0`. */
  host(name: string, address: string, sysctls: Partial<NeighbourSettings> = {}, bridge = this.bridge()): Member {
    const namespace = this.namespace(name, sysctls);
    return {namespace, device: this.link(namespace, 'eth0', address, bridge)};
  }

  /** A machine of its own with one link, `eth0`, and more addresses beside the first. */
  machine(name: string, address: string, more: readonly Ipv4[] = [], bridge = this.bridge()): Member {
    const {kernelPhase: phase} = this;
    const neighbours = {neighbours: new HostNeighbours({phase, tidyAt: 0}), tidyAt: 0};
    const namespace = this.namespace(name, {}, neighbours);
    const device = this.link(namespace, 'eth0', address, bridge);
    namespace.setAddresses('eth0', [...device.addresses, ...more.map(other => ({address: other, length: 32}))]);
    return {namespace, device};
  }

  /** A frame that a program makes up comes into the bridge, by a port of its own. */
  inject(frame: Frame, bridge = this.bridge()): void {
    const port = bridge.addPort('raw', 1500, () => dropped('not addressed to this host', 'raw'));
    this.#pass(passage => bridge.receive(port, frame, passage));
    bridge.removePort('raw');
  }

  /** Sends a UDP packet and returns its number. */
  udp(from: Namespace, to: string | Ipv4, more: {source?: Ipv4; size?: number; sourcePort?: number} = {}): number {
    const destination = typeof to === 'string' ? ip(to) : to;
    const [device] = from.interfaces.values();
    const {source = device.addresses[0].address} = more;
    const packet = udpPacket(source, destination, more);
    return this.#pass(passage => from.send(packet, passage));
  }

  /** A UDP packet comes in by a device of a namespace. */
  into(to: Namespace, device: string, source: string, destination: string): number {
    const frame: Frame = {
      ...{source: 0x02_00_00_00_00_0a, destination: to.interfaces.get(device)!.mac, vlan: undefined},
      payload: udpPacket(ip(source), ip(destination)),
    };
    return this.#pass(passage => to.arrive(device, frame, passage));
  }

  /** What became of a packet; undefined while it waits. */
  fateOf(number: number): Fate | undefined {
    return this.fates.find(fate => fate.number === number);
  }

  until(time: Time): this {
    this.ground.engine.advance(time);
    return this;
  }

  pass(time: Time): this {
    return this.until(this.now + time);
  }

  /** ARP requests that an interface has sent. */
  requests(from: string): readonly Sent[] {
    return this.wire.filter(
      sent => sent.from === from && sent.frame.payload.kind === 'arp' && sent.frame.payload.operation === 'request',
    );
  }

  #pass(send: (passage: Passage) => Verdict): number {
    const number = this.#packets++;
    const passage = new Passage(this.ground, {sender: 'bench', number}, verdict => {
      this.fates.push({number, at: this.now, verdict});
    });
    passage.finish(send(passage));
    return number;
  }
}

function udpPacket(source: Ipv4, destination: Ipv4, {size = 10, sourcePort = 40_000} = {}): Ipv4Packet {
  const payload = {kind: 'payload', size, bytes: undefined} as const;
  return {
    ...{kind: 'ipv4', source, destination, ttl: 64, tos: 0, identification: 0, dontFragment: true},
    payload: {kind: 'udp', sourcePort, destinationPort: 9, checksummed: true, payload},
  };
}

/** What a case comes to on a machine for each seed, all in one list. */
export function eachSeed<T>(seeds: number, run: (lan: Lan) => readonly T[]): readonly T[] {
  return Array.from({length: seeds}, (_, index) => run(new Lan(index + 1))).flat();
}
