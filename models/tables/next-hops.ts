import type {Time} from '../../engine/time.ts';
import type {BfdState} from '../wire/bfd.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {HeartbeatLosses} from './heartbeat-losses.ts';
import {routerKey} from './southbound-contents.ts';
import type {LogicalRouter, NextHopBfd, RouterPort} from './topology.ts';

/** A next hop that BFD watches: a row of the table BFD, of which there is one for each port and address (ovn-nb.ovsschema). */
export type WatchedNextHop = {
  readonly number: number;
  readonly router: LogicalRouter;
  /** The router's port from which it is watched. */
  readonly port: RouterPort;
  readonly address: Ipv4;
  readonly timers: NextHopBfd;
  /** What northd wrote into the row: every chassis that comes to run the session speaks under these. */
  readonly discriminator: number;
  readonly sourcePort: number;
  /** Whoever has the address and speaks BFD, configured with the same timers; undefined if nobody does. */
  readonly peer: {readonly name: string; readonly discriminator: number} | undefined;
  /** When each end last spoke before the run began, if they were up. */
  readonly sentAt: Time;
  readonly peerSentAt: Time;
};

export type NextHops = {
  /** In the order of routers and their routes. */
  readonly watched: readonly WatchedNextHop[];
  readonly losses: HeartbeatLosses;
};

/** Values of the column `status`, in the order of their codes (RFC 5880, 4.1). */
const statuses: readonly BfdState[] = ['admin-down', 'down', 'init', 'up'];

/** What stands in the southbound table BFD for a state. */
export function bfdStatus(state: BfdState): number {
  return statuses.indexOf(state);
}

/** The row of the southbound table BFD for a next hop. */
export function bfdKey(router: LogicalRouter, nextHop: Ipv4): number {
  return routerKey(router.number, nextHop);
}
