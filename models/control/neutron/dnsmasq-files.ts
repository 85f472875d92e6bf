import {never, seconds, type Time} from '../../../engine/time.ts';
import type {DhcpOptions, DnsmasqLease} from '../../protocols/dnsmasq-dhcp.ts';
import type {DhcpFiles} from '../../tables/host-network.ts';
import type {NeutronInventory, NeutronNetwork} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import type {DhcpRoute} from '../../wire/dhcp.ts';
import {formatIpv4, type Cidr, type Ipv4} from '../../wire/ipv4.ts';
import {metadataAddress} from '../../wire/metadata.ts';
import type {DhcpNetworkDetails} from './messages.ts';
import type {NeutronSettings} from './settings.ts';

/** `dns_domain` (neutron/conf/common.py). */
const domain = 'openstacklocal';

const everywhere: Cidr = {address: 0, length: 0};

/** The files that an agent writes of a network (neutron/agent/linux/dhcp.py, _output_config_files). */
export function filesFor(
  details: DhcpNetworkDetails,
  chassis: ChassisNumber,
  inventory: NeutronInventory,
  settings: NeutronSettings,
): DhcpFiles {
  return {
    hosts: details.ports.map(port => {
      const {mac, address} = inventory.ports[port];
      return {mac, address, name: `${hostName(address)}.${domain}`};
    }),
    options: optionsFor(details, chassis, inventory, settings),
  };
}

/** What the agent of a chassis has given to the VMs of a network with their addresses. */
export function optionsFor(
  {network: number, dhcpPorts}: DhcpNetworkDetails,
  chassis: ChassisNumber,
  inventory: NeutronInventory,
  settings: NeutronSettings,
): DhcpOptions {
  const network = inventory.networks[number];
  const own = dhcpPorts.find(({device}) => device === chassis)?.port;
  const address = own === undefined ? undefined : inventory.ports[own].address;
  return {
    router: network.gateway,
    routes: routesFor(network, address, isIsolated(network, inventory), settings),
    // Where the subnet names none, every server of the network is one (_generate_opts_per_port).
    dns: dhcpPorts.map(({port}) => inventory.ports[port].address),
    mtu: network.mtu,
  };
}

/** What a host without a name of its own is called. */
export function hostName(address: Ipv4): string {
  return `host-${formatIpv4(address).replaceAll('.', '-')}`;
}

/**
 * The leases that a new dnsmasq finds: one for every host, so that it renews what another gave (_output_init_lease_file).
 * Their time begins now.
 */
export function initialLeases(
  {hosts}: DhcpFiles,
  now: Time,
  {dhcpLeaseDuration}: NeutronSettings,
): readonly DnsmasqLease[] {
  const begun = Math.floor(now / seconds(1)) * seconds(1);
  const expiresAt = dhcpLeaseDuration === never ? never : begun + dhcpLeaseDuration;
  return hosts.map(({mac, address}) => ({mac, address, expiresAt, name: undefined, clientId: undefined}));
}

/** Whether the agent runs a proxy for the metadata service on a network (should_enable_metadata). */
export function hasMetadataProxy(
  network: NeutronNetwork,
  inventory: NeutronInventory,
  {forceMetadata, enableIsolatedMetadata}: NeutronSettings,
): boolean {
  return forceMetadata || (enableIsolatedMetadata && isIsolated(network, inventory));
}

/** No router of Neutron has the address that VMs have as their gateway (get_isolated_subnets). */
function isIsolated({number, gateway}: NeutronNetwork, {ports}: NeutronInventory): boolean {
  return !ports.some(
    ({kind, network, address}) => kind === 'router interface' && network === number && address === gateway,
  );
}

/** Option 121: where there is one, clients take the default route from it too (_generate_opts_per_subnet). */
function routesFor(
  {gateway}: NeutronNetwork,
  own: Ipv4 | undefined,
  isolated: boolean,
  {forceMetadata, enableIsolatedMetadata}: NeutronSettings,
): readonly DhcpRoute[] {
  const proxied = forceMetadata || (isolated && enableIsolatedMetadata);
  const via = proxied ? own : isolated ? undefined : gateway;
  if (via === undefined) return [];
  const metadata = {prefix: {address: metadataAddress, length: 32}, via};
  return gateway === undefined ? [metadata] : [metadata, {prefix: everywhere, via: gateway}];
}
