import {fragmented, largestPiece, reassembled} from '../../wire/fragments.ts';
import type {Frame} from '../../wire/frame.ts';

/** A port lets a frame pass that is larger by a VLAN tag, whether it has one or not (net/core/dev.c, is_skb_forwardable). */
const tagAllowance = 4;

/**
 * A frame as it leaves a Linux bridge by a device of this MTU; undefined if it is too large, of which a bridge says
 * nothing. With iptables (`bridge-nf-call-iptables`) it is put together for them, and cut after them where it may be
 * (br_nf_dev_queue_xmit; our measurement: MEASURED.md C, VXLAN).
 */
export function fittedTo(mtu: number, frame: Frame, callsIptables: boolean): Frame | undefined {
  const {payload} = frame;
  if (payload.kind === 'arp') return frame;
  if (!callsIptables) return largestPiece(payload) <= mtu + tagAllowance ? frame : undefined;
  const packet = reassembled(payload);
  if (largestPiece(packet) <= mtu) return packet === payload ? frame : {...frame, payload: packet};
  return packet.dontFragment ? undefined : {...frame, payload: fragmented(packet, mtu)};
}
