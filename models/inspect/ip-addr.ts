import type {OwnAddress} from '../protocols/arp-policy.ts';
import {broadcastAddress, formatIpv4, networkOf, type Ipv4} from '../wire/ipv4.ts';
import {broadcastMac, formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type LinkRow = {
  readonly name: string;
  readonly mac: Mac;
  readonly mtu: number;
  /** What the kernel gives such a device: `mq` a card, `noqueue` a veth. */
  readonly qdisc: string;
  readonly carrier: boolean;
  readonly addresses: readonly OwnAddress[];
};

const loopback = [
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
  '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
  '    inet 127.0.0.1/8 scope host lo',
  '       valid_lft forever preferred_lft forever',
];

/** `ip addr` (iproute2, ip/ipaddress.c), without what is not modelled: IPv6, and the other ends of veth pairs. */
export function formatAddresses(links: readonly LinkRow[]): string {
  return lines([...loopback, ...links.flatMap((link, index) => formatLink(link, index + 2))]);
}

function formatLink({name, mac, mtu, qdisc, carrier, addresses}: LinkRow, index: number): readonly string[] {
  const flags = carrier ? 'BROADCAST,MULTICAST,UP,LOWER_UP' : 'NO-CARRIER,BROADCAST,MULTICAST,UP';
  const state = carrier ? 'UP' : 'DOWN';
  return [
    `${index}: ${name}: <${flags}> mtu ${mtu} qdisc ${qdisc} state ${state} group default qlen 1000`,
    `    link/ether ${formatMac(mac)} brd ${formatMac(broadcastMac)}`,
    ...addresses.flatMap((own, number) => [
      formatAddress(own, isSecondary(own, addresses.slice(0, number)), name),
      '       valid_lft forever preferred_lft forever',
    ]),
  ];
}

function formatAddress(own: OwnAddress, secondary: boolean, device: string): string {
  const broadcast = own.broadcast === false ? '' : `brd ${formatIpv4(broadcastOf(own))} `;
  const scope = secondary ? 'global secondary' : 'global';
  return `    inet ${formatIpv4(own.address)}/${own.length} ${broadcast}scope ${scope} ${device}`;
}

/** Of several addresses in one network the first is the primary one. */
function isSecondary(own: OwnAddress, before: readonly OwnAddress[]): boolean {
  return before.some(other => other.length === own.length && broadcastOf(other) === broadcastOf(own));
}

function broadcastOf(own: OwnAddress): Ipv4 {
  return broadcastAddress(networkOf(own));
}
