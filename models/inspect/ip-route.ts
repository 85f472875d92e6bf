import type {IpRoute} from '../protocols/ip-routes.ts';
import {formatCidr, formatIpv4, type Cidr} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

/**
 * `ip route` (iproute2, ip/iproute.c), which ends every line with a blank, in the order of the kernel's trie. `origin` is
 * the protocol of routes by way of others: `static` where Neutron has set them (neutron/agent/linux/ip_lib.py).
 */
export function formatRoutes(routes: readonly IpRoute[], origin?: 'static'): string {
  const inOrder = [...routes].sort(
    (a, b) => a.prefix.address - b.prefix.address || (isDefault(a.prefix) ? -1 : b.prefix.length - a.prefix.length),
  );
  return lines(inOrder.map(route => `${words(route, origin).join(' ')} `));
}

function words({prefix, device, via, source, unreachable}: IpRoute, origin: string | undefined): readonly string[] {
  const to = isDefault(prefix) ? 'default' : prefix.length === 32 ? formatIpv4(prefix.address) : formatCidr(prefix);
  if (unreachable) return ['unreachable', to];
  if (via !== undefined) {
    return [to, 'via', formatIpv4(via), 'dev', device, ...(origin === undefined ? [] : ['proto', origin])];
  }
  if (source === undefined) return [to, 'dev', device, 'scope', 'link'];
  return [to, 'dev', device, 'proto', 'kernel', 'scope', 'link', 'src', formatIpv4(source)];
}

function isDefault({length}: Cidr): boolean {
  return length === 0;
}
