import type {DnsmasqLease} from '../../protocols/dnsmasq-dhcp.ts';
import type {HostDhcp} from '../../tables/host-network.ts';
import type {NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import type {ChassisNumber} from '../../tables/topology.ts';
import {filesFor, hasMetadataProxy} from './dnsmasq-files.ts';
import type {DhcpNetworkDetails} from './messages.ts';
import type {NeutronSettings} from './settings.ts';

/**
 * Brings a host to where its DHCP agent would have brought it long ago: namespaces, and dnsmasq in each with what it has
 * leased by now.
 */
export function settleDhcp(
  {inventory, settings}: {readonly inventory: NeutronInventory; readonly settings: NeutronSettings},
  chassis: ChassisNumber,
  host: HostDhcp,
  networks: readonly DhcpNetworkDetails[],
  leasesOf: (port: NeutronPortNumber) => readonly DnsmasqLease[],
): void {
  for (const details of networks) {
    const {network, dhcpPorts} = details;
    const own = dhcpPorts.find(({device}) => device === chassis)?.port;
    if (own === undefined) continue;
    host.addDhcpPort(own);
    host.startDhcp(network, filesFor(details, chassis, inventory, settings), leasesOf(own));
    if (hasMetadataProxy(inventory.networks[network], inventory, settings)) host.runMetadata(network, true);
  }
}
