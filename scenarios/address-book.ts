import {broadcastAddress, contains, firstHost, formatCidr, formatIpv4, lastHost} from '../models/wire/ipv4.ts';
import type {Cidr, Ipv4} from '../models/wire/ipv4.ts';

/** VMs get addresses from this host of their network on; those before it are mostly routers and services. */
const firstVm = 11;

/** Those of all networks, by name. */
export type AddressBooks = ReadonlyMap<string, AddressBook>;

/** Who has which address of one network. */
export class AddressBook {
  readonly #name: string;
  readonly #cidr: Cidr;
  readonly #owners = new Map<Ipv4, string>();
  #next: Ipv4;
  #left: number;
  #last: Ipv4;

  constructor(name: string, cidr: Cidr) {
    this.#name = name;
    this.#cidr = cidr;
    this.#left = this.size;
    this.#last = lastHost(cidr);
    this.#next = firstVm <= this.size ? firstHost(cidr) + firstVm - 1 : firstHost(cidr);
  }

  /** How many hosts it has room for. */
  get size(): number {
    return lastHost(this.#cidr) - firstHost(this.#cidr) + 1;
  }

  /** Enters who has the address; says why nobody can if so. */
  claim(address: Ipv4, owner: string): string | undefined {
    const flaw = notAHost(address, {name: this.#name, cidr: this.#cidr});
    if (flaw !== undefined) return flaw;
    const other = this.#owners.get(address);
    if (other !== undefined) return `${formatIpv4(address)} is taken: ${other}`;
    this.#owners.set(address, owner);
    return undefined;
  }

  /** The next free address for a VM; after the last one those before the first are used. */
  takeNext(): Ipv4 | undefined {
    while (this.#left > 0) {
      const address = this.#next;
      this.#left -= 1;
      this.#next = address === lastHost(this.#cidr) ? firstHost(this.#cidr) : address + 1;
      if (!this.#owners.has(address)) return address;
    }
    return undefined;
  }

  /** The lowest address that is free now, but for the first: Neutron keeps that for the gateway. */
  takeLowest(owner: string): Ipv4 | undefined {
    for (let address = firstHost(this.#cidr) + 1; address <= lastHost(this.#cidr); address++) {
      if (this.claim(address, owner) === undefined) return address;
    }
    return undefined;
  }

  /** The lowest addresses that are free now, within bounds if there are any. */
  lowest(count: number, {first, last} = {first: firstHost(this.#cidr), last: lastHost(this.#cidr)}): readonly Ipv4[] {
    const free: Ipv4[] = [];
    for (let address = first; address <= last && free.length < count; address++) {
      if (!this.#owners.has(address)) free.push(address);
    }
    return free;
  }

  /** The last address that is free now. */
  takeLast(owner: string): Ipv4 | undefined {
    while (this.#last >= firstHost(this.#cidr)) {
      const address = this.#last--;
      if (this.claim(address, owner) === undefined) return address;
    }
    return undefined;
  }
}

/** Why no host of the network can have the address. */
export function notAHost(address: Ipv4, {name, cidr}: {readonly name: string; readonly cidr: Cidr}) {
  const text = formatIpv4(address);
  const whole = `${name} (${formatCidr(cidr)})`;
  if (!contains(cidr, address)) return `${text} is not in ${whole}`;
  if (address === cidr.address) return `${text} is the network address of ${whole}`;
  if (address === broadcastAddress(cidr)) return `${text} is the broadcast address of ${whole}`;
  return undefined;
}
