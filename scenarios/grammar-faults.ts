import {z} from 'zod';
import {instant, percentage, reference, time, wholeNumber} from './fields.ts';
import {keys} from './grammar-parts.ts';

const targets = z
  .union([reference('target'), z.array(reference('target')).min(1, {error: 'an empty list: name a target'})], {
    error: 'a target or a list of targets',
  })
  .describe(
    'A chassis, `active gateway of r1`, `all computes`, `chassis of vm1`, a host outside, `upstream of public`, `switch`, or a list.',
  );

/** When a fault strikes. */
export const timing = {
  at: instant.describe('When it begins: 20s, or 20s + random 1s for an instant drawn from the seed.'),
  for: instant.optional().describe('How long it lasts; for ever if left out.'),
  repeat: keys({
    every: time({least: 1}).describe('From one beginning to the next.'),
    times: wholeNumber(2, 100_000).describe('How often in all.'),
  })
    .optional()
    .describe('Makes it come again and again.'),
};

const nic = reference('interface', 'one of underlay, provider, management, all, or the name of a segment').describe(
  'Which interface of the target: underlay, provider, management, all, or the one on a segment by its name.',
);
export const direction = z.enum(['in', 'out', 'both']).default('both').describe('Seen from the target.');
const daemonHow = z
  .enum(['kill', 'stop', 'hang', 'restart'])
  .default('kill')
  .describe('kill: kill -9; stop: told to stop; hang: alive and silent; restart: stopped and started again.');

/** What is done to keepalived, whose two processes can be killed apart. */
export const keepalivedHow = z
  .enum(['kill', 'kill-parent', 'kill-child', 'stop', 'hang', 'restart', 'reload'])
  .default('kill')
  .describe('kill: both processes by kill -9; kill-parent, kill-child: one of them; stop: SIGTERM; reload: SIGHUP.');
const served = reference('router').optional().describe('Of which router; of all that are there if left out.');

/** What can break; `break` says which, and so which other keys there are. */
export const faultGrammar = z.discriminatedUnion('break', [
  keys({break: z.literal('link').describe('Carrier is lost and both ends know.'), of: targets, nic, ...timing}),
  keys({
    break: z.literal('black-hole').describe('Carrier stays; frames vanish.'),
    of: targets,
    nic,
    direction,
    ...timing,
  }),
  keys({
    break: z.literal('one-way').describe('Frames vanish in one direction only.'),
    of: targets,
    nic,
    direction: z.enum(['in', 'out']).describe('The direction that is dead, seen from the target.'),
    ...timing,
  }),
  keys({
    break: z.literal('drop').describe('Frames that match vanish, as under a rule of iptables.'),
    of: targets,
    nic,
    direction,
    protocol: z
      .enum(['arp', 'icmp', 'udp', 'tcp', 'bfd', 'vrrp', 'geneve', 'vxlan', 'gre', 'any'])
      .default('any')
      .describe('Which frames.'),
    port: wholeNumber(1, 65_535).optional().describe('Only those to or from this UDP or TCP port.'),
    ...timing,
  }),
  keys({
    break: z.literal('loss').describe('A share of the frames is lost.'),
    of: targets,
    nic,
    direction,
    rate: percentage.describe('The share.'),
    ...timing,
  }),
  keys({
    break: z.literal('latency').describe('Frames take longer.'),
    of: targets,
    nic,
    direction,
    add: time().describe('How much longer each frame takes.'),
    jitter: time().prefault('0us').describe('Up to this much more, drawn for each frame.'),
    ...timing,
  }),
  keys({break: z.literal('chassis').describe('Power off; back it comes empty.'), of: targets, ...timing}),
  keys({
    break: z
      .enum([
        'ovs-vswitchd',
        'ovn-controller',
        'neutron-linuxbridge-agent',
        'neutron-openvswitch-agent',
        'neutron-l3-agent',
        'neutron-dhcp-agent',
        'neutron-metadata-agent',
      ])
      .describe(
        'A daemon of the chassis: ovn-controller of OVN, ovs-vswitchd wherever Open vSwitch is, agents of Neutron.',
      ),
    of: targets,
    how: daemonHow,
    ...timing,
  }),
  keys({
    break: z.literal('keepalived').describe('keepalived of highly available routers, on gateways of Neutron.'),
    of: targets,
    router: served,
    how: keepalivedHow,
    ...timing,
  }),
  keys({
    break: z
      .literal('neutron-keepalived-state-change')
      .describe('The monitor that tells the L3 agent what a highly available router has become on a gateway.'),
    of: targets,
    router: served,
    how: daemonHow,
    ...timing,
  }),
  keys({
    break: z.literal('conntrackd').describe('What tells the backups of a highly available router of its connections.'),
    of: targets,
    router: served,
    how: daemonHow,
    ...timing,
  }),
  keys({
    break: z
      .enum(['ovn-northd', 'neutron-server', 'rabbitmq-server'])
      .describe('A daemon on the controller: the first of OVN, the others of Neutron.'),
    of: targets.optional(),
    how: daemonHow,
    ...timing,
  }),
  keys({
    break: z.literal('southbound').describe('The southbound database, or the path to it.'),
    of: targets.optional(),
    how: z
      .enum(['noticed', 'silent', 'kill'])
      .describe('noticed: the connection is reset; silent: the path is cut without a word; kill: the server dies.'),
    ...timing,
  }),
  keys({
    break: z.literal('bus').describe('The path to the message bus of Neutron.'),
    of: targets,
    how: z
      .enum(['noticed', 'silent'])
      .describe('noticed: connections are reset; silent: the path is cut without a word.'),
    ...timing,
  }),
]);
