import {never, toMilliseconds, type Time} from '../../../engine/time.ts';
import type {NeighbourState} from '../../../models/protocols/neighbour.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import {ip, type Lan} from './lan.ts';

/** An address that nobody has, in the network of the rigs. */
export const dead = '10.0.0.99';

/** A packet to an address that nobody has. Times in ms after it. */
export function searchInVain(lan: Lan) {
  const {namespace, device} = lan.host('a', '10.0.0.1/24');
  const begun = lan.now;
  const packet = lan.udp(namespace, dead);
  const failedAt = whenIn(lan, 'failed', () => device.neighbour(ip(dead))?.state, device);
  const {at = never, verdict} = lan.fateOf(packet) ?? {};
  const requests = lan.requests('a eth0');
  return {
    failedAfter: toMilliseconds(failedAt - begun),
    errorAfter: toMilliseconds(at - begun),
    reason: verdict?.kind === 'dropped' ? verdict.reason : `${verdict?.kind}`,
    requests: requests.map(sent => toMilliseconds(sent.at - begun)),
    broadcast: requests.every(({frame}) => frame.destination === broadcastMac),
  };
}

/** When the entry is in a state; the interface is the only one that does anything. */
export function whenIn(
  lan: Lan,
  wanted: NeighbourState,
  state: () => NeighbourState | undefined,
  device: {readonly wakeAt: Time},
): Time {
  while (state() !== wanted) {
    const at = device.wakeAt;
    if (at === never) throw new Error(`the entry stays ${state()}`);
    lan.until(Math.max(at, lan.now) + 1);
  }
  return lan.now - 1;
}
