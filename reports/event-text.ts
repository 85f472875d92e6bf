import type {Announcement, Announcements} from '../models/events/announcements.ts';
import {formatIpv4} from '../models/wire/ipv4.ts';
import {formatMac, type Mac} from '../models/wire/mac.ts';
import {tellFault, type Fault} from './fault-text.ts';
import {briefly, moment} from './format.ts';
import {tellVrrp} from './vrrp-text.ts';

/** An announcement in words: where it happened, what it is about, and what happened. */
export type EventText = {readonly chassis: string; readonly subject: string; readonly detail: string};

/** What announcements know by name or number only. */
export type Background = {
  readonly faults: readonly Fault[];
  readonly flows: readonly {readonly name: string}[];
};

type Teller<Kind extends keyof Announcements> = (detail: Announcements[Kind], background: Background) => EventText;

const did = {add: 'added', remove: 'removed'} as const;

const tellers: {readonly [Kind in keyof Announcements]: Teller<Kind>} = {
  'fault began': (struck, {faults}) => event('', struck.fault, tellFault(faults, struck, 'start')),
  'fault ended': (struck, {faults}) => event('', struck.fault, tellFault(faults, struck, 'end')),
  'daemon stopped': ({chassis, daemon, how}) =>
    event(chassis, daemon, how === 'chassis crashed' ? 'gone with its chassis' : how),
  'daemon started': ({chassis, daemon}) => event(chassis, daemon, 'runs again'),
  'carrier changed': ({chassis, nic, up}) => event(chassis, nic, up ? 'carrier back' : 'carrier lost'),
  'heartbeat lost': ({chassis, peer, reason, place}) =>
    event(chassis, `BFD to ${peer}`, `loses its first packet since the last that arrived: ${reason} at ${place}`),
  'bfd changed': ({chassis, peer, from, to, ...rest}) =>
    event(chassis, `BFD to ${peer}`, `${from} → ${to}${to === 'down' ? ` (${why(rest)})` : ''}`),
  'tunnel toggled': ({chassis, peer, enabled}) =>
    event(chassis, `tunnel to ${peer}`, enabled ? 'in use' : 'out of use'),
  'tunnel added': ({chassis, peer}) => event(chassis, `tunnel to ${peer}`, 'added'),
  'tunnel removed': ({chassis, peer}) => event(chassis, `tunnel to ${peer}`, 'removed'),
  'gateway decided': ({chassis, router, active}) =>
    event(chassis, router, active ? 'becomes active here' : 'is no longer active here'),
  'gateway moved': ({chassis, router, active}) =>
    event(chassis, router, active ? 'is forwarded here' : 'is no longer forwarded here'),
  'port claimed': ({chassis, port, from}) =>
    event(chassis, port, from === undefined ? 'claimed' : `claimed from ${from}`),
  'port released': ({chassis, port}) => event(chassis, port, 'released'),
  'binding changed': ({port, from, to}) =>
    event('', port, `in the southbound database: ${from ?? 'nobody'} → ${to ?? 'nobody'}`),
  'chassis registered': ({chassis}) => event(chassis, 'Chassis', 'row added to the southbound database'),
  'chassis unregistered': ({chassis}) => event(chassis, 'Chassis', 'row deleted from the southbound database'),
  'flows cleared': ({chassis}) => event(chassis, 'OpenFlow tables', 'cleared'),
  'flows complete': ({chassis}) => event(chassis, 'OpenFlow tables', 'complete again'),
  'switch restart noticed': ({chassis}) =>
    event(chassis, 'neutron-openvswitch-agent', 'finds that ovs-vswitchd has no flows'),
  'stale flows deleted': ({chassis, cookies}) =>
    event(chassis, 'neutron-openvswitch-agent', `deletes flows of ${cookies} cookies that are not its own`),
  'openflow connected': ({chassis}) => event(chassis, 'ovn-controller', 'connected to ovs-vswitchd'),
  'openflow lost': ({chassis}) => event(chassis, 'ovn-controller', 'without ovs-vswitchd'),
  'database connected': ({chassis}) => event(chassis, 'ovn-controller', 'connected to the southbound database'),
  'database lost': ({chassis, reason}) =>
    event(chassis, 'ovn-controller', `without the southbound database: ${reason}`),
  'address announced': ({chassis, address, mac, round}) =>
    event(chassis, formatIpv4(address), `announced at ${formatMac(mac)}, round ${round}`),
  'mac moved': ({segment, mac, from, to}) => event('', `${segment} switch`, moved(mac, from, to)),
  'mac binding changed': ({router, address, mac}) =>
    event('', router, `in the southbound database: ${formatIpv4(address)} at ${formatMac(mac)}`),
  'neighbour changed': ({host, address, from, to, mac}) =>
    event(
      host,
      `neighbour ${formatIpv4(address)}`,
      `${from} → ${to}${mac === undefined ? '' : ` at ${formatMac(mac)}`}`,
    ),
  'neighbour table overflow': ({host}) => event(host, 'kernel', 'arp_cache: neighbor table overflow!'),
  'route changed': ({router, prefix, nextHop, active}) =>
    event('', router, `route ${prefix} via ${formatIpv4(nextHop)} ${active ? 'in use' : 'withdrawn'}`),
  'bus connected': ({chassis, daemon}) => event(chassis, daemon, 'connected to RabbitMQ'),
  'bus lost': ({chassis, daemon, reason}) => event(chassis, daemon, `without RabbitMQ: ${reason}`),
  'call timed out': ({chassis, daemon, method, timeout}) =>
    event(chassis, daemon, `no answer to ${method} for ${briefly(timeout)}`),
  'agent missed': ({chassis, daemon}) => event(chassis, daemon, 'not heard of by neutron-server'),
  'agent revived': ({chassis, daemon}) => event(chassis, daemon, 'heard of again by neutron-server'),
  'router scheduled': ({router, from, to}) =>
    event('', router, `in the database of Neutron: ${from ?? 'nobody'} → ${to ?? 'nobody'}`),
  'ha router transitioned': ({chassis, router, state}) =>
    event(chassis, router, `is ${state} here, the L3 agent believes`),
  'ha state noted': ({chassis, router, from, to}) =>
    event('', router, `in the database of Neutron: ${from} → ${to} at ${chassis}`),
  'connections committed': ({chassis, router, connections}) =>
    event(chassis, router, `conntrackd commits ${connections} ${connections === 1 ? 'connection' : 'connections'}`),
  'router configured': ({chassis, router}) => event(chassis, router, 'is complete here'),
  'router removed': ({chassis, router}) => event(chassis, router, 'is removed here'),
  'port status changed': ({port, host, from, to}) =>
    event('', `port ${port}`, `${from} → ${to}${host === undefined ? '' : ` at ${host}`}`),
  'port wired': ({chassis, port}) => event(chassis, `port ${port}`, 'wired'),
  'port filters changed': ({chassis, ports}) =>
    event(chassis, 'filters', `written for ${ports} ${ports === 1 ? 'port' : 'ports'}`),
  'forwarding entries changed': ({chassis, network, action, entries}) =>
    event(chassis, network, `${entries} forwarding ${entries === 1 ? 'entry' : 'entries'} ${did[action]}`),
  'floating address associated': ({address, from, to}) =>
    event('', formatIpv4(address), `in the database of Neutron: ${from ?? 'nobody'} → ${to ?? 'nobody'}`),
  'floating address configured': ({chassis, address, active}) =>
    event(chassis, formatIpv4(address), active ? 'is translated here' : 'is no longer translated here'),
  'operation refused': ({what, subject, reason}) => event('', subject, `${what} refused: ${reason}`),
  'vrrp changed': changed => event(changed.chassis, changed.instance, tellVrrp(changed)),
  'vrrp priority changed': ({chassis, instance, from, to}) =>
    event(chassis, instance, `changes its priority from ${from} to ${to}`),
  'vrrp gave up': ({chassis, instance}) => event(chassis, instance, 'sends priority 0'),
  'advert lost': ({chassis, peer, instance, reason, place}) =>
    event(
      chassis,
      `${instance} to ${peer}`,
      `loses its first advert since the last that arrived: ${reason} at ${place}`,
    ),
  'vm started': ({vm, chassis, waited}) => event(chassis, vm, `starts: its port was ACTIVE after ${briefly(waited)}`),
  'vm not started': ({vm, chassis}) => event(chassis, vm, 'is given up: its port was not ACTIVE in time'),
  'lease taken': ({host, address, server, waited}) =>
    event(host, formatIpv4(address), `leased from ${formatIpv4(server)} after ${briefly(waited)}`),
  'lease renewed late': ({host, address, server, requests}) =>
    event(host, formatIpv4(address), `renewed by ${formatIpv4(server)} at request ${requests}`),
  'lease lost': ({host, address, why}) =>
    event(host, formatIpv4(address), why === 'expired' ? 'given up: its lease is over' : 'given up: refused by DHCP'),
  'dhcp ready': ({chassis, network}) => event(chassis, `DHCP of ${network}`, 'is ready here'),
  'dhcp removed': ({chassis, network}) => event(chassis, `DHCP of ${network}`, 'is removed here'),
  'network scheduled': ({network, chassis, hosted}) =>
    event('', `DHCP of ${network}`, `in the database of Neutron: ${hosted ? 'at' : 'no longer at'} ${chassis}`),
  'connection lost': ({flow, host, why}, {flows}) =>
    event(host, nameOfFlow(flow, flows), `loses its connection: ${why}`),
  'flow lost': ({flow, reason, place}, {flows}) =>
    event('', nameOfFlow(flow, flows), `loses packets: ${reason} at ${place}`),
  'flow restored': ({flow, lost}, {flows}) =>
    event('', nameOfFlow(flow, flows), `gets through again after ${lost} lost`),
};

/** The cells of an announcement. */
export function tellEvent(announcement: Announcement, background: Background): EventText {
  const tell = tellers[announcement.kind] as Teller<Announcement['kind']>;
  return tell(announcement.detail as never, background);
}

/** An announcement as a sentence: `gw2: lr1 becomes active here`. */
export function tellInASentence(announcement: Announcement, background: Background): string {
  const {chassis, subject, detail} = tellEvent(announcement, background);
  return `${chassis === '' ? '' : `${chassis}: `}${subject} ${detail}`;
}

function event(chassis: string, subject: string, detail: string): EventText {
  return {chassis, subject, detail};
}

function nameOfFlow(number: number, flows: Background['flows']): string {
  return flows[number]?.name ?? `flow ${number}`;
}

function moved(mac: Mac, from: string | undefined, to: string | undefined): string {
  if (to === undefined) return `forgets ${formatMac(mac)}${from === undefined ? '' : `, last at ${from}`}`;
  return `finds ${formatMac(mac)} at ${to}${from === undefined ? '' : `, no longer at ${from}`}`;
}

function why({
  diagnostic,
  heardAt,
  detectionTime,
}: Pick<Announcements['bfd changed'], 'diagnostic' | 'heardAt' | 'detectionTime'>): string {
  if (diagnostic !== 'control-detection-time-expired') return diagnostic.replaceAll('-', ' ');
  const last = heardAt === undefined ? 'none ever heard' : `last heard at ${moment(heardAt)} s`;
  return `no packet for ${briefly(detectionTime)}, ${last}`;
}
