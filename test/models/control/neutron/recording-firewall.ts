import {toSeconds} from '../../../../engine/time.ts';
import type {Ground} from '../../../../models/ground.ts';
import type {ArpProtection} from '../../../../models/protocols/arp-protection.ts';
import type {Selection} from '../../../../models/protocols/linux-conntrack.ts';
import type {HostFilters} from '../../../../models/protocols/port-filter.ts';
import type {HostFirewall} from '../../../../models/tables/host-network.ts';
import {formatIpv4, type Cidr} from '../../../../models/wire/ipv4.ts';

/** The filters of one host: does what it is asked, and writes down when it changed something. */
export class RecordingFirewall implements HostFirewall {
  zones: ReadonlyMap<string, number> = new Map();
  readonly sets = new Map<string, readonly Cidr[]>();
  readonly lines: string[] = [];
  readonly #ground: Ground;
  readonly #nameOf: (device: string) => string;
  readonly #protected = new Set<string>();
  #restored = '';

  constructor(ground: Ground, nameOf: (device: string) => string) {
    this.#ground = ground;
    this.#nameOf = nameOf;
  }

  restore({filtered, unfiltered, trusted, rules}: HostFilters, zones: ReadonlyMap<string, number>): void {
    this.zones = zones;
    const ports = filtered.map(({device, groups}) => {
      const count = groups.flatMap(group => rules.get(group) ?? []).length;
      return `${this.#nameOf(device)} (${count} rules)`;
    });
    const others = [...unfiltered, ...trusted].map(device => this.#nameOf(device));
    const restored = `filters ${[...ports, ...others].sort().join(', ')}`;
    if (restored !== this.#restored) this.#note((this.#restored = restored));
  }

  setMembers(set: string, members: readonly Cidr[]): void {
    this.sets.set(set, members);
    this.#note(`set ${set.slice(5, 7)}: ${members.map(({address}) => formatIpv4(address)).join(' ')}`);
  }

  destroySet(set: string): void {
    if (this.sets.delete(set)) this.#note(`no set ${set.slice(5, 7)}`);
  }

  protect(device: string, _bridge: string, protection: ArpProtection | undefined): void {
    const name = this.#nameOf(device);
    if (protection && !this.#protected.has(name)) {
      this.#protected.add(name);
      this.#note(`protects ${name}`);
    }
    if (!protection && this.#protected.delete(name)) this.#note(`no longer protects ${name}`);
  }

  deleteConnections({originalSource, originalDestination, protocol, zone}: Selection): void {
    const ends = [originalSource, originalDestination].map(end => (end === undefined ? '*' : formatIpv4(end)));
    this.#note(`deletes ${protocol ?? 'all'} ${ends.join(' → ')} in ${zone}`);
  }

  #note(line: string): void {
    this.lines.push(`${toSeconds(this.#ground.engine.now).toFixed(3)} ${line}`);
  }
}
