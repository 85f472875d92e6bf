import {z} from 'zod';
import {microseconds, milliseconds, seconds} from '../engine/time.ts';
import {hostSteps} from '../models/daemons/host-profile.ts';
import {
  address,
  addressKey,
  addressRange,
  mac,
  name,
  network,
  percentage,
  prefix,
  prose,
  reference,
  template,
} from './fields.ts';
import {textField, time, timeRange, vlan, vlanRange, wholeNumber} from './fields.ts';
import {faultGrammar} from './grammar-faults.ts';
import {operationGrammar} from './grammar-operations.ts';
import {neutronGrammar} from './grammar-neutron.ts';
import {portSecurityKeys, securityGroupGrammar} from './grammar-security.ts';
import {sysctlsGrammar} from './grammar-sysctls.ts';
import {keys, optionalList} from './grammar-parts.ts';
import {sweepGrammar} from './grammar-sweep.ts';
import {quote} from './mistakes.ts';

/** The shape of a scenario file: which keys there are, what their values look like, what stands for those left out. */

const base = z.enum(['quiet', 'real-time', 'busy']).describe('How busy the host is, which says how long daemons take.');
const steps = Object.fromEntries(
  hostSteps.map(step => [step, timeRange.optional().describe(`How long ${step} takes: 5ms, or 2ms..9ms to be drawn.`)]),
);
/** The profile of a host. */
export const host = z.union([base, keys({base: base.default('quiet'), ...steps})], {
  error: 'a profile or times of its own',
});

const milli = milliseconds(1);

/** 576 bytes, which every host takes (RFC 791), under the largest overhead of a tunnel; and what jumbo frames carry. */
export const segmentMtu = wholeNumber(634, 9216);
const mtu = wholeNumber(576, 9216);
const ovn = keys({
  'bfd-min-rx': time({least: milli, whole: 'milliseconds'})
    .prefault('1000ms')
    .describe('The shortest interval at which a chassis accepts BFD packets on tunnels.'),
  'bfd-min-tx': time({least: milli, whole: 'milliseconds'})
    .prefault('100ms')
    .describe('The shortest interval at which a chassis would send BFD packets on tunnels.'),
  'bfd-mult': wholeNumber(1, 255).default(3).describe('A BFD session is down after so many intervals of silence.'),
  'bfd-decay-min-rx': time({whole: 'milliseconds'})
    .prefault('0ms')
    .describe('min-rx of a tunnel without traffic; 0ms leaves it as it is.'),
  'ovn-remote-probe-interval': time({least: seconds(1), off: true, whole: 'milliseconds'})
    .prefault('5s')
    .describe('After how long without a word a chassis probes the southbound database; 0s is never.'),
});

/** A physical network; `{}` has the defaults. */
export const segmentGrammar = keys({
  kind: z.enum(['underlay', 'provider', 'management']).optional().describe('What the segment carries.'),
  cidr: network.optional().describe('The addresses on it. A provider segment has those of its first network.'),
  latency: time().prefault('50us').describe('One way, from port to port.'),
  jitter: time().prefault('0us').describe('Each frame takes up to this much longer.'),
  loss: percentage.prefault('0%').describe('The share of frames lost.'),
  mtu: segmentMtu.default(1500).describe('Bytes of the largest packet that its cards and its switch take.'),
  ageing: time({least: milli}).prefault('300s').describe('After how long without a frame the switch forgets a MAC.'),
  trunk: z
    .array(vlanRange)
    .min(1, {error: 'an empty list: name a VLAN'})
    .optional()
    .describe('The VLANs that the ports of a provider segment carry: [1001..2000, 7]; all if left out.'),
  'vlan-ranges': z
    .array(vlanRange)
    .min(1, {error: 'an empty list: name a VLAN'})
    .optional()
    .describe('The tags of vlan networks on a provider segment: those without `vlan` get the next free one.'),
  'known-macs-only': z
    .boolean()
    .default(false)
    .describe('Whether a port of a provider segment takes frames from the MAC of the card there only.'),
});

const chassis = keys({
  role: z
    .enum(['compute', 'gateway', 'controller'])
    .describe('compute: has VMs; gateway: has none; controller: runs northd and the databases.'),
  host: host.optional().describe('The profile of this host if it is not the one of the scenario.'),
});

const networks = keys({
  type: z
    .enum(['geneve', 'vxlan', 'gre', 'flat', 'vlan'])
    .describe(
      'geneve: inside tunnels of OVN; vxlan: inside those of Neutron; gre: of Neutron with Open vSwitch; flat and vlan: on a provider segment.',
    ),
  cidr: network.describe('The addresses of the network.'),
  external: z
    .boolean()
    .default(false)
    .describe('Whether the outside is here: routers can have their gateway port on it.'),
  gateway: z
    .union([address, z.array(address).min(1, {error: 'an empty list: name an address'})], {
      error: 'an address or a list of addresses',
    })
    .optional()
    .describe('The address of the upstream router of an external network, or a list if it has several.'),
  pool: addressRange
    .optional()
    .describe(
      'Of an external network: the addresses that floating IPs get which operations allocate; all if left out.',
    ),
  vlan: vlan.optional().describe('The tag of a vlan network.'),
  vni: wholeNumber(1, 0xff_ff_ff)
    .optional()
    .describe('The number of a vxlan network in its tunnels; the next free one from 1 on if left out.'),
  'tunnel-id': wholeNumber(1, 0xff_ff_ff_ff)
    .optional()
    .describe('The key of a gre network in its tunnels; the next free one from 1 on if left out.'),
  segment: reference('segment')
    .optional()
    .describe('The provider segment of a flat or vlan network; `provider` if not named.'),
  mtu: mtu.optional().describe('Bytes of the largest packet; what its segment, or the tunnels, can carry if left out.'),
  dhcp: z
    .boolean()
    .optional()
    .describe(
      'Whether DHCP agents of Neutron serve it; yes if left out, where it is not external and there are gateways.',
    ),
});

/** A DHCP server that is no part of the cloud's. */
const servesDhcp = keys({
  range: addressRange.describe('The addresses that it gives.'),
  lease: time({least: seconds(120), off: true, whole: 'seconds'})
    .prefault('3600s')
    .describe('How long; 0s is for ever.'),
  router: address.optional().describe('The default gateway that it names.'),
  'answers-by': z
    .enum(['broadcast', 'unicast'])
    .default('broadcast')
    .describe('How it answers a client that has no address yet. A security group lets broadcasts pass.'),
  ping: z.boolean().default(true).describe('Whether it looks for 3 s if an address is in use before it offers it.'),
});

/** BFD of a static route; `{}` has the defaults of OVN. */
export const nextHopBfdGrammar = keys({
  'min-tx': time({least: milli, whole: 'milliseconds'}).prefault('1000ms').describe('As in the table BFD of OVN.'),
  'min-rx': time({least: milli, whole: 'milliseconds'}).prefault('1000ms').describe('As in the table BFD of OVN.'),
  'detect-mult': wholeNumber(1, 255).default(5).describe('As in the table BFD of OVN.'),
});

const route = keys({
  prefix: prefix.describe('Where the route leads.'),
  'next-hop': address.describe('An address on one of the networks of the router.'),
  bfd: z
    .union([z.boolean(), nextHopBfdGrammar], {error: 'true, or min-tx, min-rx and detect-mult'})
    .default(false)
    .describe('Whether BFD watches the next hop.'),
});

const routerInterface = z.union(
  [
    reference('network'),
    keys({
      network: reference('network').describe('A network.'),
      address: address.optional().describe('The address of the router there; the first of the network.'),
    }),
  ],
  {
    error: 'a network, or {network, address}',
  },
);

const router = keys({
  control: z.enum(['ovn', 'neutron']).optional().describe('Who runs the router: what the cloud is one of.'),
  external: keys({
    network: reference('network').describe('An external network.'),
    address: address.describe('The address of the router there.'),
  })
    .optional()
    .describe('The external network and the address there.'),
  interfaces: optionalList(routerInterface).describe('The networks it joins; its address is the first of each.'),
  'gateway-chassis': z
    .record(template, wholeNumber(0, 32_767))
    .optional()
    .describe('Chassis and their priorities: the highest that is up holds the gateway port.'),
  agent: reference('gateway')
    .optional()
    .describe('The gateway on which Neutron has put the router; the one with the fewest if left out.'),
  ha: z
    .boolean()
    .default(false)
    .describe('Whether several gateways have the router and keepalived decides which of them is active.'),
  agents: z
    .array(reference('gateway'))
    .min(1, {error: 'an empty list: name a gateway'})
    .optional()
    .describe('The gateways on which Neutron has put a highly available router; those with the fewest if left out.'),
  project: reference('project').default('admin').describe('Whose it is: the routers of a project share an HA network.'),
  snat: z
    .union([z.boolean(), z.array(reference('network'))], {error: 'true, false, or a list of networks'})
    .optional()
    .describe('The networks whose VMs leave with the external address; all if there is an external network.'),
  routes: optionalList(route).describe('Static routes.'),
});

const vm = keys({
  network: reference('network').describe('The network it is on.'),
  placement: z
    .union([reference('chassis'), z.array(reference('chassis')).min(1, {error: 'an empty list: name a chassis'})], {
      error: 'spread, pack, random, every compute, a chassis or a list of chassis',
    })
    .prefault('spread')
    .describe('spread, pack, random, every compute, a chassis, or a list of chassis to be used in turn.'),
  address: address.optional().describe('Of a single VM. The next free one from the 11th of the network on.'),
  mac: mac.optional().describe('Of a single VM.'),
  mtu: mtu.optional().describe('Of a VM that does not take that of its network, as DHCP tells it: 1500, say.'),
  ...portSecurityKeys,
  addressing: z
    .enum(['dhcp', 'static'])
    .optional()
    .describe('Whether the VM asks for its address; dhcp if left out, where its network has DHCP.'),
  'serves-dhcp': servesDhcp.optional().describe('Makes the VM answer the DHCP requests of others.'),
});

const externalHost = keys({
  network: reference('network').describe('An external network.'),
  address: address.optional().describe('The last free one of the network; behind its gateway 203.0.113.10.'),
  'behind-gateway': z.boolean().default(false).describe('Whether it is beyond the upstream routers of that network.'),
  'serves-dhcp': servesDhcp.optional().describe('Makes the host answer the DHCP requests of VMs.'),
});

const floatingIp = keys({
  vm: reference('VM').describe('The VM that has the address.'),
  distributed: z.boolean().default(false).describe('Whether the chassis of the VM translates, not the gateway.'),
});

const endpoints = z.union(
  [reference('VM or host'), z.array(reference('VM or host')).min(1, {error: 'an empty list: name an endpoint'})],
  {
    error: 'a name or a list of names',
  },
);

/** A group of flows. */
export const traffic = keys({
  from: endpoints.describe('VMs or external hosts: vm1, vm[1..10], all vms, outside.'),
  to: endpoints.describe('As from, or an address, `any vm`, or `metadata`.'),
  protocol: z
    .enum(['udp-echo', 'udp', 'icmp-echo', 'tcp'])
    .default('udp-echo')
    .describe('Whether there are answers; of tcp the pattern says so.'),
  pattern: z
    .enum(['upload', 'download', 'push', 'ping-pong', 'connect'])
    .optional()
    .describe(
      'Of tcp: who sends messages, whether they are answered, and whether each has a connection of its own; ping-pong if left out. Of udp: upload, download or push; upload if left out.',
    ),
  reconnect: z
    .union([z.literal('never'), time({least: 1})], {error: 'a time such as 1s, or never'})
    .prefault('1s')
    .describe('After how long a tcp client connects again when its connection has failed.'),
  confirms: z
    .boolean()
    .default(false)
    .describe('Of udp-echo: whether who asks tells its kernel that it was answered (MSG_CONFIRM).'),
  every: time({least: microseconds(100)})
    .prefault('10ms')
    .describe('The interval between two packets of a flow.'),
  start: time().prefault('0s').describe('When the first packet is sent.'),
  count: wholeNumber(1, 1_000_000_000).optional().describe('How many packets; until the end of the run if left out.'),
  limit: time({least: 1}).prefault('1s').describe('A packet that takes longer is lost.'),
  port: wholeNumber(1, 65_535).default(9000).describe('The UDP port it is sent to.'),
  source: address
    .optional()
    .describe('The address that packets bear instead of their sender’s: forged, or one of an allowed address pair.'),
  size: wholeNumber(0, 65_507).default(64).describe('Bytes of payload; 1400 pass a Geneve tunnel in one piece.'),
  'dont-fragment': z
    .boolean()
    .optional()
    .describe('Whether packets may not be fragmented; if left out, those may not that fit what the sender knows.'),
  listening: z.boolean().default(true).describe('Whether anybody listens at the port; else the kernel there refuses.'),
});

export const scenarioName = textField('a name such as gateway-down', {pattern: '^[a-z0-9]+(-[a-z0-9]+)*$'}, text => {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)) return {value: text};
  return {flaw: `${quote(text)} is not a name for a scenario`, hint: 'Write it as lower-case words with dashes'};
});

/** Sections in which names are given; a mistake in one entry leaves the others to be checked. */
const namedSections = {
  chassis: z.record(template, chassis).describe('The hosts of the cloud.'),
  networks: z.record(name, networks).describe('The networks that VMs and routers are on.'),
  segments: z
    .record(name, segmentGrammar)
    .default({})
    .describe('The physical networks: `underlay`, `management`, `provider`.'),
  routers: z.record(name, router).default({}).describe('The logical routers.'),
  'security-groups': z
    .record(name, securityGroupGrammar)
    .default({})
    .describe('What ports of VMs let through, in clouds of Neutron; default and allow-all are there anyway.'),
  vms: z.record(template, vm).default({}).describe('The virtual machines.'),
  hosts: z.record(template, externalHost).default({}).describe('Hosts outside the cloud; `outside` is there anyway.'),
  'floating-ips': z.record(addressKey, floatingIp).default({}).describe('Addresses outside that lead to VMs.'),
  traffic: z.record(name, traffic).default({}).describe('Groups of flows.'),
  faults: z.record(name, faultGrammar).default({}).describe('What breaks, when and for how long.'),
  operations: z
    .record(name, operationGrammar)
    .default({})
    .describe('What operators change while the cloud runs; only clouds of Neutron can be changed.'),
};

export const scenarioGrammar = keys({
  name: scenarioName.describe('What the scenario is called in results.'),
  description: prose('text: write it in quotes').default('').describe('What it shows, for people.'),
  duration: time({least: 1}).describe('How long the run is.'),
  host: host.prefault('quiet').describe('The profile of every host that names none of its own.'),
  ovn: ovn.prefault({}).describe('Options of OVN, under its names.'),
  neutron: neutronGrammar
    .optional()
    .describe('Makes the cloud one of Neutron instead of OVN: its options, under its names; {} has the defaults.'),
  sysctls: sysctlsGrammar.prefault({}).describe('What kernels are told otherwise than Linux does by itself.'),
  ...namedSections,
  expect: z
    .array(prose('a line such as convergence.max < 3.2s'))
    .default([])
    .describe('What must hold at the end: metric, comparison, value.'),
  sweep: sweepGrammar
    .prefault({})
    .describe('The seeds and settings that `faultline sweep` runs; one run takes no notice.'),
});

/** A scenario file read key by key, before anything is looked up or counted. */
export type Draft = z.output<typeof scenarioGrammar>;

export const ovnOptions: readonly string[] = Object.keys(ovn.shape);
export const neutronOptions: readonly string[] = Object.keys(neutronGrammar.shape);
export const sectionsOfNames: readonly (keyof typeof namedSections)[] = Object.keys(
  namedSections,
) as (keyof typeof namedSections)[];
/** Those in which a template is an entry of its own, for many alike. */
export const sectionsOfTemplates = [
  'chassis',
  'vms',
  'hosts',
] as const satisfies readonly (keyof typeof namedSections)[];
