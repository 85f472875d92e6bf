import type {Announcement, Announcements} from '../models/events/announcements.ts';
import {formatIpv4} from '../models/wire/ipv4.ts';
import {formatMac} from '../models/wire/mac.ts';
import {milliseconds, seconds} from './format.ts';

/** An announcement in words: where it happened, what it is about, and what happened. */
export type EventText = {readonly chassis: string; readonly subject: string; readonly detail: string};

type Teller<Kind extends keyof Announcements> = (detail: Announcements[Kind]) => EventText;

const tellers: {readonly [Kind in keyof Announcements]: Teller<Kind>} = {
  'fault began': ({fault, kind, target}) => event('', fault, `${kind} of ${target || 'nothing'}`),
  'fault ended': ({fault, kind, target}) => event('', fault, `${kind} of ${target || 'nothing'} over`),
  'daemon stopped': ({chassis, daemon, how}) => event(chassis, daemon, how),
  'daemon started': ({chassis, daemon}) => event(chassis, daemon, 'runs'),
  'carrier changed': ({chassis, nic, up}) => event(chassis, nic, up ? 'carrier back' : 'carrier lost'),
  'heartbeat lost': ({chassis, peer, reason, place}) =>
    event(chassis, `bfd to ${peer}`, `first one lost since the last that arrived: ${reason} at ${place}`),
  'bfd changed': ({chassis, peer, from, to, diagnostic, heardAt, detectionTime}) =>
    event(chassis, `bfd to ${peer}`, `${from} → ${to} (${why(to, diagnostic, heardAt, detectionTime)})`),
  'tunnel toggled': ({chassis, peer, enabled}) =>
    event(chassis, `tunnel to ${peer}`, enabled ? 'in use' : 'out of use'),
  'tunnel added': ({chassis, peer}) => event(chassis, `tunnel to ${peer}`, 'added'),
  'tunnel removed': ({chassis, peer}) => event(chassis, `tunnel to ${peer}`, 'removed'),
  'gateway decided': ({chassis, router, active}) =>
    event(chassis, router, active ? 'becomes active here' : 'no longer active here'),
  'gateway moved': ({chassis, router, active}) =>
    event(chassis, router, active ? 'forwarded here' : 'no longer forwarded here'),
  'port claimed': ({chassis, port, from}) =>
    event(chassis, port, from === undefined ? 'claimed' : `claimed from ${from}`),
  'port released': ({chassis, port}) => event(chassis, port, 'released'),
  'binding changed': ({port, from, to}) => event('', port, `southbound: ${from ?? 'nobody'} → ${to ?? 'nobody'}`),
  'chassis registered': ({chassis}) => event(chassis, 'Chassis', 'southbound: row added'),
  'chassis unregistered': ({chassis}) => event(chassis, 'Chassis', 'southbound: row deleted'),
  'flows cleared': ({chassis}) => event(chassis, 'flows', 'cleared'),
  'flows complete': ({chassis}) => event(chassis, 'flows', 'complete'),
  'openflow connected': ({chassis}) => event(chassis, 'ovn-controller', 'connected to ovs-vswitchd'),
  'openflow lost': ({chassis}) => event(chassis, 'ovn-controller', 'lost ovs-vswitchd'),
  'database connected': ({chassis}) => event(chassis, 'ovn-controller', 'connected to the southbound database'),
  'database lost': ({chassis, reason}) => event(chassis, 'ovn-controller', `lost the southbound database: ${reason}`),
  'address announced': ({chassis, address, mac, round}) =>
    event(chassis, formatIpv4(address), `announced at ${formatMac(mac)}, round ${round}`),
  'mac moved': ({segment, mac, from, to}) =>
    event('', `${segment} switch`, `${formatMac(mac)}: ${from ?? 'unknown'} → ${to ?? 'unknown'}`),
  'mac binding changed': ({router, address, mac}) =>
    event('', router, `southbound: ${formatIpv4(address)} at ${formatMac(mac)}`),
  'neighbour changed': ({host, address, from, to, mac}) =>
    event(
      host,
      `neighbour ${formatIpv4(address)}`,
      `${from} → ${to}${mac === undefined ? '' : ` at ${formatMac(mac)}`}`,
    ),
  'route changed': ({router, prefix, nextHop, active}) =>
    event('', router, `route ${prefix} via ${formatIpv4(nextHop)} ${active ? 'in use' : 'withdrawn'}`),
  'flow lost': ({flow, reason, place}) => event('', `flow ${flow}`, `loses packets: ${reason} at ${place}`),
  'flow restored': ({flow, lost}) => event('', `flow ${flow}`, `gets through again after ${lost} lost`),
};

export function tellEvent(announcement: Announcement): EventText {
  const tell = tellers[announcement.kind] as (detail: Announcement['detail']) => EventText;
  return tell(announcement.detail);
}

function event(chassis: string, subject: string, detail: string): EventText {
  return {chassis, subject, detail};
}

function why(to: string, diagnostic: string, heardAt: number | undefined, detectionTime: number): string {
  const timedOut = to === 'down' && diagnostic === 'control-detection-time-expired';
  if (!timedOut) return diagnostic.replaceAll('-', ' ');
  const last = heardAt === undefined ? 'none heard' : `last heard ${seconds(heardAt)}`;
  return `no packet for ${milliseconds(detectionTime)} ms, ${last}`;
}
