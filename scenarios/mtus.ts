import {tunnelOverhead} from '../models/wire/tunnel-overhead.ts';
import type {Network, Segment} from './scenario.ts';

/** What a network can carry: the MTU of its segment, or that of the underlay less what the tunnel adds. */
export function carriedBy({type, segment}: Network, segments: readonly Segment[]): number | undefined {
  if (type === 'flat' || type === 'vlan') return segments.find(({name}) => name === segment)?.mtu;
  const underlay = segments.find(({kind}) => kind === 'underlay');
  return underlay && underlay.mtu - tunnelOverhead[type];
}

/** The MTU of a network: its own, else what it can carry. */
export function mtuOf(network: Network, segments: readonly Segment[]): number {
  const mtu = network.mtu ?? carriedBy(network, segments);
  if (mtu === undefined) throw new Error(`${network.name} is on no segment`);
  return mtu;
}
