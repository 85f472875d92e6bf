import type {SecurityGroupPlan} from '../models/world/world-plan.ts';
import {isSameRule, readRule} from './check-security-groups.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Fault, OperationOfFile} from './scenario.ts';

type RuleOperation = Extract<Draft['operations'][string], {do: 'add-rule' | 'remove-rule'}>;
type GroupOperation = Extract<Draft['operations'][string], {do: 'add-group' | 'remove-group'}>;

/** Reads an operation that gives a security group a rule or takes one from it. */
export function readRuleOperation(entry: RuleOperation, path: Path, inventory: Inventory): OperationOfFile {
  findGroup(entry['security-group'], path, inventory);
  return {what: entry.do, rule: readRule(entry.rule, [...path, 'rule'], inventory)};
}

/** Reads an operation by which VMs join a security group or leave it. */
export function readGroupOperation(
  entry: GroupOperation,
  names: readonly string[],
  path: Path,
  inventory: Inventory,
): OperationOfFile {
  const {findings, vms} = inventory;
  findGroup(entry['security-group'], path, inventory);
  const unfiltered = names.find(name => vms.get(name)?.isFiltered === false);
  if (unfiltered !== undefined) {
    const message = `${unfiltered} has port-security: false, and Neutron gives such a port no security groups`;
    findings.mistake(findings.value([...path, 'vm']), message);
  }
  return {what: entry.do, group: entry['security-group']};
}

/** A rule can only be removed if the group has it, or may have been given it by then. */
export function checkRulesRemoved(
  {operations}: Draft,
  groups: readonly SecurityGroupPlan[],
  read: readonly Fault[],
  {findings}: Inventory,
): void {
  const operationOf = (name: string): OperationOfFile | undefined => {
    const breakage = read.find(fault => fault.name === name)?.breakage;
    return breakage?.kind === 'operation' ? breakage.operation : undefined;
  };
  for (const [name, entry] of Object.entries(operations)) {
    const operation = operationOf(name);
    const group = groups.find(candidate => entry.do === 'remove-rule' && candidate.name === entry['security-group']);
    if (entry.do !== 'remove-rule' || operation?.what !== 'remove-rule' || !group) continue;
    const wanted = (rule: SecurityGroupPlan['rules'][number]): boolean => isSameRule(rule, operation.rule);
    const isAdded = Object.entries(operations).some(([other, {at, ...before}]) => {
      const added = operationOf(other);
      if (before.do !== 'add-rule' || before['security-group'] !== group.name || added?.what !== 'add-rule')
        return false;
      return wanted(added.rule) && at.base <= entry.at.base + entry.at.random;
    });
    if (isAdded || group.rules.some(wanted)) continue;
    const span = findings.value(['operations', name, 'rule']);
    findings.mistake(span, `${group.name} has no such rule`, 'Write it as it stands in the group');
  }
}

function findGroup(group: string, path: Path, {findings, securityGroups}: Inventory): void {
  securityGroups.find(group, () => findings.value([...path, 'security-group']));
}
