import type {Fact} from '../../../engine/ledger.ts';
import {seconds, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {HostNetwork} from '../../tables/host-network.ts';
import {
  deviceName,
  type FloatingNumber,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronNetwork,
  type NeutronPort,
  type NeutronPortNumber,
  type RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Mac} from '../../wire/mac.ts';
import type {Vxlan} from '../../wire/vxlan.ts';
import {LinuxBridge} from './linux-bridge.ts';
import type {Nic} from '../nic.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {RouterNamespace} from './router-namespace.ts';
import type {Station} from '../station.ts';
import type {VxlanDevice} from './vxlan-device.ts';

/** What Neutron's Linux bridges are made with: `ageing_time` is left as the kernel has it. */
const bridgeAgeing: Time = seconds(300);

export type LinuxHostSurroundings = {
  readonly name: string;
  readonly kernelPhase: Time;
  readonly inventory: NeutronInventory;
  /** Cards on provider segments. */
  readonly providers: readonly Nic[];
  /** Ports of the VMs that run here. */
  readonly vmPorts: ReadonlySet<NeutronPortNumber>;
  /** The VM behind a port of these. */
  vm(port: NeutronPortNumber): Station;
  makeVxlan(network: NeutronNetwork, bridge: LinuxBridge): VxlanDevice;
  makeRouter(router: RouterNumber): RouterNamespace;
};

type Wired = {readonly bridge: LinuxBridge; readonly port: number};

/**
 * The network of a host as the Linux bridge agent and the L3 agent of Neutron build it: a bridge for each network, with
 * the taps of VMs and routers and one uplink, and a namespace for each router (linuxbridge_neutron_agent.py).
 */
export class LinuxHost implements HostNetwork {
  readonly bridges = new Map<NetworkNumber, LinuxBridge>();
  readonly vxlans = new Map<NetworkNumber, VxlanDevice>();
  readonly routers = new Map<RouterNumber, RouterNamespace>();
  readonly #ground: Ground;
  readonly #among: LinuxHostSurroundings;
  readonly #wired = new Map<NeutronPortNumber, Wired>();
  readonly #indices = new Map<NeutronPortNumber, number>();
  #made = 0;
  readonly #wiredFacts = new Map<NeutronPortNumber, Fact>();
  /** Uplinks to provider segments: by segment and tag, the bridge's port. */
  readonly #uplinks = new Map<string, Wired>();

  constructor(ground: Ground, among: LinuxHostSurroundings) {
    this.#ground = ground;
    this.#among = among;
    for (const nic of among.providers) {
      nic.receiver = (frame, passage) => this.#fromProvider(nic, frame, passage);
      nic.onCarrier = up => {
        if (!up) this.#providerDown(nic);
      };
    }
  }

  get name(): string {
    return this.#among.name;
  }

  devices(): readonly NeutronPortNumber[] {
    const routers = [...this.routers.values()].flatMap(({ports}) => ports);
    return [...this.#among.vmPorts, ...routers];
  }

  deviceIndex(port: NeutronPortNumber): number {
    return this.#indices.get(port) ?? 0;
  }

  /** A device was made. */
  made(port: NeutronPortNumber): void {
    this.#indices.set(port, ++this.#made);
  }

  plug(number: NeutronPortNumber): void {
    const port = this.#port(number);
    if (this.#wired.has(number) || !this.#hasDevice(port)) return;
    const bridge = this.#bridge(port.network);
    const tap = deviceName('tap', port.id);
    this.#wired.set(number, {
      bridge,
      port: bridge.addPort(tap, (frame, passage) => this.#toDevice(port, frame, passage)),
    });
    this.#changed(number);
  }

  unplug(number: NeutronPortNumber): void {
    const wired = this.#wired.get(number);
    if (!wired) return;
    wired.bridge.removePort(deviceName('tap', this.#port(number).id));
    this.#wired.delete(number);
    this.#changed(number);
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

  addRouter(router: RouterNumber): void {
    if (!this.routers.has(router)) this.routers.set(router, this.#among.makeRouter(router));
  }

  removeRouter(router: RouterNumber): void {
    const namespace = this.routers.get(router);
    if (!namespace) return;
    for (const port of namespace.ports) this.unplug(port);
    namespace.remove();
    this.routers.delete(router);
  }

  addRouterPort(number: NeutronPortNumber): void {
    const port = this.#port(number);
    if (port.router === undefined) throw new Error(`port ${port.id} belongs to no router`);
    if (!this.#hasDevice(port)) this.made(number);
    this.routers.get(port.router)?.addPort(port, {
      transmit: (frame, passage) => this.transmit(number, frame, passage),
    });
  }

  removeRouterPort(number: NeutronPortNumber): void {
    const {router} = this.#port(number);
    this.unplug(number);
    if (router !== undefined) this.routers.get(router)?.removePort(number);
  }

  addFloating(floating: FloatingNumber, fixed: Ipv4): void {
    const {router} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.addFloating(floating, fixed);
  }

  removeFloating(floating: FloatingNumber): void {
    const {router} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.removeFloating(floating);
  }

  deleteConnections(floating: FloatingNumber): void {
    const {router, address} = this.#among.inventory.floating[floating];
    this.routers.get(router)?.deleteConnections(address);
  }

  announce(number: NeutronPortNumber, address?: Ipv4): void {
    const {router} = this.#port(number);
    if (router !== undefined) this.routers.get(router)?.announce(number, address);
  }

  /** The addresses on a router's port, floating ones included. */
  addressesOf(number: NeutronPortNumber): readonly Ipv4[] {
    const {router} = this.#port(number);
    return router === undefined ? [] : (this.routers.get(router)?.addressesOf(number) ?? []);
  }

  /** A frame of a tunnel has reached the host. */
  fromTunnel({vni, payload}: Vxlan, remote: Ipv4, passage: Passage): Verdict {
    for (const [network, device] of this.vxlans) {
      if (this.#among.inventory.networks[network].segmentation === vni) return device.receive(payload, remote, passage);
    }
    passage.once();
    return dropped('no such tunnel network', this.name);
  }

  /** The power goes, and with it everything that was built. */
  crash(): void {
    for (const router of [...this.routers.keys()]) this.removeRouter(router);
    for (const port of [...this.#wired.keys()]) this.unplug(port);
    for (const device of this.vxlans.values()) device.remove();
    this.bridges.clear();
    this.vxlans.clear();
    this.#uplinks.clear();
  }

  /** A frame leaves a device by its tap. */
  transmit(port: NeutronPortNumber, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#factOf(port));
    const wired = this.#wired.get(port);
    if (!wired) return dropped('port not wired', this.name);
    return wired.bridge.receive(wired.port, frame, passage);
  }

  #toDevice(port: NeutronPort, frame: Frame, passage: Passage): Verdict {
    passage.rely(this.#factOf(port.number));
    if (port.router !== undefined) {
      const namespace = this.routers.get(port.router);
      return namespace?.arrive(port.number, frame, passage) ?? dropped('no such port here', this.name);
    }
    return this.#among.vm(port.number).arrive(frame, passage);
  }

  #fromProvider(nic: Nic, frame: Frame, passage: Passage): Verdict {
    const uplink = this.#uplinks.get(uplinkKey(nic.segment.name, frame.vlan));
    if (!uplink) {
      passage.once();
      return dropped('not addressed to this host', this.name);
    }
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
    const {name: host, kernelPhase, inventory, makeVxlan} = this.#among;
    const network = inventory.networks[number];
    const name = deviceName('brq', network.id);
    bridge = new LinuxBridge(this.#ground, {host, name, ageing: bridgeAgeing, kernelPhase});
    this.bridges.set(number, bridge);
    if (network.type === 'vxlan') this.vxlans.set(number, makeVxlan(network, bridge));
    else this.#addUplink(network, bridge);
    return bridge;
  }

  #addUplink(network: NeutronNetwork, bridge: LinuxBridge): void {
    const nic = this.#among.providers.find(({segment}) => segment.name === network.segment);
    if (!nic) return;
    const vlan = network.type === 'vlan' ? network.segmentation : undefined;
    const port = bridge.addPort(uplinkName(nic, network), (frame, passage) => nic.transmit({...frame, vlan}, passage));
    this.#uplinks.set(uplinkKey(nic.segment.name, vlan), {bridge, port});
  }

  #hasDevice({number, kind, router}: NeutronPort): boolean {
    if (kind === 'vm') return this.#among.vmPorts.has(number);
    return router !== undefined && this.routers.get(router)?.hasPort(number) === true;
  }

  #port(number: NeutronPortNumber): NeutronPort {
    return this.#among.inventory.ports[number];
  }

  #factOf(port: NeutronPortNumber): Fact {
    let fact = this.#wiredFacts.get(port);
    if (fact === undefined) this.#wiredFacts.set(port, (fact = this.#ground.ledger.add()));
    return fact;
  }

  #changed(port: NeutronPortNumber): void {
    this.#ground.ledger.changed(this.#factOf(port), this.#ground.engine.cause);
  }
}

/** The card itself, or a subinterface of it: `provider.101`. */
function uplinkName(nic: Nic, network: NeutronNetwork): string {
  return network.type === 'vlan' ? `${nic.name}.${network.segmentation}` : nic.name;
}

function uplinkKey(segment: string, vlan: number | undefined): string {
  return `${segment} ${vlan ?? 'untagged'}`;
}
