import {DhcpAgent} from '../../control/neutron/dhcp-agent.ts';
import {DeviceCauses} from '../../control/neutron/device-causes.ts';
import {HaHost} from '../../control/neutron/ha-host.ts';
import {L3Agent} from '../../control/neutron/l3-agent.ts';
import type {DhcpNetworkDetails, RouterDetails, SecurityGroupInfo} from '../../control/neutron/messages.ts';
import {traitsOf} from '../../control/neutron/releases.ts';
import type {NeutronSettings} from '../../control/neutron/settings.ts';
import {Daemon, type DaemonName} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import {firstSyncPort, type SyncChannel} from '../../dataplane/conntrackd/sync-channel.ts';
import type {VirtualRouters} from '../../dataplane/keepalived/virtual-routers.ts';
import {LinuxBridges} from '../../dataplane/linux/linux-bridges.ts';
import {PortFirewall} from '../../dataplane/linux/port-firewall.ts';
import {LinuxHost} from '../../dataplane/linux/linux-host.ts';
import {MetadataAgent} from '../../dataplane/linux/metadata-agent.ts';
import {Namespace} from '../../dataplane/linux/namespace.ts';
import {DhcpNamespace} from '../../dataplane/linux/dhcp-namespace.ts';
import type {ReplicatedRouterSettings} from '../../dataplane/linux/replicated-router.ts';
import {RouterNamespace} from '../../dataplane/linux/router-namespace.ts';
import type {TrackingNamespace} from '../../dataplane/linux/tracked-connections.ts';
import {makeNeighbouringHost, type NeighbouringHost} from '../../dataplane/neighbouring-host.ts';
import type {Nic} from '../../dataplane/nic.ts';
import type {Station} from '../../dataplane/station.ts';
import type {Breakable, Machine} from '../../faults/fault-injector.ts';
import type {Ground} from '../../ground.ts';
import {ConntrackHost, defaultConntrackLimits} from '../../protocols/conntrack-host.ts';
import {seconds} from '../../../engine/time.ts';
import {
  routerDevice,
  type NetworkNumber,
  type NeutronInventory,
  type NeutronPortNumber,
  type NeutronRouter,
  type RouterNumber,
} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {Cidr, Ipv4} from '../../wire/ipv4.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import {OpenVSwitch} from '../../dataplane/ovs/open-vswitch.ts';
import {makeLinuxBridges, makeOpenVSwitch, type L2Mechanism} from './l2-mechanism.ts';
import {cutPower, restorePower} from '../power.ts';
import type {ChassisHost} from '../site.ts';
import type {SysctlsPlan} from '../world-plan.ts';
import type {Agent} from './neutron-central.ts';

export type NeutronChassisSurroundings = {
  readonly inventory: NeutronInventory;
  readonly settings: NeutronSettings;
  readonly vxlanGroup: Ipv4;
  /** Tunnel endpoints of all hosts. */
  readonly endpoints: readonly (Ipv4 | undefined)[];
  /** The network of tunnel endpoints. */
  readonly underlay: Cidr;
  readonly underlayMtu: number;
  readonly bridgeNfCallIptables: boolean;
  /** Of its kernel. */
  readonly sysctls: SysctlsPlan['chassis'];
  vm(port: NeutronPortNumber): Station;
  /** Who runs virtual routers on an HA network. */
  peersOn(network: NetworkNumber): VirtualRouters;
  /** Who tells each other of the connections of a router. */
  syncPeersOf(router: RouterNumber): Set<SyncChannel>;
  /** Who has a tap. */
  ownerOf(device: string): string;
  /** How a daemon of this host connects to the message bus. */
  dialler(client: string, station: Station): Dialler;
};

const underlayDevice = 'underlay';

/** A compute or network node of Neutron: its cards, its agents, and the network that they have built in its kernel. */
export class NeutronChassis implements Machine {
  readonly number: ChassisNumber;
  readonly role: 'compute' | 'gateway';
  readonly host: Host;
  readonly nics: readonly Nic[];
  readonly management: Station;
  readonly linux: LinuxHost;
  readonly firewall: PortFirewall;
  readonly mechanism: L2Mechanism;
  /** Undefined on a compute. */
  readonly l3Agent: L3Agent | undefined;
  readonly dhcpAgent: DhcpAgent | undefined;
  readonly daemons: Readonly<Record<string, Daemon>>;
  /** Ports of the VMs that run here. */
  readonly vms = new Set<NeutronPortNumber>();
  readonly deviceCauses = new DeviceCauses();
  readonly haHost: HaHost;
  readonly #ground: Ground;
  readonly #among: NeutronChassisSurroundings;
  readonly #conntrack: ConntrackHost;
  readonly #collector: number;
  readonly #neighbours: NeighbouringHost;
  readonly #root: Namespace;
  readonly #metadataAgent: MetadataAgent;
  #namespaces = 0;

  constructor(
    ground: Ground,
    number: ChassisNumber,
    {role, host, nics, management}: ChassisHost,
    among: NeutronChassisSurroundings,
  ) {
    this.#ground = ground;
    this.number = number;
    this.role = role;
    this.host = host;
    this.nics = nics;
    this.management = management;
    this.#among = among;
    const {inventory, settings} = among;
    const luck = ground.chance.sequence(`${host.name}/kernel`);
    const tidyAt = Math.floor(luck() * seconds(15.1));
    const phase = host.kernelPhase;
    this.#neighbours = makeNeighbouringHost(ground, host.name, {phase, tidyAt}, among.sysctls);
    this.#conntrack = new ConntrackHost(defaultConntrackLimits, {
      phase,
      secret: Math.floor(luck() * 0x1_0000_0000),
      startedAt: -Math.floor(luck() * seconds(60)),
    });
    this.#collector = ground.engine.add(this.#conntrack);
    this.#metadataAgent = new MetadataAgent(ground);
    this.firewall = this.#makeFirewall();
    this.mechanism = this.#makeMechanism();
    this.linux = this.#makeLinux();
    this.#root = this.#makeRoot();
    this.haHost = new HaHost(ground, {
      ...{chassis: number, host, inventory, network: this.linux},
      traits: traitsOf(settings.release),
      syncsConnections: settings.haConntrackdEnabled,
    });
    const common = {
      ...{chassis: number, name: host.name, host, inventory, settings},
      deviceCauses: this.deviceCauses,
    };
    this.l3Agent =
      role === 'compute'
        ? undefined
        : new L3Agent(ground, {
            ...common,
            network: this.linux,
            haHost: this.haHost,
            dialler: this.#dialler('l3'),
            addressesOf: port => this.linux.addressesOf(port),
          });
    this.dhcpAgent =
      role === 'compute'
        ? undefined
        : new DhcpAgent(ground, {...common, network: this.linux, dialler: this.#dialler('dhcp')});
    this.daemons = {
      ...this.mechanism.daemons,
      ...(this.l3Agent && {
        'neutron-l3-agent': new Daemon(ground, host, 'neutron-l3-agent', 'agent-start', this.l3Agent.program),
      }),
      ...(this.dhcpAgent && {
        'neutron-dhcp-agent': new Daemon(ground, host, 'neutron-dhcp-agent', 'agent-start', this.dhcpAgent.program),
        'neutron-metadata-agent': new Daemon(
          ground,
          host,
          'neutron-metadata-agent',
          'agent-start',
          this.#metadataAgent.program,
        ),
      }),
    };
  }

  get name(): string {
    return this.host.name;
  }

  /** Whether it has power. */
  get powered(): boolean {
    return this.management.on;
  }

  /** Its Linux bridges, of a chassis that is known to have them. */
  get bridges(): LinuxBridges {
    const {switching} = this.mechanism;
    if (!(switching instanceof LinuxBridges)) throw new Error(`${this.name} has no Linux bridges`);
    return switching;
  }

  /** Its Open vSwitch, of a chassis that is known to have one. */
  get ovs(): OpenVSwitch {
    const {switching} = this.mechanism;
    if (!(switching instanceof OpenVSwitch)) throw new Error(`${this.name} has no Open vSwitch`);
    return switching;
  }

  /** The namespace that the tunnels start from. */
  get root(): Namespace {
    return this.#root;
  }

  nic(name: 'underlay' | 'management'): Nic {
    const nic = this.nics.find(candidate => candidate.name === name);
    if (!nic) throw new Error(`${this.name} has no ${name} card`);
    return nic;
  }

  /** What of highly available routers runs here at present; one router's, or all in their order. */
  programsFor(daemon: DaemonName, router: string | undefined): readonly Breakable[] {
    const {routers} = this.#among.inventory;
    const meant = router === undefined ? routers : routers.filter(({name}) => name === router);
    return meant.flatMap(({number}): readonly Breakable[] => {
      const process = this.#programFor(daemon, number);
      return process ? [process] : [];
    });
  }

  /** Begins as after a long quiet time. `connect` makes the settled connection of an agent. */
  beginSettled(
    connect: (client: string, station: Station, agent: Agent) => Stream,
    routers: readonly RouterDetails[],
    filters: (ports: readonly NeutronPortNumber[]) => SecurityGroupInfo,
    networks: readonly DhcpNetworkDetails[],
  ): void {
    const {mechanism} = this;
    mechanism.beginSettled(connect(`${this.name}/l2`, this.management, mechanism.agent.program), filters);
    this.l3Agent?.beginSettled(connect(`${this.name}/l3`, this.management, this.l3Agent.program), routers);
    this.dhcpAgent?.beginSettled(connect(`${this.name}/dhcp`, this.management, this.dhcpAgent.program), networks);
  }

  /** A VM is started here, or comes from another host: its device is there, for the agent to find. */
  addVm(port: NeutronPortNumber): void {
    this.vms.add(port);
    this.linux.made(port);
    this.deviceCauses.made(port, this.#ground.engine.cause);
  }

  /** A VM goes elsewhere, and its device with it. */
  removeVm(port: NeutronPortNumber): void {
    this.vms.delete(port);
    this.linux.gone(port);
  }

  /** The power goes: cards, agents, VMs, and all that was built in the kernel. */
  crash(key: string): void {
    cutPower(this, key);
    for (const port of this.vms) this.#among.vm(port).switch(false);
    this.vms.clear();
    this.haHost.crash();
    this.linux.crash();
    this.firewall.crash();
    this.#root.interfaces.get(underlayDevice)?.down();
  }

  /** The power is back. The agents start with an empty kernel; the VMs stay down, as Nova leaves them. */
  boot(key: string): void {
    restorePower(this, key);
    this.#root.interfaces.get(underlayDevice)?.up();
  }

  #programFor(daemon: DaemonName, router: RouterNumber): Breakable | undefined {
    const replicated = this.linux.routers.get(router)?.replicated;
    if (daemon === 'keepalived') return replicated?.keepalived;
    if (daemon === 'conntrackd') return replicated?.conntrackd?.daemon;
    return daemon === 'neutron-keepalived-state-change' ? this.haHost.monitors.get(router)?.daemon : undefined;
  }

  #dialler(agent: string): Dialler {
    return this.#among.dialler(`${this.name}/${agent}`, this.management);
  }

  #makeFirewall(): PortFirewall {
    return new PortFirewall(this.#ground, {
      ...this.#tracking(),
      place: this.name,
      nameOf: device => this.#among.ownerOf(device),
    });
  }

  /** By what the connections of the host's next namespace are tracked. */
  #tracking(): Omit<TrackingNamespace, 'place'> {
    return {
      host: this.#conntrack,
      number: this.#namespaces++,
      rearm: () => {
        this.#ground.engine.rearm(this.#collector);
      },
    };
  }

  #makeMechanism(): L2Mechanism {
    const {inventory, settings, vxlanGroup, endpoints, underlayMtu, bridgeNfCallIptables} = this.#among;
    const make = settings.mechanismDriver === 'openvswitch' ? makeOpenVSwitch : makeLinuxBridges;
    return make(this.#ground, {
      ...{chassis: this.number, host: this.host, nics: this.nics, inventory, settings, vxlanGroup, endpoints},
      ...{underlayMtu, bridgeNfCallIptables},
      deviceCauses: this.deviceCauses,
      firewall: this.firewall,
      dialler: this.#dialler('l2'),
      endpoint: this.nic('underlay').address,
      neighbours: this.#neighbours.neighbours,
      linux: () => this.linux,
      root: () => this.#root,
    });
  }

  #makeLinux(): LinuxHost {
    const {name, kernelPhase} = this.host;
    const {inventory, settings, vm} = this.#among;
    const release = traitsOf(settings.release);
    return new LinuxHost({
      ...{name, inventory, vm, taps: this.#ground.taps},
      vmPorts: this.vms,
      switching: this.mechanism.switching,
      makeRouter: router => {
        const {host: conntrack, number, rearm} = this.#tracking();
        return new RouterNamespace(this.#ground, {
          ...{host: name, kernelPhase, inventory, release, conntrack, number, rearm},
          router: inventory.routers[router],
          replicated: this.#replicated(inventory.routers[router]),
          metadataAgent: this.#metadataAgent,
          neighbours: this.#neighbours,
          sysctls: this.#among.sysctls,
        });
      },
      makeDhcp: network =>
        new DhcpNamespace(this.#ground, {
          ...{host: this.host, inventory, network: inventory.networks[network], neighbours: this.#neighbours},
          sysctls: this.#among.sysctls,
          leaseTime: settings.dhcpLeaseDuration,
          devicePrefix: settings.mechanismDriver === 'openvswitch' ? 'tap' : 'ns-',
          metadataAgent: this.#metadataAgent,
          hasMetadataAddress: settings.forceMetadata || settings.enableIsolatedMetadata,
        }),
    });
  }

  #replicated({number, name, ha}: NeutronRouter): ReplicatedRouterSettings | undefined {
    const port = ha?.ports.get(this.number);
    if (!ha || port === undefined) return undefined;
    const {inventory, settings, peersOn, syncPeersOf} = this.#among;
    const own = inventory.ports[port];
    const conntrackd = settings.haConntrackdEnabled
      ? {
          ...{host: this.host, name, limit: settings.haConntrackdHashlimit},
          ...{device: routerDevice(own), address: own.address, port: firstSyncPort + ha.virtualRouterId},
          peers: syncPeersOf(number),
        }
      : undefined;
    return {host: this.host, name, peers: peersOn(ha.network), conntrackd};
  }

  /** The host's own stack on the underlay, from which its tunnels start. */
  #makeRoot(): Namespace {
    const {name, kernelPhase} = this.host;
    const nic = this.nic('underlay');
    const root = new Namespace(this.#ground, {
      host: name,
      name: 'host',
      kernelPhase,
      neighbours: this.#neighbours,
      sysctls: this.#among.sysctls,
    });
    const address = {address: nic.address, length: this.#among.underlay.length};
    const mtu = this.#among.underlayMtu;
    const device = root.addInterface(underlayDevice, {mac: nic.mac, addresses: [address], mtu}, nic);
    // The device's option `dev` sends what is for a group here, whatever the routes are.
    root.addRoute({
      prefix: {address: 0xe000_0000, length: 4},
      device: underlayDevice,
      via: undefined,
      source: undefined,
    });
    root.receive = (packet, passage) => this.mechanism.switching.fromUnderlay(packet, passage);
    nic.filters = true;
    nic.receiver = (frame, passage) => root.arrive(underlayDevice, frame, passage);
    nic.onCarrier = up => {
      if (!up) device.carrierLost();
    };
    return root;
  }
}
