import type {ArpProtection} from '../../../protocols/arp-protection.ts';
import type {FlowSelection, FlowSpec, OfPort} from '../../../protocols/openflow/flow.ts';
import type {HostBridges} from '../../../tables/host-network.ts';
import {deadVlan, type BridgeName, type HostSwitch, type TunnelType} from '../../../tables/host-switch.ts';
import {isTunnelled, type NetworkNumber, type NeutronInventory} from '../../../tables/neutron-inventory.ts';
import type {NeutronNetwork, NeutronPortNumber} from '../../../tables/neutron-inventory.ts';
import type {Ipv4} from '../../../wire/ipv4.ts';
import type {Mac} from '../../../wire/mac.ts';
import {traitsOf} from '../releases.ts';
import type {NeutronSettings} from '../settings.ts';
import {
  answerFor,
  dropPort,
  floodTo,
  fromProvider,
  fromTunnel,
  integrationDefaults,
  integrationTables,
  intoNetwork,
  protectionOf,
  providerDefaults,
  toProvider,
  tunnelDefaults,
  tunnelTables,
  unicastTo,
} from './bridge-flows.ts';
import {LocalVlans, type LocalVlan} from './local-vlans.ts';

export type OvsWiringSurroundings = {
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly ovs: HostSwitch;
  /** A new number for each bridge and process, as `ovs-ofctl` prints it. */
  cookieOf(bridge: BridgeName): string;
};

/**
 * What one process of the Open vSwitch agent makes of its bridges: the flows that stand for networks, tunnels and remote
 * hosts. It knows only what it did itself; flows of an earlier process bear another cookie and go on until they are cleaned
 * away (ovs_neutron_agent.py).
 */
export class OvsWiring implements HostBridges {
  readonly #among: OvsWiringSurroundings;
  readonly #vlans = new LocalVlans();
  readonly #cookies = new Map<BridgeName, string>();
  readonly #protected = new Map<NeutronPortNumber, OfPort>();
  /** Tunnel ports that this process has set up (`tun_br_ofports`). */
  readonly #tunnels: Readonly<Record<TunnelType, Map<Ipv4, OfPort>>> = {gre: new Map(), vxlan: new Map()};

  constructor(among: OvsWiringSurroundings) {
    this.#among = among;
    for (const bridge of this.#bridges) this.#cookies.set(bridge, among.cookieOf(bridge));
  }

  /** Whether the flows of this or an earlier process are there: a new ovs-vswitchd has none (check_canary_table). */
  get isSetUp(): boolean {
    const canary = integrationTables.canary;
    return this.#among.ovs.flows('br-int').some(({table}) => table === canary);
  }

  /** Whether the process has a port of a network. */
  has(network: NetworkNumber): boolean {
    return this.#vlans.get(network) !== undefined;
  }

  /** Whether nobody has told where a network in tunnels is flooded to (`tunnels_missing`). */
  floodsNowhere(network: NetworkNumber): boolean {
    return isTunnelled(this.#among.inventory.networks[network]) && this.#vlans.get(network)?.floods.size === 0;
  }

  /** Networks whose VLANs tagged ports of these bear. */
  restore(ports: readonly NeutronPortNumber[]): void {
    const {ovs, inventory} = this.#among;
    for (const port of ports) {
      const tag = ovs.tagOf(port);
      if (tag !== undefined) this.#vlans.hint(inventory.ports[port].network, tag);
    }
  }

  forgetHints(): void {
    this.#vlans.forgetHints();
  }

  /** The flows that bridges have without any network. How many they are is what it takes. */
  setUp(): void {
    const {ovs, settings} = this.#among;
    this.#install('br-int', integrationDefaults());
    for (const {bridge, inside, outside} of ovs.providers) {
      this.#install(bridge, [...providerDefaults(), dropPort(outside)]);
      this.#install('br-int', [dropPort(inside)]);
    }
    if (!ovs.tunnels) return;
    const arpResponder = settings.l2Population && settings.arpResponder;
    const {learnsFromAnnouncements} = traitsOf(settings.release);
    const options = {arpResponder, learnsFromAnnouncements};
    this.#install('br-tun', tunnelDefaults(ovs.tunnels.patch, this.#cookies.get('br-tun')!, options));
  }

  /** ovs-vswitchd has no flows of this process any more: everything must be made again. */
  forgetTunnels(): void {
    for (const tunnels of Object.values(this.#tunnels)) tunnels.clear();
    for (const {floods} of this.#vlans.networks.values()) floods.clear();
  }

  /** Without L2 population there is a tunnel to every endpoint, and all of them are flooded. */
  addEndpoints(type: TunnelType, endpoints: readonly Ipv4[]): void {
    for (const endpoint of endpoints) this.#tunnelTo(type, endpoint);
    for (const [number, {vlan}] of this.#vlans.networks) {
      const network = this.#among.inventory.networks[number];
      if (network.type === type) this.#floodEverywhere(network, vlan);
    }
  }

  plug(port: NeutronPortNumber): void {
    this.bind(port, false);
  }

  /** Gives the port of a device the VLAN of its network, which is made known everywhere (port_bound). */
  bind(number: NeutronPortNumber, provision: boolean): void {
    const {inventory, ovs} = this.#among;
    const network = inventory.networks[inventory.ports[number].network];
    const known = this.#vlans.get(network.number);
    const local = this.#vlans.take(network.number);
    if (!local) return;
    if (!known || provision) this.#provision(network, local);
    local.ports.add(number);
    ovs.setTag(number, local.vlan);
  }

  /** What a port may send; undefined: anything. */
  protect(port: NeutronPortNumber, protection: ArpProtection | undefined): void {
    const inPort = this.#among.ovs.portOf(port);
    if (inPort === undefined) return;
    this.#unprotect(port);
    if (!protection) return;
    this.#protected.set(port, inPort);
    this.#install('br-int', protectionOf(inPort, protection));
  }

  unplug(number: NeutronPortNumber): void {
    this.#unprotect(number);
    const network = this.#among.inventory.networks[this.#among.inventory.ports[number].network];
    const local = this.#vlans.get(network.number);
    if (!local?.ports.delete(number) || local.ports.size > 0) return;
    this.#vlans.release(network.number);
    this.#reclaim(network, local);
  }

  /** A port that is bound to another host may talk to nobody (port_dead). */
  kill(port: NeutronPortNumber): void {
    this.#among.ovs.setTag(port, deadVlan);
  }

  reaches(number: NetworkNumber, endpoint: Ipv4): boolean {
    return this.#tunnels[typeOf(this.#among.inventory.networks[number])].has(endpoint);
  }

  addFlood(number: NetworkNumber, endpoint: Ipv4): void {
    this.#remotely(number, endpoint, (network, local, port) => {
      local.floods.add(port);
      this.#install('br-tun', [floodTo(local.vlan, idOf(network), [...local.floods])]);
    });
  }

  removeFlood(number: NetworkNumber, endpoint: Ipv4): void {
    const network = this.#among.inventory.networks[number];
    const local = this.#vlans.get(number);
    const port = this.#tunnels[typeOf(network)].get(endpoint);
    if (!local || port === undefined || !local.floods.delete(port)) return;
    const {vlan, floods} = local;
    if (floods.size > 0) this.#install('br-tun', [floodTo(vlan, idOf(network), [...floods])]);
    else this.#uninstall('br-tun', {table: tunnelTables.flood, match: {vlan}});
    this.#removeIfUnused(typeOf(network), endpoint);
  }

  addRemote(number: NetworkNumber, mac: Mac, endpoint: Ipv4): void {
    this.#remotely(number, endpoint, (network, {vlan}, port) => {
      this.#install('br-tun', [unicastTo(vlan, idOf(network), port, mac)]);
    });
  }

  /** The entry goes wherever it leads to by now. */
  removeRemote(number: NetworkNumber, mac: Mac): void {
    const local = this.#vlans.get(number);
    if (!local) return;
    this.#uninstall('br-tun', {table: tunnelTables.unicast, match: {vlan: local.vlan, destination: mac}});
  }

  addResponder(network: NetworkNumber, address: Ipv4, mac: Mac): void {
    const local = this.#vlans.get(network);
    if (local) this.#install('br-tun', [answerFor(local.vlan, address, mac)]);
  }

  removeResponder(network: NetworkNumber, address: Ipv4): void {
    const local = this.#vlans.get(network);
    if (!local) return;
    const {match} = answerFor(local.vlan, address, 0);
    this.#uninstall('br-tun', {table: tunnelTables.arpResponder, match});
  }

  /** Flows of other processes go (cleanup_stale_flows). Says how many cookies there were. */
  cleanUp(): number {
    const {ovs} = this.#among;
    let cookies = 0;
    for (const [bridge, own] of this.#cookies) {
      const others = new Set(ovs.flows(bridge).flatMap(({cookie}) => (cookie === own ? [] : [cookie])));
      for (const cookie of others) ovs.uninstall(bridge, {cookie});
      cookies += others.size;
    }
    return cookies;
  }

  /** Flows of a port go by its number (update_stale_ofport_rules). */
  #unprotect(port: NeutronPortNumber): void {
    const inPort = this.#protected.get(port);
    if (inPort !== undefined) this.#uninstall('br-int', {match: {inPort}});
    this.#protected.delete(port);
  }

  get #bridges(): readonly BridgeName[] {
    const {providers, tunnels} = this.#among.ovs;
    return ['br-int', ...providers.map(({bridge}) => bridge), ...(tunnels ? ['br-tun'] : [])];
  }

  /** provision_local_vlan */
  #provision(network: NeutronNetwork, {vlan}: LocalVlan): void {
    if (isTunnelled(network)) {
      this.#floodEverywhere(network, vlan);
      this.#install('br-tun', [intoNetwork(typeOf(network), idOf(network), vlan)]);
      return;
    }
    const provider = this.#among.ovs.providers.find(({segment}) => segment === network.segment);
    if (!provider) return;
    const {bridge, inside, outside} = provider;
    this.#install(bridge, [toProvider(outside, vlan, network.segmentation)]);
    this.#install('br-int', [fromProvider(inside, vlan, network.segmentation)]);
  }

  /** reclaim_local_vlan */
  #reclaim(network: NeutronNetwork, {vlan, floods}: LocalVlan): void {
    if (isTunnelled(network)) {
      const {flood, unicast, arpResponder} = tunnelTables;
      this.#uninstall('br-tun', {table: tunnelTables[typeOf(network)], match: {tunnel: idOf(network)}});
      for (const table of [flood, unicast, arpResponder]) this.#uninstall('br-tun', {table, match: {vlan}});
      if (!this.#among.settings.l2Population) return;
      for (const [endpoint, port] of [...this.#tunnels[typeOf(network)]]) {
        if (floods.has(port)) this.#removeIfUnused(typeOf(network), endpoint);
      }
      return;
    }
    const provider = this.#among.ovs.providers.find(({segment}) => segment === network.segment);
    if (!provider) return;
    const {bridge, inside, outside} = provider;
    this.#uninstall(bridge, {match: {inPort: outside, vlan}});
    this.#uninstall('br-int', {match: {inPort: inside, vlan: network.segmentation ?? 'none'}});
  }

  /** To every tunnel of its type, as far as there are any and nobody lists them (_setup_tunnel_flood_flow). */
  #floodEverywhere(network: NeutronNetwork, vlan: number): void {
    const ports = [...this.#tunnels[typeOf(network)].values()];
    if (ports.length > 0) this.#install('br-tun', [floodTo(vlan, idOf(network), ports)]);
  }

  #remotely(
    number: NetworkNumber,
    endpoint: Ipv4,
    act: (network: NeutronNetwork, local: LocalVlan, port: OfPort) => void,
  ): void {
    const local = this.#vlans.get(number);
    const network = this.#among.inventory.networks[number];
    if (local) act(network, local, this.#tunnelTo(typeOf(network), endpoint));
  }

  /** The tunnel to an endpoint, set up when it is first needed (setup_tunnel_port). */
  #tunnelTo(type: TunnelType, endpoint: Ipv4): OfPort {
    let port = this.#tunnels[type].get(endpoint);
    if (port === undefined) {
      port = this.#among.ovs.addTunnel(type, endpoint);
      this.#tunnels[type].set(endpoint, port);
      this.#install('br-tun', [fromTunnel(port, type)]);
    }
    return port;
  }

  /** cleanup_tunnel_port */
  #removeIfUnused(type: TunnelType, endpoint: Ipv4): void {
    const port = this.#tunnels[type].get(endpoint);
    const isUsed = [...this.#vlans.networks.values()].some(({floods}) => port !== undefined && floods.has(port));
    if (port === undefined || isUsed) return;
    this.#uninstall('br-tun', {match: {inPort: port}});
    this.#tunnels[type].delete(endpoint);
    this.#among.ovs.removeTunnel(type, endpoint);
  }

  #install(bridge: BridgeName, sketches: readonly Omit<FlowSpec, 'cookie'>[]): void {
    const cookie = this.#cookies.get(bridge)!;
    for (const sketch of sketches) this.#among.ovs.install(bridge, {...sketch, cookie});
  }

  /** A process deletes flows of its own only. */
  #uninstall(bridge: BridgeName, selection: FlowSelection): void {
    this.#among.ovs.uninstall(bridge, {...selection, cookie: this.#cookies.get(bridge)!});
  }
}

function typeOf({type}: NeutronNetwork): TunnelType {
  return type === 'gre' ? 'gre' : 'vxlan';
}

function idOf({segmentation}: NeutronNetwork): number {
  return segmentation ?? 0;
}
