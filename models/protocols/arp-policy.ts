import {isGratuitous, type Arp} from '../wire/arp.ts';
import {broadcastAddress, contains, type Cidr, type Ipv4} from '../wire/ipv4.ts';
import type {NeighbourSettings} from './neighbour-settings.ts';

/** An address of an interface with the length of its prefix; unlike a `Cidr` it may have bits set after the prefix. */
export type OwnAddress = {
  readonly address: Ipv4;
  readonly length: number;
  /** keepalived gives an address no broadcast address: to be seen in `ip addr`, of no consequence else. */
  readonly broadcast?: false;
};

/** What decides how a Linux host takes an ARP message on one interface. */
export type ArpInterface = {
  readonly settings: NeighbourSettings;
  readonly addresses: readonly OwnAddress[];
  /** Whether the address belongs to the host, on whichever interface. */
  isLocal(address: Ipv4): boolean;
  /** Whether what comes in here from `sender` for `target` would be forwarded, out of another interface. */
  leavesElsewhere(target: Ipv4, sender: Ipv4): boolean;
};

const limitedBroadcast: Ipv4 = 0xffff_ffff;

/** Whether the message is looked at at all. */
export function isHeeded(arp: Arp, {settings}: ArpInterface): boolean {
  if (isMulticast(arp.targetIp) || isLoopback(arp.targetIp)) return false;
  return !(settings.dropGratuitousArp && isGratuitous(arp));
}

/**
 * Whether a request that the host may answer is taken for one. One that claims to come from this very host is not, its
 * source is a martian: a holder of an address does not answer the announcements of another. (ip_route_input_noref)
 */
export function isBelievable(sender: Ipv4, on: ArpInterface): boolean {
  return isUnicast(sender, on) || (on.settings.acceptLocal && on.isLocal(sender));
}

/** Whether such a request is for this interface to answer. (arp_ignore) */
export function isAnswered(arp: Arp, {settings, addresses}: ArpInterface): boolean {
  const own = addresses.find(({address}) => address === arp.targetIp);
  switch (settings.arpIgnore) {
    case 0:
      return true;
    case 1:
      return own !== undefined;
    case 2:
      return own !== undefined && contains(networkOf(own), arp.senderIp);
    case 8:
      return false;
  }
}

/** Whether a request for the address of somebody else is answered. (arp_fwd_proxy) */
export function isProxied({operation, senderIp, targetIp}: Arp, on: ArpInterface): boolean {
  if (operation !== 'request' || !on.settings.proxyArp || on.isLocal(targetIp)) return false;
  return isBelievable(senderIp, on) && on.leavesElsewhere(targetIp, senderIp);
}

/** A request speaks for its sender; a reply only if it is addressed to the sender's own MAC. (arp_is_garp) */
export function isAnnouncement(arp: Arp, on: ArpInterface): boolean {
  if (!isGratuitous(arp) || !isUnicast(arp.senderIp, on)) return false;
  return arp.operation === 'request' || arp.targetMac === arp.senderMac;
}

/** Whether an ARP that nobody asked for creates an entry. (arp_accept) */
export function isAccepted(arp: Arp, on: ArpInterface): boolean {
  const {arpAccept} = on.settings;
  if (arpAccept === 0) return false;
  if (arpAccept === 2 && !on.addresses.some(own => contains(networkOf(own), arp.senderIp))) return false;
  return isAnnouncement(arp, on) || (arp.operation === 'reply' && isUnicast(arp.senderIp, on));
}

/**
 * In whose name a request is sent, given the source of the packet that waits, or 0. (arp_announce; inet_select_addr,
 * which gives 0 where the interface has no address)
 */
export function askingAddress(target: Ipv4, source: Ipv4, {settings, addresses, isLocal}: ArpInterface): Ipv4 {
  if (settings.arpAnnounce < 2 && source !== 0 && isLocal(source)) {
    const isNear = addresses.some(own => own.address === source && contains(networkOf(own), target));
    if (settings.arpAnnounce === 0 || isNear) return source;
  }
  const nearest = addresses.find(own => contains(networkOf(own), target)) ?? addresses.at(0);
  return nearest?.address ?? 0;
}

/** As Linux sorts addresses (inet_addr_type): a host's, but not of this one. */
function isUnicast(address: Ipv4, {addresses, isLocal}: ArpInterface): boolean {
  if (isMulticast(address) || isLoopback(address) || isLocal(address)) return false;
  if (address >>> 24 === 0 || address === limitedBroadcast) return false;
  return !addresses.some(own => own.length < 31 && broadcastAddress(networkOf(own)) === address);
}

function networkOf({address, length}: OwnAddress): Cidr {
  const hosts = broadcastAddress({address: 0, length});
  return {address: address - (address % (hosts + 1)), length};
}

function isMulticast(address: Ipv4): boolean {
  return address >>> 28 === 0xe;
}

function isLoopback(address: Ipv4): boolean {
  return address >>> 24 === 127;
}
