import {z} from 'zod';
import {milliseconds} from '../engine/time.ts';
import {address, instant, name, network, percentage, prefix, prose, reference, time, wholeNumber} from './fields.ts';
import {direction, keepalivedHow, timing} from './grammar-faults.ts';
import {keepalivedGrammar} from './grammar-keepalived.ts';
import {keys, optionalList} from './grammar-parts.ts';
import {sweepGrammar} from './grammar-sweep.ts';
import {machineSysctls} from './grammar-sysctls.ts';
import {host, scenarioName, segmentMtu, traffic} from './grammar.ts';

/** The shape of a scenario file without a cloud: machines on LANs. */

const lan = keys({
  cidr: network.describe('The addresses on it.'),
  latency: time().prefault('50us').describe('One way, from port to port.'),
  jitter: time().prefault('0us').describe('Each frame takes up to this much longer.'),
  loss: percentage.prefault('0%').describe('The share of frames lost.'),
  mtu: segmentMtu.default(1500).describe('Bytes of the largest packet that its cards and its switch take.'),
  ageing: time({least: milliseconds(1)})
    .prefault('300s')
    .describe('After how long without a frame the switch forgets a MAC.'),
});

const machine = keys({
  interfaces: z
    .record(
      name,
      keys({
        lan: reference('LAN').describe('The LAN it is on.'),
        address: address.optional().describe('Its own address; none if left out.'),
      }),
    )
    .describe('Its interfaces.'),
  gateway: address.optional().describe('The next hop of its default route.'),
  routes: optionalList(
    keys({
      prefix: prefix.describe('Where the route leads.'),
      'next-hop': address.describe('An address on one of its LANs.'),
    }),
  ).describe('Other routes.'),
  forwards: z.boolean().optional().describe('Whether it passes on what is for others; it does if keepalived runs.'),
  sysctls: machineSysctls.prefault({}).describe('What its kernel is told otherwise than Linux does by itself.'),
  keepalived: keepalivedGrammar.optional().describe('What keepalived.conf says there.'),
  host: host.optional().describe('The profile of this machine if it is not the one of the scenario.'),
});

const of = z
  .union([reference('machine'), z.array(reference('machine')).min(1, {error: 'an empty list: name a machine'})], {
    error: 'a machine or a list of machines',
  })
  .describe('A machine, `master of VI_1`, `backup of VI_1`, or a list; `switch` is all of a LAN.');
const nic = reference('interface').describe('Which interface of the target, or all; of a switch its LAN.');

/** What can break on LANs. */
const fault = z.discriminatedUnion('break', [
  keys({break: z.literal('link').describe('Carrier is lost and both ends know.'), of, nic, ...timing}),
  keys({break: z.literal('black-hole').describe('Carrier stays; frames vanish.'), of, nic, direction, ...timing}),
  keys({
    break: z.literal('one-way').describe('Frames vanish in one direction only.'),
    of,
    nic,
    direction: z.enum(['in', 'out']).describe('The direction that is dead, seen from the target.'),
    ...timing,
  }),
  keys({
    break: z.literal('drop').describe('Frames that match vanish, as under a rule of iptables.'),
    of,
    nic,
    direction,
    protocol: z.enum(['arp', 'icmp', 'udp', 'vrrp', 'any']).default('any').describe('Which frames.'),
    ...timing,
  }),
  keys({
    break: z.literal('loss').describe('A share of the frames is lost.'),
    of,
    nic,
    direction,
    rate: percentage.describe('The share.'),
    ...timing,
  }),
  keys({
    break: z.literal('latency').describe('Frames take longer.'),
    of,
    nic,
    direction,
    add: time().describe('How much longer each frame takes.'),
    jitter: time().prefault('0us').describe('Up to this much more, drawn for each frame.'),
    ...timing,
  }),
  keys({break: z.literal('machine').describe('Power off; back it comes as it was set up.'), of, ...timing}),
  keys({
    break: z.literal('keepalived').describe('The daemon of a machine.'),
    of,
    how: keepalivedHow,
    ...timing,
  }),
  keys({
    break: z.literal('script').describe('A tracking script fails.'),
    of,
    script: reference('script').describe('Which.'),
    ...timing,
  }),
]);

const operation = z.discriminatedUnion('do', [
  keys({
    do: z.literal('reload').describe('keepalived.conf is changed and read anew (SIGHUP).'),
    machine: reference('machine').describe('Where.'),
    instance: reference('instance').describe('The instance that is changed.'),
    priority: wholeNumber(1, 255).optional().describe('Its new priority.'),
    nopreempt: z.boolean().optional().describe('Its new nopreempt.'),
    at: instant.describe('When: 20s, or 20s + random 1s for an instant drawn from the seed.'),
  }),
]);

const namedSections = {
  lans: z.record(name, lan).describe('Physical networks, each with a switch. With them there is no cloud.'),
  machines: z.record(name, machine).describe('The machines on them.'),
  traffic: z.record(name, traffic).default({}).describe('Groups of flows.'),
  faults: z.record(name, fault).default({}).describe('What breaks, when and for how long.'),
  operations: z.record(name, operation).default({}).describe('What operators change.'),
};

export const lanGrammar = keys({
  name: scenarioName.describe('What the scenario is called in results.'),
  description: prose('text: write it in quotes').default('').describe('What it shows, for people.'),
  duration: time({least: 1}).describe('How long the run is.'),
  host: host.prefault('quiet').describe('The profile of every machine that names none of its own.'),
  ...namedSections,
  expect: z
    .array(prose('a line such as convergence.max < 3.2s'))
    .default([])
    .describe('What must hold at the end: metric, comparison, value.'),
  sweep: sweepGrammar
    .prefault({})
    .describe('The seeds and settings that `faultline sweep` runs; one run takes no notice.'),
});

/** A scenario of LANs read key by key. */
export type LanDraft = z.output<typeof lanGrammar>;

export const lanSections: readonly string[] = Object.keys(namedSections);
