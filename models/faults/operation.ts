import type {NeutronSecurityGroup} from '../tables/neutron-inventory.ts';
import type {Mac} from '../wire/mac.ts';

/**
 * What an operator, or the compute service, does while a cloud runs. To what is said by the target:
 * a VM, an address, a router. A rule of a security group is that of the cloud, or that of a scenario.
 */
export type Operation<Rule = NeutronSecurityGroup['rules'][number]> =
  /** A floating address leads to a VM from now on. */
  | {readonly what: 'associate'; readonly vm: string}
  /** A floating address leads to nobody. */
  | {readonly what: 'disassociate'}
  /** A VM gets a floating address of the pool. */
  | {readonly what: 'allocate'}
  /** A floating address is nobody's any more, and goes back to the pool. */
  | {readonly what: 'release'}
  /** A router is taken from its agent and given to that of another host. */
  | {readonly what: 'reschedule'; readonly to: string}
  /** A router is taken from the agent of a host, and nobody has it then. */
  | {readonly what: 'remove'; readonly from: string}
  /** A router that nobody has is given to the agent of a host. */
  | {readonly what: 'add'; readonly to: string}
  /** A VM that was off is started. */
  | {readonly what: 'boot'}
  /** A VM that went off with its host is started again. */
  | {readonly what: 'start'}
  /** A VM goes to another host without a word: nobody announces its address there. */
  | {readonly what: 'move'; readonly to: string}
  /** A machine's place and address are taken by another, which has another MAC and announces nothing. */
  | {readonly what: 'replace'; readonly mac: Mac}
  /** A machine's keepalived reads a file in which instances have other priorities, and preempt or do not. */
  | {
      readonly what: 'reload';
      readonly instance: string;
      readonly priority: number | undefined;
      readonly nopreempt: boolean | undefined;
    }
  /** A security group lets something more through, or less. The rule's remote group is called by its name. */
  | {readonly what: 'add-rule' | 'remove-rule'; readonly rule: Rule}
  /** A VM joins a security group, or leaves it. */
  | {readonly what: 'add-group' | 'remove-group'; readonly group: string};
