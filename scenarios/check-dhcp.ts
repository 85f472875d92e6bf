import {contains, formatCidr, formatIpv4, type Ipv4} from '../models/wire/ipv4.ts';
import {networkNodes} from './check-agent.ts';
import type {AddressBooks} from './address-book.ts';
import {cloudKinds} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {DhcpServer, Network, Vm} from './scenario.ts';

/** Whether DHCP agents serve a network: what its subnet says, or else whether there is who could. */
export function checkDhcp({dhcp, external}: Draft['networks'][string], path: Path, inventory: Inventory): boolean {
  const {cloud, chassis, findings} = inventory;
  const span = () => findings.value([...path, 'dhcp']);
  if (cloud === 'ovn') {
    if (dhcp !== undefined) findings.mistake(span(), `clouds of ${cloudKinds[cloud].title} have no DHCP agents`);
    return false;
  }
  const isServable = networkNodes(inventory).length > 0 || chassis.hasFlaws;
  if (dhcp === true && !isServable) {
    const message = 'no chassis is a gateway, and DHCP agents run on gateways';
    findings.mistake(span(), message, 'Add one to the chassis: gw1: {role: gateway}');
  }
  return isServable && (dhcp ?? !external);
}

/** How a VM gets its address. */
export function checkAddressing(
  {addressing}: Draft['vms'][string],
  network: Network | undefined,
  path: Path,
  {cloud, findings}: Inventory,
): Vm['addressing'] {
  if (addressing === 'dhcp' && cloud === 'ovn') {
    const message = `VMs of ${cloudKinds[cloud].title} have their addresses from the beginning`;
    findings.mistake(findings.value([...path, 'addressing']), message, 'Leave "addressing" out');
  }
  return addressing ?? (network?.dhcp ? 'dhcp' : 'static');
}

/** A DHCP server that is no part of the cloud's gives addresses of the network that it is on. */
export function checkServesDhcp(
  entry: {readonly 'serves-dhcp'?: DhcpServer | undefined},
  network: Network | undefined,
  path: Path,
  {cloud, findings}: Inventory,
): DhcpServer | undefined {
  const server = entry['serves-dhcp'];
  if (!server || !network) return server;
  const place: Path = [...path, 'serves-dhcp'];
  if (cloud === 'ovn') {
    findings.mistake(findings.key(place), `no VM of ${cloudKinds[cloud].title} asks for its address`);
  }
  const {first, last} = server.range;
  const stranger = [first, last].find(address => !contains(network.cidr, address));
  const whole = `${network.name} (${formatCidr(network.cidr)})`;
  if (stranger !== undefined) {
    findings.mistake(findings.value([...place, 'range']), `${formatIpv4(stranger)} is not in ${whole}`);
  }
  if (server.router !== undefined && !contains(network.cidr, server.router)) {
    findings.mistake(findings.value([...place, 'router']), `${formatIpv4(server.router)} is not in ${whole}`);
  }
  return server;
}

/** Neutron gives its DHCP servers the lowest addresses that are free, before any VM that names none gets one. */
export function addressDhcp(
  draft: Draft,
  networks: readonly Network[],
  books: AddressBooks,
  inventory: Inventory,
): ReadonlyMap<string, readonly Ipv4[]> {
  const {findings} = inventory;
  const wanted = draft.neutron?.['dhcp-agents-per-network'] ?? 0;
  const count = Math.min(wanted, networkNodes(inventory).length);
  return new Map(
    networks
      .filter(({dhcp}) => dhcp)
      .map(({name, cidr}) => {
        const taken = Array.from({length: count}, (_, index) =>
          books.get(name)?.takeLowest(`it is the address of DHCP server ${index + 1} of ${name}`),
        );
        const addresses = taken.filter(address => address !== undefined);
        if (addresses.length < count) {
          const message = `${name} (${formatCidr(cidr)}) has no address left for its DHCP servers, of which there are ${count}`;
          findings.mistake(findings.key(['networks', name]), message, 'Give it a wider cidr, or dhcp: false');
        }
        return [name, addresses];
      }),
  );
}
