/** Releases of Neutron by their code names, the oldest first: 7.0.0 is liberty, 24.0.0 is caracal. */
export const releases = [
  'juno',
  'kilo',
  'liberty',
  'mitaka',
  'newton',
  'ocata',
  'pike',
  'queens',
  'rocky',
  'stein',
  'train',
  'ussuri',
  'victoria',
  'wallaby',
  'xena',
  'yoga',
  'zed',
  'antelope',
  'bobcat',
  'caracal',
  'dalmatian',
  'epoxy',
  'flamingo',
] as const;

export type Release = (typeof releases)[number];

/** What a release does otherwise than another. The commits are those of Neutron in which it changed. */
export type ReleaseTraits = {
  /** l2-population floods to every agent of a highly available router and names none as its place (26d8702b9d, LP#1522980). */
  readonly floodsToHaAgents: boolean;
  /** keepalived is started when the server says that the HA port is ACTIVE (25f5912cf8, LP#1597461). */
  readonly awaitsHaPort: boolean;
  /** A new L3 agent lets the server set the HA ports of its host DOWN (d730b10102; f430cd0072, LP#1959151). */
  readonly setsHaPortsDown: 'never' | 'at every start' | 'on a host without routers';
  /** keepalived is told to read its file no more often than every 1.5 advertisement intervals (977d254cc6). */
  readonly throttlesReloads: boolean;
  /** What the server knows of a router's state is compared with what the agent knows at every update. */
  readonly comparesHaState: boolean;
  /** An agent believes in a new primary after an advertisement interval only (adac5d9b7a). */
  readonly delaysPrimary: boolean;
  /** neutron-keepalived-state-change announces every address that appears (46978e4368 to 8e06d1d1eb). */
  readonly monitorAnnounces: boolean;
  /** br-tun learns from gratuitous ARP by a flow of its own (f29de21350, LP#2123911; also in later point releases of caracal on). */
  readonly learnsFromAnnouncements: boolean;
  /** A router's state is called `primary`, not `master`, in its file (055036ba2b). */
  readonly callsItPrimary: boolean;
  /** keepalived.conf says by which protocol routes are made (c813b658d0). */
  readonly namesRouteProtocol: boolean;
  /** keepalived's addresses and routes count as tracked: without `no_track` (dc9084a8ec; bee07defac; 438808f161, LP#2097770). */
  readonly tracksVirtualInterfaces: boolean;
  /** SNAT rules carry `--random-fully`. */
  readonly randomFully: boolean;
  /** POSTROUTING also says `! -i`. */
  readonly matchesInput: boolean;
};

/** What is true of a release. */
export function traitsOf(release: Release): ReleaseTraits {
  const since = (first: Release): boolean => isSince(release, first);
  return {
    floodsToHaAgents: since('newton'),
    awaitsHaPort: since('newton'),
    setsHaPortsDown: since('yoga') ? 'on a host without routers' : since('pike') ? 'at every start' : 'never',
    throttlesReloads: since('ocata'),
    comparesHaState: since('pike'),
    delaysPrimary: since('train'),
    monitorAnnounces: since('ocata') && !since('wallaby'),
    learnsFromAnnouncements: since('flamingo'),
    callsItPrimary: since('victoria'),
    namesRouteProtocol: since('antelope'),
    tracksVirtualInterfaces: !since('ussuri') || (since('antelope') && !since('epoxy')),
    randomFully: since('train'),
    matchesInput: !since('train'),
  };
}

/** Whether a release is `first` or came after it. */
export function isSince(release: Release, first: Release): boolean {
  return releases.indexOf(release) >= releases.indexOf(first);
}
