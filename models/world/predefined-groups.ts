import {defaultGroupRules, newGroupRules} from '../protocols/security-group.ts';
import type {SecurityGroupPlan} from './world-plan.ts';

/** The group of VMs that name none. Neutron would put them into `default`. */
export const allowAll = 'allow-all';

/** Groups that are there unless a scenario makes them itself. */
export const predefinedGroups: readonly SecurityGroupPlan[] = [
  {name: allowAll, rules: [...newGroupRules, {direction: 'ingress'}]},
  {name: 'default', rules: defaultGroupRules('default')},
];
