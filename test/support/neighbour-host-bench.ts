import {seconds, type Time} from '../../engine/time.ts';
import {HostNeighbours} from '../../models/protocols/host-neighbours.ts';
import {neighbourThresholds, type NeighbourThresholds} from '../../models/protocols/neighbour-settings.ts';
import type {NeighbourState} from '../../models/protocols/neighbour.ts';
import type {Ipv4} from '../../models/wire/ipv4.ts';
import {ip, NeighbourTableBench, oldMac, ownIp} from './neighbour-table-bench.ts';

/** A host with some namespaces of one interface each, which keep one clock. */
export class NeighbourHostBench {
  readonly host: HostNeighbours;
  readonly namespaces: readonly NeighbourTableBench[];
  #now: Time = 0;

  constructor(count: number, thresholds: Partial<NeighbourThresholds> = {}, tidyAt = seconds(10)) {
    this.host = new HostNeighbours({phase: 0, tidyAt}, {...neighbourThresholds, ...thresholds});
    const addresses = [{address: ownIp, length: 8}];
    this.namespaces = Array.from(
      {length: count},
      () => new NeighbourTableBench({host: this.host, addresses, tidyAt, draw: () => 0.999}),
    );
  }

  get now(): Time {
    return this.#now;
  }

  /** The namespaces go on together, those first that have something to do first. */
  until(time: Time): this {
    for (;;) {
      const next = Math.min(time, ...this.namespaces.map(({table}) => table.wakeAt));
      for (const namespace of this.namespaces) namespace.until(next);
      this.#now = next;
      if (next === time) return this;
    }
  }

  pass(time: Time): this {
    return this.until(this.#now + time);
  }

  /** Neighbours that have asked for this host, and so are stale. */
  stale(namespace: number, addresses: readonly Ipv4[]): this {
    for (const senderIp of addresses) this.#in(namespace).arp({senderIp, senderMac: oldMac, targetIp: ownIp});
    return this;
  }

  reachable(namespace: number, addresses: readonly Ipv4[]): this {
    for (const address of addresses) this.#in(namespace).packet(address).reply(address);
    return this;
  }

  permanent(namespace: number, addresses: readonly Ipv4[]): this {
    for (const address of addresses) this.#in(namespace).table.pin(address, oldMac, this.#now);
    return this;
  }

  /** Sends a packet to each and says how many got an entry. */
  packets(namespace: number, addresses: readonly Ipv4[]): number {
    for (const address of addresses) this.#in(namespace).packet(address);
    return addresses.filter(address => this.#in(namespace).state(address) !== 'absent').length;
  }

  states(namespace: number, addresses: readonly Ipv4[]): readonly (NeighbourState | 'absent')[] {
    return [...new Set(addresses.map(address => this.#in(namespace).state(address)))];
  }

  /** How many lines of a namespace have this in them. */
  count(namespace: number, words: string): number {
    return this.#in(namespace).lines.filter(line => line.includes(words)).length;
  }

  clear(): this {
    for (const namespace of this.namespaces) namespace.clear();
    return this;
  }

  #in(namespace: number): NeighbourTableBench {
    return this.namespaces[namespace]!;
  }
}

/** So many addresses of a network of their own. */
export function peers(network: number, count: number): readonly Ipv4[] {
  return Array.from({length: count}, (_, i) => ip(`10.${network}.0.0`) + 1 + i);
}
