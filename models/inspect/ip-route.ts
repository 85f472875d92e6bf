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
  return lines(inOrder.flatMap((route, index) => paragraph(route, inOrder[index - 1], inOrder[index + 1], origin)));
}

/** A line, or of routes with one prefix, which are one route with several next hops to the kernel, a line for each of these. */
function paragraph(
  route: IpRoute,
  before: IpRoute | undefined,
  after: IpRoute | undefined,
  origin: string | undefined,
): readonly string[] {
  const isFirst = !sharesPrefix(route, before);
  if (isFirst && !sharesPrefix(route, after)) return [`${words(route, origin).join(' ')} `];
  const head = [destinationOf(route), ...(origin === undefined ? [] : ['proto', origin])];
  const hop = `\tnexthop via ${formatIpv4(route.via!)} dev ${route.device} weight 1 `;
  return isFirst ? [`${head.join(' ')} `, hop] : [hop];
}

function sharesPrefix({prefix, via}: IpRoute, other: IpRoute | undefined): boolean {
  if (via === undefined || other?.via === undefined) return false;
  return prefix.address === other.prefix.address && prefix.length === other.prefix.length;
}

function words(route: IpRoute, origin: string | undefined): readonly string[] {
  const {device, via, source, unreachable} = route;
  const to = destinationOf(route);
  if (unreachable) return ['unreachable', to];
  if (via !== undefined) {
    return [to, 'via', formatIpv4(via), 'dev', device, ...(origin === undefined ? [] : ['proto', origin])];
  }
  if (source === undefined) return [to, 'dev', device, 'scope', 'link'];
  return [to, 'dev', device, 'proto', 'kernel', 'scope', 'link', 'src', formatIpv4(source)];
}

function destinationOf({prefix}: IpRoute): string {
  return isDefault(prefix) ? 'default' : prefix.length === 32 ? formatIpv4(prefix.address) : formatCidr(prefix);
}

function isDefault({length}: Cidr): boolean {
  return length === 0;
}
