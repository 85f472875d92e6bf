import test from 'ava';
import {encodeFrame} from '../../../models/wire/frame.ts';
import {decodeTcp, encodeTcp, type Tcp} from '../../../models/wire/tcp.ts';
import {frameOf, hex, packetContent} from './framed.ts';

const source = 0x0a000201;
const destination = 0x0a000202;

const segment: Tcp = {
  kind: 'tcp',
  sourcePort: 0x3039,
  destinationPort: 0x0050,
  sequence: 0x01020304,
  acknowledgement: 0x05060708,
  syn: false,
  ack: true,
  fin: false,
  rst: false,
  psh: true,
  window: 0xfaf0,
  payload: {kind: 'payload', size: 2, bytes: new Uint8Array([0x61, 0x62])},
};

/** A segment with some bytes changed and its checksum made right again. */
function changed(...changes: (readonly [at: number, value: number])[]): Uint8Array {
  const bytes = encodeTcp(segment, source, destination).slice();
  let sum = bytes[16] * 256 + bytes[17];
  for (const [at, value] of changes) {
    const weight = at % 2 === 0 ? 256 : 1;
    sum += (bytes[at] - value) * weight;
    bytes[at] = value;
  }
  sum = (sum + 0xffff) % 0xffff;
  bytes.set([sum >> 8, sum & 0xff], 16);
  return bytes;
}

test('a segment stands on the wire as RFC 9293 prints it', t => {
  const bytes = encodeTcp(segment, source, destination);
  t.is(hex(bytes.subarray(0, 16)), '30 39 00 50 01 02 03 04 05 06 07 08 50 18 fa f0');
  t.is(hex(bytes.subarray(18)), '00 00 61 62');
  t.deepEqual(encodeFrame(frameOf(segment)).subarray(packetContent), bytes);
});

for (const [flag, bit] of [
  ['fin', 1],
  ['syn', 2],
  ['rst', 4],
  ['psh', 8],
  ['ack', 16],
] as const) {
  test(`${flag} is bit ${bit}`, t => {
    const quiet = {...segment, syn: false, ack: false, fin: false, rst: false, psh: false};
    const only = {...quiet, [flag]: true};
    const bytes = encodeTcp(only, source, destination);
    t.is(bytes[13], bit);
    t.deepEqual(decodeTcp(bytes, source, destination), only);
  });
}

test('the checksum covers the addresses', t => {
  const bytes = encodeTcp(segment, source, destination);
  t.notThrows(() => decodeTcp(bytes, source, destination));
  t.throws(() => decodeTcp(bytes, source, destination + 1), {message: 'the TCP segment has a wrong checksum'});
  t.throws(() => decodeTcp(bytes.with(20, 0), source, destination), {message: 'the TCP segment has a wrong checksum'});
});

test('options, urgent data and congestion flags are refused with a sentence', t => {
  t.notThrows(() => decodeTcp(changed([14, 1]), source, destination));
  for (const change of [
    [12, 0x60],
    [12, 0x51],
    [13, 0x38],
    [13, 0x58],
    [19, 1],
  ] as const) {
    t.throws(() => decodeTcp(changed(change), source, destination), {message: /options or rare flags/});
  }
  t.throws(() => decodeTcp(new Uint8Array(19), source, destination), {message: /the TCP header is cut short/});
});
