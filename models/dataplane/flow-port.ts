import type {Frame} from '../wire/frame.ts';
import {protocolOf} from '../wire/ipv4-packet.ts';

/**
 * The outer source port: a hash of what is inside, so that a flow keeps its path (RFC 8926, 3.3). As the kernel's it takes
 * in addresses, protocol and ports (`flow_keys`, net/core/flow_dissector.c): nothing but its type of ARP. Each kernel has a
 * secret of its own for it; Open vSwitch in userspace has none, 0.
 */
export function flowPort({payload}: Frame, secret: number): number {
  let hash = 0x9e37_79b9 ^ secret;
  const take = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x85eb_ca6b) ^ (hash >>> 13);
  };
  if (payload.kind === 'arp') take(0x0806);
  else {
    const {source, destination, payload: content} = payload;
    take(source);
    take(destination);
    take(protocolOf(content));
    if (content.kind === 'udp' || content.kind === 'tcp') take(content.sourcePort * 0x1_0000 + content.destinationPort);
  }
  return 32_768 + ((hash >>> 0) % 28_232);
}
