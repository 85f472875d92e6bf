import type {Time} from '../../engine/time.ts';
import {encodeFrame, type Frame} from './frame.ts';

/** A frame and the moment at which it was seen. */
export type Captured = {readonly at: Time; readonly frame: Frame};

const magic = 0xa1b2_c3d4;
const version = [2, 4] as const;
const longestFrame = 262_144;
const ethernet = 1;

/**
 * A classic pcap file of Ethernet frames, which tcpdump and Wireshark read. The run began at the beginning of 1970. Frames
 * are as long as what they say, without the padding of short ones.
 */
export function encodePcap(captured: readonly Captured[]): Uint8Array {
  const packets = captured.map(({at, frame}) => ({at, bytes: encodeFrame(frame)}));
  const file = new Uint8Array(24 + packets.reduce((size, {bytes}) => size + 16 + bytes.length, 0));
  const view = new DataView(file.buffer);
  const words = (from: number, values: readonly number[]): void => {
    for (const [index, value] of values.entries()) view.setUint32(from + 4 * index, value, true);
  };
  words(0, [magic]);
  view.setUint16(4, version[0], true);
  view.setUint16(6, version[1], true);
  words(8, [0, 0, longestFrame, ethernet]);
  let next = 24;
  for (const {at, bytes} of packets) {
    words(next, [Math.floor(at / 1_000_000), at % 1_000_000, bytes.length, bytes.length]);
    file.set(bytes, next + 16);
    next += 16 + bytes.length;
  }
  return file;
}
