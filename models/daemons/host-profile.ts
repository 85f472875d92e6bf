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
  | 'server-start';

/** Quantiles 0, 25, 50, 75, 90 and 100 % of a span, in milliseconds; straight lines between. */
type Quantiles = readonly [number, number, number, number, number, number];

const marks = [0, 0.25, 0.5, 0.75, 0.9, 1];

/**
 * A host that is busy with other work, as the bench of MEASURED.md A was. Each step was read off the raw rows there:
 * `timer` from bfd_tx_intervals.csv (intervals less the nearest possible one); `local-database` and `controller-decide`
 * together from "bfd up->down" to the "ctl" line of the same chassis in events.csv (n = 126: least 1, median 2, 90 % 8,
 * most 192); `controller-recompute`, `flow-install` and `database-transaction` from that line to the change in SB and to
 * the first answered probe; `controller-increment` the same where an SB change was the trigger; `port-toggle` from cn1's
 * "up->down" to the first answered probe where cn1 was the later; `controller-reload` from the
 * claim to SB in controller_exit (n = 10: 22 to 86, median 41) and sbdown_link_ul (n = 6: 32 to 94, median 46); `controller-first-flows` from the gaps of
 * controller_kill9 (`recover`); starts and stops from the `recover` rows of
 * vswitchd_kill9, controller_kill9 and controller_exit in failover.csv.
 */
const busy: Readonly<Record<Step, Quantiles>> = {
  timer: [0.05, 0.1, 0.3, 0.6, 1, 5],
  'bfd-receive': [0.05, 0.1, 0.2, 0.4, 1, 4],
  'port-toggle': [0.3, 1, 3, 6, 15, 80],
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
};

/** A host with nothing else to do: the fast quarter of what the busy one showed. An assumption, not a measurement. */
const quiet = mapSteps(([least, fast]) => [
  least,
  within(least, fast, 0.3),
  within(least, fast, 0.6),
  fast,
  fast,
  fast,
]);

/** Daemons that the scheduler prefers: their timers ring as on a quiet host, their work takes what it takes. */
const realTime: typeof busy = {
  ...busy,
  timer: quiet.timer,
  'bfd-receive': quiet['bfd-receive'],
  'local-database': quiet['local-database'],
};

const profiles = {quiet, 'real-time': realTime, busy} as const;

/** The steps that a scenario may give times of its own. */
export const hostSteps: readonly string[] = Object.keys(busy);

/** The daemons' pace on one kind of host. */
export class HostProfile {
  readonly #quantiles: Readonly<Record<Step, Quantiles>>;

  constructor(base: keyof typeof profiles, own: ReadonlyMap<string, readonly [Time, Time]> = new Map()) {
    this.#quantiles = {...profiles[base], ...Object.fromEntries([...own].map(([step, span]) => [step, even(...span)]))};
  }

  /** How long the step takes the `count`-th time it is done by the owner of `stream`. */
  take(step: Step, stream: Stream, count: number): Time {
    const quantiles = this.#quantiles[step];
    const share = draw(stream, count);
    const above = marks.findIndex(mark => share < mark);
    const span = (share - marks[above - 1]) / (marks[above] - marks[above - 1]);
    return milliseconds(within(quantiles[above - 1], quantiles[above], span));
  }

  /** The least and the most that the step can take. */
  bounds(step: Step): readonly [Time, Time] {
    const quantiles = this.#quantiles[step];
    return [milliseconds(quantiles[0]), milliseconds(quantiles[5])];
  }
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
