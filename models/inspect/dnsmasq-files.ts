import {never, toSeconds} from '../../engine/time.ts';
import type {DnsmasqLease} from '../protocols/dnsmasq-dhcp.ts';
import type {DhcpFiles} from '../tables/host-network.ts';
import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import {formatMac} from '../wire/mac.ts';
import {lines} from './lines.ts';

/** The hosts file as the DHCP agent writes it (neutron/agent/linux/dhcp.py, _output_hosts_file). */
export function formatHosts({hosts}: DhcpFiles): string {
  return lines(hosts.map(({mac, name, address}) => [formatMac(mac), name, formatIpv4(address)].join(',')));
}

/** The leases file as dnsmasq writes it (lease.c, lease_update_file). Seconds are those of the run, which has no date. */
export function formatLeases(leases: readonly DnsmasqLease[]): string {
  return lines(
    leases.map(({expiresAt, mac, address, name = '*', clientId = '*'}) =>
      [expiresAt === never ? 0 : toSeconds(expiresAt), formatMac(mac), formatIpv4(address), name, clientId].join(' '),
    ),
  );
}

/** The options file as the agent writes it (_generate_opts_per_subnet, _generate_opts_per_port). */
export function formatOptions({options}: DhcpFiles, subnetId: string): string {
  const {routes, router, dns} = options;
  const tag = `tag:subnet-${subnetId}`;
  const list = routes.map(({prefix, via}) => `${formatCidr(prefix)},${formatIpv4(via)}`).join(',');
  return lines([
    ...(routes.length > 0 ? [`${tag},option:classless-static-route,${list}`, `${tag},249,${list}`] : []),
    [tag, 'option:router', ...(router === undefined ? [] : [formatIpv4(router)])].join(','),
    ...(dns.length > 1 ? [[tag, 'option:dns-server', ...dns.map(formatIpv4)].join(',')] : []),
  ]);
}
