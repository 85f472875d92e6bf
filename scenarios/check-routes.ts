import {contains, formatCidr, formatIpv4, type Ipv4} from '../models/wire/ipv4.ts';
import {notAHost} from './address-book.ts';
import type {Path} from './findings.ts';
import {nextHopBfdGrammar, type Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import type {ExternalHost, Network, Router, StaticRoute} from './scenario.ts';

type RouterDraft = Draft['routers'][string];

/** A router's foot in a network. */
export type Port = {readonly network: Network; readonly address: Ipv4};

/** The static routes of a router, with the one that its external network's first gateway makes. */
export function checkRoutes(
  {routes}: RouterDraft,
  outside: Port | undefined,
  inside: readonly Port[],
  path: Path,
  inventory: Inventory,
): readonly StaticRoute[] {
  const {findings} = inventory;
  const ports = outside ? [outside, ...inside] : inside;
  const checked: StaticRoute[] = [];
  for (const [index, {prefix, 'next-hop': nextHop, bfd}] of routes.entries()) {
    const span = findings.value([...path, 'routes', index, 'next-hop']);
    const flaw = nextHopFlaw(nextHop, ports, String(path[1]));
    if (flaw !== undefined && inventory.routersComplete) findings.mistake(span, flaw);
    if (checked.some(other => formatCidr(other.prefix) === formatCidr(prefix) && other.nextHop === nextHop)) {
      findings.mistake(span, `the route to ${formatCidr(prefix)} via ${formatIpv4(nextHop)} stands here twice`);
    }
    const isWatched = bfd !== false && inventory.cloud === 'ovn';
    if (bfd !== false && !isWatched) {
      const hint = 'Leave "bfd" out: the route is always used';
      findings.mistake(findings.value([...path, 'routes', index, 'bfd']), 'Neutron does not watch next hops', hint);
    }
    const timers = bfd === true ? nextHopBfdGrammar.parse({}) : bfd;
    const route: StaticRoute = {prefix, nextHop, bfd: timers === false || !isWatched ? undefined : toTimers(timers)};
    const bfdFlaw = flaw === undefined && inventory.routersComplete ? watchFlaw(route, checked, outside) : undefined;
    if (bfdFlaw !== undefined) findings.mistake(findings.value([...path, 'routes', index, 'bfd']), ...bfdFlaw);
    checked.push(route);
  }
  const gateway = outside?.network.gateways[0];
  const hasDefault = checked.some(({prefix}) => prefix.length === 0);
  if (gateway === undefined || hasDefault) return checked;
  return [...checked, {prefix: {address: 0, length: 0}, nextHop: gateway, bfd: undefined}];
}

/** Warns of routes that are never used, because BFD watches a next hop that nobody has. */
export function checkNextHops(
  routers: readonly Router[],
  hosts: readonly ExternalHost[],
  {networks, findings}: Inventory,
): void {
  const speakers = new Set([
    ...networks.things.flatMap(({gateways}) => gateways),
    ...hosts.filter(({behindGateway}) => !behindGateway).map(({address}) => address),
  ]);
  for (const {name, routes} of routers) {
    for (const [index, {nextHop, bfd}] of routes.entries()) {
      if (!bfd || speakers.has(nextHop)) continue;
      const message = `nobody has ${formatIpv4(nextHop)}, so its BFD never comes up and the route is never used`;
      findings.warning(findings.value(['routers', name, 'routes', index, 'next-hop']), message);
    }
  }
}

function nextHopFlaw(nextHop: Ipv4, ports: readonly Port[], router: string): string | undefined {
  const port = ports.find(({network}) => contains(network.cidr, nextHop));
  if (!port) return `${formatIpv4(nextHop)} is on no network of ${quote(router)}`;
  return nextHop === port.address ? `${formatIpv4(nextHop)} is ${router} itself` : notAHost(nextHop, port.network);
}

/** What OVN's BFD cannot do: run on another port than the gateway port, or twice for one next hop. */
function watchFlaw(
  {nextHop, bfd}: StaticRoute,
  others: readonly StaticRoute[],
  outside: Port | undefined,
): [message: string, hint: string] | undefined {
  if (!bfd) return undefined;
  const address = formatIpv4(nextHop);
  if (!outside || !contains(outside.network.cidr, nextHop)) {
    const hint = 'Leave "bfd" out, or the route would never be used';
    return [`OVN runs BFD on the external port only, and ${address} is not on the external network`, hint];
  }
  const other = others.find(route => route.nextHop === nextHop && route.bfd)?.bfd;
  if (!other || (other.minTx === bfd.minTx && other.minRx === bfd.minRx && other.detectMult === bfd.detectMult)) {
    return undefined;
  }
  const hint = 'Write the same ones: a next hop has one session, whatever routes lead by it';
  return [`BFD of ${address} has other timers in a route before this one`, hint];
}

function toTimers(timers: {'min-tx': number; 'min-rx': number; 'detect-mult': number}): StaticRoute['bfd'] {
  return {minTx: timers['min-tx'], minRx: timers['min-rx'], detectMult: timers['detect-mult']};
}
