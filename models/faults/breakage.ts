import type {Time} from '../../engine/time.ts';
import type {DaemonName} from '../daemons/daemon.ts';
import type {Operation} from './operation.ts';

export type Direction = 'in' | 'out' | 'both';

/** What frames a rule is about. */
export type Match = {
  readonly protocol: 'arp' | 'icmp' | 'udp' | 'tcp' | 'bfd' | 'geneve' | 'vxlan' | 'gre' | 'vrrp' | 'any';
  /** Source or destination port; undefined is any. */
  readonly port: number | undefined;
};

/** What is done to a daemon; keepalived's parent and child can be killed apart, and it can be told to read its file anew. */
export type DaemonFate = 'kill' | 'stop' | 'hang' | 'restart' | 'kill-parent' | 'kill-child' | 'reload';

/** What can be broken. */
export type Breakage =
  /** Carrier is lost, and both ends know. */
  | {readonly kind: 'link'; readonly nics: readonly string[]}
  /** Carrier stays, frames vanish. */
  | {readonly kind: 'black-hole'; readonly nics: readonly string[]; readonly direction: Direction}
  /** Frames that match vanish, as under an iptables rule. */
  | {readonly kind: 'drop'; readonly nics: readonly string[]; readonly direction: Direction; readonly match: Match}
  | {readonly kind: 'loss'; readonly nics: readonly string[]; readonly direction: Direction; readonly rate: number}
  | {
      readonly kind: 'latency';
      readonly nics: readonly string[];
      readonly direction: Direction;
      readonly add: Time;
      readonly jitter: Time;
    }
  /** The power goes; what comes back is empty. */
  | {readonly kind: 'chassis'}
  | {
      readonly kind: 'daemon';
      readonly daemon: DaemonName;
      readonly how: DaemonFate;
      /** Of a program that runs once for each router: for which; undefined: for all on the host. */
      readonly router?: string | undefined;
    }
  /** A tracking script of keepalived's fails. */
  | {readonly kind: 'script'; readonly script: string}
  /** The way to the southbound database or to the message bus: shut with a reset, or cut without a word. */
  | {readonly kind: 'southbound' | 'bus'; readonly how: 'noticed' | 'silent'}
  /** Nothing breaks: an operator changes something. It has no end. */
  | {readonly kind: 'operation'; readonly operation: Operation};

/** What is hit; roles are filled when the fault strikes. */
export type Target =
  | {readonly kind: 'chassis'; readonly name: string}
  | {readonly kind: 'host'; readonly name: string}
  | {readonly kind: 'all chassis'; readonly role: 'compute' | 'gateway' | 'controller' | undefined}
  | {readonly kind: 'active gateway'; readonly router: string}
  /** 1 is the first after the active one. */
  | {readonly kind: 'standby gateway'; readonly router: string; readonly rank: number}
  | {readonly kind: 'chassis of vm'; readonly vm: string}
  /** The switch of a segment, for all that crosses it. */
  | {readonly kind: 'switch'};

/** One fault with its instants drawn: it strikes at each `at` and is over at `until`, which may be `never`. */
export type FaultPlan = {
  readonly name: string;
  readonly breakage: Breakage;
  readonly targets: readonly Target[];
  readonly occurrences: readonly {readonly at: Time; readonly until: Time}[];
};
