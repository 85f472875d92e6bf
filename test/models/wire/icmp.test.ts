import test from 'ava';
import {decodeFrame, encodeFrame} from '../../../models/wire/frame.ts';
import {quoteOf, readQuote, requoted} from '../../../models/wire/icmp-quote.ts';
import {unreachableCodes, type Icmp} from '../../../models/wire/icmp.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import {frameOf, hex, packetContent, packetOf} from './framed.ts';

const datagram = packetOf({
  kind: 'udp',
  sourcePort: 40000,
  destinationPort: 9,
  checksummed: true,
  payload: {kind: 'payload', size: 1000, bytes: undefined},
});
const original = quoteOf(datagram);

function bytesOf(icmp: Icmp): string {
  return hex(encodeFrame(frameOf(icmp)).subarray(packetContent));
}

for (const [what, code] of Object.entries(unreachableCodes)) {
  test(`unreachable: ${what} is code ${code} of type 3`, t => {
    const icmp = {kind: 'icmp-unreachable', code, original} as const;
    t.regex(bytesOf(icmp), new RegExp(`^03 0${code.toString(16)} .. .. 00 00 00 00 45 00 `));
    t.deepEqual(decodeFrame(encodeFrame(frameOf(icmp))), frameOf(icmp));
  });
}

test('too big is code 4 of type 3 with the MTU of the next hop', t => {
  const icmp = {kind: 'icmp-too-big', nextHopMtu: 1450, original} as const;
  t.regex(bytesOf(icmp), /^03 04 .. .. 00 00 05 aa 45 00 /);
  t.deepEqual(decodeFrame(encodeFrame(frameOf(icmp))), frameOf(icmp));
});

test('time exceeded is type 11', t => {
  const icmp = {kind: 'icmp-time-exceeded', code: 0, original} as const;
  t.regex(bytesOf(icmp), /^0b 00 .. .. 00 00 00 00 45 00 /);
  t.deepEqual(decodeFrame(encodeFrame(frameOf(icmp))), frameOf(icmp));
});

test('an error has at most 576 bytes with its IPv4 header', t => {
  t.is(original.length, 548);
  t.is(quoteOf(packetOf({kind: 'opaque', protocol: 89, size: 20, bytes: undefined})).length, 40);
});

const echo = {kind: 'icmp-echo', operation: 'request', identifier: 77, sequence: 3} as const;
const payload = {kind: 'payload', size: 8, bytes: undefined} as const;
const quoted: readonly (readonly [string, Ipv4Packet['payload'], number, number | undefined, number | undefined])[] = [
  ['a datagram', datagram.payload, 17, 40000, 9],
  ['an echo', {...echo, payload}, 1, 77, 77],
  ['another protocol', {kind: 'opaque', protocol: 89, size: 20, bytes: undefined}, 89, undefined, undefined],
];

for (const [what, content, protocol, sourcePort, destinationPort] of quoted) {
  test(`what is quoted of ${what} names it`, t => {
    const packet = packetOf(content);
    const {source, destination} = packet;
    const icmpType = protocol === 1 ? 8 : undefined;
    t.deepEqual(readQuote(quoteOf(packet)), {protocol, source, destination, icmpType, sourcePort, destinationPort});
    t.deepEqual(readQuote(quoteOf(packet).subarray(0, 28)), readQuote(quoteOf(packet)));
  });
}

test('a quote under other addresses and ports has a right header checksum, and its bytes are those of the other packet', t => {
  const packet = packetOf(datagram.payload);
  const other = {
    ...packet,
    source: 0x0a_00_02_64,
    payload: {...packet.payload, sourcePort: 1024} as Ipv4Packet['payload'],
  };
  const quote = readQuote(quoteOf(other))!;
  const requote = requoted(quoteOf(packet), quote);
  t.deepEqual(readQuote(requote), quote);
  t.deepEqual(requote.subarray(0, 24), quoteOf(other).subarray(0, 24));
});

test('a quote that is too short or not of IPv4 names nothing', t => {
  t.is(readQuote(original.subarray(0, 27)), undefined);
  t.is(readQuote(original.with(0, 0x60)), undefined);
});
