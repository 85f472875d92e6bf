import {seconds, type Time} from '../../engine/time.ts';

/** What `net.ipv4.neigh.<interface>.*` and `net.ipv4.conf.<interface>.*` may set; the sysctl's own unit in brackets. */
export type NeighbourSettings = {
  /** `mcast_solicit`: broadcast requests for an address that is not known. */
  readonly mcastSolicit: number;
  /** `mcast_resolicit`: broadcast requests after the unicast ones of a probe. */
  readonly mcastResolicit: number;
  /** `ucast_solicit`: unicast requests of a probe. */
  readonly ucastSolicit: number;
  /** `app_solicit`: tries that are left to a daemon; nothing goes out, but the time passes. */
  readonly appSolicit: number;
  /** `retrans_time_ms` (ms): from one request to the next. */
  readonly retransTime: Time;
  /** `base_reachable_time_ms` (ms): an interface draws its own from half to three halves of this. */
  readonly baseReachableTime: Time;
  /** `delay_first_probe_time` (s) */
  readonly delayFirstProbeTime: Time;
  /** `gc_stale_time` (s): unused for so long, an entry may be collected. */
  readonly gcStaleTime: Time;
  /** `locktime` (1/100 s): for so long after a change another MAC is not believed, unless it announces itself. */
  readonly locktime: Time;
  /** `unres_qlen_bytes`: memory for the packets that wait for a MAC. */
  readonly unresQlenBytes: number;
  /** `arp_accept`: whether an ARP that nobody asked for creates an entry: never, always, or for own subnets. */
  readonly arpAccept: 0 | 1 | 2;
  /** `arp_notify`: whether own addresses are announced when the interface comes up or changes its MAC. */
  readonly arpNotify: boolean;
  /** `arp_ignore`: which requests are answered: for any own address, this interface's, those from its subnet, none. */
  readonly arpIgnore: 0 | 1 | 2 | 8;
  /** `arp_announce`: who asks: the source of the packet, only if the target is in its subnet, always the interface. */
  readonly arpAnnounce: 0 | 1 | 2;
  /** `arp_evict_nocarrier`: whether entries go when the carrier does. */
  readonly arpEvictNocarrier: boolean;
  /** `drop_gratuitous_arp` */
  readonly dropGratuitousArp: boolean;
  /** `accept_local`: whether a frame that comes with an own address as its sender is taken seriously. */
  readonly acceptLocal: boolean;
  /** `proxy_arp`: whether requests for addresses behind other interfaces are answered. */
  readonly proxyArp: boolean;
  /** `proxy_delay` (1/100 s): such an answer to a broadcast comes after some part of this. */
  readonly proxyDelay: Time;
  /** `proxy_qlen`: answers that may wait. */
  readonly proxyQlen: number;
};

/** What `net.ipv4.neigh.default.*` sets for all interfaces and namespaces of a host together. */
export type NeighbourThresholds = {
  /** `gc_thresh1`: with fewer entries none is ever collected. */
  readonly gcThresh1: number;
  /** `gc_thresh2`: with so many a new one makes old ones go, at most every 5 s. */
  readonly gcThresh2: number;
  /** `gc_thresh3`: with so many a new one makes old ones go or is refused. */
  readonly gcThresh3: number;
};

/** What Linux 6.18 starts with (our measurement: MEASURED.md C). */
export const neighbourDefaults: NeighbourSettings = {
  mcastSolicit: 3,
  mcastResolicit: 0,
  ucastSolicit: 3,
  appSolicit: 0,
  retransTime: seconds(1),
  baseReachableTime: seconds(30),
  delayFirstProbeTime: seconds(5),
  gcStaleTime: seconds(60),
  locktime: seconds(1),
  unresQlenBytes: 212_992,
  arpAccept: 0,
  arpNotify: false,
  arpIgnore: 0,
  arpAnnounce: 0,
  arpEvictNocarrier: true,
  dropGratuitousArp: false,
  acceptLocal: false,
  proxyArp: false,
  proxyDelay: seconds(0.8),
  proxyQlen: 64,
};

/** What Linux starts with on any machine (net/ipv4/arp.c, arp_tbl). */
export const neighbourThresholds: NeighbourThresholds = {gcThresh1: 128, gcThresh2: 512, gcThresh3: 1_024};
