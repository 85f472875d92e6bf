import {toSeconds, type Time} from '../../engine/time.ts';
import {formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type LearntRow = {readonly port: number; readonly vlan: number; readonly mac: Mac; readonly lastSeenAt: Time};

/** `ovs-appctl fdb/show` (ofproto/ofproto-dpif.c), those first that were not heard of for longest. */
export function formatLearnt(rows: readonly LearntRow[], now: Time): string {
  const inOrder = [...rows].sort((a, b) => a.lastSeenAt - b.lastSeenAt);
  return lines([
    ' port  VLAN  MAC                Age',
    ...inOrder.map(({port, vlan, mac, lastSeenAt}) => {
      const age = Math.floor(toSeconds(now)) - Math.floor(toSeconds(lastSeenAt));
      return `${pad(port, 5)}  ${pad(vlan, 4)}  ${formatMac(mac)}  ${pad(age, 3)}`;
    }),
  ]);
}

function pad(number: number, width: number): string {
  return String(number).padStart(width);
}
