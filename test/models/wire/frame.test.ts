import test from 'ava';
import fc from 'fast-check';
import {isGratuitous, type Arp} from '../../../models/wire/arp.ts';
import {checksum} from '../../../models/wire/checksum.ts';
import {decodeFrame, encodeFrame, frameSize, type Frame} from '../../../models/wire/frame.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import type {Udp} from '../../../models/wire/udp.ts';
import {anyFrame} from './arbitrary-frame.ts';

const announcement: Arp = {
  kind: 'arp',
  operation: 'request',
  senderMac: 0x02aa00000002,
  senderIp: 0x0a000264,
  targetMac: 0,
  targetIp: 0x0a000264,
};

function packetOf(payload: Ipv4Packet['payload']): Frame {
  const packet: Ipv4Packet = {
    kind: 'ipv4',
    source: 0x0a000201,
    destination: 0x0a000202,
    ttl: 64,
    tos: 0,
    identification: 0,
    dontFragment: true,
    payload,
  };
  return {source: 0x020000000001, destination: 0x020000000002, vlan: undefined, payload: packet};
}

function datagramOf(size: number): Udp {
  const payload = {kind: 'payload', size, bytes: undefined} as const;
  return {kind: 'udp', sourcePort: 40000, destinationPort: 9, checksummed: true, payload};
}

test('any frame is read back as it was written', t => {
  fc.assert(
    fc.property(anyFrame, frame => {
      t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
    }),
    {numRuns: 1000},
  );
});

test('the size of any frame is known without writing it', t => {
  fc.assert(
    fc.property(anyFrame, frame => {
      t.is(frameSize(frame), encodeFrame(frame).length);
    }),
    {numRuns: 1000},
  );
});

test('a tag takes four bytes and keeps its VLAN', t => {
  const plain: Frame = {source: 1, destination: broadcastMac, vlan: undefined, payload: announcement};
  const tagged = {...plain, vlan: 4094};
  t.is(frameSize(plain), 42);
  t.is(frameSize(tagged), 46);
  t.deepEqual([...encodeFrame(tagged).subarray(12, 18)], [0x81, 0x00, 0x0f, 0xfe, 0x08, 0x06]);
});

test('the priority of a tag is dropped', t => {
  const frame: Frame = {source: 1, destination: broadcastMac, vlan: 100, payload: announcement};
  const bytes = encodeFrame(frame);
  bytes[14] |= 0xe0;
  t.deepEqual(decodeFrame(bytes), frame);
});

test('padding after a short message is dropped', t => {
  const payloads = [announcement, packetOf(datagramOf(1)).payload];
  for (const payload of payloads) {
    const frame: Frame = {source: 1, destination: 2, vlan: undefined, payload};
    const padded = new Uint8Array(60).fill(0xaa);
    padded.set(encodeFrame(frame));
    t.deepEqual(decodeFrame(padded), frame);
  }
});

test('who asks for its own address asks nobody', t => {
  t.true(isGratuitous(announcement));
  t.true(isGratuitous({...announcement, operation: 'reply'}));
  t.false(isGratuitous({...announcement, targetIp: 0x0a000201}));
});

test('zeros are not kept as bytes', t => {
  const bytes = new Uint8Array(10);
  const frame = packetOf({...datagramOf(0), payload: {kind: 'payload', size: 10, bytes}});
  t.deepEqual(decodeFrame(encodeFrame(frame)), packetOf(datagramOf(10)));
});

test('what is read does not change with the bytes it was read from', t => {
  const bytes = new Uint8Array([1, 2, 3]);
  const frame = packetOf({...datagramOf(0), payload: {kind: 'payload', size: 3, bytes}});
  const wire = encodeFrame(frame);
  const read = decodeFrame(wire);
  wire.fill(0xff);
  t.deepEqual(read, frame);
});

test('the checksum of RFC 1071, section 3, comes out', t => {
  t.is(checksum(new Uint8Array([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), 0xffff - 0xddf2);
  t.is(checksum(new Uint8Array([0x12])), 0xffff - 0x1200);
  t.is(checksum(new Uint8Array()), 0xffff);
});

test('a UDP checksum that comes out as 0 is sent as 0xffff', t => {
  const summing = (sum: number) => {
    const bytes = new Uint8Array([sum >> 8, sum & 0xff]);
    return encodeFrame(packetOf({...datagramOf(0), payload: {kind: 'payload', size: 2, bytes}}));
  };
  const checksumOf = (bytes: Uint8Array) => bytes[40] * 256 + bytes[41];
  const bytes = summing(checksumOf(summing(1)) + 1);
  t.is(checksumOf(bytes), 0xffff);
  const {payload} = decodeFrame(bytes);
  t.true(payload.kind === 'ipv4' && payload.payload.kind === 'udp' && payload.payload.checksummed);
});

test('a UDP datagram without a checksum holds 0 in its place', t => {
  const bytes = encodeFrame(packetOf({...datagramOf(4), checksummed: false}));
  t.deepEqual([...bytes.subarray(40, 42)], [0, 0]);
});

test('an ICMP message of another kind is kept as it is', t => {
  const timeExceeded = new Uint8Array([11, 0, 0xf4, 0xff, 0, 0, 0, 0]);
  const tooBig = new Uint8Array([3, 4, 0xf7, 0x47, 0, 0, 0x05, 0xb4]);
  for (const bytes of [timeExceeded, tooBig]) {
    const frame = packetOf({kind: 'opaque', protocol: 1, size: bytes.length, bytes});
    t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  }
});

test('a datagram to the BFD port that is not 24 bytes of version 1 is only a datagram', t => {
  for (const payload of [
    {kind: 'payload', size: 24, bytes: undefined} as const,
    {kind: 'payload', size: 26, bytes: new Uint8Array(26).fill(0x20)} as const,
  ]) {
    const frame = packetOf({...datagramOf(0), destinationPort: 3784, payload});
    t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  }
});

test('a message that its fields do not fit into is not written', t => {
  const arp: Frame = {source: 1, destination: 2, vlan: undefined, payload: announcement};
  t.throws(() => encodeFrame({...arp, vlan: 4096}), {message: /does not fit into 12 bits/});
  t.throws(() => encodeFrame({...arp, source: -1}), {message: /not an unsigned whole number/});
  t.throws(() => encodeFrame({...arp, source: 2 ** 48}), {message: /does not fit into 6 bytes/});
  t.throws(() => encodeFrame(packetOf(datagramOf(65508))), {message: /65536 does not fit into 2 bytes/});
  const payload = {kind: 'payload', size: 3, bytes: new Uint8Array(4)} as const;
  t.throws(() => encodeFrame(packetOf({...datagramOf(0), payload})), {message: /a payload of 3 bytes holds 4/});
  const geneve = {
    kind: 'geneve',
    vni: 1,
    oam: false,
    critical: true,
    ovn: {ingress: 0x8000, egress: 1},
    payload: arp,
  } as const;
  const tunnel = packetOf({...datagramOf(0), destinationPort: 6081, payload: geneve});
  t.throws(() => encodeFrame(tunnel), {message: /does not fit into 15 bits/});
});
