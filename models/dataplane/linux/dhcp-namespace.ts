import {draw} from '../../../engine/chance.ts';
import type {Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {DnsmasqDhcp, type DnsmasqLease} from '../../protocols/dnsmasq-dhcp.ts';
import type {DhcpFiles} from '../../tables/host-network.ts';
import {
  deviceName,
  type NeutronInventory,
  type NeutronNetwork,
  type NeutronPort,
  type NeutronPortNumber,
} from '../../tables/neutron-inventory.ts';
import type {NeighbourSettings} from '../../protocols/neighbour-settings.ts';
import type {Frame} from '../../wire/frame.ts';
import {metadataAddress} from '../../wire/metadata.ts';
import {DhcpService} from '../dhcp-service.ts';
import type {Attachment} from '../ip-interface.ts';
import type {NeighbouringHost} from '../neighbouring-host.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import type {MetadataAgent} from './metadata-agent.ts';
import {MetadataProxy} from './metadata-proxy.ts';
import {Namespace} from './namespace.ts';

export type DhcpNamespaceSettings = {
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly network: NeutronNetwork;
  readonly neighbours: NeighbouringHost;
  readonly sysctls?: Partial<NeighbourSettings>;
  readonly leaseTime: Time;
  /** `ns-` of one end of a pair; `tap` where Open vSwitch has the device itself. */
  readonly devicePrefix: 'ns-' | 'tap';
  /** Whether the device has the address of the metadata service beside its own. */
  readonly hasMetadataAddress: boolean;
  readonly metadataAgent: MetadataAgent;
};

/** haproxy is bound to the address of the service itself. */
const metadataPort = 80;

const everywhere = {address: 0, length: 0} as const;

/** `qdhcp-…`: the namespace of a network's DHCP server, with dnsmasq in it (neutron/agent/linux/dhcp.py). */
export class DhcpNamespace {
  readonly namespace: Namespace;
  readonly proxy: MetadataProxy;
  readonly #ground: Ground;
  readonly #settings: DhcpNamespaceSettings;
  #port: NeutronPort | undefined;
  #device = '';
  #dnsmasq: DhcpService | undefined;
  #started = 0;

  constructor(ground: Ground, settings: DhcpNamespaceSettings) {
    const {host, network, neighbours, sysctls = {}} = settings;
    const {name, kernelPhase} = host;
    this.#ground = ground;
    this.#settings = settings;
    this.namespace = new Namespace(ground, {host: name, name: `qdhcp-${network.id}`, kernelPhase, neighbours, sysctls});
    this.proxy = new MetadataProxy(ground, this.namespace, {
      kernelPhase,
      port: metadataPort,
      agent: settings.metadataAgent,
    });
    this.namespace.receive = (packet, passage) =>
      this.#dnsmasq?.receive(packet, passage) ?? this.proxy.receive(packet, passage);
  }

  get port(): NeutronPortNumber | undefined {
    return this.#port?.number;
  }

  get dnsmasq(): DnsmasqDhcp | undefined {
    return this.#dnsmasq?.server;
  }

  addPort(port: NeutronPort, attachment: Attachment): void {
    const {network, hasMetadataAddress} = this.#settings;
    this.#port = port;
    this.#device = deviceName(this.#settings.devicePrefix, port.id);
    const own = {address: port.address, length: network.cidr.length};
    const metadata = hasMetadataAddress ? [{address: metadataAddress, length: 32}] : [];
    const settings = {mac: port.mac, addresses: [own, ...metadata], mtu: network.mtu};
    this.namespace.addInterface(this.#device, settings, attachment);
    if (network.gateway === undefined) return;
    this.namespace.addRoute({prefix: everywhere, device: this.#device, via: network.gateway, source: undefined});
  }

  arrive(frame: Frame, passage: Passage): Verdict {
    if (!this.#port) return dropped('no such port here', this.namespace.place);
    return this.namespace.arrive(this.#device, frame, passage);
  }

  /** A dnsmasq begins that finds these files. */
  start({hosts, options}: DhcpFiles, leases: readonly DnsmasqLease[]): void {
    const {host, network, leaseTime} = this.#settings;
    if (!this.#port) return;
    this.stop();
    const {address} = this.#port;
    const name = `${this.namespace.place}/dnsmasq/${this.#started++}`;
    const luck = this.#ground.streams.of(name);
    const server = new DnsmasqDhcp(
      {...{address, network: network.cidr, range: undefined, leaseTime, options}, authoritative: false, ping: true},
      count => draw(luck, count),
    );
    server.readHosts(hosts);
    server.readLeases(leases);
    const pace = host.paceOf('dnsmasq-answer', name);
    this.#dnsmasq = new DhcpService(this.#ground, {name, address, answerTime: pace, broadcasts: false}, server, {
      send: (packet, passage) => this.namespace.send(packet, passage),
      broadcast: (packet, passage) => this.namespace.broadcast(this.#device, packet, passage),
      setNeighbour: (target, mac) => this.namespace.interfaces.get(this.#device)?.setNeighbour(target, mac),
    });
  }

  /** The files have changed: it reads them again, and answers nobody meanwhile. */
  reload({hosts}: DhcpFiles): void {
    const {host} = this.#settings;
    const running = this.#dnsmasq;
    running?.occupy(host.take('dnsmasq-read', this.namespace.place), () => {
      running.server.readHosts(hosts);
    });
  }

  stop(): void {
    this.#dnsmasq?.stop();
    this.#dnsmasq = undefined;
  }

  remove(): void {
    this.stop();
    this.proxy.run(false);
    this.namespace.remove();
  }
}
