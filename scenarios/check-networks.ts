import {formatCidr, formatIpv4, overlaps, type Ipv4} from '../models/wire/ipv4.ts';
import {AddressBook, notAHost, type AddressBooks} from './address-book.ts';
import {checkDhcp} from './check-dhcp.ts';
import {mechanisms, remedyFor, type TunnelType} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Network} from './scenario.ts';
import {numberVlans} from './vlan-ranges.ts';

const mostNetworks = 10_000;

/** The segment of flat and VLAN networks that name none. */
export const defaultProvider = 'provider';

/** Checks each network alone and against the others. */
export function checkNetworks(draft: Draft, flawed: ReadonlySet<string>, inventory: Inventory): readonly Network[] {
  const {findings} = inventory;
  const networks: Network[] = [];
  for (const [name, entry, path] of inventory.sound('networks', draft, flawed)) {
    if (networks.length === mostNetworks) {
      findings.mistake(findings.key(path), `more than ${mostNetworks} networks`);
      break;
    }
    checkAlone(entry, path, draft, inventory);
    const {type, cidr, external, vlan, mtu} = entry;
    const vni = type === 'gre' ? entry['tunnel-id'] : entry.vni;
    const segment = isTunnelled(type) ? undefined : (entry.segment ?? defaultProvider);
    const dhcp = checkDhcp(entry, path, inventory);
    const gateways = gatewaysOf(entry);
    const network: Network = {name, type, cidr, external, gateways, vlan, vni, segment, mtu, dhcp};
    inventory.networks.add(name, network, () => findings.key(path));
    networks.push(network);
  }
  checkTags(networks, inventory);
  checkExternalOverlaps(networks, inventory);
  return numberTunnels(numberVlans(networks, draft, inventory), inventory);
}

/** An address book for each network, with the upstream routers in it. */
export function openAddressBooks(networks: readonly Network[], inventory: Inventory): AddressBooks {
  const {findings} = inventory;
  const books = new Map<string, AddressBook>();
  for (const {name, cidr, external, gateways} of networks) {
    const book = new AddressBook(name, cidr);
    books.set(name, book);
    if (!external) continue;
    const path: Path = ['networks', name, 'gateway'];
    for (const [index, gateway] of gateways.entries()) {
      const flaw = book.claim(gateway, `it is ${gateways.length > 1 ? 'a' : 'the'} gateway of ${name}`);
      const place = findings.has([...path, index]) ? [...path, index] : path;
      if (flaw !== undefined) findings.mistake(findings.value(place), flaw);
    }
  }
  return books;
}

function gatewaysOf({gateway}: Draft['networks'][string]): readonly Ipv4[] {
  if (gateway === undefined) return [];
  return typeof gateway === 'number' ? [gateway] : gateway;
}

function checkAlone(
  entry: Draft['networks'][string],
  path: Path,
  {segments}: Draft,
  {mechanism, cloud, findings}: Inventory,
): void {
  const complain = (key: string, message: string, hint?: string) => {
    findings.mistake(findings.value([...path, key]), message, hint);
  };
  const {type, cidr, external, gateway, pool, vlan, vni, segment, 'tunnel-id': key} = entry;
  const {title, tunnels} = mechanisms[mechanism];
  if (isTunnelled(type)) {
    if (external) complain('external', `a ${type} network cannot be external`, 'Make its type flat or vlan');
    if (segment !== undefined) complain('segment', `a ${type} network is on no provider segment`);
    if (!tunnels.includes(type)) {
      const remedy = remedyFor(type, mechanism);
      const hint = [`Make its type ${tunnels.join(' or ')}`, ...(remedy === undefined ? [] : [remedy])].join(', or ');
      complain('type', `this cloud is one of ${title} and has no ${type} networks`, hint);
    }
  }
  if (type !== 'vxlan' && vni !== undefined) complain('vni', `a ${type} network has no VNI`);
  if (type !== 'gre' && key !== undefined) complain('tunnel-id', `a ${type} network has no tunnel-id`);
  const hasRanges = segments[segment ?? defaultProvider]?.['vlan-ranges'] !== undefined;
  if (type === 'vlan' && vlan === undefined && !hasRanges) {
    complain('vlan', '"vlan" is missing: the tag, from 1 to 4094');
  }
  if (type !== 'vlan' && vlan !== undefined) complain('vlan', `a ${type} network has no tag`, 'Make its type vlan');
  if (gateway !== undefined && !external) {
    const hint = 'VMs use the address of the router on their network';
    complain('gateway', 'only an external network has a gateway', hint);
  }
  if (pool !== undefined && cloud !== 'neutron')
    complain('pool', 'only operations allocate from it, in clouds of Neutron');
  else if (pool !== undefined && !external) complain('pool', 'only an external network has a pool of floating IPs');
  const ends = pool === undefined ? [] : [pool.first, pool.last];
  const outside = ends.find(address => notAHost(address, {name: 'it', cidr}) !== undefined);
  if (outside !== undefined) complain('pool', `${formatIpv4(outside)} is no address of a host in ${formatCidr(cidr)}`);
}

function isTunnelled(type: Network['type']): type is TunnelType {
  return type === 'geneve' || type === 'vxlan' || type === 'gre';
}

/** VXLAN and GRE networks that name no number have the next free one of their kind. */
function numberTunnels(networks: readonly Network[], inventory: Inventory): readonly Network[] {
  return numberOfType('gre', 'tunnel-id', numberOfType('vxlan', 'vni', networks, inventory), inventory);
}

function numberOfType(
  meant: 'vxlan' | 'gre',
  key: 'vni' | 'tunnel-id',
  networks: readonly Network[],
  {findings}: Inventory,
): readonly Network[] {
  const owners = new Map<number, string>();
  for (const {name, type, vni} of networks) {
    if (type !== meant || vni === undefined) continue;
    const owner = owners.get(vni);
    const word = key === 'vni' ? 'VNI' : key;
    if (owner === undefined) owners.set(vni, name);
    else findings.mistake(findings.value(['networks', name, key]), `${word} ${vni} is the network ${owner} already`);
  }
  let next = 1;
  return networks.map(network => {
    if (network.type !== meant || network.vni !== undefined) return network;
    while (owners.has(next)) next += 1;
    return {...network, vni: next++};
  });
}

/** On one segment: a single flat network, and each tag once. */
function checkTags(networks: readonly Network[], {findings}: Inventory): void {
  const first = new Map<string, string>();
  for (const {name, type, vlan, segment} of networks) {
    if (segment === undefined || (type === 'vlan' && vlan === undefined)) continue;
    const tag = type === 'vlan' ? `VLAN ${vlan}` : 'untagged';
    const other = first.get(`${segment}/${tag}`);
    if (other === undefined) {
      first.set(`${segment}/${tag}`, name);
    } else if (type === 'vlan') {
      findings.mistake(
        findings.value(['networks', name, 'vlan']),
        `${tag} of ${segment} is the network ${other} already`,
      );
    } else {
      const hint = 'Give one of them a segment of its own, or make it a vlan network';
      findings.mistake(
        findings.key(['networks', name]),
        `a second flat network on ${segment}: ${other} is one already`,
        hint,
      );
    }
  }
}

/** The outside knows each address once. What a router joins with an external network is looked at there. */
function checkExternalOverlaps(networks: readonly Network[], {findings}: Inventory): void {
  const outside: Network[] = [];
  for (const network of networks.filter(({external}) => external)) {
    const other = outside.find(({cidr}) => overlaps(cidr, network.cidr));
    if (other) {
      const [own, its] = [formatCidr(network.cidr), formatCidr(other.cidr)];
      const message = `${network.name} (${own}) overlaps the external network ${other.name} (${its})`;
      findings.mistake(findings.value(['networks', network.name, 'cidr']), message);
    }
    outside.push(network);
  }
}
