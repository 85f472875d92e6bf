import {z} from 'zod';
import {time, wholeNumber} from './fields.ts';
import {keys} from './grammar-parts.ts';

/** net.ipv4.neigh.* and net.ipv4.conf.*: of every interface, and of all namespaces together. */
export const machineSysctls = keys({
  'base-reachable-time': time({least: 1000})
    .optional()
    .describe('An interface draws from half to three halves of this how long an entry counts as reachable.'),
  'delay-first-probe-time': time({least: 1000})
    .optional()
    .describe('How long an entry that is used after that waits for a confirmation before it asks.'),
  'retrans-time': time({least: 1000}).optional().describe('From one request to the next.'),
  'gc-stale-time': time({least: 1000}).optional().describe('An entry unused for so long may be collected.'),
  locktime: time().optional().describe('For so long after a change another MAC is not believed.'),
  'mcast-solicit': wholeNumber(0, 100).optional().describe('Broadcast requests for an address that is not known.'),
  'ucast-solicit': wholeNumber(0, 100).optional().describe('Unicast requests of a probe.'),
  'unres-qlen-bytes': wholeNumber(0, 0x7fff_ffff).optional().describe('Memory for packets that wait for a MAC.'),
  'arp-accept': wholeNumber(0, 2)
    .optional()
    .describe('Whether an ARP that nobody asked for creates an entry: 0 never, 1 always, 2 for own subnets.'),
  'arp-notify': z.boolean().optional().describe('Whether a machine that is switched on announces its address.'),
  'drop-gratuitous-arp': z.boolean().optional().describe('Whether gratuitous ARP is dropped.'),
  'arp-evict-nocarrier': z.boolean().optional().describe('Whether entries go with the carrier.'),
  'gc-thresh1': wholeNumber(0, 0x7fff_ffff).optional().describe('With fewer entries none is ever collected.'),
  'gc-thresh2': wholeNumber(0, 0x7fff_ffff).optional().describe('With so many a new one makes old ones go, every 5 s.'),
  'gc-thresh3': wholeNumber(1, 0x7fff_ffff)
    .optional()
    .describe('With so many a new one makes old ones go or is refused.'),
});

/** What Linux is told otherwise than it does by itself, by classes of machines. */
export const sysctlsGrammar = keys({
  chassis: machineSysctls.prefault({}).describe('Of chassis and all namespaces on them.'),
  vms: machineSysctls.prefault({}).describe('Of VMs.'),
  hosts: machineSysctls.prefault({}).describe('Of hosts and routers outside.'),
});
