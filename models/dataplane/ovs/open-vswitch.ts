import type {Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {FlowSelection, FlowSpec, OfPort} from '../../protocols/openflow/flow.ts';
import type {Flow} from '../../protocols/openflow/flow-tables.ts';
import {deadVlan, type BridgeName, type HostSwitch, type ProviderBridgePorts} from '../../tables/host-switch.ts';
import type {TunnelType} from '../../tables/host-switch.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import {deviceName, type NeutronInventory, type NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import {largestPiece} from '../../wire/fragments.ts';
import {frameSize, type Frame} from '../../wire/frame.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {tunnelOverhead} from '../../wire/tunnel-overhead.ts';
import {vxlanPort} from '../../wire/vxlan.ts';
import {flowPort} from '../flow-port.ts';
import type {PortFirewall} from '../linux/port-firewall.ts';
import type {Devices, Switching} from '../linux/switching.ts';
import type {Nic} from '../nic.ts';
import {dropped, type DropReason, type Passage, type Verdict} from '../passage.ts';
import {CachedFlows} from './cached-flows.ts';
import {FilterBridge} from './filter-bridge.ts';
import {FlowBridge, type Crossing, type FlowExit} from './flow-bridge.ts';

export type OpenVSwitchSurroundings = {
  readonly name: string;
  readonly kernelPhase: Time;
  readonly inventory: NeutronInventory;
  readonly devices: Devices;
  /** Cards on provider segments, each the uplink of a bridge. */
  readonly providers: readonly {readonly nic: Nic; readonly bridge: BridgeName}[];
  /** What filters the ports of VMs. */
  readonly firewall: PortFirewall;
  /** `net.bridge.bridge-nf-call-iptables`, of the bridges between VMs and br-int. */
  readonly callsIptables: boolean;
  /** The endpoint of this host; undefined if it has no tunnels. */
  readonly endpoint: Ipv4 | undefined;
  /** Sends a packet from the host's own stack. */
  send(packet: Ipv4Packet, passage: Passage): Verdict;
};

type Device = {
  readonly number: OfPort;
  /** Between a VM and br-int. */
  readonly filter: FilterBridge | undefined;
};

type Tunnel = {readonly type: TunnelType; readonly remote: Ipv4; readonly port: OfPort};

/**
 * Open vSwitch of a host with the kernel's datapath, as Neutron's agent sets it up: br-int with the devices, br-tun with the
 * tunnels, and a bridge for each provider segment, joined by patches (ovs_neutron_agent.py). Bridges and patches stand in
 * its database from the beginning and for ever.
 */
export class OpenVSwitch implements Switching, HostSwitch {
  readonly bridges = new Map<BridgeName, FlowBridge>();
  readonly providers: readonly ProviderBridgePorts[];
  readonly tunnels: {readonly patch: OfPort} | undefined;
  readonly #ground: Ground;
  readonly #among: OpenVSwitchSurroundings;
  readonly #integration: FlowBridge;
  readonly #cached: CachedFlows;
  readonly #devices = new Map<NeutronPortNumber, Device>();
  readonly #deviceFacts: KeyedFacts;
  /** By type and remote endpoint. */
  readonly #tunnels = new Map<string, Tunnel>();
  readonly #tunnelFacts: KeyedFacts;
  #waiting: (() => void)[] = [];

  constructor(ground: Ground, among: OpenVSwitchSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#cached = new CachedFlows(ground);
    this.#deviceFacts = new KeyedFacts(ground.ledger);
    this.#tunnelFacts = new KeyedFacts(ground.ledger);
    this.#integration = this.#makeBridge('br-int', reasonInside);
    this.providers = among.providers.map(({nic, bridge}) => this.#makeProvider(nic, bridge));
    if (among.endpoint !== undefined) {
      const bridge = this.#makeBridge('br-tun', reasonInTunnels, floodTable);
      this.tunnels = {patch: this.#join(bridge, 'patch-tun', 'patch-int').outside};
    }
  }

  get answering(): boolean {
    return this.#cached.working;
  }

  whenAnswering(done: () => void): void {
    this.#waiting.push(done);
  }

  appeared(port: NeutronPortNumber): void {
    if (this.#devices.has(port)) return;
    const {inventory, devices} = this.#among;
    const {id, kind, network} = inventory.ports[port];
    const prefix = kind === 'vm' ? 'qvo' : kind === 'router gateway' ? 'qg-' : kind === 'dhcp' ? 'tap' : 'qr-';
    const {mtu} = inventory.networks[network];
    const filter = kind === 'vm' ? this.#makeFilter(id, mtu) : undefined;
    const exit: FlowExit = ({frame}, passage) => {
      // The datapath drops what is too large for a device without a word (net/openvswitch/vport.c, ovs_vport_send).
      const isTooLarge = frame.payload.kind === 'ipv4' && largestPiece(frame.payload) > mtu;
      if (isTooLarge) return dropped('larger than the mtu', this.#among.name);
      const arrive = (fitted: Frame): Verdict => devices.arrive(port, fitted, passage);
      return filter ? filter.toDevice(frame, passage, arrive) : arrive(frame);
    };
    const number = this.#integration.addPort(deviceName(prefix, id), 'none', exit);
    this.#devices.set(port, {number, filter});
    this.#deviceFacts.changed(port, this.#ground.engine.cause);
  }

  gone(port: NeutronPortNumber): void {
    const device = this.#devices.get(port);
    if (!device) return;
    this.#integration.removePort(device.number);
    this.#devices.delete(port);
    this.#deviceFacts.changed(port, this.#ground.engine.cause);
  }

  receive(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#deviceFacts.of(port));
    const device = this.#devices.get(port);
    if (!device) return dropped('port not wired', this.#among.name);
    const enter = (fitted: Frame): Verdict => this.#enter(this.#integration, device.number, fitted, undefined, passage);
    return device.filter ? device.filter.fromDevice(frame, passage, enter) : enter(frame);
  }

  fromUnderlay({source, payload}: Ipv4Packet, passage: Passage): Verdict | undefined {
    if (payload.kind === 'gre') return this.#fromTunnel('gre', source, payload.payload, payload.key ?? 0, passage);
    if (payload.kind !== 'udp' || payload.payload.kind !== 'vxlan') return undefined;
    if (payload.destinationPort !== vxlanPort) return undefined;
    const {vni, payload: frame} = payload.payload;
    return this.#fromTunnel('vxlan', source, frame, vni, passage);
  }

  crash(): void {
    for (const port of [...this.#devices.keys()]) this.gone(port);
  }

  flows(bridge: BridgeName): readonly Flow[] {
    return this.#bridge(bridge).flows();
  }

  install(bridge: BridgeName, flow: FlowSpec): void {
    if (this.answering) this.#bridge(bridge).install(flow);
  }

  uninstall(bridge: BridgeName, selection: FlowSelection): void {
    if (this.answering) this.#bridge(bridge).uninstall(selection);
  }

  portOf(port: NeutronPortNumber): OfPort | undefined {
    return this.#devices.get(port)?.number;
  }

  tagOf(port: NeutronPortNumber): number | undefined {
    const member = this.#integration.normal.memberOf(this.portOf(port) ?? 0);
    return typeof member === 'number' ? member : undefined;
  }

  setTag(port: NeutronPortNumber, tag: number): void {
    const number = this.portOf(port);
    if (number !== undefined) this.#integration.normal.setMember(number, tag === deadVlan ? 'none' : tag);
  }

  addTunnel(type: TunnelType, remote: Ipv4): OfPort {
    const key = `${type}/${remote}`;
    let tunnel = this.#tunnels.get(key);
    if (!tunnel) {
      const exit: FlowExit = (crossing, passage) => this.#encapsulate(type, remote, crossing, passage);
      const name = `${type}-${remote.toString(16).padStart(8, '0')}`;
      const port = this.#bridge('br-tun').addPort(name, 'trunk', exit);
      this.#tunnels.set(key, (tunnel = {type, remote, port}));
      this.#tunnelFacts.changed(remote, this.#ground.engine.cause);
    }
    return tunnel.port;
  }

  removeTunnel(type: TunnelType, remote: Ipv4): void {
    const tunnel = this.#tunnels.get(`${type}/${remote}`);
    if (!tunnel) return;
    this.#bridge('br-tun').removePort(tunnel.port);
    this.#tunnels.delete(`${type}/${remote}`);
    this.#tunnelFacts.changed(remote, this.#ground.engine.cause);
  }

  /** ovs-vswitchd is gone or stands still: the kernel goes on with what it has. */
  stop(): void {
    this.#cached.stop();
  }

  /** It goes on. */
  resume(): void {
    this.#cached.resume();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  /** A new process: it deletes the kernel's flows and has none of its own (ofproto-dpif.c, open_dpif_backer). */
  restart(): void {
    for (const bridge of this.bridges.values()) bridge.forget();
    this.resume();
  }

  #fromTunnel(type: TunnelType, remote: Ipv4, frame: Frame, id: number, passage: Passage): Verdict {
    passage.rely(this.#tunnelFacts.of(remote));
    const tunnel = this.#tunnels.get(`${type}/${remote}`);
    if (!tunnel) return dropped('no tunnel', this.#among.name);
    this.#listen(type, frame, passage);
    return this.#enter(this.#bridge('br-tun'), tunnel.port, frame, id, passage);
  }

  /** A packet comes into the datapath from outside it. */
  #enter(bridge: FlowBridge, port: OfPort, frame: Frame, tunnel: number | undefined, passage: Passage): Verdict {
    const by = tunnel === undefined ? `${bridge.name}/${port}` : `${bridge.name}/${port}/${tunnel}`;
    if (!this.#cached.admit(by, frame, passage)) return dropped('ovs-vswitchd not running', this.#among.name);
    return bridge.process(port, {frame, tunnel, bytes: frameSize(frame)}, passage);
  }

  #encapsulate(type: TunnelType, remote: Ipv4, {frame, tunnel = 0}: Crossing, passage: Passage): Verdict {
    const {endpoint = 0, send} = this.#among;
    this.#listen(type, frame, passage);
    const payload: Ipv4Packet['payload'] =
      type === 'gre'
        ? {kind: 'gre', key: tunnel, payload: frame}
        : {
            kind: 'udp',
            sourcePort: flowPort(frame, endpoint),
            destinationPort: vxlanPort,
            checksummed: false,
            payload: {kind: 'vxlan', vni: tunnel, payload: frame},
          };
    const outer = {ttl: 64, tos: 0, identification: 0, dontFragment: true};
    const inner = frame.payload.kind === 'ipv4' ? frame.payload.pieces : undefined;
    const pieces = inner && {pieces: {count: inner.count, size: inner.size + tunnelOverhead[type]}};
    return send({kind: 'ipv4', source: endpoint, destination: remote, ...outer, payload, ...pieces}, passage);
  }

  /** The kernel has one device for all tunnels of a type. */
  #listen(type: TunnelType, frame: Frame, {arrivesAt}: Passage): void {
    const {taps} = this.#ground;
    if (taps.open) taps.see(`${this.#among.name} ${tunnelDevices[type]}`, frame, arrivesAt);
  }

  #makeFilter(id: string, mtu: number): FilterBridge {
    const {name: host, firewall, callsIptables} = this.#among;
    return new FilterBridge(firewall, {host, id, mtu, callsIptables});
  }

  /** br-ex or its like: the card, and a patch to br-int. */
  #makeProvider(nic: Nic, name: BridgeName): ProviderBridgePorts {
    const bridge = this.#makeBridge(name, () => 'not addressed to this host');
    const card = bridge.addPort(nic.name, 'trunk', ({frame}, passage) => nic.transmit(frame, passage));
    nic.receiver = (frame, passage) => this.#enter(bridge, card, frame, undefined, passage);
    const patch = this.#join(bridge, `int-${name}`, `phy-${name}`);
    return {segment: nic.segment.name, bridge: name, ...patch};
  }

  /** A patch between br-int and another bridge. */
  #join(bridge: FlowBridge, insideName: string, outsideName: string): {inside: OfPort; outside: OfPort} {
    const integration = this.#integration;
    const inside: OfPort = integration.addPort(insideName, 'trunk', ({frame, bytes}, passage) =>
      bridge.process(outside, {frame, tunnel: undefined, bytes}, passage),
    );
    const outside: OfPort = bridge.addPort(outsideName, 'trunk', ({frame, bytes}, passage) =>
      integration.process(inside, {frame, tunnel: undefined, bytes}, passage),
    );
    return {inside, outside};
  }

  #makeBridge(name: BridgeName, reasonOf: (table: number) => DropReason, flooding?: number): FlowBridge {
    const {name: host, kernelPhase} = this.#among;
    const working = (): boolean => this.#cached.working;
    const settings = {host, name, kernelPhase, reasonOf, working};
    const bridge = new FlowBridge(
      this.#ground,
      flooding === undefined ? settings : {...settings, floodTable: flooding},
    );
    this.bridges.set(name, bridge);
    return bridge;
  }

  #bridge(name: BridgeName): FlowBridge {
    const bridge = this.bridges.get(name);
    if (!bridge) throw new Error(`${this.#among.name} has no bridge ${name}`);
    return bridge;
  }
}

/** What the kernel calls the devices of tunnels (lib/dpif-netlink-rtnl.c). */
export const tunnelDevices = {gre: 'gre_sys', vxlan: 'vxlan_sys_4789'} as const;

/** Where br-tun floods (FLOOD_TO_TUN of neutron-lib). */
const floodTable = 22;

/** What it means that a packet ends in a table of br-int: it is of no VLAN that is here, or not of who sends it. */
function reasonInside(table: number): DropReason {
  if (table === 24 || table === 25) return 'anti-spoofing';
  return table === 0 ? 'not addressed to this host' : 'no flows';
}

/** What it means that a packet ends in a table of br-tun: the flood list is empty, or the network is not here. */
function reasonInTunnels(table: number): DropReason {
  if (table === floodTable) return 'no remote endpoint';
  return table === 3 || table === 4 ? 'no such tunnel network' : 'no flows';
}
