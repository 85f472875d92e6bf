import {draw, type Stream} from '../../engine/chance.ts';
import {milliseconds, type Time} from '../../engine/time.ts';

/**
 * How long the things take that daemons do. Each step is one thing a program does between two moments that can be seen
 * from outside; the model strings them together as the program does.
 */
export type Step =
  /** How late a timer of a daemon rings. */
  | 'timer'
  /** A heartbeat's arrival at the host until the BFD machine has taken it in. */
  | 'bfd-receive'
  /** BFD state changed until packets take the other tunnel: ovs-vswitchd's main loop and its revalidators. */
  | 'port-toggle'
  /** ovs-vswitchd configures one tunnel, and goes on to the next. */
  | 'port-configure'
  /** BFD state changed, or OpenFlow lost or back, until ovn-controller wakes: through the local OVSDB. */
  | 'local-database'
  /** ovn-controller wakes until it has decided what is bound where. */
  | 'controller-decide'
  /** Then until the flows of a full recompute are sent. */
  | 'controller-recompute'
  /** The same where whole tables changed: a chassis came or went, or the southbound database was read anew. */
  | 'controller-reload'
  /** The same the first time that a new process has the logical flows, with nothing cached. */
  | 'controller-first-flows'
  /** Then until the flows of an incremental run are sent. */
  | 'controller-increment'
  /** Flows sent until packets meet them. */
  | 'flow-install'
  /** The southbound server takes in a transaction and has its answer and updates on the way. */
  | 'database-transaction'
  /** ovn-northd notices a change until its transaction is sent. */
  | 'northd-loop'
  /** A packet goes up to ovn-controller and comes out again. */
  | 'packet-in'
  | 'vswitchd-start'
  | 'controller-start'
  /** Asked to stop until the last transaction is sent. */
  | 'controller-stop'
  | 'server-start'
  /** RabbitMQ takes in a message and hands it out. */
  | 'bus-route'
  /** A worker of neutron-server takes up a call: what it does for any. */
  | 'server-rpc'
  /** The same for each port that the call is about, or that must be bound elsewhere. */
  | 'server-port'
  /** It takes in a new rule of a security group, or that one is gone. */
  | 'server-rule'
  /** The same for each router. */
  | 'server-router'
  /** An L2 agent looks which devices are there. */
  | 'l2-scan'
  /** It reads and writes the filter tables of its host: all ports at once. */
  | 'l2-filter'
  /** It gives one command to change a set of addresses. */
  | 'l2-set'
  /** It deletes connections by one command. */
  | 'l2-conntrack'
  /** It wires one port: bridge, protection of ARP, link. */
  | 'l2-wire'
  /** The Linux bridge agent writes one forwarding entry. */
  | 'l2-forward'
  /** The Open vSwitch agent installs a flow and hears that it is there. */
  | 'ovs-flow'
  /** It sets up all bridges, or lists all flows and deletes the stale ones. */
  | 'ovs-set-up'
  /** The L3 agent makes a namespace. */
  | 'l3-namespace'
  /** It makes one interface of a router, with address and routes. */
  | 'l3-port'
  /** It loads all NAT rules of a router. */
  | 'l3-nat'
  /** It adds or removes the address of one floating IP. */
  | 'l3-floating'
  /** It removes an interface or a namespace. */
  | 'l3-remove'
  /** The DHCP agent makes a namespace with its device, address and routes. */
  | 'dhcp-namespace'
  /** It writes the files of a network and starts dnsmasq. */
  | 'dhcp-start'
  /** It writes them and tells dnsmasq. */
  | 'dhcp-reload'
  /** It ends dnsmasq, or takes a namespace away. */
  | 'dhcp-remove'
  /** It starts the proxy of the metadata service, or ends it. */
  | 'metadata-proxy'
  /** dnsmasq reads its files again. */
  | 'dnsmasq-read'
  /** dnsmasq answers a request. */
  | 'dnsmasq-answer'
  /** An agent of Neutron started until it connects. */
  | 'agent-start'
  | 'neutron-server-start'
  | 'bus-start'
  /** An advertisement's arrival at the host until keepalived has read it. */
  | 'vrrp-receive'
  /** How late keepalived is woken by a timer. */
  | 'vrrp-timer'
  /** It logs, writes and sends an advertisement. */
  | 'vrrp-send'
  /** It adds or removes one address or route: a request to the kernel and its answer. */
  | 'vrrp-address'
  /** It reads what the kernel has told it meanwhile. */
  | 'vrrp-poll'
  /** It sends one gratuitous ARP; drawn once for each burst. */
  | 'vrrp-announce'
  /** It tells scripts and the notification pipe about a new state. */
  | 'vrrp-notify'
  /** Carrier lost or back until keepalived has read it from the kernel. */
  | 'vrrp-link'
  /** A signal to the parent until the child acts on it. */
  | 'vrrp-signal'
  /** SIGHUP until the new configuration is in force. */
  | 'vrrp-reload'
  /** A tracking script, from fork to exit. */
  | 'vrrp-script'
  | 'keepalived-start'
  /** An address of a router appears or goes until its monitor has told the L3 agent. */
  | 'ha-monitor'
  | 'ha-monitor-start'
  /** The L3 agent writes the file of keepalived or of conntrackd and starts it, sends it a signal or looks for it. */
  | 'l3-keepalived'
  /** The kernel tells conntrackd of a connection until its message is sent. */
  | 'conntrackd-event'
  /** A message of another conntrackd arrives at the host until it is in the cache. */
  | 'conntrackd-receive'
  /** It makes one connection in the kernel; drawn once for each commit. */
  | 'conntrackd-commit'
  /** A program runs `conntrackd` with a command, until that has reached the daemon. */
  | 'conntrackd-command'
  | 'conntrackd-start';

/** How long a step takes the `count`-th time that it is done. */
export type Pace = (count: number) => Time;

/** Quantiles 0, 25, 50, 75, 90 and 100 % of a span, in milliseconds; straight lines between. */
type Quantiles = readonly [number, number, number, number, number, number];

const marks = [0, 0.25, 0.5, 0.75, 0.9, 1];

/** Every mark lies at the edge of one of so many equal parts: a share finds its line without a search. */
const parts = 20;

/** The line that holds in each part, in microseconds: a span is `least + share * slope`. */
type Lines = {readonly least: Float64Array; readonly slope: Float64Array};

/**
 * A host that is busy with other work, as the bench of MEASURED.md A was. Each step was read off the raw rows there:
 * `timer` from bfd_tx_intervals.csv (intervals less the nearest possible one); `local-database` and `controller-decide`
 * together from "bfd up->down" to the "ctl" line of the same chassis in events.csv (n = 126: least 1, median 2, 90 % 8,
 * most 192); `controller-recompute`, `flow-install` and `database-transaction` from that line to the change in SB and to
 * the first answered probe; `controller-increment` the same where an SB change was the trigger; `port-configure` from
 * the stamps of gw1's "admin_down->down" lines in vswitchd_kill9 and controller_exit (n = 66: 58 at most 1 ms, most 16); `port-toggle` from cn1's
 * "up->down" to the first answered probe where cn1 was the later; `controller-reload` from the
 * claim to SB in controller_exit (n = 10: 22 to 86, median 41) and sbdown_link_ul (n = 6: 32 to 94, median 46); `controller-first-flows` from the gaps of
 * controller_kill9 (`recover`); starts and stops from the `recover` rows of
 * vswitchd_kill9, controller_kill9 and controller_exit in failover.csv. From `bus-route` on nothing was measured: these are
 * assumptions about Neutron.
 */
const busy: Readonly<Record<Step, Quantiles>> = {
  timer: [0.05, 0.1, 0.3, 0.6, 1, 5],
  'bfd-receive': [0.05, 0.1, 0.2, 0.4, 1, 4],
  'port-toggle': [0.3, 1, 3, 6, 15, 80],
  'port-configure': [0.02, 0.03, 0.05, 0.5, 5, 16],
  'local-database': [0.3, 0.5, 0.8, 1.5, 3, 30],
  'controller-decide': [0.4, 0.7, 1, 2, 4, 60],
  'controller-recompute': [3, 6, 10, 16, 25, 50],
  'controller-reload': [18, 30, 36, 44, 60, 80],
  'controller-first-flows': [35, 45, 60, 75, 100, 120],
  'controller-increment': [0.5, 1, 2, 4, 10, 30],
  'flow-install': [1, 3, 5, 9, 15, 30],
  'database-transaction': [1, 1.5, 2.5, 5, 10, 25],
  'northd-loop': [2, 4, 8, 15, 25, 60],
  'packet-in': [0.3, 0.6, 1, 2, 5, 20],
  'vswitchd-start': [190, 220, 250, 280, 360, 650],
  'controller-start': [35, 40, 45, 50, 60, 80],
  'controller-stop': [26, 32, 40, 46, 60, 80],
  'server-start': [70, 80, 88, 100, 120, 140],
  'bus-route': [0.3, 0.5, 1, 2, 5, 20],
  'server-rpc': [5, 10, 20, 40, 100, 400],
  'server-port': [10, 20, 35, 60, 120, 400],
  'server-rule': [10, 20, 35, 60, 120, 400],
  'server-router': [50, 80, 120, 200, 400, 1000],
  'l2-scan': [5, 10, 15, 25, 50, 200],
  'l2-filter': [60, 90, 140, 250, 450, 1000],
  'l2-set': [5, 8, 12, 20, 40, 100],
  'l2-conntrack': [5, 8, 12, 20, 40, 100],
  'l2-wire': [100, 150, 250, 400, 700, 1500],
  'l2-forward': [5, 8, 12, 20, 40, 100],
  'ovs-flow': [0.5, 0.8, 1.2, 2, 5, 30],
  'ovs-set-up': [50, 80, 120, 200, 400, 1000],
  'l3-namespace': [100, 150, 250, 400, 700, 1500],
  'l3-port': [200, 300, 450, 700, 1200, 2500],
  'l3-nat': [100, 150, 250, 400, 800, 2000],
  'l3-floating': [30, 50, 80, 120, 250, 600],
  'l3-remove': [50, 80, 120, 200, 400, 1000],
  'dhcp-namespace': [300, 400, 600, 1000, 1800, 4000],
  'dhcp-start': [200, 300, 450, 700, 1200, 2500],
  'dhcp-reload': [100, 150, 250, 400, 700, 1500],
  'dhcp-remove': [100, 150, 250, 400, 700, 1500],
  'metadata-proxy': [150, 250, 400, 600, 1000, 2000],
  'dnsmasq-read': [1, 2, 4, 8, 20, 60],
  'dnsmasq-answer': [0.2, 0.3, 0.5, 1, 3, 15],
  'agent-start': [2000, 2500, 3500, 5000, 8000, 12000],
  'neutron-server-start': [5000, 7000, 10000, 14000, 20000, 30000],
  'bus-start': [4000, 5000, 7000, 10000, 15000, 20000],
  'vrrp-receive': [0.03, 0.05, 0.15, 0.4, 1, 4],
  'vrrp-timer': [0.05, 0.1, 0.3, 0.6, 1, 5],
  'vrrp-send': [0.012, 0.016, 0.02, 0.05, 0.3, 2],
  'vrrp-address': [0.022, 0.03, 0.04, 0.08, 0.4, 3],
  'vrrp-poll': [0.03, 0.045, 0.06, 0.1, 0.4, 3],
  'vrrp-announce': [0.008, 0.01, 0.014, 0.03, 0.06, 0.4],
  'vrrp-notify': [0.01, 0.015, 0.02, 0.05, 0.3, 2],
  'vrrp-link': [0.18, 0.25, 0.35, 0.7, 1.5, 6],
  'vrrp-signal': [0.1, 0.13, 0.2, 0.5, 1, 5],
  'vrrp-reload': [8, 11, 14, 18, 25, 60],
  'vrrp-script': [2, 4, 6, 10, 20, 60],
  'keepalived-start': [11, 12.5, 14.5, 17, 19, 40],
  'ha-monitor': [3, 6, 12, 25, 60, 200],
  'ha-monitor-start': [900, 1200, 1600, 2200, 3500, 6000],
  'l3-keepalived': [30, 50, 80, 120, 250, 600],
  'conntrackd-event': [0.03, 0.05, 0.1, 0.3, 1, 5],
  'conntrackd-receive': [0.03, 0.05, 0.15, 0.4, 1, 4],
  'conntrackd-commit': [0.006, 0.009, 0.012, 0.02, 0.04, 0.2],
  'conntrackd-command': [8, 12, 20, 35, 80, 300],
  'conntrackd-start': [8, 12, 16, 25, 50, 150],
};

/**
 * A host with nothing else to do: the fast quarter of what the busy one showed, an assumption; but a timer of an ordinary
 * process rings late by more than preferred ones do, so that of two backups one is mostly well ahead (MEASURED.md B 7).
 */
const quiet: Readonly<Record<Step, Quantiles>> = {
  ...mapSteps(([least, fast]) => [least, within(least, fast, 0.3), within(least, fast, 0.6), fast, fast, fast]),
  'vrrp-timer': [0.05, 0.15, 0.4, 0.8, 1.2, 2],
};

/**
 * Daemons that the scheduler prefers: their timers ring as on a quiet host, their work takes what it takes. keepalived ran
 * so on the bench of MEASURED.md B. Read off its rows: `vrrp-receive`, `vrrp-timer` and `vrrp-send` together from the last
 * advertisement to the first of the next master, less the down time (n = 140: least 0.10 ms, median 0.13, 90 % 0.15), and
 * their differences from how far apart two backups were (n = 69: median 0.01 ms, most 0.09, one of 70 beyond); `vrrp-address`
 * and `vrrp-poll` from the first advertisement to the first announcement with one address (n = 160: 0.08 to 0.16 ms) and
 * with three and a route (n = 139: 0.15 to 0.37); `vrrp-announce` from the length of bursts of fifteen (n = 139: 0.10 to
 * 0.33 ms); `vrrp-notify` from the end of a burst to the next one; `vrrp-link` from FAULT after carrier loss; `vrrp-signal`
 * from SIGTERM to priority 0; `keepalived-start` from a restart to "Entering BACKUP". `vrrp-reload` and `vrrp-script` are
 * assumptions.
 */
const realTime: typeof busy = {
  ...busy,
  timer: quiet.timer,
  'bfd-receive': quiet['bfd-receive'],
  'local-database': quiet['local-database'],
  'vrrp-receive': [0.025, 0.03, 0.034, 0.039, 0.046, 0.07],
  'vrrp-timer': [0.026, 0.031, 0.036, 0.042, 0.05, 0.12],
  'vrrp-send': [0.038, 0.043, 0.048, 0.053, 0.06, 0.085],
  'vrrp-address': [0.022, 0.029, 0.035, 0.043, 0.055, 0.1],
  'vrrp-poll': [0.03, 0.05, 0.062, 0.078, 0.095, 0.16],
  'vrrp-announce': [0.0065, 0.0085, 0.011, 0.0145, 0.0195, 0.036],
  'vrrp-notify': [0.008, 0.011, 0.014, 0.018, 0.024, 0.05],
  'vrrp-link': [0.18, 0.24, 0.3, 0.35, 0.42, 0.5],
  'vrrp-signal': [0.1, 0.115, 0.13, 0.145, 0.16, 0.24],
};

const profiles = {quiet, 'real-time': realTime, busy} as const;

/** The steps that a scenario may give times of its own. */
export const hostSteps: readonly string[] = Object.keys(busy);

/** The daemons' pace on one kind of host. */
export class HostProfile {
  readonly #quantiles: Readonly<Record<Step, Quantiles>>;
  readonly #lines = new Map<Step, Lines>();

  constructor(base: keyof typeof profiles, own: ReadonlyMap<string, readonly [Time, Time]> = new Map()) {
    this.#quantiles = {...profiles[base], ...Object.fromEntries([...own].map(([step, span]) => [step, even(...span)]))};
  }

  /** How long the step takes the `count`-th time it is done by the owner of `stream`. */
  take(step: Step, stream: Stream, count: number): Time {
    return this.paceOf(step, stream)(count);
  }

  /** The same for a step that is done often: how long it takes the `count`-th time. */
  paceOf(step: Step, stream: Stream): Pace {
    const {least, slope} = this.#linesOf(step);
    return count => {
      const share = draw(stream, count);
      const part = Math.floor(share * parts);
      return Math.round(least[part] + share * slope[part]);
    };
  }

  /** The least and the most that the step can take. */
  bounds(step: Step): readonly [Time, Time] {
    const quantiles = this.#quantiles[step];
    return [milliseconds(quantiles[0]), milliseconds(quantiles[5])];
  }

  #linesOf(step: Step): Lines {
    let lines = this.#lines.get(step);
    if (!lines) this.#lines.set(step, (lines = linesThrough(this.#quantiles[step])));
    return lines;
  }
}

function linesThrough(quantiles: Quantiles): Lines {
  const lines = {least: new Float64Array(parts), slope: new Float64Array(parts)};
  for (let part = 0; part < parts; part++) {
    const above = marks.findIndex(mark => (part + 0.5) / parts < mark);
    const slope = (quantiles[above] - quantiles[above - 1]) / (marks[above] - marks[above - 1]);
    lines.slope[part] = slope * 1_000;
    lines.least[part] = (quantiles[above - 1] - slope * marks[above - 1]) * 1_000;
  }
  return lines;
}

function within(least: number, most: number, share: number): number {
  return least + (most - least) * share;
}

function even(least: Time, most: Time): Quantiles {
  return marks.map(mark => within(least, most, mark) / 1_000) as unknown as Quantiles;
}

function mapSteps(change: (quantiles: Quantiles) => Quantiles): typeof busy {
  return Object.fromEntries(Object.entries(busy).map(([step, quantiles]) => [step, change(quantiles)])) as typeof busy;
}
