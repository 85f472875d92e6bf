import type {Part} from '../part.ts';
import {acceptedNeighbours, movedNeighbours, sameMacAgain, switchedStream} from './announcements.ts';
import {ownAnnouncements} from './arp-notify.ts';
import {bridgeAgeing, bridgeCopies, bridgeLearning} from './bridges.ts';
import {connectionCounts, connectionLimits, connectionTimeouts, fullTable} from './connections.ts';
import {floatingEntries} from './floating-entries.ts';
import {floatingSteps} from './floating-steps.ts';
import {neighbourCourses} from './neighbour-courses.ts';
import {neighbourTimes} from './neighbour-times.ts';
import {neighbourOverflow} from './overflow.ts';
import {policyRouting} from './policy-routing.ts';
import {proxiedAddresses, proxyDelays} from './proxy-arp.ts';
import {chosenPorts, keptPorts, portLimits} from './source-ports.ts';
import {takeovers} from './takeovers.ts';
import {tunnelMtu} from './tunnel-mtu.ts';
import {vxlanCopies, vxlanMoves} from './vxlan.ts';
import {waitingPackets} from './waiting-packets.ts';

/** The Linux kernel: neighbours, bridges, VXLAN, connections and routes. */
export const kernel: Part = {
  name: 'kernel',
  title: 'The Linux kernel',
  fewSeeds: 12,
  rare: [],
  compare(seeds, done) {
    const tables = comparisons.map(compare => {
      const table = compare(seeds);
      done(table.title);
      return table;
    });
    return {method, remarks: [], tables, notEmulated};
  },
};

const comparisons = [
  neighbourTimes,
  neighbourCourses,
  waitingPackets,
  movedNeighbours,
  acceptedNeighbours,
  sameMacAgain,
  switchedStream,
  ownAnnouncements,
  neighbourOverflow,
  bridgeCopies,
  bridgeLearning,
  bridgeAgeing,
  vxlanCopies,
  vxlanMoves,
  tunnelMtu,
  connectionTimeouts,
  connectionCounts,
  connectionLimits,
  fullTable,
  keptPorts,
  chosenPorts,
  portLimits,
  takeovers,
  floatingEntries,
  floatingSteps,
  proxyDelays,
  proxiedAddresses,
  policyRouting,
];

const notEmulated = [
  {
    what: 'bridges: a port that is disabled keeps its entries and drops frames',
    because: 'no program that is modelled disables a port of a bridge',
  },
  {
    what: 'connections: time-outs of SCTP, GRE and ICMPv6, and of fragments of IPv6 (`f1_conntrack_sysctls.csv`)',
    because: 'these protocols are not modelled',
  },
  {
    what: 'connections: accounting, checksums, events, helpers, logs, time stamps, `tcp_be_liberal`, `tcp_ignore_invalid_rst`, `tcp_max_retrans` (the same file)',
    because:
      'nothing that is modelled depends on them, nor on `tcp_max_retrans`, whose time-out is that of unacknowledged data; windows and sequence numbers of TCP are not followed',
  },
];

const method = `The bench ran Linux 6.18 (HZ = 250) on one machine: namespaces, veth and bridges. Its rows are in
\`test/fixtures/measured/kernel\`; where a row has no file, it is what our measurement says in words. Here the same
namespaces, bridges and devices are built from the models that scenarios of Neutron run through, each time at another
moment of the kernel's clock.`;
