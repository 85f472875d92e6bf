import {contains, formatCidr, formatIpv4, parseIpv4} from '../models/wire/ipv4.ts';
import type {AddressBooks} from './address-book.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Reachability} from './reachability.ts';
import type {FloatingIp} from './scenario.ts';

/** Checks that each floating IP can be translated by a router between its network and its VM's. */
export function checkFloatingIps(
  draft: Draft,
  books: AddressBooks,
  reachability: Reachability,
  inventory: Inventory,
): readonly FloatingIp[] {
  const {findings} = inventory;
  const floatingIps: FloatingIp[] = [];
  const addressOf = new Map<string, string>();
  for (const [text, {vm: name, distributed}] of Object.entries(draft['floating-ips'])) {
    const path: Path = ['floating-ips', text];
    const address = parseIpv4(text)!;
    floatingIps.push({address, vm: name, distributed});
    if (distributed && inventory.cloud === 'neutron') {
      const hint = 'Leave "distributed" out: the gateway that has the router translates';
      findings.mistake(findings.value([...path, 'distributed']), 'DVR of Neutron is not modelled yet', hint);
    }
    const vm = inventory.vms.find(name, () => findings.value([...path, 'vm']));
    if (!vm) continue;
    const other = addressOf.get(name);
    if (other !== undefined) {
      findings.mistake(findings.value([...path, 'vm']), `${name} has the floating IP ${other} already`);
    }
    addressOf.set(name, text);
    const networks = reachability
      .exits(vm.network)
      .map(external => inventory.networks.get(external))
      .filter(network => network !== undefined);
    if (networks.length === 0) {
      const message = `no router leads from ${vm.network} to an external network, so ${name} can have no floating IP`;
      if (inventory.routersComplete) findings.mistake(findings.value([...path, 'vm']), message);
      continue;
    }
    const network = networks.find(({cidr}) => contains(cidr, address));
    if (!network) {
      const places = networks.map(({name: place, cidr}) => `${place} (${formatCidr(cidr)})`).join(' or ');
      if (inventory.routersComplete) findings.mistake(findings.key(path), `${formatIpv4(address)} is not in ${places}`);
      continue;
    }
    const flaw = books.get(network.name)?.claim(address, `it is the floating IP of ${name}`);
    if (flaw !== undefined) findings.mistake(findings.key(path), flaw);
  }
  return floatingIps;
}
