import type {Time} from '../../engine/time.ts';
import {isAfter} from '../wire/sequence.ts';
import type {ConntrackEntry, TcpProgress} from './conntrack-entry.ts';
import type {ConntrackSettings} from './conntrack-settings.ts';
import {isOver, tcpStep, type TcpSegment, type TcpState} from './conntrack-tcp.ts';
import {opposite, type Direction} from './conntrack-tuple.ts';

/** What a packet means for its connection: it goes on, it ends, it begins anew, or the packet is none of its own. */
export type Effect = 'goes on' | 'end' | 'reopen' | 'invalid';

/** A segment of a connection, the first one included. (nf_conntrack_tcp_packet) */
export function trackTcp(
  entry: ConntrackEntry,
  direction: Direction,
  segment: TcpSegment,
  settings: ConntrackSettings,
  now: Time,
): Effect {
  const {tcp} = entry;
  const {flags} = segment;
  let before = tcp.state;
  let after = tcpStep(before, direction, flags);
  if (after === 'invalid') return 'invalid';
  if (after === 'syn-sent' && isOver(before)) {
    if (tcp.finished || tcp.resetBy === direction) return 'reopen';
    after = 'ignore';
  }
  if (after === 'ignore') {
    if (!(flags === 'syn-ack' && tcp.ignoredSynBy === opposite(direction))) {
      tcp.ignoredSynBy = flags === 'syn' ? direction : tcp.ignoredSynBy;
      return 'goes on';
    }
    // Both ends agree, so the SYN that was ignored was right: the connection begins here.
    before = 'syn-sent';
    after = 'syn-recv';
  }
  noteSegment(entry, direction, segment, before);
  tcp.state = after;
  if (!entry.replied) {
    if (flags === 'rst') return 'end';
    // A SYN that is sent again keeps nothing alive.
    if (flags === 'syn' && before === 'syn-sent') return 'goes on';
  } else if (after === 'established' && (before === 'syn-recv' || before === 'established')) {
    entry.assured = true;
  }
  entry.timeout = tcpTimeout(entry, after, flags === 'rst', settings);
  entry.refreshedAt = now;
  return 'goes on';
}

/** A packet of UDP, ICMP or any other protocol. */
export function trackOther(entry: ConntrackEntry, settings: ConntrackSettings, now: Time): Effect {
  entry.refreshedAt = now;
  switch (entry.original.protocol) {
    case 'udp': {
      // nf_conntrack_udp_packet: the reply that makes a connection a replied one does not count as traffic both ways.
      const stream = entry.replied && now > entry.streamAt;
      entry.timeout = stream ? settings.udpStream : settings.udp;
      if (stream) entry.assured = true;
      break;
    }
    case 'icmp':
      entry.timeout = settings.icmp;
      break;
    default:
      entry.timeout = settings.generic;
  }
  return 'goes on';
}

function noteSegment(entry: ConntrackEntry, direction: Direction, segment: TcpSegment, before: TcpState): void {
  const {tcp} = entry;
  const {flags, data = false, acknowledgesPart = false} = inContext(tcp, direction, segment);
  noteEnd(tcp, direction, segment);
  tcp.finished = flags === 'syn' || flags === 'syn-ack' ? false : tcp.finished || flags === 'fin';
  tcp.resetBy = flags === 'rst' ? direction : undefined;
  tcp.ignoredSynBy = undefined;
  // The first segment says where the numbers begin.
  if (before === 'none') return;
  if (data || flags === 'syn' || flags === 'syn-ack' || flags === 'fin') tcp.unacknowledged[direction] = true;
  if (flags !== 'syn' && flags !== 'none' && !acknowledgesPart) tcp.unacknowledged[opposite(direction)] = false;
}

/** Whether a segment is new, and whether it acknowledges everything, as its numbers tell. */
function inContext(tcp: TcpProgress, direction: Direction, segment: TcpSegment): TcpSegment {
  const {end, acknowledges} = segment;
  if (end === undefined) return segment;
  const [own, other] = [tcp.ends[direction], tcp.ends[opposite(direction)]];
  return {
    ...segment,
    data: own !== undefined && isAfter(end, own),
    acknowledgesPart: acknowledges !== undefined && other !== undefined && acknowledges !== other,
  };
}

function noteEnd({ends}: TcpProgress, direction: Direction, {end}: TcpSegment): void {
  const known = ends[direction];
  if (end !== undefined && (known === undefined || isAfter(end, known))) ends[direction] = end;
}

function tcpTimeout(entry: ConntrackEntry, state: TcpState, reset: boolean, settings: ConntrackSettings): Time {
  if (reset) return settings.tcp.close;
  const {original, reply} = entry.tcp.unacknowledged;
  // What was picked up in its middle may be a stray: not five days for it before an answer.
  const doubtful = original || reply || (!entry.replied && state === 'established');
  return doubtful ? Math.min(settings.tcp[state], settings.tcpUnacknowledged) : settings.tcp[state];
}
