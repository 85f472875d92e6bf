import type {NeutronContents} from '../../tables/neutron-contents.ts';
import type {NeutronInventory, NeutronPortNumber} from '../../tables/neutron-inventory.ts';
import {remoteGroups, sameRule, type GroupRule} from '../../protocols/security-group.ts';
import {l2Fanout, type SecurityGroupInfo} from './messages.ts';
import type {Outgoing} from './port-wiring.ts';

/**
 * What the server makes of security groups (neutron/db/securitygroups_rpc_base.py): what an agent is told of the ports it
 * asks about, and who is told of a change. Every agent hears of every change and asks again if it has such ports.
 */
export class GroupNotifier {
  readonly #inventory: NeutronInventory;
  readonly #contents: NeutronContents;

  constructor(inventory: NeutronInventory, contents: NeutronContents) {
    this.#inventory = inventory;
    this.#contents = contents;
  }

  /** security_group_info_for_devices: of ports that are not Neutron's own. */
  infoFor(ports: readonly NeutronPortNumber[]): SecurityGroupInfo {
    const {security} = this.#contents;
    const told = ports.flatMap(port => {
      const settings = this.#inventory.ports[port].security;
      return settings
        ? [{port, enabled: settings.enabled, pairs: settings.pairs, groups: security.groupsOf(port)}]
        : [];
    });
    const groups = [...new Set(told.flatMap(port => port.groups))];
    const rules = new Map(groups.map(group => [group, security.rulesOf(group)]));
    const remotes = remoteGroups([...rules.values()].flat());
    return {ports: told, rules, members: new Map(remotes.map(group => [group, security.membersOf(group)]))};
  }

  /** A port is there from now on, if it was not before. */
  created(port: NeutronPortNumber): readonly Outgoing[] {
    const {security} = this.#contents;
    if (!security.created(port)) return [];
    return membersUpdated(security.groupsOf(port));
  }

  hasRule(group: string, rule: GroupRule): boolean {
    return this.#contents.security.rulesOf(group).some(own => sameRule(own, rule));
  }

  addRule(group: string, rule: GroupRule): readonly Outgoing[] {
    this.#contents.security.addRule(group, rule);
    return ruleUpdated(group);
  }

  removeRule(group: string, rule: GroupRule): readonly Outgoing[] {
    this.#contents.security.removeRule(group, rule);
    return ruleUpdated(group);
  }

  /** A port joins or leaves a group: those of its groups, before and after, are told, and its own agent of the port. */
  change(port: NeutronPortNumber, group: string, how: 'join' | 'leave'): readonly Outgoing[] {
    const {security} = this.#contents;
    const before = security.groupsOf(port);
    security[how](port, group);
    const after = security.groupsOf(port);
    if (before.length === after.length) return [];
    const members = membersUpdated([...new Set([...before, ...after])]);
    return [
      ...members,
      {to: {exchange: l2Fanout}, method: 'port_update', argument: {port, chassis: this.#contents.hostOf(port)}},
    ];
  }
}

function membersUpdated(groups: readonly string[]): readonly Outgoing[] {
  if (groups.length === 0) return [];
  return [{to: {exchange: l2Fanout}, method: 'security_groups_member_updated', argument: {groups}}];
}

function ruleUpdated(group: string): readonly Outgoing[] {
  return [{to: {exchange: l2Fanout}, method: 'security_groups_rule_updated', argument: {groups: [group]}}];
}
