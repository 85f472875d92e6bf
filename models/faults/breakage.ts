import type {Time} from '../../engine/time.ts';
import type {DaemonName} from '../daemons/daemon.ts';
import type {NeutronSecurityGroup} from '../tables/neutron-inventory.ts';
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

/** Interfaces of a target. */
type Nics = {readonly nics: readonly string[]};

/** What can be broken: of a cloud, or as a scenario has it, with other words for the interfaces and for rules of security groups. */
export type Breakage<Where = Nics, Rule = NeutronSecurityGroup['rules'][number]> =
  /** Carrier is lost, and both ends know. */
  | ({readonly kind: 'link'} & Where)
  /** Carrier stays, frames vanish. */
  | ({readonly kind: 'black-hole'; readonly direction: Direction} & Where)
  /** Frames that match vanish, as under an iptables rule. */
  | ({readonly kind: 'drop'; readonly direction: Direction; readonly match: Match} & Where)
  | ({readonly kind: 'loss'; readonly direction: Direction; readonly rate: number} & Where)
  | ({readonly kind: 'latency'; readonly direction: Direction; readonly add: Time; readonly jitter: Time} & Where)
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
  | {readonly kind: 'operation'; readonly operation: Operation<Rule>};

/** What is hit; roles are filled when the fault strikes. */
export type Target =
  | {readonly kind: 'chassis'; readonly name: string}
  | {readonly kind: 'host'; readonly name: string}
  | {readonly kind: 'all chassis'; readonly role: 'compute' | 'gateway' | 'controller' | undefined}
  /** The chassis that holds the router's gateway port. */
  | {readonly kind: 'active gateway'; readonly router: string}
  /** Gateway chassis of the router by rank: 1 is the first after the active one. */
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
