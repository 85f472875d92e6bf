import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import type {InstalledFlows} from '../tables/installed-flows.ts';
import type {OpenFlowChannel, PacketOut} from '../tables/openflow-channel.ts';
import {
  interfaceFor,
  type LogicalRouter,
  type LogicalSwitch,
  type PortNumber,
  type RouterPort,
  type Topology,
} from '../tables/topology.ts';
import type {Arp} from '../wire/arp.ts';
import {bfdPort} from '../wire/bfd.ts';
import type {Frame} from '../wire/frame.ts';
import type {Geneve} from '../wire/geneve.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, isGroupMac, type Mac} from '../wire/mac.ts';
import {delivered, dropped, Passage, type Verdict} from './passage.ts';
import type {ProviderBridge} from './provider-bridge.ts';
import {routeFor} from './routing.ts';
import {ofFlood} from './segment.ts';
import type {Station} from './station.ts';
import {Translator, type TranslatorState} from './translator.ts';
import type {Tunnels} from './tunnels.ts';

/** What the pipeline of a chassis stands among. */
export type BridgeSurroundings = {
  readonly chassis: number;
  readonly name: string;
  readonly topology: Topology;
  readonly flows: InstalledFlows;
  readonly tunnels: Tunnels;
  readonly channel: OpenFlowChannel;
  /** br-ex on a provider segment; undefined if the chassis has none there. */
  provider(segment: string): ProviderBridge | undefined;
  /** The VM behind a port, if it runs on this chassis. */
  vm(port: PortNumber): Station | undefined;
};

const noMac: Mac = 0;

/**
 * br-int of one chassis: what its flows do with a packet, in the stages of OVN's logical switches and routers. A stage is
 * a method that ends in the next one or in a verdict, and notes on the passage what it relied on.
 */
export class IntegrationBridge {
  readonly #ground: Ground;
  readonly #among: BridgeSurroundings;
  readonly #runningFact: Fact;
  readonly #translators = new Map<number, Translator>();
  #running = true;
  #answers = 0;

  constructor(ground: Ground, among: BridgeSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#runningFact = ground.ledger.add();
  }

  get runningFact(): Fact {
    return this.#runningFact;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Its ovs-vswitchd runs, or does not: with the userspace datapath nothing moves without it. */
  setRunning(running: boolean): void {
    if (this.#running === running) return;
    this.#running = running;
    this.#ground.ledger.changed(this.#runningFact, this.#ground.engine.cause);
  }

  /** Forgets its connections, as the process that held them is gone. */
  forgetConnections(): void {
    for (const translator of this.#translators.values()) translator.clear();
  }

  /** What a router's address translation holds at present. */
  translation(router: LogicalRouter): Translation {
    const {topology, flows, chassis} = this.#among;
    const active = flows.complete(chassis) && flows.resident(chassis, router);
    const rules = active ? router.snat.size + topology.centralFloating(router).length : 0;
    return {rules, ...this.#translator(router).state()};
  }

  /** A frame of a VM on this chassis. */
  fromVm(port: PortNumber, frame: Frame, passage: Passage): Verdict {
    const stopped = this.#stopped(passage);
    if (stopped) return stopped;
    const {topology} = this.#among;
    const network = topology.switchOf(port);
    if (frame.payload.kind === 'arp') return this.#arpFromVm(port, network, frame, frame.payload, passage);
    const gateway = topology.routerPortByMac(network, frame.destination);
    if (gateway) return this.#route(gateway.router, gateway.port, frame.payload, passage);
    const destination = topology.portByMac(network, frame.destination);
    if (destination === undefined) return dropped('unknown destination', network.name);
    return this.#toPort(destination, frame, topology.keyOf(port), passage);
  }

  /** A frame that came through a tunnel. The logical port it goes to was chosen where it entered the tunnel. */
  fromTunnel(geneve: Geneve, passage: Passage): Verdict {
    const stopped = this.#stopped(passage);
    if (stopped) return stopped;
    const {topology, name} = this.#among;
    passage.count(this.#ground.counters.of(name, 'tunnel packets received'));
    const egress = geneve.ovn?.egress ?? 0;
    const network = topology.switchByKey(geneve.vni);
    if (network) {
      if (egress >= multicastKey) return this.#floodLocally(network, geneve.payload, undefined, passage);
      const port = topology.portByKey(network, egress);
      if (port === undefined) return dropped('unknown destination', name);
      return this.#toLocalPort(port, geneve.payload, passage);
    }
    const router = topology.routerByKey(geneve.vni);
    if (!router || egress !== router.gatewayKey) return dropped('unknown destination', name);
    if (!this.#resident(router, passage)) return dropped('not the active gateway', name);
    return this.#leave(router, geneve.payload, passage);
  }

  /** A frame that reaches the chassis on a provider segment. */
  fromProvider(segment: string, frame: Frame, passage: Passage): Verdict {
    const stopped = this.#stopped(passage);
    if (stopped) return stopped;
    const {topology, name} = this.#among;
    passage.count(this.#ground.counters.of(name, 'provider packets received'));
    const network = topology.switches.find(candidate => candidate.segment === segment && candidate.vlan === frame.vlan);
    if (!network) return dropped('not addressed to this host', name);
    if (frame.payload.kind === 'arp') return this.#arpFromOutside(network, frame, frame.payload, passage);
    const router = topology.routers.find(
      ({external}) => external?.switch === network && external.mac === frame.destination,
    );
    if (router) {
      if (!this.#resident(router, passage)) return dropped('not the active gateway', name);
      return this.#enter(router, frame.payload, passage);
    }
    return this.#toDistributedFloating(network, frame, frame.payload, passage);
  }

  /** A frame that ovn-controller puts out of a router's external port. */
  packetOut({router, frame, sender, number}: PacketOut): void {
    const passage = new Passage(this.#ground, {sender, number});
    passage.madeBy = this.#among.name;
    passage.finish(this.#stopped(passage) ?? this.#toGateway(router, frame, passage));
  }

  #stopped(passage: Passage): Verdict | undefined {
    const {flows, chassis, name} = this.#among;
    passage.rely(this.#runningFact);
    if (!this.#running) return dropped('ovs-vswitchd not running', name);
    passage.rely(flows.completeFact(chassis));
    return flows.complete(chassis) ? undefined : dropped('no flows', name);
  }

  #resident(router: LogicalRouter, passage: Passage): boolean {
    const {flows, chassis} = this.#among;
    passage.rely(flows.residentFact(chassis, router));
    return flows.resident(chassis, router);
  }

  /** Router ingress from an internal network, on the chassis of the VM that sends: routing is distributed. */
  #route(router: LogicalRouter, from: RouterPort | undefined, packet: Ipv4Packet, passage: Passage): Verdict {
    if (packet.ttl <= 1) return dropped('ttl expired', router.name);
    const forwarded: Ipv4Packet = {...packet, ttl: packet.ttl - 1};
    const own = [...router.interfaces, ...(router.external ? [router.external] : [])];
    if (own.some(({address}) => address === packet.destination)) return this.#answerEcho(router, from, packet, passage);
    const inside = interfaceFor(router, packet.destination);
    if (inside) return this.#toInside(inside, forwarded, passage);
    return this.#toOutside(router, forwarded, passage);
  }

  /** To a VM of one of the router's networks, under the router's MAC there. */
  #toInside(port: RouterPort, packet: Ipv4Packet, passage: Passage): Verdict {
    const {topology} = this.#among;
    const destination = topology.portByAddress(port.switch, packet.destination);
    if (destination === undefined) return dropped('unknown destination', port.switch.name);
    const frame = {source: port.mac, destination: topology.macOf(destination), vlan: undefined, payload: packet};
    return this.#toPort(destination, frame, routerPortKey, passage);
  }

  /** Towards the external network: next hop, its MAC, and who sends it out. */
  #toOutside(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    const {flows, chassis, topology} = this.#among;
    const {external} = router;
    if (!external) return dropped('no route', router.name);
    passage.rely(flows.routesFact(chassis, router));
    const nextHop = routeFor(router, packet.destination, route => flows.route(chassis, router, route));
    if (nextHop === undefined) return dropped('no route', router.name);
    passage.rely(flows.macBindingFact(chassis, router, nextHop));
    const floating = topology.floating(nextHop);
    const mac = floating ? (floating.mac ?? floating.router.external?.mac) : flows.macBinding(chassis, router, nextHop);
    if (mac === undefined) return this.#askNextHop(router, nextHop, packet, passage);
    return this.#toNextHop(router, mac, packet, passage);
  }

  /** Under a distributed floating address from here, else by way of the gateway. */
  #toNextHop(router: LogicalRouter, mac: Mac, packet: Ipv4Packet, passage: Passage): Verdict {
    const {external} = router;
    if (!external) return dropped('no route', router.name);
    const own = this.#distributedSource(router, packet, passage);
    if (own?.mac !== undefined) {
      const translated = {...packet, source: own.address};
      passage.count(this.#ground.counters.of(this.#among.name, 'translations'));
      return this.#transmit(
        external,
        {source: own.mac, destination: mac, vlan: undefined, payload: translated},
        passage,
      );
    }
    return this.#toGateway(router, {source: external.mac, destination: mac, vlan: undefined, payload: packet}, passage);
  }

  /** The distributed floating address under which a VM of this chassis leaves. */
  #distributedSource(router: LogicalRouter, packet: Ipv4Packet, passage: Passage) {
    const {topology, flows, chassis} = this.#among;
    const inside = interfaceFor(router, packet.source);
    const port = inside && topology.portByAddress(inside.switch, packet.source);
    if (port === undefined) return undefined;
    const floating = topology.floatingOf(port);
    if (floating?.mac === undefined) return undefined;
    passage.rely(flows.locationFact(chassis, port));
    return flows.location(chassis, port) === chassis ? floating : undefined;
  }

  /** To the chassis that is the router's gateway: here, or the best one whose tunnel is up. */
  #toGateway(router: LogicalRouter, frame: Frame, passage: Passage): Verdict {
    if (this.#resident(router, passage)) return this.#leave(router, frame, passage);
    const gateway = this.#chooseGateway(router, passage);
    if (gateway === undefined) return dropped('no live gateway', this.#among.name);
    return this.#tunnel(gateway, router.key, routerPortKey, router.gatewayKey, frame, passage);
  }

  /**
   * `bundle(active_backup)` over the tunnels to the candidates in order of priority: ovs-vswitchd takes the first that is
   * up without asking anyone. With a single candidate the flow goes where the port is bound, up or not (physical.c).
   */
  #chooseGateway(router: LogicalRouter, passage: Passage): number | undefined {
    const {flows, chassis, tunnels} = this.#among;
    passage.rely(flows.candidatesFact(chassis, router));
    const candidates = router.gateways.filter(gateway => flows.candidate(chassis, router, gateway.chassis));
    if (candidates.length < 2) {
      passage.rely(flows.locationFact(chassis, router.gatewayPort));
      const bound = flows.location(chassis, router.gatewayPort);
      return bound < 0 || bound === chassis ? undefined : bound;
    }
    for (const candidate of candidates) {
      if (candidate.chassis === chassis) continue;
      passage.rely(tunnels.fact(candidate.chassis));
      if (tunnels.enabled(candidate.chassis)) return candidate.chassis;
    }
    return undefined;
  }

  /** Egress of the gateway port, on the active gateway: source translation, and out. */
  #leave(router: LogicalRouter, frame: Frame, passage: Passage): Verdict {
    const {external} = router;
    if (!external) return dropped('no route', router.name);
    if (frame.payload.kind === 'arp') return this.#transmit(external, frame, passage);
    const packet = this.#translator(router).leaving(frame.payload, passage);
    if (!packet) return dropped('no free port', this.#among.name);
    // To another floating address of the same router: it turns round here (lr_out_egr_loop).
    const turns =
      packet.destination === external.address || this.#among.topology.floating(packet.destination)?.router === router;
    if (turns) return this.#enter(router, packet, passage);
    return this.#transmit(external, {...frame, payload: packet}, passage);
  }

  /** Ingress of the gateway port, on the active gateway: destination translation, and on to the VM. */
  #enter(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    if (this.#isNextHopBfd(router, packet)) return this.#toNextHopBfd(router, packet, passage);
    const translated = this.#translator(router).entering(packet, passage);
    if (!translated) {
      if (packet.destination === router.external?.address)
        return this.#answerEcho(router, router.external, packet, passage);
      return dropped('no connection', this.#among.name);
    }
    if (translated.ttl <= 1) return dropped('ttl expired', router.name);
    const inside = interfaceFor(router, translated.destination);
    if (!inside) return dropped('no connection', this.#among.name);
    return this.#toInside(inside, {...translated, ttl: translated.ttl - 1}, passage);
  }

  /** A frame for a distributed floating address: only the chassis of its VM takes it. */
  #toDistributedFloating(network: LogicalSwitch, frame: Frame, packet: Ipv4Packet, passage: Passage): Verdict {
    const {topology, flows, chassis, name} = this.#among;
    const floating = topology.floating(packet.destination);
    if (floating?.mac !== frame.destination || floating.router.external?.switch !== network) {
      return dropped('not addressed to this host', name);
    }
    passage.rely(flows.locationFact(chassis, floating.port));
    if (flows.location(chassis, floating.port) !== chassis) return dropped('no such port here', name);
    passage.count(this.#ground.counters.of(name, 'translations'));
    const translated = {...packet, destination: topology.addressOf(floating.port), ttl: packet.ttl - 1};
    const inside = interfaceFor(floating.router, translated.destination);
    if (!inside) return dropped('unknown destination', name);
    return this.#toInside(inside, translated, passage);
  }

  /** Logical switch egress: to the port, wherever its VM is. */
  #toPort(port: PortNumber, frame: Frame, ingress: number, passage: Passage): Verdict {
    const {flows, chassis, topology, name} = this.#among;
    passage.rely(flows.locationFact(chassis, port));
    const location = flows.location(chassis, port);
    if (location === chassis) return this.#toLocalPort(port, frame, passage);
    if (location < 0) return dropped('no such port here', name);
    const network = topology.switchOf(port);
    return this.#tunnel(location, network.key, ingress, topology.keyOf(port), frame, passage);
  }

  #toLocalPort(port: PortNumber, frame: Frame, passage: Passage): Verdict {
    const {flows, chassis, name} = this.#among;
    passage.rely(flows.locationFact(chassis, port));
    const vm = flows.location(chassis, port) === chassis ? this.#among.vm(port) : undefined;
    return vm ? vm.arrive(frame, passage) : dropped('no such port here', name);
  }

  #tunnel(peer: number, vni: number, ingress: number, egress: number, frame: Frame, passage: Passage): Verdict {
    const geneve: Geneve = {kind: 'geneve', vni, oam: false, critical: true, ovn: {ingress, egress}, payload: frame};
    return this.#among.tunnels.send(peer, geneve, flowPort(frame), passage);
  }

  /** Out of the localnet port onto the provider segment. */
  #transmit(external: RouterPort, frame: Frame, passage: Passage): Verdict {
    const {name} = this.#among;
    const provider = this.#among.provider(external.switch.segment ?? '');
    if (!provider) return dropped('no route', name);
    passage.count(this.#ground.counters.of(name, 'provider packets sent'));
    return provider.transmit({...frame, vlan: external.switch.vlan}, passage);
  }

  /** The chassis of the VM answers for every known address; the rest is asked of everybody (ls_in_arp_rsp). */
  #arpFromVm(port: PortNumber, network: LogicalSwitch, frame: Frame, arp: Arp, passage: Passage): Verdict {
    const {topology} = this.#among;
    passage.once();
    if (arp.operation === 'request' && arp.senderIp !== arp.targetIp) {
      const gateway = topology.routerPortByAddress(network, arp.targetIp);
      const other = topology.portByAddress(network, arp.targetIp);
      const mac = gateway?.mac ?? (other === undefined || other === port ? undefined : topology.macOf(other));
      if (mac !== undefined) return this.#answerVm(port, arp, mac, passage);
    }
    if (!isGroupMac(frame.destination)) {
      const destination = topology.portByMac(network, frame.destination);
      if (destination === undefined) return dropped('unknown destination', network.name);
      return this.#toPort(destination, frame, topology.keyOf(port), passage);
    }
    return this.#flood(network, frame, port, passage);
  }

  #answerVm(port: PortNumber, arp: Arp, mac: Mac, passage: Passage): Verdict {
    this.#later(passage, `${this.#among.name}/arp responder`, answer =>
      this.#toLocalPort(port, replyTo(arp, mac), answer),
    );
    return delivered;
  }

  /** A copy to every chassis that has ports of the network, and to those here (table 38, MC_FLOOD). */
  #flood(network: LogicalSwitch, frame: Frame, from: PortNumber, passage: Passage): Verdict {
    const {topology, flows, chassis, name} = this.#among;
    const places = new Set(topology.portsOn(network).map(port => flows.location(chassis, port)));
    places.delete(chassis);
    places.delete(-1);
    const {latency} = passage;
    const verdicts = [...places].map(place => {
      passage.latency = latency;
      passage.count(this.#ground.counters.of(name, 'flood copies'));
      return this.#tunnel(place, network.key, topology.keyOf(from), multicastKey, frame, passage);
    });
    passage.latency = latency;
    return ofFlood([...verdicts, this.#floodLocally(network, frame, from, passage)], network.name);
  }

  #floodLocally(network: LogicalSwitch, frame: Frame, except: PortNumber | undefined, passage: Passage): Verdict {
    const {topology, flows, chassis} = this.#among;
    passage.once();
    const {latency} = passage;
    const verdicts = topology
      .portsOn(network)
      .filter(port => port !== except && flows.location(chassis, port) === chassis)
      .map(port => {
        passage.latency = latency;
        return this.#toLocalPort(port, frame, passage);
      });
    return ofFlood(verdicts, network.name);
  }

  /** ARP on the external network: the active gateway answers for the router, the VM's chassis for its own address. */
  #arpFromOutside(network: LogicalSwitch, frame: Frame, arp: Arp, passage: Passage): Verdict {
    const {topology} = this.#among;
    passage.once();
    for (const router of topology.routers) {
      if (router.external?.switch !== network || !this.#resident(router, passage)) continue;
      const heard = isGroupMac(frame.destination) || frame.destination === router.external.mac;
      const foreign = arp.senderMac !== router.external.mac && contains(network.cidr, arp.senderIp);
      if (heard && foreign) this.#learnOutside(router, arp, isGroupMac(frame.destination), passage);
    }
    const owner =
      arp.operation === 'request' && arp.senderIp !== arp.targetIp ? this.#ownerOf(network, arp.targetIp) : undefined;
    if (owner && this.#answersFor(owner, passage)) {
      this.#later(passage, `${this.#among.name}/arp responder`, answer =>
        this.#answersFor(owner, answer)
          ? this.#transmit(owner.external, replyTo(arp, owner.mac), answer)
          : dropped('not the active gateway', this.#among.name),
      );
      return delivered;
    }
    return dropped('not addressed to this host', this.#among.name);
  }

  #ownerOf(network: LogicalSwitch, address: Ipv4): Owner | undefined {
    const {topology} = this.#among;
    const floating = topology.floating(address);
    if (floating?.router.external?.switch === network) {
      const {router} = floating;
      return {
        router,
        external: floating.router.external,
        mac: floating.mac ?? floating.router.external.mac,
        port: floating.mac === undefined ? undefined : floating.port,
      };
    }
    const router = topology.routers.find(({external}) => external?.switch === network && external.address === address);
    return router?.external && {router, external: router.external, mac: router.external.mac, port: undefined};
  }

  #answersFor(owner: Owner, passage: Passage): boolean {
    const {flows, chassis} = this.#among;
    if (owner.port === undefined) return this.#resident(owner.router, passage);
    passage.rely(flows.locationFact(chassis, owner.port));
    return flows.location(chassis, owner.port) === chassis;
  }

  #learnOutside(router: LogicalRouter, {senderIp, senderMac}: Arp, broadcast: boolean, passage: Passage): void {
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        this.#among.channel.onPacketIn?.({kind: 'learn', router, address: senderIp, mac: senderMac, broadcast});
      });
    });
  }

  /** The next hop's MAC is not known: the packet goes up to ovn-controller and waits there (lr_in_arp_request). */
  #askNextHop(router: LogicalRouter, nextHop: Ipv4, packet: Ipv4Packet, passage: Passage): Verdict {
    const {channel, name} = this.#among;
    if (!channel.onPacketIn) {
      passage.once();
      return dropped('ovn-controller not running', name);
    }
    const verdict = passage.park('next hop unresolved', name);
    passage.because(() =>
      channel.onPacketIn?.({
        kind: 'unresolved',
        router,
        nextHop,
        release: mac => {
          passage.resume(() => this.#stopped(passage) ?? this.#toNextHop(router, mac, packet, passage));
        },
        discard: why => {
          passage.resume(() => dropped(why, name));
        },
      }),
    );
    return verdict;
  }

  #isNextHopBfd(router: LogicalRouter, {payload, destination}: Ipv4Packet): boolean {
    return payload.kind === 'udp' && payload.destinationPort === bfdPort && destination === router.external?.address;
  }

  #toNextHopBfd(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    const {channel, name} = this.#among;
    passage.once();
    const {external} = router;
    if (!channel.onPacketIn || !external) return dropped('ovn-controller not running', name);
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        channel.onPacketIn?.({
          kind: 'next-hop bfd',
          router,
          frame: {source: noMac, destination: external.mac, vlan: undefined, payload: packet},
        });
      });
    });
    return delivered;
  }

  /** The router answers pings itself (lr_in_ip_input). */
  #answerEcho(router: LogicalRouter, from: RouterPort | undefined, packet: Ipv4Packet, passage: Passage): Verdict {
    const {payload} = packet;
    if (payload.kind !== 'icmp-echo' || payload.operation !== 'request')
      return dropped('no connection', this.#among.name);
    const answer: Ipv4Packet = {
      ...packet,
      source: packet.destination,
      destination: packet.source,
      ttl: 255,
      payload: {...payload, operation: 'reply'},
    };
    if (from === router.external) return this.#toOutside(router, answer, passage);
    const inside = interfaceFor(router, answer.destination);
    return inside ? this.#toInside(inside, answer, passage) : this.#toOutside(router, answer, passage);
  }

  #translator(router: LogicalRouter): Translator {
    let translator = this.#translators.get(router.number);
    if (!translator) {
      translator = new Translator(this.#ground, this.#among.name, router, this.#among.topology);
      this.#translators.set(router.number, translator);
    }
    return translator;
  }

  /** Answers when the question has arrived, with a packet of its own. */
  #later(question: Passage, sender: string, answer: (passage: Passage) => Verdict): void {
    question.because(() => {
      this.#ground.later.at(question.arrivesAt, () => {
        const passage = new Passage(this.#ground, {sender, number: this.#answers++});
        passage.finish(this.#stopped(passage) ?? answer(passage));
      });
    });
  }
}

/** A router's address translation on a chassis. */
export type Translation = TranslatorState & {
  /** Rules in force. */
  readonly rules: number;
};

type Owner = {
  readonly router: LogicalRouter;
  readonly external: RouterPort;
  readonly mac: Mac;
  /** The VM's port of a distributed address. */
  readonly port: PortNumber | undefined;
};

/** Tunnel keys from here on are multicast groups (ovn-architecture(7)). */
const multicastKey = 0x8000;

/** The key of a switch's port to its router, and of a router's first port. */
const routerPortKey = 1;

function replyTo(arp: Arp, mac: Mac): Frame {
  return {
    source: mac,
    destination: arp.senderMac === noMac ? broadcastMac : arp.senderMac,
    vlan: undefined,
    payload: {
      kind: 'arp',
      operation: 'reply',
      senderMac: mac,
      senderIp: arp.targetIp,
      targetMac: arp.senderMac,
      targetIp: arp.senderIp,
    },
  };
}

/** The outer source port: a hash of what is inside, so that a flow keeps its path (RFC 8926, 3.3). */
function flowPort({payload}: Frame): number {
  const words = payload.kind === 'ipv4' ? [payload.source, payload.destination] : [payload.senderIp, payload.targetIp];
  let hash = 0x9e37_79b9;
  for (const word of words) hash = Math.imul(hash ^ word, 0x85eb_ca6b) ^ (hash >>> 13);
  return 32_768 + ((hash >>> 0) % 28_232);
}
