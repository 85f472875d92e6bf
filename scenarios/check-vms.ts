import {formatCidr, type Ipv4} from '../models/wire/ipv4.ts';
import {formatMac, type Mac} from '../models/wire/mac.ts';
import {checkAddressing, checkServesDhcp} from './check-dhcp.ts';
import type {AddressBooks} from './address-book.ts';
import {readPortSecurity} from './check-security-groups.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {placesOf} from './placement.ts';
import type {Network, Vm} from './scenario.ts';
import {countNames, mostNames} from './templates.ts';

type VmDraft = Draft['vms'][string];

/** A VM that may still lack an address. */
export type UnaddressedVm = Omit<Vm, 'address' | 'mac'> & {
  readonly address: Ipv4 | undefined;
  readonly mac: Mac | undefined;
  readonly path: Path;
};

/** Locally administered; the counter has 24 bits, and no model uses 02:00:01. */
const firstMac: Mac = 0x02_00_01_00_00_01;

/** Writes the VMs out, with the chassis and addresses that the file gives them. */
export function checkVms(
  draft: Draft,
  flawed: ReadonlySet<string>,
  books: AddressBooks,
  inventory: Inventory,
): readonly UnaddressedVm[] {
  const {findings} = inventory;
  const vms: UnaddressedVm[] = [];
  const ports = new Map<string, number>();
  for (const [template, entry, path] of inventory.sound('vms', draft, flawed)) {
    const span = () => findings.key(path);
    const network = inventory.networks.find(entry.network, () => findings.value([...path, 'network']));
    const {chassis, placement, isEach} = placesOf(entry.placement, [...path, 'placement'], inventory);
    const count = countNames(template);
    const times = isEach ? chassis.length : 1;
    if ('value' in count && vms.length + count.value * times > mostNames) {
      findings.mistake(span(), `more than ${mostNames.toLocaleString('en-US')} VMs`);
      break;
    }
    const base = inventory.expand(template, span, Math.max(1, times));
    const names = isEach ? chassis.flatMap(host => base.map(name => `${host}-${name}`)) : base;
    const own = ownOf(entry, names.length, path, inventory);
    const security = readPortSecurity(entry, path, inventory);
    const addressing = checkAddressing(entry, network, path, inventory);
    const servesDhcp = checkServesDhcp(entry, network, path, inventory);
    for (const [index, name] of names.entries()) {
      const host = isEach ? chassis[Math.floor(index / base.length)] : chassis[index % chassis.length];
      if (network)
        inventory.vms.add(name, {name, network: network.name, isFiltered: security.enabled, addressing}, span);
      else inventory.vms.addFlawed(name);
      const site = {network: entry.network, ...own, mtu: entry.mtu, security, addressing, servesDhcp};
      vms.push({name, ...site, chassis: host, placement, path});
    }
    if (network) checkPorts(network.name, names.length, ports, path, inventory);
    if (network && own.address !== undefined) {
      const flaw = books.get(network.name)?.claim(own.address, `it is the address of ${names[0]}`);
      if (flaw !== undefined) findings.mistake(findings.value([...path, 'address']), flaw);
    }
  }
  return vms;
}

/** OVN numbers the ports of a network with 15 bits; one is its router's, and what lies above is for groups. */
const mostPorts = 32_766;

function checkPorts(
  network: string,
  count: number,
  ports: Map<string, number>,
  path: Path,
  {cloud, findings}: Inventory,
): void {
  const before = ports.get(network) ?? 0;
  ports.set(network, before + count);
  if (cloud !== 'ovn' || before > mostPorts || before + count <= mostPorts) return;
  const message = `more than ${mostPorts.toLocaleString('en-US')} VMs on ${network}, which is all that OVN has port numbers for`;
  findings.mistake(findings.key(path), message, 'Give some of them a network of their own');
}

/** Gives addresses to the VMs that have none, in the order of the file. */
export function addressVms(vms: readonly UnaddressedVm[], books: AddressBooks, inventory: Inventory): readonly Vm[] {
  const {findings} = inventory;
  const taken = takenMacs(vms, inventory);
  const full = new Set<string>();
  let nextMac = firstMac;
  return vms.map(({path, ...vm}) => {
    const address = vm.address ?? books.get(vm.network)?.takeNext();
    if (address === undefined && !full.has(vm.network)) {
      full.add(vm.network);
      const network = inventory.networks.get(vm.network);
      if (network) findings.mistake(findings.key(path), noRoom(network, vm.name), 'Give the network a wider cidr');
    }
    while (vm.mac === undefined && taken.has(nextMac)) nextMac += 1;
    return {...vm, address: address ?? 0, mac: vm.mac ?? nextMac++};
  });
}

/** An address and a MAC are of one VM. */
function ownOf({address, mac}: VmDraft, count: number, path: Path, {findings}: Inventory) {
  if (count === 1) return {address, mac};
  for (const key of ['address', 'mac']) {
    if (!findings.has([...path, key])) continue;
    findings.mistake(findings.value([...path, key]), `"${key}" is for a single VM, and these are ${count}`);
  }
  return {address: undefined, mac: undefined};
}

function takenMacs(vms: readonly UnaddressedVm[], {findings}: Inventory): ReadonlySet<Mac> {
  const owners = new Map<Mac, string>();
  for (const {name, mac, path} of vms) {
    if (mac === undefined) continue;
    const other = owners.get(mac);
    const message = `${formatMac(mac)} is taken: it is the MAC of ${other}`;
    if (other !== undefined) findings.mistake(findings.value([...path, 'mac']), message);
    owners.set(mac, name);
  }
  return new Set(owners.keys());
}

function noRoom({name, cidr}: Network, vm: string): string {
  return `${name} (${formatCidr(cidr)}) has no address left for ${vm}`;
}
