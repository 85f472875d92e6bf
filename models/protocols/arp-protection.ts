import type {Frame} from '../wire/frame.ts';
import {contains, type Cidr} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';
import type {FilteredPort} from './security-group.ts';

/** What a port on a Linux bridge may send by ebtables: MACs of frames, and sender addresses of ARP. */
export type ArpProtection = {
  readonly macs: readonly Mac[];
  /** Undefined: any, since a pair allows every address. */
  readonly addresses: readonly Cidr[] | undefined;
};

/**
 * The chains `neutronMAC-` and `neutronARP-` of a port (linuxbridge/agent/arp_protect.py). MACs and addresses are looked at
 * apart: a MAC of one pair may speak for the address of another.
 */
export function arpProtectionOf({mac, addresses, pairs}: FilteredPort): ArpProtection {
  const prefixes = [...addresses.map(address => ({address, length: 32})), ...pairs.map(({prefix}) => prefix)];
  return {
    macs: [...new Set([mac, ...pairs.map(pair => pair.mac)])].sort((a, b) => a - b),
    addresses: prefixes.some(({length}) => length === 0) ? undefined : prefixes,
  };
}

/** Whether a frame that the port sends gets into the bridge. What an ARP message says of its sender's MAC is not looked at. */
export function passesArpProtection({macs, addresses}: ArpProtection, {source, payload}: Frame): boolean {
  if (!macs.includes(source)) return false;
  if (payload.kind !== 'arp' || !addresses) return true;
  return addresses.some(prefix => contains(prefix, payload.senderIp));
}
