import {z} from 'zod';
import {milliseconds, seconds} from '../engine/time.ts';
import {releases} from '../models/world/world-plan.ts';
import {network, group, reference, time, wholeNumber} from './fields.ts';
import {keys} from './grammar-parts.ts';

const second = seconds(1);
const shortestLease = seconds(120);

/** Options of Neutron and of its message library. Their defaults are those of `models/control/neutron/settings.ts`. */
export const neutronGrammar = keys({
  'mechanism-driver': z
    .enum(['linuxbridge', 'openvswitch'])
    .default('linuxbridge')
    .describe('What joins the devices of a host: Linux bridges, or Open vSwitch with br-int, br-tun and br-ex.'),
  release: z
    .enum(releases)
    .default('caracal')
    .describe('The release of Neutron, from juno (2014) to flamingo (2025.2): what it does otherwise than others.'),
  'l2-population': z
    .boolean()
    .default(true)
    .describe('Whether the server tells the agents where every MAC is, so that nothing is flooded in vain.'),
  'arp-responder': z
    .boolean()
    .default(false)
    .describe('Whether hosts answer ARP themselves for what L2 population told of.'),
  'vxlan-group': group
    .prefault('224.0.0.1')
    .describe('Where VXLAN devices of Linux bridges send what they flood, without L2 population.'),
  'bridge-nf-call-iptables': z
    .boolean()
    .default(true)
    .describe('Whether packets in Linux bridges pass iptables, and those that are too large are cut there.'),
  'dhcp-agents-per-network': wholeNumber(1, 16)
    .default(1)
    .describe('How many DHCP agents serve a network, as far as there are gateways.'),
  'allow-automatic-dhcp-failover': z
    .boolean()
    .default(true)
    .describe('Whether networks are taken from a DHCP agent that is down for twice `agent-down-time`.'),
  'dhcp-lease-duration': time({least: shortestLease, off: true, whole: 'seconds'})
    .prefault('86400s')
    .describe('How long a lease lasts; dnsmasq gives none shorter than 120s. 0s is for ever, which Neutron calls -1.'),
  'resync-throttle': time({whole: 'seconds'})
    .prefault('1s')
    .describe('How long a DHCP agent waits at least between two attempts to ask for everything again.'),
  'enable-isolated-metadata': z
    .boolean()
    .default(false)
    .describe('Whether DHCP agents answer for the metadata service on networks without a router.'),
  'force-metadata': z.boolean().default(false).describe('Whether they do so on every network.'),
  'max-l3-agents-per-router': wholeNumber(0, 1000)
    .default(3)
    .describe('How many L3 agents host a highly available router; 0 is all.'),
  'l3-ha-net-cidr': network.prefault('169.254.192.0/18').describe('The addresses of HA networks.'),
  'l3-ha-network-type': z
    .enum(['vxlan', 'vlan', 'flat'])
    .default('vxlan')
    .describe('What HA networks are: tunnels as those of tenants, or a provider segment of their own.'),
  'l3-ha-network-physical-name': reference('segment')
    .optional()
    .describe('The provider segment of a vlan or flat HA network; `provider` if not named.'),
  'ha-vrrp-advert-int': time({least: second, whole: 'seconds'})
    .prefault('2s')
    .describe('The interval at which the primary of a highly available router advertises itself.'),
  'ha-vrrp-health-check-interval': time({whole: 'seconds'})
    .prefault('0s')
    .describe('The interval at which a primary pings its gateway; 0s is off.'),
  'ha-conntrackd-enabled': z
    .boolean()
    .default(false)
    .describe('Whether conntrackd tells the backups of a highly available router of its connections; from epoxy on.'),
  'ha-conntrackd-hashlimit': wholeNumber(1, 100_000_000)
    .default(131_072)
    .describe('How many connections each cache of conntrackd has room for.'),
  'check-child-processes-interval': time({least: second, whole: 'seconds'})
    .prefault('60s')
    .describe('The interval at which the L3 agent looks whether what it has started still runs.'),
  'report-interval': time({least: milliseconds(100)})
    .prefault('30s')
    .describe('The interval at which agents report to the server.'),
  'agent-down-time': time({least: second, whole: 'seconds'})
    .prefault('75s')
    .describe('An agent that has not reported for so long counts as down.'),
  'allow-automatic-l3agent-failover': z
    .boolean()
    .default(false)
    .describe('Whether routers are taken from an L3 agent that is down for twice that long.'),
  'rpc-workers': wholeNumber(1, 64).default(2).describe('Processes of the server that answer calls.'),
  'rpc-state-report-workers': wholeNumber(1, 64)
    .default(1)
    .describe('Processes of the server that do nothing but take reports.'),
  'rpc-response-timeout': time({least: second, whole: 'seconds'})
    .prefault('60s')
    .describe('How long an agent waits for the answer to a call.'),
  'rpc-response-max-timeout': time({least: second, whole: 'seconds'})
    .prefault('600s')
    .describe('How long at most, where it waits longer after each answer that did not come.'),
  'polling-interval': time({least: second, whole: 'seconds'})
    .prefault('2s')
    .describe('The interval at which the L2 agent looks for new devices.'),
  'periodic-interval': time({least: second, whole: 'seconds'})
    .prefault('40s')
    .describe('The interval at which the L3 agent looks whether it has to ask for everything again.'),
  'periodic-fuzzy-delay': time({whole: 'seconds'})
    .prefault('5s')
    .describe('The first time comes up to so much later, drawn for each agent.'),
  'heartbeat-timeout-threshold': time({least: second, whole: 'seconds'})
    .prefault('60s')
    .describe('How long a connection to the bus may be silent; either end gives it up after about twice that.'),
  'heartbeat-rate': wholeNumber(1, 10).default(3).describe('Heartbeats within that time.'),
});
