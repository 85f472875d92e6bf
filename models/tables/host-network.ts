import type {KeepalivedConfiguration} from '../protocols/keepalived-configuration.ts';
import type {ConntrackdCommand} from '../protocols/conntrackd/conntrackd.ts';
import type {ArpProtection} from '../protocols/arp-protection.ts';
import type {Selection} from '../protocols/linux-conntrack.ts';
import type {HostFilters} from '../protocols/port-filter.ts';
import type {DhcpHost, DhcpOptions, DnsmasqLease} from '../protocols/dnsmasq-dhcp.ts';
import type {Cidr, Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {FloatingNumber, NetworkNumber, NeutronPortNumber, RouterNumber} from './neutron-inventory.ts';

// What Neutron's agents ask of the kernel of their host: each call is what one of their commands does, at once. What is
// asked for twice is done once; what is not there is removed without a word. It all stands until it is removed or the
// host loses its power, whatever becomes of the agents.

/** The devices of a host. The L2 agent looks for these. */
export type HostDevices = {
  /** Ports whose device is there: of VMs that run here, and what the L3 and the DHCP agent have made. */
  devices(): readonly NeutronPortNumber[];
  /** The number that the kernel gave a device when it was made (ifindex): a new one of the same name has another. */
  deviceIndex(port: NeutronPortNumber): number;
};

/** What the Linux bridge agent asks for. */
export type HostBridges = {
  /** The port's device into its network's bridge, which is made, with its uplink, for the first port. */
  plug(port: NeutronPortNumber): void;
  unplug(port: NeutronPortNumber): void;
  /** L2 population: whether what is told of an endpoint that loses entries is looked at (`lookup_port` of Open vSwitch). */
  reaches(network: NetworkNumber, endpoint: Ipv4): boolean;
  /** L2 population: a MAC is behind a tunnel endpoint (`bridge fdb replace`). */
  addRemote(network: NetworkNumber, mac: Mac, endpoint: Ipv4): void;
  removeRemote(network: NetworkNumber, mac: Mac, endpoint: Ipv4): void;
  /** L2 population: what is flooded goes there too (`bridge fdb append 00:00:00:00:00:00`). */
  addFlood(network: NetworkNumber, endpoint: Ipv4): void;
  removeFlood(network: NetworkNumber, endpoint: Ipv4): void;
  /** L2 population with an ARP responder: answers for an address (`ip neigh replace … nud permanent`). */
  addResponder(network: NetworkNumber, address: Ipv4, mac: Mac): void;
  removeResponder(network: NetworkNumber, address: Ipv4): void;
};

/** What the L2 agent asks for to filter ports. Connections that exist go on, whatever the rules become. */
export type HostFirewall = {
  /** The zone of connection tracking of each bridge, as the raw table has it. */
  readonly zones: ReadonlyMap<string, number>;
  /** The addresses of each set. */
  readonly sets: ReadonlyMap<string, readonly Cidr[]>;
  /** All chains and zones at once (`iptables-restore`). */
  restore(filters: HostFilters, zones: ReadonlyMap<string, number>): void;
  /** The addresses of a set, at once (`ipset swap`). */
  setMembers(set: string, members: readonly Cidr[]): void;
  destroySet(set: string): void;
  /** The chains of a device in ebtables; undefined takes them away. */
  protect(device: string, bridge: string, protection: ArpProtection | undefined): void;
  /** `conntrack -D` in the host's own namespace. */
  deleteConnections(which: Selection): void;
};

/** What dnsmasq reads: the files that the DHCP agent writes for a network. */
export type DhcpFiles = {
  readonly hosts: readonly DhcpHost[];
  readonly options: DhcpOptions;
};

/** What the DHCP agent asks for. */
export type HostDhcp = HostDevices & {
  /** Networks of which there are files, whoever wrote them. They are on the host's disk. */
  dhcpNetworks(): readonly NetworkNumber[];
  hasDhcpPort(port: NeutronPortNumber): boolean;
  /** The namespace of the port's network, with the port's device, address and routes; the L2 agent plugs it. */
  addDhcpPort(port: NeutronPortNumber): void;
  isDhcpRunning(network: NetworkNumber): boolean;
  /** dnsmasq starts with these files and leases. */
  startDhcp(network: NetworkNumber, files: DhcpFiles, leases: readonly DnsmasqLease[]): void;
  /** SIGTERM. */
  stopDhcp(network: NetworkNumber): void;
  /** The files are written anew, and dnsmasq told so (SIGHUP). */
  reloadDhcp(network: NetworkNumber, files: DhcpFiles): void;
  /** haproxy at 169.254.169.254 in the namespace. */
  runMetadata(network: NetworkNumber, runs: boolean): void;
  /** The namespace with all that is in it, and the files. */
  removeDhcp(network: NetworkNumber): void;
};

/** Told of every address that appears on a device of a router or goes from it, as `ip monitor address` tells. */
export type AddressWatcher = (port: NeutronPortNumber, address: Ipv4, present: boolean) => void;

/** What the L3 agent asks for where several hosts have one router. */
export type HostKeepalived = {
  /** Whether keepalived runs for the router, or is about to. */
  keepalivedRuns(router: RouterNumber): boolean;
  /** Writes keepalived.conf and lets keepalived read it: at its start, or by SIGHUP if it runs. */
  enableKeepalived(router: RouterNumber, configuration: KeepalivedConfiguration): void;
  /** SIGTERM. */
  disableKeepalived(router: RouterNumber): void;
  /** Whether conntrackd runs for the router, or is about to. */
  conntrackdRuns(router: RouterNumber): boolean;
  /** Whether it is ready for commands. */
  conntrackdAnswers(router: RouterNumber): boolean;
  enableConntrackd(router: RouterNumber): void;
  /** `conntrackd -k` */
  disableConntrackd(router: RouterNumber): void;
  /** Runs `conntrackd` with a command; `done` once it returns, which it does at once if no daemon is there. */
  commandConntrackd(router: RouterNumber, command: ConntrackdCommand, done: () => void): void;
  /** Undefined: nobody watches any more. */
  watchAddresses(router: RouterNumber, watcher: AddressWatcher | undefined): void;
  addressesOf(port: NeutronPortNumber): readonly Ipv4[];
};

/** What the L3 agent asks for. */
export type HostRouters = HostDevices &
  HostKeepalived & {
    /** The namespace of a router, with forwarding on. */
    addRouter(router: RouterNumber): void;
    /** With everything in it. */
    removeRouter(router: RouterNumber): void;
    /**
     * An interface or the gateway of the router, with address and default route unless keepalived sets them; the L2 agent plugs
     * its port.
     */
    addRouterPort(port: NeutronPortNumber): void;
    removeRouterPort(port: NeutronPortNumber): void;
    /** The routes that the router was given, unless keepalived sets them. */
    addRouterRoutes(router: RouterNumber): void;
    /**
     * The nat table anew, all at once (`iptables-restore`): of the gateway if it is there, of these floating addresses, which
     * lead to those of VMs, and whether calls for the metadata service go to the proxy. Connections that exist go on.
     */
    writeRules(router: RouterNumber, floating: ReadonlyMap<FloatingNumber, Ipv4>, redirectsMetadata: boolean): void;
    /** Whether haproxy runs in the namespace of a router. */
    runsRouterProxy(router: RouterNumber): boolean;
    /** haproxy in the namespace of a router, at port 9697. */
    runRouterProxy(router: RouterNumber, runs: boolean): void;
    /** A floating address on the gateway, as /32, unless keepalived sets it. */
    addFloating(floating: FloatingNumber): void;
    /** Connections go on unless they are deleted. */
    removeFloating(floating: FloatingNumber): void;
    /** `conntrack -D` for a floating address. */
    deleteConnections(floating: FloatingNumber): void;
    /** One gratuitous ARP for an address of a port's device, or for every one (arping -U). */
    announce(port: NeutronPortNumber, address?: Ipv4): void;
  };
