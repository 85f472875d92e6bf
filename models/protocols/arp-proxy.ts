import type {Arp} from '../wire/arp.ts';
import type {Frame} from '../wire/frame.ts';
import {isMulticast} from '../wire/ipv4.ts';
import type {Mac} from '../wire/mac.ts';

/** Whether a VXLAN device that answers ARP would answer this, an announcement included. (arp_reduce) */
export function isProxied({operation, targetIp}: Arp): boolean {
  return operation === 'request' && !isMulticast(targetIp) && targetIp >>> 24 !== 127;
}

/** The answer to a request in the name of the host at `mac`, straight to who asked. (arp_create) */
export function proxyReply(request: Arp, mac: Mac): Frame {
  const {senderMac, senderIp, targetIp} = request;
  const payload: Arp = {
    kind: 'arp',
    operation: 'reply',
    senderMac: mac,
    senderIp: targetIp,
    targetMac: senderMac,
    targetIp: senderIp,
  };
  return {source: mac, destination: senderMac, vlan: undefined, payload};
}
