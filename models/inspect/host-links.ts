import type {Nic} from '../dataplane/nic.ts';
import type {Station} from '../dataplane/station.ts';
import type {WorldPlan} from '../world/world-plan.ts';
import type {LinkRow} from './ip-addr.ts';
import type {NeighbourRow} from './ip-neigh.ts';

/** The cards of a host, as `ip addr` lists them. */
export function cardLinks(nics: readonly Nic[], {segments}: WorldPlan): readonly LinkRow[] {
  return nics.map(({name, mac, address, segment, carrier}) => {
    const length = segments.find(plan => plan.name === segment.name)?.cidr.length ?? 32;
    const addresses = address === 0 ? [] : [{address, length}];
    return {name, mac, mtu: segment.mtu, qdisc: 'mq', carrier, addresses};
  });
}

/** The neighbours of a machine with one interface. */
export function stationNeighbours(station: Station | undefined, device: string): readonly NeighbourRow[] {
  return [...(station?.neighbours() ?? [])].map(({address, mac, state}) => ({address, device, mac, state}));
}
