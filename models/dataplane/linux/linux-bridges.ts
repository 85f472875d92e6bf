import type {Fact} from '../../../engine/ledger.ts';
import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {HostBridges} from '../../tables/host-network.ts';
import {KeyedFacts} from '../../tables/keyed-facts.ts';
import {
  deviceName,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronNetwork,
  type NeutronPort,
  type NeutronPortNumber,
} from '../../tables/neutron-inventory.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Nic} from '../nic.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {PortFirewall} from './port-firewall.ts';
import {LinuxBridge} from './linux-bridge.ts';
import type {Devices, Switching} from './switching.ts';
import type {VxlanDevice} from './vxlan-device.ts';

/** What Neutron's Linux bridges are made with: `ageing_time` is left as the kernel has it. */
const bridgeAgeing: Time = seconds(300);

export type LinuxBridgesSurroundings = {
  readonly name: string;
  readonly kernelPhase: Time;
  /** `net.bridge.bridge-nf-call-iptables` */
  readonly callsIptables: boolean;
  readonly inventory: NeutronInventory;
  /** Cards on provider segments. */
  readonly providers: readonly Nic[];
  readonly devices: Devices;
  readonly firewall: PortFirewall;
  makeVxlan(network: NeutronNetwork, bridge: LinuxBridge): VxlanDevice;
};

type Wired = {readonly bridge: LinuxBridge; readonly port: number};

/**
 * Switching as the Linux bridge agent of Neutron builds it: a bridge for each network, with the taps of VMs and routers and
 * one uplink (linuxbridge_neutron_agent.py).
 */
export class LinuxBridges implements Switching, HostBridges {
  readonly bridges = new Map<NetworkNumber, LinuxBridge>();
  readonly vxlans = new Map<NetworkNumber, VxlanDevice>();
  readonly #ground: Ground;
  readonly #among: LinuxBridgesSurroundings;
  readonly #wired = new Map<NeutronPortNumber, Wired>();
  readonly #wiredFacts: KeyedFacts;
  /** VXLAN devices by the VNI of their network. */
  readonly #tunnels = new Map<number, VxlanDevice>();
  readonly #tunnelFacts: KeyedFacts;
  /** Uplinks to provider segments: by segment and tag, the bridge's port. */
  readonly #uplinks = new Map<string, Wired>();
  readonly #uplinksFact: Fact;

  constructor(ground: Ground, among: LinuxBridgesSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#wiredFacts = new KeyedFacts(ground.ledger);
    this.#tunnelFacts = new KeyedFacts(ground.ledger);
    this.#uplinksFact = ground.ledger.add();
    for (const nic of among.providers) {
      nic.receiver = (frame, passage) => this.#fromProvider(nic, frame, passage);
      nic.onCarrier = up => {
        if (!up) this.#providerDown(nic);
      };
    }
  }

  appeared(): void {
    // A tap that nobody has put into a bridge is joined to nothing.
  }

  gone(port: NeutronPortNumber): void {
    this.unplug(port);
  }

  plug(number: NeutronPortNumber): void {
    const {inventory, devices} = this.#among;
    if (this.#wired.has(number) || !devices.has(number)) return;
    const port = inventory.ports[number];
    const bridge = this.#bridge(port.network);
    const fact = this.#factOf(number);
    const exit = (frame: Frame, passage: Passage): Verdict => {
      passage.rely(fact);
      return devices.arrive(number, frame, passage);
    };
    const {mtu} = inventory.networks[port.network];
    this.#wired.set(number, {bridge, port: bridge.addPort(tapOf(port), mtu, exit)});
    this.#changed(number);
  }

  unplug(number: NeutronPortNumber): void {
    const wired = this.#wired.get(number);
    if (!wired) return;
    wired.bridge.removePort(tapOf(this.#among.inventory.ports[number]));
    this.#wired.delete(number);
    this.#changed(number);
  }

  reaches(network: NetworkNumber): boolean {
    return this.vxlans.has(network);
  }

  addRemote(network: NetworkNumber, mac: Mac, endpoint: Ipv4): void {
    this.vxlans.get(network)?.addRemote(mac, endpoint);
  }

  removeRemote(network: NetworkNumber, mac: Mac, endpoint: Ipv4): void {
    this.vxlans.get(network)?.removeRemote(mac, endpoint);
  }

  addFlood(network: NetworkNumber, endpoint: Ipv4): void {
    this.vxlans.get(network)?.addFlood(endpoint);
  }

  removeFlood(network: NetworkNumber, endpoint: Ipv4): void {
    this.vxlans.get(network)?.removeFlood(endpoint);
  }

  addResponder(network: NetworkNumber, address: Ipv4, mac: Mac): void {
    this.vxlans.get(network)?.addResponder(address, mac);
  }

  removeResponder(network: NetworkNumber, address: Ipv4): void {
    this.vxlans.get(network)?.removeResponder(address);
  }

  receive(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#factOf(port));
    const wired = this.#wired.get(port);
    if (!wired) return dropped('port not wired', this.#among.name);
    return wired.bridge.receive(wired.port, frame, passage);
  }

  fromUnderlay({source, payload}: Ipv4Packet, passage: Passage): Verdict | undefined {
    if (payload.kind !== 'udp' || payload.payload.kind !== 'vxlan') return undefined;
    const {vni, payload: inner} = payload.payload;
    passage.rely(this.#tunnelFacts.of(vni));
    const device = this.#tunnels.get(vni);
    return device ? device.receive(inner, source, passage) : dropped('no such tunnel network', this.#among.name);
  }

  crash(): void {
    for (const port of [...this.#wired.keys()]) this.unplug(port);
    for (const device of this.vxlans.values()) device.remove();
    for (const vni of this.#tunnels.keys()) this.#tunnelFacts.changed(vni, this.#ground.engine.cause);
    this.bridges.clear();
    this.vxlans.clear();
    this.#tunnels.clear();
    this.#uplinks.clear();
    this.#ground.ledger.changed(this.#uplinksFact, 0);
  }

  #fromProvider(nic: Nic, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#uplinksFact);
    const uplink = this.#uplinks.get(uplinkKey(nic.segment.name, frame.vlan));
    if (!uplink) return dropped('not addressed to this host', this.#among.name);
    return uplink.bridge.receive(uplink.port, {...frame, vlan: undefined}, passage);
  }

  /** The link of every uplink on a card goes down with it. */
  #providerDown(nic: Nic): void {
    for (const network of this.#among.inventory.networks) {
      if (network.segment === nic.segment.name) this.bridges.get(network.number)?.linkDown(uplinkName(nic, network));
    }
  }

  /** The bridge of a network, made with its uplink when it is first needed. */
  #bridge(number: NetworkNumber): LinuxBridge {
    let bridge = this.bridges.get(number);
    if (bridge) return bridge;
    const {name: host, kernelPhase, inventory, callsIptables, makeVxlan} = this.#among;
    const network = inventory.networks[number];
    const name = deviceName('brq', network.id);
    const filter = this.#among.firewall.of(name);
    bridge = new LinuxBridge(this.#ground, {host, name, ageing: bridgeAgeing, kernelPhase, callsIptables, filter});
    this.bridges.set(number, bridge);
    if (network.type === 'vxlan') this.#addTunnels(network, makeVxlan(network, bridge));
    else this.#addUplink(network, bridge);
    return bridge;
  }

  #addTunnels({number, segmentation = 0}: NeutronNetwork, device: VxlanDevice): void {
    this.vxlans.set(number, device);
    this.#tunnels.set(segmentation, device);
    this.#tunnelFacts.changed(segmentation, this.#ground.engine.cause);
  }

  #addUplink(network: NeutronNetwork, bridge: LinuxBridge): void {
    const nic = this.#among.providers.find(({segment}) => segment.name === network.segment);
    if (!nic) return;
    const vlan = network.type === 'vlan' ? network.segmentation : undefined;
    const {mtu} = nic.segment;
    const port = bridge.addPort(uplinkName(nic, network), mtu, (frame, passage) =>
      nic.transmit({...frame, vlan}, passage),
    );
    this.#uplinks.set(uplinkKey(nic.segment.name, vlan), {bridge, port});
    this.#ground.ledger.changed(this.#uplinksFact, 0);
  }

  #factOf(port: NeutronPortNumber): Fact {
    return this.#wiredFacts.of(port);
  }

  #changed(port: NeutronPortNumber): void {
    this.#ground.ledger.changed(this.#factOf(port), this.#ground.engine.cause);
  }
}

function tapOf({id}: NeutronPort): string {
  return deviceName('tap', id);
}

/** The card itself, or a subinterface of it: `provider.101`. */
function uplinkName(nic: Nic, network: NeutronNetwork): string {
  return network.type === 'vlan' ? `${nic.name}.${network.segmentation}` : nic.name;
}

function uplinkKey(segment: string, vlan: number | undefined): string {
  return `${segment} ${vlan ?? 'untagged'}`;
}
