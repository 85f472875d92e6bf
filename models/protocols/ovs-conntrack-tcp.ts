import {seconds, type Time} from '../../engine/time.ts';
import type {Tcp} from '../wire/tcp.ts';

/** What the userspace datapath of Open vSwitch takes one end of a TCP connection to be in (lib/conntrack-tcp.c). */
export type OvsPeer = 'closed' | 'syn-sent' | 'established' | 'closing' | 'fin-wait-2' | 'time-wait';

export type OvsPeers = {readonly sender: OvsPeer; readonly receiver: OvsPeer};

/** In the order in which a connection gets there. */
const order: readonly OvsPeer[] = ['closed', 'syn-sent', 'established', 'closing', 'fin-wait-2', 'time-wait'];

/** The first segment says where its sender stands; the other end has said nothing. */
export const ovsNewPeers: OvsPeers = {sender: 'syn-sent', receiver: 'closed'};

/** The time-outs of the default policy (lib/conntrack-tp.c). */
const timeouts = {
  opening: seconds(30),
  established: seconds(24 * 3600),
  closing: seconds(15 * 60),
  finWait: seconds(45),
  closed: seconds(30),
} as const;

/** Whether a segment may begin a connection: a SYN, or anything in the middle of one, but no answer to a SYN. */
export function ovsMayBegin({syn, ack}: Tcp): boolean {
  return !(syn && ack);
}

/** What a segment makes of both ends, seen from its sender; "begins anew" if it is the SYN of another connection. */
export function ovsTcpStep({sender, receiver}: OvsPeers, {syn, ack, fin, rst}: Tcp): OvsPeers | 'begins anew' {
  if (syn && !ack && isPast(sender, 'fin-wait-2') && isPast(receiver, 'fin-wait-2')) return 'begins anew';
  if (rst) return {sender: 'time-wait', receiver: 'time-wait'};
  let from: OvsPeer = isPast(sender, 'syn-sent') ? sender : 'syn-sent';
  let to = receiver;
  if (fin && !isPast(from, 'closing')) from = 'closing';
  if (ack && to === 'syn-sent') to = 'established';
  else if (ack && to === 'closing') to = 'fin-wait-2';
  return {sender: from, receiver: to};
}

/** How long a connection lasts without a segment. */
export function ovsTcpTimeout({sender, receiver}: OvsPeers): Time {
  const both = (peer: OvsPeer): boolean => isPast(sender, peer) && isPast(receiver, peer);
  if (both('fin-wait-2')) return timeouts.closed;
  if (both('closing')) return timeouts.finWait;
  if (!both('established')) return timeouts.opening;
  return isPast(sender, 'closing') || isPast(receiver, 'closing') ? timeouts.closing : timeouts.established;
}

/** Whether an end has come so far, or further. */
function isPast(peer: OvsPeer, other: OvsPeer): boolean {
  return order.indexOf(peer) >= order.indexOf(other);
}
