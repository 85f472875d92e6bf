import type {Step} from '../../daemons/host-profile.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {HostDhcp} from '../../tables/host-network.ts';
import type {NetworkNumber, NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {DeviceCauses} from './device-causes.ts';
import {filesFor, hasMetadataProxy, initialLeases} from './dnsmasq-files.ts';
import type {DhcpNetworkDetails} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';
import type {NeutronSettings} from './settings.ts';

export type DhcpBuilderSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly network: HostDhcp;
  readonly deviceCauses: DeviceCauses;
};

const daemon = 'neutron-dhcp-agent';

/** What the DHCP agent does to its host for a network (neutron/agent/linux/dhcp.py, Dnsmasq and DeviceManager). */
export class DhcpBuilder {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: DhcpBuilderSurroundings;
  /** Networks whose proxy this process has started: an older one is started anew once. */
  readonly #proxied = new Set<NetworkNumber>();

  constructor(ground: Ground, process: Process, rpc: Rpc, among: DhcpBuilderSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
  }

  /**
   * Serves the network from now on; a dnsmasq that runs is ended first. Tells what there is then: another agent's port may
   * be this one's now. `refused`: the server has no port for this agent.
   */
  *enable(details: DhcpNetworkDetails): Thread<DhcpNetworkDetails | 'timed out' | 'refused'> {
    const {network: host, chassis, inventory, settings} = this.#among;
    const {network} = details;
    if (host.isDhcpRunning(network)) {
      yield* this.#step('dhcp-remove');
      host.stopDhcp(network);
    }
    const own = yield* this.#ownPort(details);
    if (own === 'timed out' || own === 'refused') return own;
    if (!host.hasDhcpPort(own)) {
      yield* this.#step('dhcp-namespace');
      host.addDhcpPort(own);
      this.#among.deviceCauses.made(own, this.#ground.engine.cause);
    }
    const dhcpPorts = details.dhcpPorts.map(other => (other.port === own ? {...other, device: chassis} : other));
    const taken = {...details, dhcpPorts};
    const files = filesFor(taken, chassis, inventory, settings);
    yield* this.#step('dhcp-start');
    host.startDhcp(network, files, initialLeases(files, this.#ground.engine.now, settings));
    this.#announce('dhcp ready', network);
    yield* this.#runProxy(network);
    return taken;
  }

  /** dnsmasq is told of what has changed. */
  *reload(details: DhcpNetworkDetails): Thread {
    const {network: host, chassis, inventory, settings} = this.#among;
    yield* this.#step('dhcp-reload');
    host.reloadDhcp(details.network, filesFor(details, chassis, inventory, settings));
    this.#announce('dhcp ready', details.network);
    yield* this.#runProxy(details.network);
  }

  /** The network is served here no more. */
  *disable(network: NetworkNumber): Thread {
    const {network: host, chassis} = this.#among;
    yield* this.#step('dhcp-remove');
    host.stopDhcp(network);
    yield* this.#step('dhcp-remove');
    host.removeDhcp(network);
    this.#announce('dhcp removed', network);
    yield* this.#rpc.call('q-plugin', 'release_dhcp_port', {chassis, network});
  }

  /** The port that the agent has, or else one that is reserved (setup_dhcp_port). */
  *#ownPort({dhcpPorts}: DhcpNetworkDetails): Thread<NeutronPortNumber | 'timed out' | 'refused'> {
    const {chassis} = this.#among;
    const own = dhcpPorts.find(({device}) => device === chassis);
    if (own) return own.port;
    for (const {port, device} of dhcpPorts) {
      if (device !== undefined) continue;
      const updated = yield* this.#rpc.call('q-plugin', 'update_dhcp_port', {chassis, port});
      if (updated === 'timed out') return 'timed out';
      if (updated.answer) return port;
    }
    return 'refused';
  }

  /** update_isolated_metadata_proxy */
  *#runProxy(network: NetworkNumber): Thread {
    const {network: host, inventory, settings} = this.#among;
    if (!hasMetadataProxy(inventory.networks[network], inventory, settings)) return;
    if (this.#proxied.has(network)) return;
    this.#proxied.add(network);
    host.runMetadata(network, false);
    yield* this.#step('metadata-proxy');
    host.runMetadata(network, true);
  }

  #announce(kind: 'dhcp ready' | 'dhcp removed', network: NetworkNumber): void {
    const {name, inventory} = this.#among;
    const {engine, journal} = this.#ground;
    engine.cause = journal.announce(kind, {chassis: name, network: inventory.networks[network].name});
  }

  *#step(step: Step): Thread {
    yield* this.#process.sleep(this.#among.host.take(step, daemon));
  }
}
