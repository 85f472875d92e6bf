import type {Announcements} from '../models/events/announcements.ts';
import {formatIpv4} from '../models/wire/ipv4.ts';
import {moment} from './format.ts';

/** The new state of a virtual router, and why: `MASTER: no advert since 12.004 s`. */
export function tellVrrp({from, to, ...reason}: Announcements['vrrp changed']): string {
  return `${from.toUpperCase()} → ${to.toUpperCase()}: ${why(reason)}`;
}

function why({why: kind, heardAt, peer, priority, what}: Omit<Announcements['vrrp changed'], 'from' | 'to'>): string {
  const other = peer === undefined ? 'another' : formatIpv4(peer);
  switch (kind) {
    case 'no advert':
      return heardAt === undefined ? 'no advert since it is there' : `no advert since ${moment(heardAt)} s`;
    case 'priority 0':
      return 'the master gave up';
    case 'owner':
      return 'it owns the addresses';
    case 'higher priority':
      return `${other} has priority ${priority ?? 'unknown'}`;
    case 'higher address':
      return `${other} has the same priority and the higher address`;
    case 'failed':
      return `${what ?? 'what it tracks'} failed`;
    case 'recovered':
      return `${what ?? 'what it tracks'} is well again`;
    case 'started':
      return 'keepalived started';
    case 'reloaded':
      return 'keepalived read its configuration anew';
  }
}
