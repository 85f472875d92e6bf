import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';
import {formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

/** What a bridge knows behind one of its ports. */
export type BridgeRow = {
  readonly mac: Mac;
  readonly device: string;
  /** 0 is none. */
  readonly vlan: number;
  readonly bridge: string;
};

/** Where a VXLAN device sends frames for a MAC. */
export type RemoteRow = {
  readonly mac: Mac;
  readonly device: string;
  readonly remote: Ipv4;
  /** The device by which a group is reached; undefined of other endpoints. */
  readonly via: string | undefined;
  /** Listed by an agent, not learnt. */
  readonly permanent: boolean;
};

/** A line of `bridge fdb` (iproute2, bridge/fdb.c), which ends what was learnt with a blank. */
export function formatFdb(rows: readonly (BridgeRow | RemoteRow)[]): string {
  return lines(rows.map(row => ('bridge' in row ? formatBridgeRow(row) : formatRemoteRow(row))));
}

function formatBridgeRow({mac, device, vlan, bridge}: BridgeRow): string {
  return `${formatMac(mac)} dev ${device} ${vlan === 0 ? '' : `vlan ${vlan} `}master ${bridge} `;
}

function formatRemoteRow({mac, device, remote, via, permanent}: RemoteRow): string {
  const way = via === undefined ? '' : `via ${via} `;
  return `${formatMac(mac)} dev ${device} dst ${formatIpv4(remote)} ${way}self ${permanent ? 'permanent' : ''}`;
}
