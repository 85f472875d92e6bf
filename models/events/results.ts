import type {Time} from '../../engine/time.ts';
import type {Announcement} from './announcements.ts';

/** Packets of one flow lost for one reason at one place. */
export type Drops = {
  readonly reason: string;
  readonly place: string;
  readonly packets: number;
  /** When the first and the last of them were sent. */
  readonly firstAt: Time;
  readonly lastAt: Time;
};

/** What programs send beside the flows and nobody got, by reason and place. */
export type MessageDrops = Drops & {readonly of: 'dhcp messages'};

/** Packets of one flow lost here and there, too few in a row to make an outage, by what lost them. */
export type Scattered = {
  /** The number of the announcement: the beginning of the fault that drew the lot; 0 if it was no fault. */
  readonly cause: number;
  readonly packets: number;
};

/** What became of the connections of one flow, as its client sees them. */
export type Connections = {
  readonly opened: number;
  readonly refused: number;
  readonly reset: number;
  readonly 'timed out': number;
  /** The host, or its neighbour, was told to be unreachable while it connected. */
  readonly unreachable: number;
};

/** What became of one flow's packets: sent = delivered + lost + in flight. */
export type FlowResult = {
  readonly number: number;
  readonly name: string;
  readonly group: string;
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  /** Of those lost, how many came after all, too late. */
  readonly late: number;
  readonly duplicates: number;
  readonly misdelivered: number;
  readonly inFlight: number;
  readonly drops: readonly Drops[];
  /** Of those lost, those that no outage accounts for; left out where there are none. */
  readonly scattered?: readonly Scattered[];
  /** Of a TCP flow: connections that it began, and those that its client lost, by how. */
  readonly connections?: Connections;
  /** ICMP errors about its packets that its sender heard; left out where there are none. */
  readonly icmpErrors?: number;
};

/** The address translation of one router on one chassis at one moment. */
export type NatSample = {
  readonly at: Time;
  readonly chassis: string;
  /** The router: its connections share a zone. */
  readonly namespace: string;
  readonly connections: number;
  readonly connectionsMax: number;
  readonly snatPorts: number;
  readonly rules: number;
  readonly insertFailed: number;
};

export type CounterResult = {readonly owner: string; readonly name: string; readonly value: number};

/** All that is left of a run. */
export type RunResult = {
  readonly seed: string;
  readonly duration: Time;
  readonly announcements: readonly Announcement[];
  readonly flows: readonly FlowResult[];
  readonly nat: readonly NatSample[];
  readonly counters: readonly CounterResult[];
  readonly drops: readonly MessageDrops[];
  /** Equal for equal runs, however they were computed. */
  readonly fingerprint: string;
};
