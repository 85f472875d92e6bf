import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';
import {formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type TunnelNeighbourRow = {
  readonly address: Ipv4;
  readonly mac: Mac;
  readonly bridge: string;
  readonly expired: boolean;
};

/** Room for the longest address (INET6_ADDRSTRLEN). */
const addressWidth = 46;

/** `ovs-appctl tnl/neigh/show` (lib/tnl-neigh-cache.c). */
export function formatTunnelNeighbours(rows: readonly TunnelNeighbourRow[]): string {
  const inOrder = [...rows].sort((a, b) => a.address - b.address);
  return lines([
    `${'IP'.padEnd(addressWidth)}${'MAC'.padEnd(20)}Bridge`,
    '='.repeat(74),
    ...inOrder.map(({address, mac, bridge, expired}) => {
      return `${formatIpv4(address).padEnd(addressWidth)}${formatMac(mac)}   ${bridge}${expired ? ' STALE' : ''}`;
    }),
  ]);
}
