import {z} from 'zod';
import {addressOrPrefix, mac, portRange, reference, wholeNumber} from './fields.ts';
import {keys, optionalList} from './grammar-parts.ts';

/** A rule of a security group, under the names of `openstack security group rule create`. */
export const securityRuleGrammar = keys({
  direction: z
    .enum(['ingress', 'egress'])
    .default('ingress')
    .describe('ingress: what a VM receives; egress: what it sends.'),
  protocol: z.enum(['any', 'tcp', 'udp', 'icmp', 'vrrp']).default('any').describe('The protocol that is let through.'),
  port: portRange.optional().describe('Destination ports of tcp and udp: 80, or 8000..8010; all if left out.'),
  'icmp-type': wholeNumber(0, 255).optional().describe('The type of icmp: 8 is a ping; all if left out.'),
  'icmp-code': wholeNumber(0, 255).optional().describe('The code of that type; all if left out.'),
  'remote-ip': addressOrPrefix
    .optional()
    .describe('Who is at the other end: an address or a prefix; anybody if neither this nor remote-group is given.'),
  'remote-group': reference('security group')
    .optional()
    .describe('Who is at the other end: the VMs of a security group, with the addresses of their allowed pairs.'),
});

/** A security group of Neutron; `{}` lets everything out and nothing in. */
export const securityGroupGrammar = keys({
  rules: optionalList(securityRuleGrammar).describe('What is let through beside what belongs to a connection.'),
  'default-rules': z
    .boolean()
    .default(true)
    .describe('Whether it has the rule that Neutron gives to every new group: everything goes out.'),
});

/** What a VM says of its port. */
export const portSecurityKeys = {
  'security-groups': z
    .union([reference('security group'), z.array(reference('security group'))], {
      error: 'a security group or a list of them',
    })
    .optional()
    .describe('Its groups, of the file, or default or allow-all. allow-all if left out; [] lets nothing through.'),
  'port-security': z
    .boolean()
    .default(true)
    .describe('Whether its port is filtered at all; without it there are no groups and no address pairs.'),
  'allowed-address-pairs': optionalList(
    z.union(
      [
        addressOrPrefix.transform(pair => ({address: pair, mac: undefined})),
        keys({
          address: addressOrPrefix.describe('An address or a prefix.'),
          mac: mac.optional().describe('The MAC that it is sent with; that of the VM if left out.'),
        }),
      ],
      {error: 'an address, a prefix, or {address, mac}'},
    ),
  ).describe('Addresses that the VM may send from beside its own.'),
};
