import type {NeighbourState} from '../protocols/neighbour.ts';
import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';
import {formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type NeighbourRow = {
  readonly address: Ipv4;
  readonly device: string;
  readonly mac: Mac | undefined;
  readonly state: NeighbourState;
};

/**
 * `ip neigh` (iproute2, ip/ipneigh.c), which ends every line with a blank. The kernel lists entries by a hash that it
 * draws; here they are in order of device and address.
 */
export function formatNeighbours(rows: readonly NeighbourRow[]): string {
  const devices = [...new Set(rows.map(({device}) => device))];
  const shown = rows
    .filter(({state}) => state !== 'none')
    .sort((a, b) => devices.indexOf(a.device) - devices.indexOf(b.device) || a.address - b.address);
  return lines(
    shown.map(({address, device, mac, state}) => {
      const known = mac === undefined ? '' : `lladdr ${formatMac(mac)} `;
      return `${formatIpv4(address)} dev ${device} ${known}${state.toUpperCase()} `;
    }),
  );
}
