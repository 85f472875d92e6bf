import test from 'ava';
import {readPcap} from '../../support/pcap.ts';

const frame = [0xff, 0xfe, 0xfd];

/** A file of one packet of three bytes at 2.000_005 s. */
function fileOf(magic: number, littleEndian: boolean, fraction: number, linkType = 1, size = 3): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 + 16 + 3));
  const words: readonly (readonly [number, number])[] = [
    [0, magic],
    [20, linkType],
    [24, 2],
    [28, fraction],
    [32, 3],
    [36, size],
  ];
  for (const [at, word] of words) view.setUint32(at, word, littleEndian);
  const file = new Uint8Array(view.buffer);
  file.set(frame, 40);
  return file;
}

test('a capture is read in both byte orders, with microseconds and with nanoseconds', t => {
  const packets = [{at: 2_000_005, bytes: new Uint8Array(frame)}];
  t.deepEqual(readPcap(fileOf(0xa1b2c3d4, true, 5)), packets);
  t.deepEqual(readPcap(fileOf(0xa1b2c3d4, false, 5)), packets);
  t.deepEqual(readPcap(fileOf(0xa1b23c4d, true, 5_999)), packets);
  t.deepEqual(readPcap(fileOf(0xa1b23c4d, false, 5_000)), packets);
});

test('a file that is not a whole capture of Ethernet frames is refused', t => {
  t.throws(() => readPcap(fileOf(0x0a0d0d0a, true, 5)), {message: /not a classic pcap/});
  t.throws(() => readPcap(fileOf(0xa1b2c3d4, true, 5, 101)), {message: /link type 101/});
  t.throws(() => readPcap(fileOf(0xa1b2c3d4, true, 5, 1, 60)), {message: /packet 1 was not captured whole/});
  t.throws(() => readPcap(fileOf(0xa1b2c3d4, true, 5).subarray(0, 42)), {message: /ends within packet 1/});
});
