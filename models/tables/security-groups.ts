import {sameRule, type GroupRule} from '../protocols/security-group.ts';
import type {Cidr} from '../wire/ipv4.ts';
import type {NeutronInventory, NeutronPortNumber} from './neutron-inventory.ts';

/** Security groups in Neutron's database: their rules, and which ports are in which. Groups are known by their ids. */
export class SecurityGroups {
  readonly #inventory: NeutronInventory;
  readonly #rules: Map<string, readonly GroupRule[]>;
  /** By port, for those that have any; in the order in which a port joined. */
  readonly #groups = new Map<NeutronPortNumber, readonly string[]>();
  readonly #members = new Map<string, Set<NeutronPortNumber>>();
  /** Ports that nobody has created yet. */
  readonly #absent: Set<NeutronPortNumber>;

  constructor(inventory: NeutronInventory, absent: ReadonlySet<NeutronPortNumber>) {
    this.#inventory = inventory;
    this.#rules = new Map(inventory.securityGroups.map(({id, rules}) => [id, rules]));
    this.#absent = new Set(inventory.ports.map(({number}) => number));
    for (const {number} of inventory.ports) if (!absent.has(number)) this.created(number);
  }

  rulesOf(group: string): readonly GroupRule[] {
    return this.#rules.get(group) ?? [];
  }

  addRule(group: string, rule: GroupRule): void {
    this.#rules.set(group, [...this.rulesOf(group), rule]);
  }

  removeRule(group: string, rule: GroupRule): void {
    this.#rules.set(
      group,
      this.rulesOf(group).filter(own => !sameRule(own, rule)),
    );
  }

  groupsOf(port: NeutronPortNumber): readonly string[] {
    return this.#groups.get(port) ?? [];
  }

  /** A port is there from now on, in the groups that it was made for. False if it was there before. */
  created(port: NeutronPortNumber): boolean {
    if (!this.#absent.delete(port)) return false;
    for (const group of this.#inventory.ports[port].security?.groups ?? []) this.join(port, group);
    return true;
  }

  join(port: NeutronPortNumber, group: string): void {
    const groups = this.groupsOf(port);
    if (groups.includes(group)) return;
    this.#groups.set(port, [...groups, group]);
    const members = this.#members.get(group);
    if (members) members.add(port);
    else this.#members.set(group, new Set([port]));
  }

  leave(port: NeutronPortNumber, group: string): void {
    this.#groups.set(
      port,
      this.groupsOf(port).filter(own => own !== group),
    );
    this.#members.get(group)?.delete(port);
  }

  /** The addresses of a group's ports, with those of allowed address pairs (_select_ips_for_remote_group). */
  membersOf(group: string): readonly Cidr[] {
    const {ports} = this.#inventory;
    return [...(this.#members.get(group) ?? [])].flatMap(number => {
      const {address, security} = ports[number];
      return [{address, length: 32}, ...(security?.pairs ?? []).map(({prefix}) => prefix)];
    });
  }
}
