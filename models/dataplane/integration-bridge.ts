import type {Fact} from '../../engine/ledger.ts';
import type {Ground} from '../ground.ts';
import type {PacketOut} from '../tables/openflow-channel.ts';
import type {LogicalRouter, LogicalSwitch, PortNumber, RouterPort} from '../tables/topology.ts';
import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import type {Geneve} from '../wire/geneve.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, isGroupMac, type Mac} from '../wire/mac.ts';
import type {Connection} from './conntrack.ts';
import {delivered, dropped, Passage, type Verdict} from './passage.ts';
import type {ProviderBridge} from './provider-bridge.ts';
import {RouterPipeline, routerPortKey, type RouterSurroundings, type Translation} from './router-pipeline.ts';
import {copyCounter} from './flood-copies.ts';
import {ofFlood} from './flood.ts';
import {flowPort} from './flow-port.ts';
import type {Station} from './station.ts';

/** What the pipeline of a chassis stands among. */
export type BridgeSurroundings = RouterSurroundings & {
  /** br-ex on a provider segment; undefined if the chassis has none there. */
  provider(segment: string): ProviderBridge | undefined;
  /** The VM behind a port, if it runs on this chassis. */
  vm(port: PortNumber): Station | undefined;
};

const noMac: Mac = 0;

/**
 * br-int of one chassis: what its flows do with a packet, in the stages of OVN's logical switches, with those of its logical
 * routers between. A stage is a method that ends in the next one or in a verdict, and notes on the passage what it relied on.
 */
export class IntegrationBridge {
  readonly #ground: Ground;
  readonly #among: BridgeSurroundings;
  readonly #routers: RouterPipeline;
  readonly #runningFact: Fact;
  #running = true;
  #answers = 0;

  constructor(ground: Ground, among: BridgeSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#runningFact = ground.ledger.add();
    this.#routers = new RouterPipeline(ground, among, {
      stopped: passage => this.#stopped(passage),
      toPort: (port, frame, ingress, passage) => this.#toPort(port, frame, ingress, passage),
      toNetwork: (network, frame, passage) => this.#fromRouter(network, frame, passage),
      tunnel: (peer, vni, ingress, egress, frame, passage) => this.#tunnel(peer, vni, ingress, egress, frame, passage),
    });
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
    this.#routers.forgetConnections();
  }

  /** The connections that are tracked here for routers. */
  connections(): readonly Connection[] {
    return this.#routers.connections();
  }

  /** What a router's address translation holds at present. */
  translation(router: LogicalRouter): Translation {
    return this.#routers.translation(router);
  }

  /** A frame of a VM on this chassis. */
  fromVm(port: PortNumber, frame: Frame, passage: Passage): Verdict {
    const stopped = this.#stopped(passage);
    if (stopped) return stopped;
    const {topology} = this.#among;
    const network = topology.switchOf(port);
    if (frame.payload.kind === 'arp') return this.#arpFromVm(port, network, frame, frame.payload, passage);
    const gateway = topology.routerPortByMac(network, frame.destination);
    if (gateway) return this.#routers.route(gateway.router, frame.payload, passage);
    return this.#lookUp(network, frame, topology.keyOf(port), passage);
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
    if (!this.#routers.resident(router, passage)) return dropped('not the active gateway', name);
    return this.#routers.leave(router, geneve.payload, passage);
  }

  /** A frame that reaches the chassis on a provider segment. */
  fromProvider(segment: string, tagged: Frame, passage: Passage): Verdict {
    const stopped = this.#stopped(passage);
    if (stopped) return stopped;
    const {topology, name} = this.#among;
    passage.count(this.#ground.counters.of(name, 'provider packets received'));
    const network = topology.switches.find(
      candidate => candidate.segment === segment && candidate.vlan === tagged.vlan,
    );
    if (!network) return dropped('not addressed to this host', name);
    const frame = {...tagged, vlan: undefined};
    const port = topology.portByMac(network, frame.destination);
    if (port !== undefined) return this.#toLocalPort(port, frame, passage);
    if (frame.payload.kind === 'arp') return this.#arpFromOutside(network, frame, frame.payload, passage);
    const owner = this.#ownerOfFrame(network, frame.destination, frame.payload);
    if (!owner) return dropped('not addressed to this host', name);
    if (!this.#answersFor(owner, passage)) {
      return dropped(owner.port === undefined ? 'not the active gateway' : 'no such port here', name);
    }
    return this.#enterRouter(owner, frame.payload, passage);
  }

  /** A frame that ovn-controller puts into the pipeline at a router's external port; flows find the next hop of a packet. */
  packetOut({router, into, frame, sender, number, lost}: PacketOut): void {
    const passage = new Passage(this.#ground, {sender, number}, (verdict, {cause}) => {
      if (verdict.kind === 'dropped') lost?.(verdict.reason, verdict.place, cause);
    });
    passage.madeBy = this.#among.name;
    const {payload} = frame;
    const goOn = (): Verdict => {
      if (payload.kind !== 'arp') return this.#routers.sendOutside(router, payload, passage);
      if (into === 'switch' && router.external) return this.#fromRouter(router.external.switch, frame, passage);
      return this.#routers.toGateway(router, frame, passage);
    };
    passage.finish(this.#stopped(passage) ?? goOn());
  }

  #stopped(passage: Passage): Verdict | undefined {
    const {flows, chassis, name} = this.#among;
    passage.rely(this.#runningFact);
    if (!this.#running) return dropped('ovs-vswitchd not running', name);
    passage.rely(flows.completeFact(chassis));
    return flows.complete(chassis) ? undefined : dropped('no flows', name);
  }

  /** A frame of a router into its external switch. */
  #fromRouter(network: LogicalSwitch, frame: Frame, passage: Passage): Verdict {
    return isGroupMac(frame.destination)
      ? this.#flood(network, frame, undefined, passage)
      : this.#lookUp(network, frame, routerPortKey, passage);
  }

  /** To whoever has the MAC: a router's port, a VM, or somebody on the provider segment (ls_in_l2_lkup). */
  #lookUp(network: LogicalSwitch, frame: Frame, ingress: number, passage: Passage): Verdict {
    const {topology} = this.#among;
    const {payload, destination} = frame;
    const owner = payload.kind === 'ipv4' ? this.#ownerOfFrame(network, destination, payload) : undefined;
    if (payload.kind === 'ipv4' && owner && this.#answersFor(owner, passage)) {
      return this.#enterRouter(owner, payload, passage);
    }
    const port = topology.portByMac(network, destination);
    if (port !== undefined) return this.#toPort(port, frame, ingress, passage);
    if (network.segment === undefined) return dropped('unknown destination', network.name);
    return this.#transmit(network, frame, passage);
  }

  /** Logical switch egress to a VM: here, else out of the localnet port if there is one (physical.c), else by tunnel. */
  #toPort(port: PortNumber, frame: Frame, ingress: number, passage: Passage): Verdict {
    const {flows, chassis, topology, name} = this.#among;
    passage.rely(flows.locationFact(chassis, port));
    const location = flows.location(chassis, port);
    if (location === chassis) return this.#toLocalPort(port, frame, passage);
    const network = topology.switchOf(port);
    if (network.segment !== undefined) return this.#transmit(network, frame, passage);
    if (location < 0) return dropped('no such port here', name);
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
    return this.#among.tunnels.send(peer, geneve, flowPort(frame, 0), passage);
  }

  /** Out of the localnet port onto the provider segment. */
  #transmit({segment, vlan}: LogicalSwitch, frame: Frame, passage: Passage): Verdict {
    const {name} = this.#among;
    const provider = this.#among.provider(segment ?? '');
    if (!provider) return dropped('no route', name);
    passage.count(this.#ground.counters.of(name, 'provider packets sent'));
    return provider.transmit({...frame, vlan}, passage);
  }

  /** The chassis of the VM answers for every known address; the rest is asked of everybody (ls_in_arp_rsp). */
  #arpFromVm(port: PortNumber, network: LogicalSwitch, frame: Frame, arp: Arp, passage: Passage): Verdict {
    passage.once();
    if (arp.operation === 'request' && arp.senderIp !== arp.targetIp) {
      const mac = this.#macFor(port, network, arp.targetIp, passage);
      if (mac !== undefined) return this.#answerVm(port, arp, mac, passage);
    }
    return isGroupMac(frame.destination)
      ? this.#flood(network, frame, port, passage)
      : this.#lookUp(network, frame, this.#among.topology.keyOf(port), passage);
  }

  /** What a VM is answered on its own chassis: the MAC of a router's port or VM, or of what a router here answers for. */
  #macFor(port: PortNumber, network: LogicalSwitch, address: Ipv4, passage: Passage): Mac | undefined {
    const {topology} = this.#among;
    const gateway = topology.routerPortByAddress(network, address);
    if (gateway) return gateway.mac;
    const other = topology.portByAddress(network, address);
    if (other !== undefined) return other === port ? undefined : topology.macOf(other);
    const owner = this.#ownerOf(network, address);
    const known = owner && (owner.external.address === address || this.#answersFor(owner, passage));
    return known ? owner.mac : undefined;
  }

  #answerVm(port: PortNumber, arp: Arp, mac: Mac, passage: Passage): Verdict {
    this.#later(passage, `${this.#among.name}/arp responder`, answer =>
      this.#toLocalPort(port, replyTo(arp, mac), answer),
    );
    return delivered;
  }

  /**
   * A copy to those here and to every chassis that has ports of the network, by tunnels or, if it has one, by its localnet
   * port (MC_FLOOD; physical.c, consider_mc_group).
   */
  #flood(network: LogicalSwitch, frame: Frame, from: PortNumber | undefined, passage: Passage): Verdict {
    const {latency} = passage;
    const verdicts = network.segment === undefined ? this.#floodTunnels(network, frame, from, passage) : [];
    if (network.segment !== undefined) verdicts.push(this.#transmit(network, frame, passage));
    const alone = !this.#among.topology.portsOn(network).some(port => port !== from);
    if (alone && verdicts.length === 1) return verdicts[0];
    passage.latency = latency;
    return ofFlood([...verdicts, this.#floodLocally(network, frame, from, passage)], network.name);
  }

  #floodTunnels(network: LogicalSwitch, frame: Frame, from: PortNumber | undefined, passage: Passage): Verdict[] {
    const {topology, flows, chassis, name} = this.#among;
    const places = new Set(topology.portsOn(network).map(port => flows.location(chassis, port)));
    places.delete(chassis);
    places.delete(-1);
    const {latency} = passage;
    const ingress = from === undefined ? routerPortKey : topology.keyOf(from);
    const count = copyCounter(this.#ground, name, frame, passage);
    return [...places].map(place => {
      passage.latency = latency;
      count();
      return this.#tunnel(place, network.key, ingress, multicastKey, frame, passage);
    });
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

  /** ARP on a provider segment: routers that are active here learn and answer, and VMs hear what is for everybody. */
  #arpFromOutside(network: LogicalSwitch, frame: Frame, arp: Arp, passage: Passage): Verdict {
    const {latency} = passage;
    const verdict = this.#arpToRouters(network, frame, arp, passage);
    if (!isGroupMac(frame.destination) || this.#among.topology.portsOn(network).length === 0) return verdict;
    passage.latency = latency;
    return ofFlood([verdict, this.#floodLocally(network, frame, undefined, passage)], network.name);
  }

  /** The active gateway answers for the router, the VM's chassis for its own address. */
  #arpToRouters(network: LogicalSwitch, frame: Frame, arp: Arp, passage: Passage): Verdict {
    const {topology, name} = this.#among;
    passage.once();
    for (const router of topology.routers) {
      if (router.external?.switch !== network || !this.#routers.resident(router, passage)) continue;
      const heard = isGroupMac(frame.destination) || frame.destination === router.external.mac;
      const foreign = arp.senderMac !== router.external.mac && contains(network.cidr, arp.senderIp);
      if (heard && foreign) this.#learnOutside(router, arp, isGroupMac(frame.destination), passage);
    }
    const asks = arp.operation === 'request' && arp.senderIp !== arp.targetIp;
    const owner = asks ? this.#ownerOf(network, arp.targetIp) : undefined;
    if (!owner || !this.#answersFor(owner, passage)) return dropped('not addressed to this host', name);
    this.#later(passage, `${name}/arp responder`, answer =>
      this.#answersFor(owner, answer)
        ? this.#transmit(network, replyTo(arp, owner.mac), answer)
        : dropped('not the active gateway', name),
    );
    return delivered;
  }

  #ownerOf(network: LogicalSwitch, address: Ipv4): Owner | undefined {
    const {topology} = this.#among;
    if (network.segment === undefined) return undefined;
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

  /** Whose a frame for a router's external port is: the router's, or that of a distributed floating address. */
  #ownerOfFrame(network: LogicalSwitch, mac: Mac, packet: Ipv4Packet): Owner | undefined {
    const {topology} = this.#among;
    if (network.segment === undefined) return undefined;
    const router = topology.routers.find(({external}) => external?.switch === network && external.mac === mac);
    if (router?.external) return {router, external: router.external, mac, port: undefined};
    const owner = this.#ownerOf(network, packet.destination);
    return owner?.mac === mac ? owner : undefined;
  }

  #answersFor(owner: Owner, passage: Passage): boolean {
    const {flows, chassis} = this.#among;
    if (owner.port === undefined) return this.#routers.resident(owner.router, passage);
    passage.rely(flows.locationFact(chassis, owner.port));
    return flows.location(chassis, owner.port) === chassis;
  }

  #enterRouter({router, port}: Owner, packet: Ipv4Packet, passage: Passage): Verdict {
    const floating = port === undefined ? undefined : this.#among.topology.floatingOf(port);
    return floating
      ? this.#routers.enterDistributed(floating, packet, passage)
      : this.#routers.enter(router, packet, passage);
  }

  #learnOutside(router: LogicalRouter, {senderIp, senderMac}: Arp, broadcast: boolean, passage: Passage): void {
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        this.#among.channel.onPacketIn?.({kind: 'learn', router, address: senderIp, mac: senderMac, broadcast});
      });
    });
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

/** Who answers for an address on an external network. */
type Owner = {
  readonly router: LogicalRouter;
  readonly external: RouterPort;
  readonly mac: Mac;
  /** The VM's port of a distributed address. */
  readonly port: PortNumber | undefined;
};

/** Tunnel keys from here on are multicast groups (ovn-architecture(7)). */
const multicastKey = 0x8000;

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
