import type {Ground} from '../ground.ts';
import type {InstalledFlows} from '../tables/installed-flows.ts';
import type {OpenFlowChannel} from '../tables/openflow-channel.ts';
import {
  interfaceFor,
  type FloatingAddress,
  type LogicalRouter,
  type LogicalSwitch,
  type PortNumber,
  type RouterPort,
  type Topology,
} from '../tables/topology.ts';
import {bfdPort} from '../wire/bfd.ts';
import type {Frame} from '../wire/frame.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import {delivered, dropped, type Passage, type Verdict} from './passage.ts';
import {routeFor} from './routing.ts';
import type {Connection} from './conntrack.ts';
import {Translator, type TranslatorState} from './translator.ts';
import type {Tunnels} from './tunnels.ts';

/** What the routers of a chassis stand among. */
export type RouterSurroundings = {
  readonly chassis: number;
  readonly name: string;
  readonly topology: Topology;
  readonly flows: InstalledFlows;
  readonly tunnels: Tunnels;
  readonly channel: OpenFlowChannel;
};

/** Where packets go on that a router has sent off. */
export type RouterExits = {
  /** Why nothing moves at present; undefined if it does. */
  stopped(passage: Passage): Verdict | undefined;
  /** Into a switch, to the port of a VM. */
  toPort(port: PortNumber, frame: Frame, ingress: number, passage: Passage): Verdict;
  /** Into the external switch. */
  toNetwork(network: LogicalSwitch, frame: Frame, passage: Passage): Verdict;
  tunnel(peer: number, vni: number, ingress: number, egress: number, frame: Frame, passage: Passage): Verdict;
};

/** The key of a switch's port to its router, and of a router's first port. */
export const routerPortKey = 1;

const noMac: Mac = 0;

/**
 * The stages of OVN's logical routers on one chassis (northd.c, v23.03.1). A packet from a VM is routed on the VM's chassis.
 * What leaves by the external port goes on where that can be: under a distributed floating address here, everything else
 * on the gateway.
 */
export class RouterPipeline {
  readonly #ground: Ground;
  readonly #among: RouterSurroundings;
  readonly #exits: RouterExits;
  readonly #translators = new Map<number, Translator>();

  constructor(ground: Ground, among: RouterSurroundings, exits: RouterExits) {
    this.#ground = ground;
    this.#among = among;
    this.#exits = exits;
  }

  /** Forgets the connections of all routers. */
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

  /** The connections of all routers, in the order in which each router began to have some. */
  connections(): readonly Connection[] {
    return [...this.#translators.values()].flatMap(translator => translator.connections());
  }

  /** Whether this chassis forwards for the router's external port. */
  resident(router: LogicalRouter, passage: Passage): boolean {
    const {flows, chassis} = this.#among;
    passage.rely(flows.residentFact(chassis, router));
    return flows.resident(chassis, router);
  }

  /** Ingress from an internal network, on the chassis of the VM that sends: routing is distributed. */
  route(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    const {external} = router;
    const own = [...router.interfaces, ...(external ? [external] : [])];
    if (own.some(({address}) => address === packet.destination)) {
      if (isEchoRequest(packet)) return this.#answerEcho(router, packet, passage);
      // It may be an answer to a VM behind the external address, and only the gateway knows to which.
      const maybeAnswer = packet.destination === external?.address && router.snat.size > 0;
      if (!maybeAnswer) return dropped('no connection', this.#among.name);
    }
    if (packet.ttl <= 1) return dropped('ttl expired', router.name);
    return this.#forward(router, {...packet, ttl: packet.ttl - 1}, passage);
  }

  /** Ingress by the external port, on the active gateway: destination translation, and on to the VM. */
  enter(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    if (this.#isNextHopBfd(router, packet)) return this.#toNextHopBfd(router, packet, passage);
    if (packet.destination === router.external?.address && isEchoRequest(packet)) {
      return this.#answerEcho(router, packet, passage);
    }
    const translated = this.#translator(router).entering(packet, passage);
    if (!translated) return dropped('no connection', this.#among.name);
    if (translated.ttl <= 1) return dropped('ttl expired', router.name);
    return this.#forward(router, {...translated, ttl: translated.ttl - 1}, passage);
  }

  /** Ingress by the external port under a distributed floating address, on the chassis of its VM. */
  enterDistributed({port, router}: FloatingAddress, packet: Ipv4Packet, passage: Passage): Verdict {
    const {topology, name} = this.#among;
    if (packet.ttl <= 1) return dropped('ttl expired', router.name);
    passage.count(this.#ground.counters.of(name, 'translations'));
    const translated = {...packet, destination: topology.addressOf(port), ttl: packet.ttl - 1};
    return this.#forward(router, translated, passage);
  }

  /** A packet of the router itself, which ovn-controller sends to the outside. */
  sendOutside(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    return this.#forward(router, packet, passage);
  }

  /** To the chassis that is the router's gateway: here, or the best one whose tunnel is up. */
  toGateway(router: LogicalRouter, frame: Frame, passage: Passage): Verdict {
    if (this.resident(router, passage)) return this.leave(router, frame, passage);
    const gateway = this.#chooseGateway(router, passage);
    if (gateway === undefined) return dropped('no live gateway', this.#among.name);
    return this.#exits.tunnel(gateway, router.key, routerPortKey, router.gatewayKey, frame, passage);
  }

  /** Egress by the external port, on the active gateway: source translation, and out. */
  leave(router: LogicalRouter, frame: Frame, passage: Passage): Verdict {
    const {external} = router;
    if (!external) return dropped('no route', router.name);
    if (frame.payload.kind === 'arp') return this.#exits.toNetwork(external.switch, frame, passage);
    const packet = this.#translator(router).leaving(frame.payload, passage);
    if (!packet) return dropped('no free port', this.#among.name);
    const turned = this.#turnRound(router, packet, passage);
    return turned ?? this.#exits.toNetwork(external.switch, {...frame, payload: packet}, passage);
  }

  #forward(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict {
    const {flows, chassis} = this.#among;
    const hop = routeFor(router, packet, route => {
      passage.rely(flows.routesFact(chassis, router));
      return flows.route(chassis, router, route);
    });
    if (!hop) return dropped('no route', router.name);
    return hop.port === router.external
      ? this.#toOutside(router, hop.nextHop, packet, passage)
      : this.#toInside(hop.port, hop.nextHop, packet, passage);
  }

  /** To a VM or another router on one of the router's networks, under the router's MAC there. */
  #toInside(port: RouterPort, nextHop: Ipv4, packet: Ipv4Packet, passage: Passage): Verdict {
    const {topology} = this.#among;
    const peer = topology.routerPortByAddress(port.switch, nextHop);
    const other = peer && topology.routerPortByMac(port.switch, peer.mac);
    if (other) return this.route(other.router, packet, passage);
    const destination = topology.portByAddress(port.switch, nextHop);
    if (destination === undefined) return dropped('unknown destination', port.switch.name);
    const frame = {source: port.mac, destination: topology.macOf(destination), vlan: undefined, payload: packet};
    return this.#exits.toPort(destination, frame, routerPortKey, passage);
  }

  /** Towards the external network: the next hop's MAC, and who sends it out. */
  #toOutside(router: LogicalRouter, nextHop: Ipv4, packet: Ipv4Packet, passage: Passage): Verdict {
    const {flows, chassis} = this.#among;
    passage.rely(flows.macBindingFact(chassis, router, nextHop));
    const mac = this.#knownMac(router, nextHop) ?? flows.macBinding(chassis, router, nextHop);
    if (mac === undefined) return this.#askNextHop(router, nextHop, packet, passage);
    return this.#toNextHop(router, mac, packet, passage);
  }

  /** MACs on the external network that are part of the configuration (lr_in_arp_resolve, priority 100). */
  #knownMac({external}: LogicalRouter, address: Ipv4): Mac | undefined {
    const {topology} = this.#among;
    if (!external) return undefined;
    const floating = topology.floating(address);
    if (floating) return floating.mac ?? floating.router.external?.mac;
    const router = topology.routers.find(
      ({external: port}) => port?.switch === external.switch && port.address === address,
    );
    if (router) return router.external?.mac;
    const vm = topology.portByAddress(external.switch, address);
    return vm === undefined ? undefined : topology.macOf(vm);
  }

  /** Under a distributed floating address from here, else by way of the gateway. */
  #toNextHop(router: LogicalRouter, mac: Mac, packet: Ipv4Packet, passage: Passage): Verdict {
    const {external} = router;
    if (!external) return dropped('no route', router.name);
    const own = this.#distributedSource(router, packet, passage);
    if (own?.mac === undefined) {
      const frame = {source: external.mac, destination: mac, vlan: undefined, payload: packet};
      return this.toGateway(router, frame, passage);
    }
    const translated = {...packet, source: own.address};
    passage.count(this.#ground.counters.of(this.#among.name, 'translations'));
    const turned = this.#turnRound(router, translated, passage);
    if (turned) return turned;
    const frame = {source: own.mac, destination: mac, vlan: undefined, payload: translated};
    return this.#exits.toNetwork(external.switch, frame, passage);
  }

  /** The distributed floating address under which a VM of this chassis leaves (lr_in_gw_redirect, priority 100). */
  #distributedSource(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): FloatingAddress | undefined {
    const {topology, flows, chassis} = this.#among;
    const inside = interfaceFor(router, packet.source);
    const port = inside && topology.portByAddress(inside.switch, packet.source);
    if (port === undefined) return undefined;
    const floating = topology.floatingOf(port);
    if (floating?.mac === undefined) return undefined;
    passage.rely(flows.locationFact(chassis, port));
    return flows.location(chassis, port) === chassis ? floating : undefined;
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

  /**
   * A packet to an address of the same router that this chassis answers for does not leave (lr_out_egr_loop). OVN keeps
   * what it did before and after the turn apart in two zones of connections; here their tuples do.
   */
  #turnRound(router: LogicalRouter, packet: Ipv4Packet, passage: Passage): Verdict | undefined {
    const {topology, flows, chassis} = this.#among;
    const floating = topology.floating(packet.destination);
    if (floating && floating.router !== router) return undefined;
    if (floating?.mac !== undefined) {
      passage.rely(flows.locationFact(chassis, floating.port));
      return flows.location(chassis, floating.port) === chassis
        ? this.enterDistributed(floating, packet, passage)
        : undefined;
    }
    if (!floating && packet.destination !== router.external?.address) return undefined;
    return this.resident(router, passage) ? this.enter(router, packet, passage) : undefined;
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
          passage.resume(() => this.#exits.stopped(passage) ?? this.#toNextHop(router, mac, packet, passage));
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

  /** The router answers pings to its own addresses itself, wherever they come in (lr_in_ip_input, priority 90). */
  #answerEcho(router: LogicalRouter, {payload, ...packet}: Ipv4Packet, passage: Passage): Verdict {
    if (payload.kind !== 'icmp-echo') throw new Error('no echo to answer');
    const {source, destination} = packet;
    const answer: Ipv4Packet = {
      ...packet,
      source: destination,
      destination: source,
      ttl: 254,
      payload: {...payload, operation: 'reply'},
    };
    return this.#forward(router, answer, passage);
  }

  #translator(router: LogicalRouter): Translator {
    let translator = this.#translators.get(router.number);
    if (!translator) {
      translator = new Translator(this.#ground, this.#among.name, router, this.#among.topology);
      this.#translators.set(router.number, translator);
    }
    return translator;
  }
}

/** A router's address translation on a chassis. */
export type Translation = TranslatorState & {
  /** Rules in force. */
  readonly rules: number;
};

function isEchoRequest({payload}: Ipv4Packet): boolean {
  return payload.kind === 'icmp-echo' && payload.operation === 'request';
}
