import {broadcastAddress, contains, formatCidr, formatIpv4, parseIpv4, type Ipv4} from '../models/wire/ipv4.ts';
import type {AddressBook} from './address-book.ts';
import {checkServesDhcp} from './check-dhcp.ts';
import type {AddressBooks} from './address-book.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import {outside, type HostSite, type Inventory} from './inventory.ts';
import type {ExternalHost, Network} from './scenario.ts';

type HostDraft = Draft['hosts'][string];
type UnaddressedHost = HostSite &
  Pick<ExternalHost, 'servesDhcp'> & {readonly address: Ipv4 | undefined; readonly path: Path};

/** The first address for hosts beyond the upstream router; 203.0.113.0/24 is for documentation (RFC 5737). */
const firstBeyond = parseIpv4('203.0.113.10')!;

const mostHosts = 10_000;

/** External hosts with the addresses that the file gives them. */
export function checkHosts(
  draft: Draft,
  flawed: ReadonlySet<string>,
  books: AddressBooks,
  inventory: Inventory,
): readonly UnaddressedHost[] {
  const {findings} = inventory;
  const hosts: UnaddressedHost[] = [];
  const beyond = new Map<Ipv4, string>();
  for (const [template, entry, path] of inventory.sound('hosts', draft, flawed)) {
    const network = inventory.networks.find(entry.network, () => findings.value([...path, 'network']));
    const names = inventory.expand(template, () => findings.key(path));
    if (hosts.length + names.length > mostHosts) {
      findings.mistake(findings.key(path), `more than ${mostHosts} hosts`);
      break;
    }
    if (network) checkPlace(network, entry, path, inventory);
    const address = names.length === 1 ? entry.address : undefined;
    if (network && entry.address !== undefined) {
      const flaw = claim(entry.address, names, entry['behind-gateway'], books.get(network.name), beyond, inventory);
      if (flaw !== undefined) findings.mistake(findings.value([...path, 'address']), flaw);
    }
    const servesDhcp = checkServesDhcp(entry, network, path, inventory);
    for (const name of names) {
      const host: HostSite = {name, network: entry.network, behindGateway: entry['behind-gateway']};
      hosts.push({...host, servesDhcp, address, path});
      if (network) inventory.hosts.add(name, host, () => findings.key(path));
      else inventory.hosts.addFlawed(name);
    }
  }
  return addOutside(hosts, inventory);
}

/** Gives addresses to the hosts that have none. */
export function addressHosts(
  hosts: readonly UnaddressedHost[],
  books: AddressBooks,
  inventory: Inventory,
): readonly ExternalHost[] {
  const {findings} = inventory;
  const beyond = new Set(hosts.filter(({behindGateway}) => behindGateway).map(({address}) => address));
  const full = new Set<string>();
  let next = firstBeyond;
  return hosts.map(({path, ...host}) => {
    if (host.address !== undefined) return {...host, address: host.address};
    if (host.behindGateway) {
      next = freeBeyond(next, beyond, inventory);
      return {...host, address: next++};
    }
    const address = books.get(host.network)?.takeLast(`it is the address of ${host.name}`);
    if (address === undefined && !full.has(host.network) && inventory.networks.get(host.network)) {
      full.add(host.network);
      findings.mistake(findings.key(path), `${host.network} has no address left for ${host.name}`);
    }
    return {...host, address: address ?? 0};
  });
}

function checkPlace(network: Network, entry: HostDraft, path: Path, {cloud, findings}: Inventory): void {
  const isHere = network.external || (cloud === 'neutron' && network.segment !== undefined);
  if (!isHere && cloud === 'neutron') {
    const message = `${network.name} is inside tunnels, and hosts outside the cloud are on flat or vlan networks`;
    findings.mistake(findings.value([...path, 'network']), message);
  } else if (!isHere) {
    const message = `${network.name} is not external, and hosts outside the cloud are on external networks`;
    findings.mistake(findings.value([...path, 'network']), message);
  } else if (entry['behind-gateway'] && network.gateways.length === 0) {
    findings.mistake(findings.value([...path, 'behind-gateway']), `${network.name} has no gateway to be behind`);
  }
}

function claim(
  address: Ipv4,
  names: readonly string[],
  isBehind: boolean,
  book: AddressBook | undefined,
  beyond: Map<Ipv4, string>,
  inventory: Inventory,
): string | undefined {
  if (names.length > 1) return `"address" is for a single host, and these are ${names.length}`;
  const [name] = names;
  return isBehind
    ? claimBeyond(address, name, beyond, inventory)
    : book?.claim(address, `it is the address of ${name}`);
}

/** Beyond the upstream router an address must not look like one of a network that is nearer. */
function claimBeyond(address: Ipv4, name: string, taken: Map<Ipv4, string>, inventory: Inventory): string | undefined {
  const near = networkOf(address, inventory);
  if (near) return `${formatIpv4(address)} is in ${near.name} (${formatCidr(near.cidr)}), not behind a gateway`;
  const other = taken.get(address);
  if (other !== undefined) return `${formatIpv4(address)} is taken: it is the address of ${other}`;
  taken.set(address, name);
  return undefined;
}

function freeBeyond(from: Ipv4, taken: ReadonlySet<Ipv4 | undefined>, inventory: Inventory): Ipv4 {
  for (let address = from; ;) {
    const near = networkOf(address, inventory);
    if (near) address = broadcastAddress(near.cidr) + 1;
    else if (taken.has(address)) address += 1;
    else return address;
  }
}

function networkOf(address: Ipv4, inventory: Inventory): Network | undefined {
  return inventory.networks.things.find(({cidr}) => contains(cidr, address));
}

/** Behind the gateways of the first external network, or on that network if it has none. */
function addOutside(hosts: readonly UnaddressedHost[], inventory: Inventory): readonly UnaddressedHost[] {
  const network = inventory.networks.things.find(({external}) => external);
  if (!network || inventory.hosts.has(outside) || !inventory.hosts.isComplete) return hosts;
  const host: HostSite = {name: outside, network: network.name, behindGateway: network.gateways.length > 0};
  inventory.hosts.add(outside, host, () => inventory.findings.key(['networks', network.name]));
  return [...hosts, {...host, servesDhcp: undefined, address: undefined, path: ['networks', network.name]}];
}
