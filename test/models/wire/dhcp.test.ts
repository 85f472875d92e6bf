import test from 'ava';
import {decodeDhcp, dhcpSize, encodeDhcp, type Dhcp} from '../../../models/wire/dhcp.ts';
import {decodeFrame, encodeFrame} from '../../../models/wire/frame.ts';
import {datagramTo, hex} from './framed.ts';

const offer: Dhcp = {
  kind: 'dhcp',
  operation: 'reply',
  xid: 0x3903f326,
  broadcast: true,
  clientAddress: 0,
  yourAddress: 0x0a00020b,
  clientMac: 0xfa163e000001,
  messageType: 'offer',
  clientId: undefined,
  requestedAddress: undefined,
  serverId: 0x0a000202,
  leaseSeconds: 86_400,
  renewalSeconds: undefined,
  rebindingSeconds: undefined,
  subnetMask: 0xffffff00,
  router: 0x0a000201,
  dns: [0x0a000202, 0x0a000203],
  mtu: 1450,
  routes: [],
};

const discover: Dhcp = {
  ...offer,
  operation: 'request',
  yourAddress: 0,
  messageType: 'discover',
  serverId: undefined,
  leaseSeconds: undefined,
  subnetMask: undefined,
  router: undefined,
  dns: [],
  mtu: undefined,
};

const options = 240;

test('an offer stands on the wire as RFC 2131 and 2132 print it', t => {
  const bytes = encodeDhcp(offer);
  t.is(hex(bytes.subarray(0, 12)), '02 01 06 00 39 03 f3 26 00 00 80 00');
  t.is(hex(bytes.subarray(12, 28)), '00 00 00 00 0a 00 02 0b 00 00 00 00 00 00 00 00');
  t.is(hex(bytes.subarray(28, 36)), 'fa 16 3e 00 00 01 00 00');
  t.is(hex(bytes.subarray(236, 240)), '63 82 53 63');
  t.is(
    hex(bytes.subarray(options, options + 46)),
    '35 01 02 36 04 0a 00 02 02 33 04 00 01 51 80 01 04 ff ff ff 00 ' +
      '03 04 0a 00 02 01 06 08 0a 00 02 02 0a 00 02 03 1a 02 05 aa ff 00 00 00 00',
  );
});

test('a discover has no option but what it is, and 1 for its operation', t => {
  const bytes = encodeDhcp(discover);
  t.is(bytes[0], 1);
  t.is(hex(bytes.subarray(options, options + 5)), '35 01 01 ff 00');
});

for (const [messageType, code] of [
  ['discover', 1],
  ['offer', 2],
  ['request', 3],
  ['ack', 5],
  ['nak', 6],
  ['release', 7],
] as const) {
  test(`a ${messageType} is of type ${code}`, t => {
    const message = {...discover, messageType};
    t.is(encodeDhcp(message)[options + 2], code);
    t.deepEqual(decodeDhcp(encodeDhcp(message)), message);
  });
}

test('messages are padded to 300 bytes, and longer ones are not cut', t => {
  t.is(dhcpSize(discover), 300);
  t.is(dhcpSize(offer), 300);
  const many = {...offer, dns: Array.from({length: 12}, (_, i) => i)};
  t.is(dhcpSize(many), 322);
  t.deepEqual(decodeDhcp(encodeDhcp(many)), many);
});

test('times, the client and what it asks for have options of their own', t => {
  const request: Dhcp = {
    ...discover,
    messageType: 'request',
    clientId: 'ff:3e:00:00:01',
    requestedAddress: 0x0a00020b,
    serverId: 0x0a000202,
    renewalSeconds: 60,
    rebindingSeconds: 105,
  };
  const bytes = encodeDhcp(request);
  t.is(
    hex(bytes.subarray(options, options + 35)),
    '35 01 03 3d 05 ff 3e 00 00 01 32 04 0a 00 02 0b 36 04 0a 00 02 02 3a 04 00 00 00 3c 3b 04 00 00 00 69 ff',
  );
  t.deepEqual(decodeDhcp(bytes), request);
});

test('of the prefix of a route only the octets that count are on the wire', t => {
  const routes = [
    {prefix: {address: 0xa9fea9fe, length: 32}, via: 0x0a000202},
    {prefix: {address: 0x0a110000, length: 17}, via: 0x0a000201},
    {prefix: {address: 0, length: 0}, via: 0x0a000201},
  ];
  const bytes = encodeDhcp({...discover, routes});
  t.is(
    hex(bytes.subarray(options + 3, options + 28)),
    '79 16 20 a9 fe a9 fe 0a 00 02 02 11 0a 11 00 0a 00 02 01 00 0a 00 02 01 ff',
  );
  t.deepEqual(decodeDhcp(bytes), {...discover, routes});
});

test('both ports carry DHCP', t => {
  for (const port of [67, 68]) {
    const frame = datagramTo(port, offer);
    t.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  }
});

test('a message that says more than we model is only a datagram', t => {
  const bytes = encodeDhcp(offer);
  for (const [what, changed] of [
    ['a declined offer', bytes.with(options + 2, 4)],
    ['an unknown option', bytes.with(options + 41, 12)],
    ['a relay', bytes.with(27, 1)],
    ['a boot file', bytes.with(108, 0x61)],
    ['another kind of network', bytes.with(1, 32)],
    ['bytes after the end', bytes.with(299, 1)],
    ['an option past the end', bytes.with(options + 38, 255)],
    ['no cookie', bytes.with(236, 0)],
    ['too few bytes', bytes.subarray(0, 299)],
  ] as const) {
    t.is(decodeDhcp(changed), undefined, what);
    const frame = datagramTo(68, {kind: 'payload', size: changed.length, bytes: new Uint8Array(changed)});
    t.deepEqual(decodeFrame(encodeFrame(frame)), frame, what);
  }
});
