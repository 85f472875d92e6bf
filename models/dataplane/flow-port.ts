import type {Frame} from '../wire/frame.ts';

/** The outer source port: a hash of what is inside, so that a flow keeps its path (RFC 8926, 3.3). */
export function flowPort({payload}: Frame): number {
  const words = payload.kind === 'ipv4' ? [payload.source, payload.destination] : [payload.senderIp, payload.targetIp];
  let hash = 0x9e37_79b9;
  for (const word of words) hash = Math.imul(hash ^ word, 0x85eb_ca6b) ^ (hash >>> 13);
  return 32_768 + ((hash >>> 0) % 28_232);
}
