import type {Entry, Journal} from '../../engine/journal.ts';
import type {Time} from '../../engine/time.ts';
import type {BfdDiagnostic, BfdState} from '../wire/bfd.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/** Why a virtual router changed its state. */
export type VrrpWhy =
  | 'started'
  | 'no advert'
  | 'priority 0'
  | 'owner'
  | 'higher priority'
  | 'higher address'
  | 'failed'
  | 'recovered'
  | 'reloaded';

/**
 * Everything the models announce. Names are those of the scenario; a missing chassis is undefined. What is announced is
 * what an operator would find in a log or see on a wire, never how the run was computed.
 */
export type Announcements = {
  'fault began': {readonly fault: string; readonly occurrence: number; readonly kind: string; readonly target: string};
  'fault ended': {readonly fault: string; readonly occurrence: number; readonly kind: string; readonly target: string};

  'daemon stopped': {readonly chassis: string; readonly daemon: string; readonly how: string};
  'daemon started': {readonly chassis: string; readonly daemon: string};
  'carrier changed': {readonly chassis: string; readonly nic: string; readonly up: boolean};

  /** The first heartbeat that did not arrive since the last one that did. */
  'heartbeat lost': {readonly chassis: string; readonly peer: string; readonly reason: string; readonly place: string};
  'bfd changed': {
    readonly chassis: string;
    readonly peer: string;
    readonly from: BfdState;
    readonly to: BfdState;
    readonly diagnostic: BfdDiagnostic;
    /** When the last packet of the peer was taken in; undefined if none ever was. */
    readonly heardAt: Time | undefined;
    /** How long the peer may be silent. */
    readonly detectionTime: Time;
  };
  /** Packets of this chassis may, or may no longer, take the tunnel to the peer. */
  'tunnel toggled': {readonly chassis: string; readonly peer: string; readonly enabled: boolean};
  'tunnel added': {readonly chassis: string; readonly peer: string};
  'tunnel removed': {readonly chassis: string; readonly peer: string};

  /** ovn-controller found that its chassis is, or is no longer, the router's gateway. */
  'gateway decided': {readonly chassis: string; readonly router: string; readonly active: boolean};
  /** Packets meet it: the chassis forwards for the router, or no longer does. */
  'gateway moved': {readonly chassis: string; readonly router: string; readonly active: boolean};
  'port claimed': {readonly chassis: string; readonly port: string; readonly from: string | undefined};
  'port released': {readonly chassis: string; readonly port: string};
  'binding changed': {readonly port: string; readonly from: string | undefined; readonly to: string | undefined};
  'chassis registered': {readonly chassis: string};
  'chassis unregistered': {readonly chassis: string};
  /** The flows of a chassis were cleared, or are complete again. */
  'flows cleared': {readonly chassis: string};
  'flows complete': {readonly chassis: string};
  /** An agent found that ovs-vswitchd is a new one, without flows. */
  'switch restart noticed': {readonly chassis: string};
  /** An agent deleted the flows of earlier processes: of so many cookies. */
  'stale flows deleted': {readonly chassis: string; readonly cookies: number};
  'openflow connected': {readonly chassis: string};
  'openflow lost': {readonly chassis: string};
  'database connected': {readonly chassis: string};
  'database lost': {readonly chassis: string; readonly reason: string};

  'address announced': {
    readonly chassis: string;
    readonly address: Ipv4;
    readonly mac: Mac;
    readonly round: number;
  };
  'mac moved': {
    readonly segment: string;
    readonly mac: Mac;
    readonly from: string | undefined;
    readonly to: string | undefined;
  };
  'mac binding changed': {readonly router: string; readonly address: Ipv4; readonly mac: Mac};
  'neighbour changed': {
    readonly host: string;
    readonly address: Ipv4;
    readonly from: string;
    readonly to: string;
    readonly mac: Mac | undefined;
  };
  /** A host's kernel has no room for another neighbour; said at most once in 5 s. */
  'neighbour table overflow': {readonly host: string};
  'route changed': {readonly router: string; readonly prefix: string; readonly nextHop: Ipv4; readonly active: boolean};

  /** A daemon of Neutron's has RabbitMQ, or has noticed that it has not. */
  'bus connected': {readonly chassis: string; readonly daemon: string};
  'bus lost': {readonly chassis: string; readonly daemon: string; readonly reason: string};
  'call timed out': {
    readonly chassis: string;
    readonly daemon: string;
    readonly method: string;
    readonly timeout: Time;
  };
  /** neutron-server finds that an agent has been silent for so long that its routers go elsewhere, or hears it again. */
  'agent missed': {readonly chassis: string; readonly daemon: string};
  'agent revived': {readonly chassis: string; readonly daemon: string};
  /** In Neutron's database a router goes from one L3 agent to another. */
  'router scheduled': {readonly router: string; readonly from: string | undefined; readonly to: string | undefined};
  /** The L3 agent has done all that it does for a router, or has taken it away. */
  'router configured': {readonly chassis: string; readonly router: string};
  'router removed': {readonly chassis: string; readonly router: string};
  /** The L3 agent takes a highly available router for primary or backup on its host; then the server knows it. */
  'ha router transitioned': {readonly chassis: string; readonly router: string; readonly state: 'primary' | 'backup'};
  'ha state noted': {readonly chassis: string; readonly router: string; readonly from: string; readonly to: string};
  /** conntrackd makes the connections of a router in the kernel that it was told of by others. */
  'connections committed': {readonly chassis: string; readonly router: string; readonly connections: number};
  'port status changed': {
    readonly port: string;
    readonly host: string | undefined;
    readonly from: string;
    readonly to: string;
  };
  /** The L2 agent has put the port's device into its bridge. */
  'port wired': {readonly chassis: string; readonly port: string};
  /** The L2 agent has asked about so many ports and writes the filters of all ports of its host. */
  'port filters changed': {readonly chassis: string; readonly ports: number};
  /** An agent has taken in what l2-population told it of a network. */
  'forwarding entries changed': {
    readonly chassis: string;
    readonly network: string;
    readonly action: 'add' | 'remove';
    readonly entries: number;
  };
  /** In Neutron's database a floating address leads to another port; then on the router's host. */
  'floating address associated': {
    readonly address: Ipv4;
    readonly from: string | undefined;
    readonly to: string | undefined;
  };
  'floating address configured': {readonly chassis: string; readonly address: Ipv4; readonly active: boolean};

  /** What an operator asked for is not done. */
  'operation refused': {readonly what: string; readonly subject: string; readonly reason: string};
  /** A virtual router of keepalived's goes from one state to another. */
  'vrrp changed': {
    readonly chassis: string;
    readonly instance: string;
    readonly from: 'init' | 'backup' | 'master' | 'fault';
    readonly to: 'init' | 'backup' | 'master' | 'fault';
    readonly why: VrrpWhy;
    /** Of `no advert`: when the last one was taken in; undefined if none was since it became a backup. */
    readonly heardAt: Time | undefined;
    /** Who is preferred, and its priority. */
    readonly peer: Ipv4 | undefined;
    readonly priority: number | undefined;
    /** What failed or recovered: an interface or a script. */
    readonly what: string | undefined;
  };
  'vrrp priority changed': {
    readonly chassis: string;
    readonly instance: string;
    readonly from: number;
    readonly to: number;
  };
  /** It tells the others by priority 0 that it is master no longer. */
  'vrrp gave up': {readonly chassis: string; readonly instance: string};
  /** The first advert of a virtual router that did not arrive somewhere since the last one that did. */
  'advert lost': {
    readonly chassis: string;
    readonly peer: string;
    readonly instance: string;
    readonly reason: string;
    readonly place: string;
  };
  /** The compute service has waited for the port of a VM; it starts, or is given up. */
  'vm started': {readonly vm: string; readonly chassis: string; readonly waited: Time};
  'vm not started': {readonly vm: string; readonly chassis: string};
  /** A machine has an address from a DHCP server: so long after it began to ask. */
  'lease taken': {
    readonly host: string;
    readonly address: Ipv4;
    readonly server: Ipv4;
    readonly waited: Time;
  };
  /** A lease was renewed, but not at the first request. */
  'lease renewed late': {
    readonly host: string;
    readonly address: Ipv4;
    readonly server: Ipv4;
    readonly requests: number;
  };
  'lease lost': {readonly host: string; readonly address: Ipv4; readonly why: 'expired' | 'refused'};
  /** The DHCP agent has a network's server running, or has told it of new ports. */
  'dhcp ready': {readonly chassis: string; readonly network: string};
  'dhcp removed': {readonly chassis: string; readonly network: string};
  /** In Neutron's database a DHCP agent serves a network, or no longer does. */
  'network scheduled': {readonly network: string; readonly chassis: string; readonly hosted: boolean};

  /** A client has been told that its connection is over, or has given it up. */
  'connection lost': {readonly flow: number; readonly host: string; readonly why: string};
  'flow lost': {
    readonly flow: number;
    /** When its first lost packet was sent. */
    readonly since: Time;
    readonly reason: string;
    readonly place: string;
  };
  'flow restored': {
    readonly flow: number;
    readonly since: Time;
    /** When the first packet after the gap that was delivered was sent. */
    readonly until: Time;
    readonly lost: number;
  };
};

export type Announcement = Entry<Announcements>;
export type WorldJournal = Journal<Announcements>;
