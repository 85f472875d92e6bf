import test from 'ava';
import {decodeFrame, encodeFrame, frameSize, type Frame} from '../../../models/wire/frame.ts';
import type {Gre} from '../../../models/wire/gre.ts';
import {linuxVxlanPort, vxlanPort, type Vxlan} from '../../../models/wire/vxlan.ts';
import {datagramContent, datagramTo, frameOf, hex, packetContent, readChanged} from './framed.ts';

const inner = frameOf({kind: 'opaque', protocol: 89, size: 20, bytes: undefined});
const vxlan: Vxlan = {kind: 'vxlan', vni: 0x010203, payload: inner};
const gre: Gre = {kind: 'gre', key: 0x01020304, payload: inner};

test('a VXLAN header is a flag, the network and reserved bits, and then comes the frame', t => {
  const bytes = encodeFrame(datagramTo(vxlanPort, vxlan));
  t.is(hex(bytes.subarray(datagramContent, datagramContent + 8)), '08 00 00 00 01 02 03 00');
  t.deepEqual(bytes.subarray(datagramContent + 8), encodeFrame(inner));
});

test("Linux's port and the assigned one carry VXLAN, the next one does not", t => {
  const contentTo = (port: number) => {
    const {payload} = decodeFrame(encodeFrame(datagramTo(port, vxlan)));
    return payload.kind === 'ipv4' && payload.payload.kind === 'udp' && payload.payload.payload.kind;
  };
  t.is(contentTo(8472), 'vxlan');
  t.is(contentTo(4789), 'vxlan');
  t.is(contentTo(4790), 'payload');
});

test('VXLAN adds 50 bytes to the packet inside, GRE with a key 42', t => {
  const packetIn = (frame: Frame) => frameSize(frame) - 14;
  t.is(packetIn(datagramTo(linuxVxlanPort, vxlan)) - packetIn(inner), 50);
  t.is(packetIn(frameOf(gre)) - packetIn(inner), 42);
});

test('a VXLAN header without a network or with reserved bits is refused', t => {
  const message = 'the VXLAN header names no network or has reserved bits set';
  for (const change of [
    [0, 0],
    [0, 0x88],
    [3, 1],
    [7, 1],
  ] as const) {
    t.throws(() => readChanged(datagramTo(vxlanPort, vxlan), datagramContent, change), {message});
  }
});

test('a GRE header is its flags, Ethernet inside, and the key if there is one', t => {
  const header = (tunnel: Gre) => encodeFrame(frameOf(tunnel)).subarray(packetContent);
  t.is(hex(header(gre).subarray(0, 8)), '20 00 65 58 01 02 03 04');
  t.deepEqual(header(gre).subarray(8), encodeFrame(inner));
  t.is(hex(header({...gre, key: undefined}).subarray(0, 4)), '00 00 65 58');
  t.deepEqual(header({...gre, key: undefined}).subarray(4), encodeFrame(inner));
});

test('GRE of another version, with a checksum, or of something else than Ethernet is refused', t => {
  const flags = /^the GRE header has more than a key/;
  t.throws(() => readChanged(frameOf(gre), packetContent, [1, 1]), {message: flags});
  t.throws(() => readChanged(frameOf(gre), packetContent, [0, 0xa0]), {message: flags});
  const message = 'the GRE tunnel holds 0x0800 instead of Ethernet';
  t.throws(() => readChanged(frameOf(gre), packetContent, [2, 8], [3, 0]), {message});
});

test('tunnels of all kinds count against the same limit', t => {
  let frame = inner;
  for (let i = 0; i < 4; i++) {
    frame = datagramTo(vxlanPort, {...vxlan, payload: frame});
    frame = frameOf({...gre, payload: frame});
  }
  t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  const message = 'the frame lies in more than 8 tunnels';
  const geneve = {kind: 'geneve', vni: 1, oam: false, critical: false, ovn: undefined, payload: frame} as const;
  const deeper = [
    frameOf({...gre, payload: frame}),
    datagramTo(8472, {...vxlan, payload: frame}),
    datagramTo(6081, geneve),
  ];
  for (const tooDeep of deeper) t.throws(() => decodeFrame(encodeFrame(tooDeep)), {message});
});

test('a network that its field does not hold is not written', t => {
  t.throws(() => encodeFrame(datagramTo(vxlanPort, {...vxlan, vni: 2 ** 24})), {message: /does not fit into 3 bytes/});
  t.throws(() => encodeFrame(frameOf({...gre, key: 2 ** 32})), {message: /does not fit into 4 bytes/});
});
