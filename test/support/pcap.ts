import {readFileSync} from 'node:fs';

/** A packet of a capture. */
export type Captured = {
  /** Whole microseconds since 1970; nanoseconds are cut off. */
  readonly at: number;
  readonly bytes: Uint8Array;
};

/** The captures of our own measurements, from the repository root. */
export const ovnCaptures = 'test/fixtures/measured/ovn';
export const keepalivedCaptures = 'test/fixtures/measured/keepalived';

const fileHeaderSize = 24;
const packetHeaderSize = 16;
const ethernet = 1;

/** What the first four bytes say of the byte order of the file and of the unit of its fractions of a second. */
const magics = [
  {magic: 0xa1b2c3d4, littleEndian: false, perMicrosecond: 1},
  {magic: 0xd4c3b2a1, littleEndian: true, perMicrosecond: 1},
  {magic: 0xa1b23c4d, littleEndian: false, perMicrosecond: 1000},
  {magic: 0x4d3cb2a1, littleEndian: true, perMicrosecond: 1000},
];

/** Reads a capture file whose path starts at the repository root. */
export function readCapture(path: string): readonly Captured[] {
  return readPcap(new Uint8Array(readFileSync(`${process.cwd()}/${path}`)));
}

/** Reads a classic pcap file of Ethernet frames that were captured whole. */
export function readPcap(file: Uint8Array): readonly Captured[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const format = magics.find(({magic}) => magic === view.getUint32(0));
  if (!format) throw new Error('the file is not a classic pcap file');
  const word = (at: number) => view.getUint32(at, format.littleEndian);
  if (word(20) !== ethernet) throw new Error(`the link type ${word(20)} is not Ethernet`);

  const packets: Captured[] = [];
  let next = fileHeaderSize;
  while (next < file.length) {
    const at = word(next) * 1_000_000 + Math.floor(word(next + 4) / format.perMicrosecond);
    const size = word(next + 8);
    if (size !== word(next + 12)) throw new Error(`packet ${packets.length + 1} was not captured whole`);
    const start = next + packetHeaderSize;
    next = start + size;
    if (next > file.length) throw new Error(`the file ends within packet ${packets.length + 1}`);
    packets.push({at, bytes: file.slice(start, next)});
  }
  return packets;
}
