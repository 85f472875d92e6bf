import {seconds, type Time} from '../../engine/time.ts';
import type {Ground} from '../ground.ts';
import {HostNeighbours, type HostNeighboursIdentity} from '../protocols/host-neighbours.ts';
import {neighbourThresholds, type NeighbourThresholds} from '../protocols/neighbour-settings.ts';

/** The entries of all namespaces of a host, and when the kernel's periodic work passes there. */
export type NeighbouringHost = {readonly neighbours: HostNeighbours; readonly tidyAt: Time};

/** The kernel logs an overflow up to ten times in so long (net_ratelimit); here once. */
const logInterval = seconds(5);

/** Makes what counts the neighbours of a host; what becomes of them for want of room stands in its counters and events. */
export function makeNeighbouringHost(
  {counters, journal}: Ground,
  host: string,
  identity: HostNeighboursIdentity,
  limits: Partial<NeighbourThresholds> = {},
): NeighbouringHost {
  let silentUntil = 0;
  const neighbours = new HostNeighbours(
    identity,
    {...neighbourThresholds, ...limits},
    {
      evicted: () => {
        counters.add(counters.of(host, 'neighbours evicted'));
      },
      refused: now => {
        counters.add(counters.of(host, 'neighbours refused'));
        if (now < silentUntil) return;
        silentUntil = now + logInterval;
        journal.announce('neighbour table overflow', {host});
      },
    },
  );
  return {neighbours, tidyAt: identity.tidyAt};
}
