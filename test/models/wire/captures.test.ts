import {readFileSync} from 'node:fs';
import test from 'ava';
import type {Arp} from '../../../models/wire/arp.ts';
import type {BfdControl} from '../../../models/wire/bfd.ts';
import {decodeFrame, encodeFrame, frameSize, type Frame} from '../../../models/wire/frame.ts';
import type {Geneve} from '../../../models/wire/geneve.ts';
import {formatIpv4, parseIpv4} from '../../../models/wire/ipv4.ts';
import {formatMac, parseMac} from '../../../models/wire/mac.ts';
import {ovnCaptures, readCapture} from '../../support/pcap.ts';
import {claimsOf, dissectedClaims} from './dissection.ts';

/** All captures and how many frames each holds. None holds a protocol that we do not know, so none is left out. */
const captures = {
  bfd_gw1_down_and_up: 238,
  bfd_session_down_init_up_gw1_cn1: 14,
  bfd_steady_gw3_cn2: 16,
  garp_provider_failover: 24,
  geneve_icmp_echo: 15,
};

/** The captures that tshark took apart in full. */
const dissected = [
  'bfd_session_down_init_up_gw1_cn1',
  'bfd_steady_gw3_cn2',
  'garp_provider_failover',
  'geneve_icmp_echo',
] as const;

function capture(name: keyof typeof captures) {
  return readCapture(`${ovnCaptures}/${name}.pcap`);
}

function captureText(name: string): string {
  return readFileSync(`${process.cwd()}/${ovnCaptures}/${name}.txt`, 'utf8');
}

for (const [name, count] of Object.entries(captures)) {
  test(`every frame of ${name} comes back byte for byte`, t => {
    const packets = capture(name as keyof typeof captures);
    t.is(packets.length, count);
    for (const {bytes} of packets) {
      const frame = decodeFrame(bytes);
      t.is(frameSize(frame), bytes.length);
      t.deepEqual(encodeFrame(frame), bytes);
    }
  });
}

for (const name of dissected) {
  test(`every frame of ${name} says what tshark says`, t => {
    const blocks = captureText(name).split(/^(?=Frame \d+: )/m);
    const packets = capture(name);
    t.is(blocks.length, packets.length);
    for (const [index, {bytes}] of packets.entries()) {
      t.deepEqual(claimsOf(decodeFrame(bytes)), dissectedClaims(blocks[index]), `frame ${index + 1}`);
    }
  });
}

test('every frame of bfd_gw1_down_and_up says what the summary says', t => {
  const lines = captureText('bfd_gw1_down_and_up.summary').trimEnd().split('\n').slice(1);
  const packets = capture('bfd_gw1_down_and_up');
  t.is(lines.length, packets.length);
  for (const [index, {at, bytes}] of packets.entries()) {
    const frame = decodeFrame(bytes);
    const {payload: inner} = tunnelIn(frame);
    const bfd = bfdIn(frame);
    const addresses = (end: 'source' | 'destination') =>
      [frame, inner].map(({payload}) => (payload.kind === 'ipv4' ? formatIpv4(payload[end]) : 'none')).join();
    const said = [
      `${((at - packets[0].at) / 1_000_000).toFixed(6)}000`,
      addresses('source'),
      addresses('destination'),
      `0x0${['admin-down', 'down', 'init', 'up'].indexOf(bfd.state)}`,
      bfd.diagnostic === 'no-diagnostic' ? '0x00' : '0x01',
      `0x${bfd.myDiscriminator.toString(16).padStart(8, '0')}`,
      `0x${bfd.yourDiscriminator.toString(16).padStart(8, '0')}`,
      bfd.desiredMinTx,
      bfd.requiredMinRx,
      bfd.detectMult,
    ];
    t.is(said.join('|'), lines[index], `frame ${index + 1}`);
  }
});

test('gw1 and cn1 come up by Down, Init and Up, and speak slowly until then', t => {
  const story = capture('bfd_session_down_init_up_gw1_cn1').map(({bytes}) => {
    const frame = decodeFrame(bytes);
    const {state, desiredMinTx, yourDiscriminator} = bfdIn(frame);
    const sender =
      frame.payload.kind === 'ipv4' && formatIpv4(frame.payload.source) === '192.168.60.11' ? 'gw1' : 'cn1';
    return `${sender} ${state} ${desiredMinTx} ${yourDiscriminator === 0 ? 'to nobody' : 'to the other'}`;
  });
  t.deepEqual(story.slice(6, 12), [
    'cn1 down 1000000 to nobody',
    'gw1 down 1000000 to nobody',
    'cn1 init 1000000 to the other',
    'gw1 up 100000 to the other',
    'cn1 up 100000 to the other',
    'gw1 up 100000 to the other',
  ]);
});

test('a heartbeat of gw1 in full', t => {
  t.deepEqual(bfdIn(decodeFrame(capture('bfd_session_down_init_up_gw1_cn1')[7].bytes)), {
    kind: 'bfd',
    version: 1,
    diagnostic: 'control-detection-time-expired',
    state: 'down',
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    authentication: false,
    demand: false,
    multipoint: false,
    detectMult: 3,
    myDiscriminator: 0x34451717,
    yourDiscriminator: 0,
    desiredMinTx: 1_000_000,
    requiredMinRx: 1_000_000,
    requiredMinEchoRx: 0,
  });
});

test('a ping from port 1 to port 4 of datapath 1 in full', t => {
  const {bytes} = capture('geneve_icmp_echo')[0];
  const geneve = tunnelIn(decodeFrame(bytes));
  t.deepEqual(geneve, {
    kind: 'geneve',
    vni: 1,
    oam: false,
    critical: true,
    ovn: {ingress: 1, egress: 4},
    payload: {
      source: parseMac('02:00:00:00:01:11')!,
      destination: parseMac('02:00:00:00:01:14')!,
      vlan: undefined,
      payload: {
        kind: 'ipv4',
        source: parseIpv4('172.16.100.11')!,
        destination: parseIpv4('172.16.100.14')!,
        ttl: 64,
        tos: 0,
        identification: 0x7a07,
        dontFragment: true,
        payload: {
          kind: 'icmp-echo',
          operation: 'request',
          identifier: 0x6d73,
          sequence: 1,
          payload: {kind: 'payload', size: 56, bytes: bytes.slice(-56)},
        },
      },
    },
  });
});

test('an announcement is a broadcast request of 42 bytes that asks for itself', t => {
  const frame = decodeFrame(capture('garp_provider_failover')[0].bytes);
  t.is(frameSize(frame), 42);
  t.is(formatMac(frame.destination), 'ff:ff:ff:ff:ff:ff');
  const gateway = parseMac('02:aa:00:00:00:02')!;
  const address = parseIpv4('10.0.2.100')!;
  const announcement: Arp = {
    kind: 'arp',
    operation: 'request',
    senderMac: gateway,
    senderIp: address,
    targetMac: 0,
    targetIp: address,
  };
  t.deepEqual(frame.payload, announcement);
});

function tunnelIn({payload}: Frame): Geneve {
  if (payload.kind === 'ipv4' && payload.payload.kind === 'udp') {
    const {payload: content} = payload.payload;
    if (content.kind === 'geneve') return content;
  }
  throw new Error('the frame is not a tunnel');
}

function bfdIn(frame: Frame): BfdControl {
  const {payload} = tunnelIn(frame).payload;
  if (payload.kind === 'ipv4' && payload.payload.kind === 'udp') {
    const {payload: content} = payload.payload;
    if (content.kind === 'bfd') return content;
  }
  throw new Error('the tunnel does not hold BFD');
}
