/** The statistics that stand behind the dot of a metric's name. */
export type Statistic = 'count' | 'sum' | 'min' | 'mean' | 'median' | 'p90' | 'p95' | 'p99' | 'max';

export type Unit =
  | 'ms'
  | 'packets'
  | 'flows'
  | 'edges'
  | 'outages'
  | 'samples'
  | 'events'
  | 'entries'
  | 'copies'
  | 'switches'
  | 'leases'
  | 'connections';

export type QuantityName =
  | 'convergence'
  | 'detection'
  | 'decision'
  | 'propagation'
  | 'restoration'
  | 'outage'
  | 'packets_lost'
  | 'packets_sent'
  | 'packets_late'
  | 'icmp_errors'
  | 'connections_lost'
  | 'flows_affected'
  | 'flows_unrestored'
  | 'gateway_changes'
  | 'takeovers'
  | 'bfd_downs'
  | 'conntrack_entries'
  | 'flood_copies'
  | 'time_to_lease'
  | 'leases_lost';

/** What can be measured of a run and how it can be summed up. */
export type Quantity = {
  readonly name: QuantityName;
  /** What it is, in a line. */
  readonly meaning: string;
  /** The unit of every statistic but `count`, and that of `count`. */
  readonly unit: Unit;
  readonly counted: Unit;
  readonly statistics: readonly Statistic[];
  /** What may stand as the group: a traffic group, a fault, or an edge of a fault (`underlay.start`). */
  readonly groups: readonly ('traffic' | 'fault')[];
};

const spread: readonly Statistic[] = ['min', 'mean', 'median', 'p90', 'p95', 'p99', 'max'];
const ofEdges = {unit: 'ms', counted: 'edges', statistics: ['count', ...spread], groups: ['fault']} as const;
const ofFlows = {unit: 'packets', counted: 'flows', statistics: ['sum', ...spread]} as const;

/** All quantities, in the order in which results list them. */
export const quantities: readonly Quantity[] = [
  {
    name: 'convergence',
    meaning: 'from the edge of a fault until the last flow that it hit was restored',
    ...ofEdges,
  },
  {
    name: 'detection',
    meaning: 'the part of convergence until what failed, or came back, was found out',
    ...ofEdges,
  },
  {name: 'decision', meaning: 'the part after it until the new active one acted', ...ofEdges},
  {
    name: 'propagation',
    meaning: 'the part after it until the last table or announcement that the flow needed was in place',
    ...ofEdges,
  },
  {name: 'restoration', meaning: "the part after it until the flow's first packet got through", ...ofEdges},
  {
    name: 'outage',
    meaning: "from the sending of a flow's first lost packet to that of the next delivered one",
    unit: 'ms',
    counted: 'outages',
    statistics: ['count', 'sum', ...spread],
    groups: ['traffic', 'fault'],
  },
  {
    name: 'packets_lost',
    meaning: 'packets of a flow not delivered, or not answered, within its limit; of a fault those that it cost',
    ...ofFlows,
    groups: ['traffic', 'fault'],
  },
  {name: 'packets_sent', meaning: 'packets that a flow sent', ...ofFlows, groups: ['traffic']},
  {name: 'packets_late', meaning: 'packets that came after their limit', ...ofFlows, groups: ['traffic']},
  {
    name: 'icmp_errors',
    meaning: "ICMP errors about a flow's packets that reached its sender",
    unit: 'packets',
    counted: 'flows',
    statistics: ['sum', 'max'],
    groups: ['traffic'],
  },
  {
    name: 'connections_lost',
    meaning: 'TCP connections that a client lost or could not make',
    unit: 'connections',
    counted: 'flows',
    statistics: ['sum', 'max'],
    groups: ['traffic'],
  },
  {
    name: 'flows_affected',
    meaning: 'flows that lost at least one packet',
    unit: 'flows',
    counted: 'flows',
    statistics: ['count'],
    groups: ['traffic', 'fault'],
  },
  {
    name: 'flows_unrestored',
    meaning: 'flows that never got through again',
    unit: 'flows',
    counted: 'flows',
    statistics: ['count'],
    groups: ['traffic', 'fault'],
  },
  {
    name: 'gateway_changes',
    meaning: 'how often a gateway port went to another chassis, or a router of Neutron to an agent',
    unit: 'events',
    counted: 'events',
    statistics: ['count'],
    groups: [],
  },
  {
    name: 'takeovers',
    meaning: 'how often a virtual router became MASTER somewhere',
    unit: 'events',
    counted: 'events',
    statistics: ['count'],
    groups: [],
  },
  {
    name: 'bfd_downs',
    meaning: 'BFD sessions that went down, each end for itself',
    unit: 'events',
    counted: 'events',
    statistics: ['count'],
    groups: [],
  },
  {
    name: 'conntrack_entries',
    meaning: 'connections tracked by a router on one chassis, sampled every 10 s',
    unit: 'entries',
    counted: 'samples',
    statistics: spread,
    groups: [],
  },
  {
    name: 'flood_copies',
    meaning: 'copies of frames that were sent to everybody',
    unit: 'copies',
    counted: 'switches',
    statistics: ['sum'],
    groups: [],
  },
  {
    name: 'time_to_lease',
    meaning: 'from when a machine without an address began to ask for one until it had one',
    unit: 'ms',
    counted: 'leases',
    statistics: ['count', ...spread],
    groups: [],
  },
  {
    name: 'leases_lost',
    meaning: 'addresses given up because a lease ended or was refused',
    unit: 'events',
    counted: 'events',
    statistics: ['count'],
    groups: [],
  },
];
