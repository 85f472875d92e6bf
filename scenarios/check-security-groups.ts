import {allowAll, predefinedGroups} from '../models/world/predefined-groups.ts';
import type {PortSecurityPlan, SecurityGroupPlan} from '../models/world/world-plan.ts';
import type {z} from 'zod';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {securityRuleGrammar} from './grammar-security.ts';
import type {Inventory} from './inventory.ts';

export type SecurityRule = SecurityGroupPlan['rules'][number];
export type RuleDraft = z.output<typeof securityRuleGrammar>;

const everythingOut: SecurityRule = {direction: 'egress'};

const onlyNeutron = 'security groups and port security are modelled in clouds of Neutron only';
const makeNeutron = 'Make the cloud one of Neutron with the section neutron: {}';

/** The security groups of the file, and those that are there anyway. */
export function checkSecurityGroups(
  draft: Draft,
  flawed: ReadonlySet<string>,
  inventory: Inventory,
): readonly SecurityGroupPlan[] {
  const {findings, cloud, securityGroups} = inventory;
  const names = [...findings.keysOf(['security-groups'])];
  if (cloud !== 'neutron' && names.length > 0) {
    findings.mistake(findings.key(['security-groups']), onlyNeutron, makeNeutron);
  }
  for (const name of names) {
    if (flawed.has(`security-groups/${name}`)) securityGroups.addFlawed(name);
    else securityGroups.add(name, {name}, () => findings.key(['security-groups', name]));
  }
  const others = predefinedGroups.filter(({name}) => !names.includes(name));
  for (const {name} of others) securityGroups.add(name, {name}, () => findings.key(['security-groups']));
  const own = Object.entries(draft['security-groups']).map(([name, entry]): SecurityGroupPlan => {
    const rules: SecurityRule[] = entry['default-rules'] ? [everythingOut] : [];
    for (const [index, rule] of entry.rules.entries()) {
      const path: Path = ['security-groups', name, 'rules', index];
      const read = readRule(rule, path, inventory);
      const isWhole = !flawed.has(`security-groups/${name}`);
      if (isWhole && rules.some(other => isSameRule(other, read))) {
        const hint = isSameRule(read, everythingOut) ? 'A new group lets everything out' : undefined;
        findings.mistake(findings.value(path), 'the group has this rule already', hint);
      }
      rules.push(read);
    }
    return {name, rules};
  });
  return [...others, ...own];
}

/** A rule, with what does not go together told. */
export function readRule(rule: RuleDraft, path: Path, {findings, securityGroups}: Inventory): SecurityRule {
  const {direction, protocol, port, 'icmp-type': type, 'icmp-code': code} = rule;
  const {'remote-ip': remotePrefix, 'remote-group': remoteGroup} = rule;
  const complain = (key: string, message: string, hint?: string) => {
    findings.mistake(findings.value([...path, key]), message, hint);
  };
  if (port && protocol !== 'tcp' && protocol !== 'udp') {
    complain('port', `protocol ${protocol} has no ports`, 'Say protocol: tcp or protocol: udp');
  }
  if (type !== undefined && protocol !== 'icmp') complain('icmp-type', 'only icmp has types', 'Say protocol: icmp');
  if (code !== undefined && type === undefined) complain('icmp-code', 'a code needs a type: icmp-type');
  if (remotePrefix && remoteGroup !== undefined) {
    complain('remote-group', 'a rule has remote-ip or remote-group, not both', 'Make two rules of it');
  }
  if (remoteGroup !== undefined) securityGroups.find(remoteGroup, () => findings.value([...path, 'remote-group']));
  return {
    direction,
    ...(protocol !== 'any' && {protocol: protocol === 'vrrp' ? vrrp : protocol}),
    ...(port && {ports: port}),
    ...(type !== undefined && {icmp: {type, code}}),
    ...(remotePrefix && remotePrefix.length > 0 && {remotePrefix}),
    ...(remoteGroup !== undefined && {remoteGroup}),
  };
}

/** Its number in the IP header. */
const vrrp = 112;

/** The parts of a rule are always in the same order. */
export function isSameRule(a: SecurityRule, b: SecurityRule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What a VM's port may send and receive. */
export function readPortSecurity(entry: Draft['vms'][string], path: Path, inventory: Inventory): PortSecurityPlan {
  const {findings, cloud, securityGroups} = inventory;
  const {'security-groups': named, 'port-security': enabled, 'allowed-address-pairs': pairs} = entry;
  const given = ['security-groups', 'port-security', 'allowed-address-pairs'].filter(key =>
    findings.has([...path, key]),
  );
  if (cloud !== 'neutron') {
    for (const key of given) findings.mistake(findings.key([...path, key]), onlyNeutron, makeNeutron);
  } else if (!enabled) {
    for (const key of given.filter(one => one !== 'port-security')) {
      const message = `with "port-security: false" a port has no ${key.replaceAll('-', ' ')}`;
      findings.mistake(findings.key([...path, key]), message, 'Neutron refuses this: leave one of the two out');
    }
  }
  const groups = named === undefined ? (enabled ? [allowAll] : []) : [named].flat();
  for (const [index, group] of groups.entries()) {
    const place: Path = [...path, 'security-groups'];
    const span = () => findings.value(typeof named === 'string' ? place : [...place, index]);
    securityGroups.find(group, span);
    if (groups.indexOf(group) < index) findings.mistake(span(), `${group} stands here twice`);
  }
  return {
    enabled,
    groups,
    pairs: pairs.map(({address, mac}) => ({mac, prefix: address})),
  };
}
