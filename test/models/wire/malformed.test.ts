import test from 'ava';
import fc from 'fast-check';
import {decodeArp} from '../../../models/wire/arp.ts';
import {decodeBfd} from '../../../models/wire/bfd.ts';
import {checksum} from '../../../models/wire/checksum.ts';
import {decodeDhcp} from '../../../models/wire/dhcp.ts';
import {decodeFrame, encodeFrame, type Frame} from '../../../models/wire/frame.ts';
import {decodeGeneve, type Geneve} from '../../../models/wire/geneve.ts';
import {decodeGre} from '../../../models/wire/gre.ts';
import {decodeIcmp} from '../../../models/wire/icmp.ts';
import {readQuote} from '../../../models/wire/icmp-quote.ts';
import {decodeIpv4Packet} from '../../../models/wire/ipv4-packet.ts';
import {decodeTcp} from '../../../models/wire/tcp.ts';
import {decodeUdp} from '../../../models/wire/udp.ts';
import {decodeVxlan} from '../../../models/wire/vxlan.ts';
import {ovnCaptures, readCapture} from '../../support/pcap.ts';
import {anyFrame, anyUntaggedFrame} from './arbitrary-frame.ts';

const announcement = readCapture(`${ovnCaptures}/garp_provider_failover.pcap`)[0].bytes;
const heartbeat = readCapture(`${ovnCaptures}/bfd_steady_gw3_cn2.pcap`)[0].bytes;
const heartbeatFrame = decodeFrame(heartbeat);
const ping = readCapture(`${ovnCaptures}/geneve_icmp_echo.pcap`)[0].bytes;

/** Where the parts of the two tunnelled frames begin. */
const ip = 14;
const udp = 34;
const geneve = 42;
const innerIp = {heartbeat: 64, ping: 72};
const innerUdp = 84;
const bfd = 92;
const icmp = 92;
const option = 50;

type Change = readonly [at: number, value: number];

/** A frame with some bytes changed, and the checksums of the outer packet made right again. */
function changed(frame: Uint8Array, ...changes: Change[]): Uint8Array {
  const bytes = frame.slice();
  for (const [at, value] of changes) bytes[at] = value;
  if (frame === announcement) return bytes;
  mendHeader(bytes, ip);
  mendHeader(bytes, frame === ping ? innerIp.ping : innerIp.heartbeat);
  bytes.set([0, 0], udp + 6);
  return bytes;
}

function mendHeader(bytes: Uint8Array, at: number): void {
  bytes.set([0, 0], at + 10);
  const sum = checksum(bytes.subarray(at, at + 20));
  bytes.set([sum >> 8, sum & 0xff], at + 10);
}

const rows: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['no bytes at all', new Uint8Array(), /^the Ethernet frame is cut short after 0 bytes$/],
  ['a frame of IPv6', changed(announcement, [12, 0x86], [13, 0xdd]), /^the EtherType 0x86dd is neither ARP nor IPv4$/],
  ['two tags', changed(announcement, [12, 0x81], [13, 0], [16, 0x81], [17, 0]), /^the EtherType 0x8100 is neither/],
  ['ARP for InfiniBand', changed(announcement, [15, 32]), /^the ARP message is not for IPv4 over Ethernet$/],
  ['ARP with long addresses', changed(announcement, [18, 8]), /^the ARP message is not for IPv4 over Ethernet$/],
  ['reverse ARP', changed(announcement, [21, 3]), /^the ARP operation 3 is not known$/],
  ['a short ARP message', announcement.subarray(0, 41), /^the ARP message is cut short after 27 bytes$/],
  ['IPv6 under the EtherType of IPv4', changed(ping, [ip, 0x65]), /not of version 4 or has options/],
  ['IPv4 options', changed(ping, [ip, 0x46]), /not of version 4 or has options/],
  ['a header that was damaged', ping.with(ip + 8, 63), /^the IPv4 header has a wrong checksum$/],
  ['a packet shorter than its header', changed(ping, [ip + 3, 19]), /^an IPv4 packet says that it has only 19 bytes$/],
  ['a packet longer than its frame', changed(ping, [ip + 3, 143]), /^the IPv4 packet is cut short after 142 bytes$/],
  ['a first fragment', changed(ping, [ip + 6, 0x20]), /^the IPv4 packet is a fragment/],
  ['a later fragment', changed(ping, [ip + 6, 0], [ip + 7, 1]), /^the IPv4 packet is a fragment/],
  ['a long datagram', changed(ping, [udp + 5, 123]), /^a UDP datagram of 122 bytes says that it has 123$/],
  ['a short datagram', changed(ping, [udp + 5, 121]), /^a UDP datagram of 122 bytes says that it has 121$/],
  ['a datagram that was damaged', ping.with(155, 0), /^the UDP datagram has a wrong checksum$/],
  ['another Geneve version', changed(ping, [geneve, 0x42]), /^the Geneve version 1 is not known$/],
  ['reserved flags', changed(ping, [geneve + 1, 0x41]), /^the Geneve header has reserved bits set$/],
  ['a reserved byte', changed(ping, [geneve + 7, 1]), /^the Geneve header has reserved bits set$/],
  ['a tunnel of bare IPv4', changed(ping, [geneve + 2, 8], [geneve + 3, 0]), /holds 0x0800 instead of Ethernet$/],
  ['options past the end', changed(ping, [geneve, 0x3f]), /^the Geneve header is cut short after 114 bytes$/],
  ['the option of another', changed(ping, [option + 1, 3]), /8 bytes from 0x01038001, are not OVN's one option$/],
  ['more than one option', changed(ping, [geneve, 3]), /12 bytes from 0x01028001, are not OVN's one option$/],
  ['a reserved bit of the option', changed(ping, [option + 4, 0x80]), /^OVN's Geneve option has its reserved bit set$/],
  ['a message that was damaged', changed(ping, [icmp + 7, 99]), /^the ICMP message has a wrong checksum$/],
  ['a reserved diagnostic', changed(heartbeat, [bfd, 0x29]), /^the BFD diagnostic 9 is reserved$/],
  ['a wrong BFD size', changed(heartbeat, [bfd + 3, 26]), /^a BFD control packet of 24 bytes says that it has 26/],
  [
    'a datagram of 5 bytes',
    changed(heartbeat, [innerIp.heartbeat + 3, 25]),
    /^the UDP header is cut short after 5 bytes$/,
  ],
];

for (const [what, bytes, message] of rows) {
  test(`${what}: refused with a sentence`, t => {
    t.throws(() => decodeFrame(bytes), {message, instanceOf: Error, name: 'Error'});
  });
}

test('the frames that these tests change are well-formed when nothing is changed', t => {
  for (const frame of [announcement, heartbeat, ping]) {
    t.deepEqual(encodeFrame(decodeFrame(frame)), frame);
    t.notThrows(() => decodeFrame(changed(frame)));
  }
  t.deepEqual([...heartbeat.subarray(innerUdp + 2, innerUdp + 4)], [0x0e, 0xc8]);
});

test('tunnels in tunnels without end are refused with a sentence', t => {
  const inside = (frame: Frame): Frame => {
    const tunnel: Geneve = {kind: 'geneve', vni: 1, oam: false, critical: false, ovn: undefined, payload: frame};
    const {payload: packet} = heartbeatFrame;
    if (packet.kind !== 'ipv4' || packet.payload.kind !== 'udp') throw new Error('the heartbeat is not a datagram');
    return {...heartbeatFrame, payload: {...packet, payload: {...packet.payload, payload: tunnel}}};
  };
  let frame = decodeFrame(announcement);
  for (let tunnels = 1; tunnels <= 8; tunnels++) frame = inside(frame);
  t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  t.throws(() => decodeFrame(encodeFrame(inside(frame))), {message: 'the frame lies in more than 8 tunnels'});
});

test('every frame that ends too early is refused with a sentence', t => {
  fc.assert(
    fc.property(anyFrame, fc.nat(), (frame, number) => {
      const bytes = encodeFrame(frame);
      t.throws(() => decodeFrame(bytes.subarray(0, number % bytes.length)), {name: 'Error'});
    }),
  );
});

test('an untagged frame with any one byte changed is refused with a sentence or comes back as it is', t => {
  fc.assert(
    fc.property(anyUntaggedFrame, fc.nat(), fc.nat(0xff), (frame, number, value) => {
      const whole = encodeFrame(frame);
      const bytes = whole.with(number % whole.length, value);
      const read = readOrRefused(() => decodeFrame(bytes));
      if (read) t.deepEqual(encodeFrame(read), bytes);
    }),
    {numRuns: 1000},
  );
  t.pass();
});

test('no bytes whatever bring down a reader', t => {
  const readers: Record<string, (bytes: Uint8Array) => unknown> = {
    frame: decodeFrame,
    arp: decodeArp,
    ipv4: bytes => decodeIpv4Packet(bytes, 0),
    udp: bytes => decodeUdp(bytes, 0, 0, 0),
    icmp: decodeIcmp,
    geneve: bytes => decodeGeneve(bytes, 0),
    bfd: decodeBfd,
    vxlan: bytes => decodeVxlan(bytes, 0),
    gre: bytes => decodeGre(bytes, 0),
    tcp: bytes => decodeTcp(bytes, 0, 0),
    dhcp: decodeDhcp,
    quote: readQuote,
  };
  for (const [name, read] of Object.entries(readers)) {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 80}), bytes => {
        readOrRefused(() => read(bytes));
      }),
    );
    t.pass(name);
  }
});

/** What was read, or undefined if it was refused with a sentence; any other error goes on. */
function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error' && error.message.includes(' ')) return undefined;
    throw error;
  }
}
