import {ByteReader, ByteWriter} from './bytes.ts';
import {decodeFrameWithin, encodeFrame, frameSize, type Frame} from './frame.ts';
import {oneTunnelMore} from './tunnel-depth.ts';

/** A frame in a tunnel (RFC 7348, 5). */
export type Vxlan = {
  readonly kind: 'vxlan';
  /** The network that the frame belongs to, 24 bits. */
  readonly vni: number;
  readonly payload: Frame;
};

/** The UDP port that the kernel's own tunnels end at, older than the assigned one (drivers/net/vxlan, udp_port). */
export const linuxVxlanPort = 8472;

/** The UDP port that is assigned to VXLAN and that OVS uses (RFC 7348, 8). */
export const vxlanPort = 4789;

/** Says that the header names a network; every other bit is reserved. */
const withVni = 0x0800_0000;

const headerSize = 8;

/** Whether datagrams to this port are tunnels. */
export function isVxlanPort(port: number): boolean {
  return port === linuxVxlanPort || port === vxlanPort;
}

export function vxlanSize(vxlan: Vxlan): number {
  return headerSize + frameSize(vxlan.payload);
}

export function encodeVxlan(vxlan: Vxlan): Uint8Array {
  return new ByteWriter(vxlanSize(vxlan))
    .put(withVni, 4)
    .put(vxlan.vni, 3)
    .put(0, 1)
    .putBytes(encodeFrame(vxlan.payload))
    .finish();
}

/** Reads a tunnel within so many others. Reserved bits are refused, as Linux does and the RFC does not (vxlan_rcv). */
export function decodeVxlan(bytes: Uint8Array, tunnels: number): Vxlan {
  const deeper = oneTunnelMore(tunnels);
  const reader = new ByteReader(bytes, 'VXLAN header');
  const flags = reader.take(4);
  const vni = reader.take(3);
  if (flags !== withVni || reader.take(1) !== 0) {
    throw new Error('the VXLAN header names no network or has reserved bits set');
  }
  return {kind: 'vxlan', vni, payload: decodeFrameWithin(reader.takeRest(), deeper)};
}
