import {contains, formatIpv4, type Ipv4} from '../models/wire/ipv4.ts';
import {nameOf} from './endpoints.ts';
import type {HostSite, Inventory, VmSite} from './inventory.ts';
import {metadataFlaw} from './metadata-paths.ts';
import type {Flaw} from './mistakes.ts';
import type {Reachability} from './reachability.ts';
import type {Endpoint} from './scenario.ts';

/** An address outside that leads to a VM, or may come to. */
export type OuterAddress = {readonly address: Ipv4; readonly vm: string | undefined};

/** Tells of two endpoints whether a packet could ever get from one to the other. */
export class FlowPaths {
  readonly #inventory: Inventory;
  readonly #reachability: Reachability;
  readonly #floatingIpOf: ReadonlyMap<string, Ipv4>;
  /** Address → external network, of what answers there. */
  readonly #outer = new Map<Ipv4, string>();
  readonly #gatewayPorts = new Set<Ipv4>();
  readonly #vmsOn = new Map<string, number>();

  constructor(floatingIps: readonly OuterAddress[], reachability: Reachability, inventory: Inventory) {
    this.#inventory = inventory;
    this.#reachability = reachability;
    this.#floatingIpOf = new Map(floatingIps.flatMap(({vm, address}) => (vm === undefined ? [] : [[vm, address]])));
    const outside = inventory.networks.things.filter(({external}) => external);
    for (const {address} of floatingIps) {
      const network = outside.find(({cidr}) => contains(cidr, address));
      if (network) this.#outer.set(address, network.name);
    }
    for (const {external, addresses} of inventory.routers.things) {
      if (external === undefined) continue;
      this.#outer.set(addresses[0], external);
      this.#gatewayPorts.add(addresses[0]);
    }
    for (const {network} of inventory.vms.things) this.#vmsOn.set(network, (this.#vmsOn.get(network) ?? 0) + 1);
  }

  /** Flows with the same key meet the same obstacles. */
  keyOf(endpoint: Endpoint): string {
    if (endpoint.kind !== 'vm') return `${endpoint.kind} ${nameOf(endpoint)}`;
    const vm = this.#inventory.vms.get(endpoint.name);
    return `network ${vm?.network} ${vm?.addressing}`;
  }

  /** Whether it is a router itself that would have to answer. */
  asksRouter(from: Endpoint, to: Endpoint): boolean {
    if (to.kind !== 'address') return false;
    const network = from.kind === 'vm' ? this.#inventory.vms.get(from.name)?.network : undefined;
    const near = network === undefined ? [] : this.#reachability.routersOf(network);
    return this.#gatewayPorts.has(to.address) || near.some(({addresses}) => addresses.includes(to.address));
  }

  /** Why nothing can get from one to the other; undefined if it can, or if too little is known to say. */
  flaw(from: Endpoint, to: Endpoint): Flaw | undefined {
    const {vms, hosts} = this.#inventory;
    if (from.kind === 'vm') {
      const vm = vms.get(from.name);
      return vm && this.#fromVm(vm, to);
    }
    const host = from.kind === 'host' ? hosts.get(from.name) : undefined;
    return host && this.#fromHost(host, to);
  }

  #fromVm(vmSite: VmSite, to: Endpoint): Flaw | undefined {
    const {name, network} = vmSite;
    const {vms, hosts, networks} = this.#inventory;
    const joined = this.#reachability.joined(network);
    const exits = this.#reachability.exits(network);
    if (to.kind === 'vm') {
      const vm = vms.get(to.name);
      if (!vm || joined.has(vm.network) || exits.includes(vm.network)) return undefined;
      return {message: `no router joins ${network} of ${name} and ${vm.network} of ${to.name}`};
    }
    if (to.kind === 'any vm') {
      let others = -1;
      for (const near of joined) others += this.#vmsOn.get(near) ?? 0;
      if (others > 0) return undefined;
      return {message: `there is no other VM that ${name} could reach`};
    }
    if (to.kind === 'host') {
      const host = hosts.get(to.name);
      if (!host || host.network === network || exits.includes(host.network)) return undefined;
      const place = host.behindGateway ? `behind the gateway of ${host.network}` : `on ${host.network}`;
      if (exits.length === 0) return noExit(name, network, to.name);
      return {message: `${to.name} is ${place}, and ${network} of ${name} leads to ${exits[0]}`};
    }
    if (to.kind === 'metadata') return metadataFlaw(vmSite, this.#inventory, this.#reachability);
    const isNear = [...joined].some(near => contains(networks.get(near)?.cidr ?? nowhere, to.address));
    return isNear || exits.length > 0 ? undefined : noExit(name, network, formatIpv4(to.address));
  }

  #fromHost({name, network}: HostSite, to: Endpoint): Flaw | undefined {
    const {vms, hosts} = this.#inventory;
    if (to.kind === 'any vm') return {message: `${name} can reach VMs by their floating IPs only`};
    if (to.kind === 'vm') {
      const vm = vms.get(to.name);
      if (!vm || vm.network === network) return undefined;
      const address = this.#floatingIpOf.get(to.name);
      const hint = address === undefined ? 'Give it a floating IP' : `Send to its floating IP ${formatIpv4(address)}`;
      return {message: `${name} cannot reach ${to.name} by its address on ${vm.network}`, hint};
    }
    if (to.kind === 'host') {
      const host = hosts.get(to.name);
      if (!host || host.network === network) return undefined;
      return {message: `${to.name} is on ${host.network}, and ${name} on ${network}`};
    }
    if (to.kind === 'metadata') return {message: `${name} is not in the cloud, and the metadata service is for VMs`};
    const place = this.#outer.get(to.address);
    if (place === network) return undefined;
    const text = formatIpv4(to.address);
    if (place !== undefined) return {message: `${text} is on ${place}, and ${name} on ${network}`};
    return {message: `${text} is neither a floating IP nor the external address of a router`};
  }
}

const nowhere = {address: 0, length: 32};

function noExit(vm: string, network: string, to: string): Flaw {
  return {message: `no router leads from ${network} of ${vm} to an external network, so there is no way to ${to}`};
}
