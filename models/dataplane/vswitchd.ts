import {milliseconds, type Time} from '../../engine/time.ts';
import type {Program} from '../daemons/daemon.ts';
import type {Step} from '../daemons/host-profile.ts';
import type {Host} from '../daemons/host.ts';
import type {Ground} from '../ground.ts';
import type {InstalledFlows} from '../tables/installed-flows.ts';
import type {LocalDatabase} from '../tables/local-database.ts';
import {monitorInterval, type OvsBfdSettings} from '../protocols/ovs-bfd.ts';
import {inPortOrder} from '../protocols/ovs-port-order.ts';
import type {FlowUpdate, OpenFlowChannel, PacketOut} from '../tables/openflow-channel.ts';
import type {ChassisNumber, Topology} from '../tables/topology.ts';
import type {BfdControl} from '../wire/bfd.ts';
import {bfdPort} from '../wire/bfd.ts';
import type {Frame} from '../wire/frame.ts';
import type {Geneve} from '../wire/geneve.ts';
import type {Mac} from '../wire/mac.ts';
import type {IntegrationBridge} from './integration-bridge.ts';
import type {Nic} from './nic.ts';
import {delivered, dropped, type Passage, type Verdict} from './passage.ts';
import {TunnelBfd, type TunnelBfdOwner} from './tunnel-bfd.ts';
import type {ProviderBridge} from './provider-bridge.ts';
import type {Revalidators} from './revalidators.ts';
import type {Tunnels} from './tunnels.ts';

export type VswitchdSurroundings = {
  readonly chassis: ChassisNumber;
  readonly host: Host;
  readonly topology: Topology;
  readonly underlay: Nic;
  readonly tunnels: Tunnels;
  readonly bridge: IntegrationBridge;
  readonly providers: readonly ProviderBridge[];
  readonly revalidators: Revalidators;
  readonly flows: InstalledFlows;
  readonly channel: OpenFlowChannel;
  readonly database: LocalDatabase;
  /** The ovs-vswitchd of another chassis. */
  peer(chassis: ChassisNumber): Vswitchd;
  /** The announcement of why its own process does not work; 0 if it does. */
  whySilent(): number;
};

/** BFD in a tunnel: a frame of its own with these addresses (lib/bfd.c, bfd_put_packet; the captures of MEASURED.md A). */
const bfdFrame = {
  source: 0x02_00_00_00_bf_d0 as Mac,
  destination: 0x00_23_20_00_00_01 as Mac,
  sourceAddress: 0xa9fe_0101,
  destinationAddress: 0xa9fe_0100,
  internetControl: 0xc0,
} as const;

/**
 * ovs-vswitchd of one chassis with the userspace datapath: it makes the tunnels that its database asks for, runs their
 * BFD, tells the datapath which tunnels may be used, and takes in flows.
 */
export class Vswitchd implements Program, TunnelBfdOwner {
  readonly #ground: Ground;
  readonly #among: VswitchdSurroundings;
  readonly #sessions = new Map<ChassisNumber, TunnelBfd>();
  #life = 0;
  readonly #begun = new Map<ChassisNumber, number>();
  #frozen = false;
  /** Peers whose tunnel the database asks to change. */
  readonly #reconfigured = new Set<ChassisNumber>();
  #postponed: (() => void)[] = [];
  #installsUntil: Time = 0;
  /** When the monitor thread that now runs had its first look at the sessions. */
  #threadLooksAt: Time = 0;

  constructor(ground: Ground, among: VswitchdSurroundings) {
    this.#ground = ground;
    this.#among = among;
    among.channel.listening = true;
    among.channel.onFlows = update => {
      this.#takeFlows(update);
    };
    among.channel.onPacketOut = packet => {
      this.#takePacketOut(packet);
    };
    among.database.onConfiguration = peer => {
      this.#reconfigureSoon(peer);
    };
    among.underlay.filters = true;
    among.underlay.receiver = (frame, passage) => this.#fromUnderlay(frame, passage);
  }

  get chassis(): string {
    return this.#among.host.name;
  }

  get host(): Host {
    return this.#among.host;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  session(peer: ChassisNumber): TunnelBfd | undefined {
    return this.#sessions.get(peer);
  }

  opposite(peer: ChassisNumber): TunnelBfd | undefined {
    return this.#among.peer(peer).session(this.#among.chassis);
  }

  whyPeerIsSilent(peer: ChassisNumber): number {
    return this.#among.peer(peer).#among.whySilent();
  }

  receivedPackets(peer: ChassisNumber): number {
    this.#ground.ledger.settle();
    return this.#ground.counters.value(this.#among.tunnels.received(peer));
  }

  /** Makes everything that the database asks for as if it had long been there. */
  beginSettled(): void {
    for (const peer of this.#among.database.peers) this.#configure(peer);
  }

  /** Both ends of every session up, as after a long quiet time. */
  settleSessions(): void {
    for (const [peer, session] of this.#sessions) {
      const other = this.opposite(peer);
      if (other && this.#among.chassis < peer) TunnelBfd.settle(session, other);
    }
  }

  /** Lets the datapath and the database know at once how the sessions stand. */
  publishSettled(): void {
    for (const [peer, session] of this.#sessions) {
      this.#among.tunnels.add(peer, session.session.forwarding);
      this.#among.database.report(peer, session.state);
    }
  }

  die(): void {
    this.#life += 1;
    this.#frozen = false;
    this.#postponed = [];
    this.#reconfigured.clear();
    for (const session of this.#sessions.values()) session.retire();
    this.#sessions.clear();
    this.#among.bridge.setRunning(false);
    this.#among.bridge.forgetConnections();
    this.#among.revalidators.clear();
    for (const provider of this.#among.providers) provider.clear();
    this.#among.tunnels.clear();
    this.#among.flows.clear(this.#among.chassis, this.#ground.engine.cause);
    this.#among.channel.answering = true;
    this.#among.channel.listening = false;
    this.#among.channel.onListening?.(false);
  }

  start(): void {
    this.#among.bridge.setRunning(true);
    for (const peer of this.#among.database.peers) this.#among.database.report(peer, undefined);
    this.#configureInTurn(this.#among.database.peers);
    this.#among.channel.listening = true;
    this.#among.channel.onListening?.(true);
  }

  freeze(): void {
    this.#frozen = true;
    this.#among.channel.answering = false;
    this.#among.bridge.setRunning(false);
    for (const session of this.#sessions.values()) session.frozenChanged();
  }

  thaw(): void {
    this.#frozen = false;
    this.#among.bridge.setRunning(true);
    for (const session of this.#sessions.values()) session.frozenChanged();
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const act of postponed) act();
    this.#among.channel.answering = true;
    this.#among.channel.onAnswering?.();
  }

  transmit(packet: BfdControl, peer: ChassisNumber, passage: Passage): Verdict {
    const geneve: Geneve = {
      kind: 'geneve',
      vni: 0,
      oam: false,
      critical: false,
      ovn: undefined,
      payload: frameOf(packet, this.#among.chassis),
    };
    return this.#among.tunnels.send(peer, geneve, bfdSourcePort, passage);
  }

  changed(session: TunnelBfd): void {
    const {peer} = session;
    const cause = session.lastChange;
    this.#soon('port-toggle', `toggle ${session.peerName}`, () => {
      this.#toggle(peer, session, cause);
    });
    this.#soon('local-database', `status ${session.peerName}`, () => {
      if (this.#sessions.get(peer) === session) this.#among.database.report(peer, session.state);
    });
  }

  /** Changes what the datapath may use, and has its flows revalidated. */
  #toggle(peer: ChassisNumber, session: TunnelBfd, cause: number): void {
    const {tunnels} = this.#among;
    const enabled = session.session.forwarding;
    if (this.#sessions.get(peer) !== session || tunnels.enabled(peer) === enabled) return;
    this.#because(
      this.#ground.journal.announce('tunnel toggled', {chassis: this.chassis, peer: session.peerName, enabled}, [
        cause,
      ]),
      () => {
        tunnels.add(peer, enabled);
        this.#among.revalidators.trigger();
      },
    );
  }

  /** What is written in one transaction is taken in at once. */
  #reconfigureSoon(peer: ChassisNumber): void {
    this.#reconfigured.add(peer);
    if (this.#reconfigured.size > 1) return;
    this.#soon('local-database', 'configuration', () => {
      const peers = [...this.#reconfigured].sort((a, b) => a - b);
      this.#reconfigured.clear();
      this.#configureInTurn(peers);
    });
  }

  /** Takes in what is asked for, one tunnel after the other, as one thread does. */
  #configureInTurn(peers: readonly ChassisNumber[]): void {
    const {topology} = this.#among;
    const ports = new Map(peers.map(peer => [`ovn-${topology.chassis[peer]}-0`, peer]));
    let at = this.#ground.engine.now;
    for (const port of inPortOrder([...ports.keys()])) {
      this.#at(at, () => {
        this.#configure(ports.get(port)!);
      });
      at += this.host.take('port-configure', 'ovs-vswitchd');
    }
  }

  #configure(peer: ChassisNumber): void {
    const {database, tunnels, topology} = this.#among;
    const wanted = database.tunnel(peer);
    const session = this.#sessions.get(peer);
    const peerName = topology.chassis[peer];
    if (!wanted) {
      if (!tunnels.exists(peer)) return;
      this.#retire(peer);
      this.#because(this.#ground.journal.announce('tunnel removed', {chassis: this.chassis, peer: peerName}), () => {
        tunnels.remove(peer);
        this.#among.revalidators.trigger();
      });
      return;
    }
    if (!wanted.bfd) this.#retire(peer);
    else if (session) session.configure(wanted.bfd);
    else this.#begin(peer, peerName, wanted.bfd);
    const enabled = this.#sessions.get(peer)?.session.forwarding ?? true;
    if (!tunnels.exists(peer) && this.#ground.engine.now > 0) {
      this.#ground.journal.announce('tunnel added', {chassis: this.chassis, peer: peerName});
      this.#among.revalidators.trigger();
    }
    tunnels.add(peer, enabled);
  }

  /**
   * Without sessions there is no monitor thread: it starts with the first and looks at those that there are by then; those
   * that come later wait for its next round (ofproto_dpif_monitor_port_update).
   */
  #begin(peer: ChassisNumber, peerName: string, settings: OvsBfdSettings): void {
    const {now} = this.#ground.engine;
    if (this.#sessions.size === 0) this.#threadLooksAt = now + this.host.take('timer', 'ovs-vswitchd/monitor thread');
    const secondLook = this.#threadLooksAt + milliseconds(monitorInterval);
    const looksAt = now <= this.#threadLooksAt ? this.#threadLooksAt : now < secondLook ? secondLook : undefined;
    const before = this.#begun.get(peer) ?? 0;
    this.#begun.set(peer, before + 1);
    this.#sessions.set(peer, new TunnelBfd(this.#ground, this, peer, peerName, before, looksAt, settings));
  }

  #retire(peer: ChassisNumber): void {
    this.#sessions.get(peer)?.retire();
    this.#sessions.delete(peer);
  }

  /** A bundle of flow changes. Bundles are worked off one after the other. */
  #takeFlows(update: FlowUpdate): void {
    const {engine} = this.#ground;
    const at = Math.max(this.#installsUntil, engine.now + this.host.take('flow-install', 'ovs-vswitchd'));
    this.#installsUntil = at;
    this.#at(at, () => {
      this.#install(update);
    });
  }

  #install({clearFirst, state, cause}: FlowUpdate): void {
    const {flows, chassis, topology} = this.#among;
    const {journal} = this.#ground;
    if (clearFirst && !state && flows.complete(chassis)) {
      const cleared = journal.announce('flows cleared', {chassis: this.chassis}, [cause]);
      flows.clear(chassis, cleared);
    }
    if (!state) return;
    const complete = flows.complete(chassis);
    let latest = complete ? cause : journal.announce('flows complete', {chassis: this.chassis}, [cause]);
    const {came, went} = flows.differences(chassis, state);
    for (const [routers, active] of [
      [went, false],
      [came, true],
    ] as const) {
      for (const router of routers) {
        const detail = {chassis: this.chassis, router: topology.routers[router].name, active};
        latest = journal.announce('gateway moved', detail, [cause]);
      }
    }
    this.#because(latest, () => {
      flows.install(chassis, state, latest);
      this.#among.revalidators.trigger();
    });
  }

  #takePacketOut(packet: PacketOut): void {
    const at = this.#ground.engine.now + this.host.take('packet-in', 'packet-out');
    this.#at(at, () => {
      this.#among.bridge.packetOut(packet);
    });
  }

  #fromUnderlay(frame: Frame, passage: Passage): Verdict {
    const {tunnels, bridge, host} = this.#among;
    const {payload} = frame;
    if (payload.kind === 'arp') return this.#hearArp(frame, passage);
    if (payload.payload.kind !== 'udp' || payload.payload.payload.kind !== 'geneve') {
      return dropped('not addressed to this host', host.name);
    }
    const geneve = payload.payload.payload;
    const peer = tunnels.sourceOf(frame, passage);
    if (peer !== undefined) {
      passage.count(tunnels.received(peer));
      tunnels.hearThrough(peer, frame.source, passage);
    }
    if (geneve.vni !== 0)
      return peer === undefined ? dropped('no tunnel', host.name) : bridge.fromTunnel(geneve, passage);
    passage.rely(bridge.runningFact);
    if (!bridge.running && !this.#frozen) return dropped('ovs-vswitchd not running', host.name);
    if (peer === undefined) return dropped('no tunnel', host.name);
    return this.#hearBfd(peer, geneve, passage);
  }

  #hearBfd(peer: ChassisNumber, geneve: Geneve, passage: Passage): Verdict {
    const session = this.#sessions.get(peer);
    const from = this.opposite(peer);
    const inner = geneve.payload.payload;
    if (!session || !from || inner.kind !== 'ipv4' || inner.payload.kind !== 'udp')
      return dropped('no tunnel', this.chassis);
    const control = inner.payload.payload;
    if (control.kind !== 'bfd') return dropped('no tunnel', this.chassis);
    session.arrive(control, from, passage.identity.number, passage);
    return delivered;
  }

  /** The datapath snoops what passes; the host answers for the address of its bridge, which is up as long as it runs. */
  #hearArp({payload}: Frame, passage: Passage): Verdict {
    const {bridge, tunnels, host} = this.#among;
    passage.once();
    passage.rely(bridge.runningFact);
    if (!bridge.running) return dropped('ovs-vswitchd not running', host.name);
    if (payload.kind !== 'arp') return dropped('not addressed to this host', host.name);
    passage.because(() => {
      this.#ground.later.at(passage.arrivesAt, () => {
        if (!bridge.running) return;
        if (tunnels.hear(payload)) this.#among.revalidators.trigger();
        tunnels.answer(payload);
      });
    });
    return delivered;
  }

  #soon(step: Step, what: string, act: () => void): void {
    this.#at(this.#ground.engine.now + this.host.take(step, `ovs-vswitchd/${what}`), act);
  }

  /** Does something at `at`, if it is still the same process, and after it goes on if it stands still then. */
  #at(at: Time, act: () => void): void {
    const life = this.#life;
    this.#ground.later.at(at, () => {
      if (this.#life !== life) return;
      if (this.#frozen) this.#postponed.push(act);
      else act();
    });
  }

  #because(cause: number, act: () => void): void {
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = cause;
    act();
    engine.cause = before;
  }
}

/** RFC 5881, 4: from 49152 on. */
const bfdSourcePort = 49_152;

function frameOf(packet: BfdControl, chassis: ChassisNumber): Frame {
  return {
    source: bfdFrame.source + chassis * 0x1_0000,
    destination: bfdFrame.destination,
    vlan: undefined,
    payload: {
      kind: 'ipv4',
      source: bfdFrame.sourceAddress,
      destination: bfdFrame.destinationAddress,
      ttl: 255,
      tos: bfdFrame.internetControl,
      identification: 0,
      dontFragment: false,
      payload: {
        kind: 'udp',
        sourcePort: bfdSourcePort,
        destinationPort: bfdPort,
        checksummed: false,
        payload: packet,
      },
    },
  };
}
