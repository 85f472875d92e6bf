import {z} from 'zod';
import {address, instant, mac, reference} from './fields.ts';
import {keys} from './grammar-parts.ts';
import {securityRuleGrammar} from './grammar-security.ts';

const at = instant.describe('When: 20s, or 20s + random 1s for an instant drawn from the seed.');
const floatingIp = address.describe(
  'One of the floating IPs of the file, or one that an operation may have allocated.',
);
const securityGroup = reference('security group').describe('The security group.');
const vms = z
  .union([reference('VM'), z.array(reference('VM')).min(1, {error: 'an empty list: name a VM'})], {
    error: 'a VM or a list of VMs',
  })
  .describe('VMs, by names or templates.');

/** What an operator does to a cloud while it runs; `do` says which, and so which other keys there are. */
export const operationGrammar = z.discriminatedUnion('do', [
  keys({
    do: z.literal('associate').describe('A floating IP leads to another VM from now on.'),
    'floating-ip': floatingIp,
    vm: reference('VM').describe('The VM that it leads to.'),
    at,
  }),
  keys({do: z.literal('disassociate').describe('A floating IP leads to nobody.'), 'floating-ip': floatingIp, at}),
  keys({
    do: z.literal('allocate').describe('A VM gets a floating IP of the pool; refused if no address is left.'),
    vm: reference('VM').describe('The VM that it leads to.'),
    at,
  }),
  keys({
    do: z.literal('release').describe('A floating IP is deleted, and its address free again.'),
    'floating-ip': floatingIp,
    at,
  }),
  keys({
    do: z.literal('reschedule').describe('A router is taken from its agent and given to another.'),
    router: reference('router').describe('The router.'),
    to: reference('chassis').describe('The gateway whose agent gets it.'),
    at,
  }),
  keys({
    do: z.literal('remove').describe('A router is taken from an L3 agent, and nobody has it then.'),
    router: reference('router').describe('The router.'),
    from: reference('chassis').describe('The gateway whose agent it is taken from.'),
    at,
  }),
  keys({
    do: z.literal('add').describe('A router is given to an L3 agent; refused if another one has it.'),
    router: reference('router').describe('The router.'),
    to: reference('chassis').describe('The gateway whose agent gets it.'),
    at,
  }),
  keys({do: z.literal('boot').describe('VMs that were off until then are started.'), vm: vms, at}),
  keys({do: z.literal('start').describe('VMs that went off with their hosts are started again.'), vm: vms, at}),
  keys({
    do: z.literal('move').describe('A VM goes to another host, and nobody announces it there.'),
    vm: reference('VM').describe('The VM.'),
    to: reference('chassis').describe('The chassis that it goes to: a compute, or a gateway.'),
    at,
  }),
  keys({
    do: z
      .literal('replace')
      .describe('Another machine takes the place and the address of one: with another MAC, and without a word.'),
    machine: reference('machine').describe('A VM whose address is static, or a host outside.'),
    mac: mac.optional().describe('The MAC of the other machine.'),
    at,
  }),
  keys({
    do: z.literal('add-rule').describe('A security group lets something more through.'),
    'security-group': securityGroup,
    rule: securityRuleGrammar.describe('The rule.'),
    at,
  }),
  keys({
    do: z.literal('remove-rule').describe('A security group has a rule no more.'),
    'security-group': securityGroup,
    rule: securityRuleGrammar.describe('The rule, as it was given.'),
    at,
  }),
  keys({
    do: z.literal('add-group').describe('VMs join a security group.'),
    vm: vms,
    'security-group': securityGroup,
    at,
  }),
  keys({
    do: z.literal('remove-group').describe('VMs leave a security group.'),
    vm: vms,
    'security-group': securityGroup,
    at,
  }),
]);
