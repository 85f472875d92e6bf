import type {Ground} from '../ground.ts';
import type {CounterName} from '../tables/counters.ts';
import {countFrames, type Frame} from '../wire/frame.ts';
import {broadcastMac, isGroupMac} from '../wire/mac.ts';
import type {Passage} from './passage.ts';

/** Counts copies of a frame that `owner` floods: all of them together, and those with the same cause. */
export function copyCounter(
  {counters}: Ground,
  owner: string,
  frame: Frame,
  passage: Passage,
): (copies?: number) => void {
  const all = counters.of(owner, 'flood copies');
  const alike = counters.of(owner, causeOf(frame));
  const frames = countFrames(frame);
  return (copies = 1) => {
    passage.count(all, copies * frames);
    passage.count(alike, copies * frames);
  };
}

/** Why a frame is flooded. ARP counts as such, whatever it is addressed to. */
function causeOf({destination, payload}: Frame): CounterName {
  if (payload.kind === 'arp') return 'flood copies of arp';
  if (destination === broadcastMac) return 'flood copies of broadcasts';
  return isGroupMac(destination) ? 'flood copies of multicasts' : 'flood copies of unknown unicasts';
}
