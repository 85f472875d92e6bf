import {readFileSync} from 'node:fs';
import test from 'ava';
import {milliseconds, seconds} from '../../../engine/time.ts';
import {decodeFrame, encodeFrame, frameSize, type Frame} from '../../../models/wire/frame.ts';
import {formatIpv4, parseIpv4} from '../../../models/wire/ipv4.ts';
import {parseMac, multicastMac} from '../../../models/wire/mac.ts';
import {isVrrp, vrrpGroup, type Vrrp} from '../../../models/wire/vrrp.ts';
import {keepalivedCaptures, readCapture} from '../../support/pcap.ts';

/** The captures of MEASURED.md B and how many frames each holds. */
const captures = {
  garp_default_1vip: 10,
  neutron_failover_ha: 19,
  neutron_failover_qr_arp: 17,
  neutron_vrrp2_advert: 2,
  vrrp2_advert: 3,
  vrrp2_priority0: 1,
  vrrp3_advert: 3,
  vrrp3_priority0: 1,
};

for (const [name, count] of Object.entries(captures)) {
  test(`every frame of ${name} comes back byte for byte`, t => {
    const packets = readCapture(`${keepalivedCaptures}/${name}.pcap`);
    t.is(packets.length, count);
    for (const {bytes} of packets) {
      const frame = decodeFrame(bytes);
      t.is(frameSize(frame), bytes.length);
      t.deepEqual(encodeFrame(frame), bytes);
    }
  });

  test(`every frame of ${name} says what tshark says`, t => {
    const text = readFileSync(`${process.cwd()}/${keepalivedCaptures}/${name}.txt`, 'utf8');
    const blocks = text.split(/^(?=Frame \d+: )/m);
    const packets = readCapture(`${keepalivedCaptures}/${name}.pcap`);
    t.is(blocks.length, packets.length);
    for (const [index, {bytes}] of packets.entries()) {
      t.deepEqual(claimsOf(decodeFrame(bytes)), dissectedClaims(blocks[index]), `frame ${index + 1}`);
    }
  });
}

test('an advertisement of version 2 is written as keepalived writes it', t => {
  const frame = advertOf('10.0.0.11', 2, {
    kind: 'vrrp',
    version: 2,
    vrid: 51,
    priority: 150,
    advertInterval: seconds(1),
    addresses: [parseIpv4('10.0.0.1')!],
  });
  t.deepEqual(encodeFrame(frame), readCapture(`${keepalivedCaptures}/vrrp2_advert.pcap`)[0].bytes);
});

test('an advertisement of version 3 counts hundredths and is summed with its addresses', t => {
  const frame = advertOf('10.0.0.11', 3, {
    kind: 'vrrp',
    version: 3,
    vrid: 51,
    priority: 200,
    advertInterval: milliseconds(100),
    addresses: [parseIpv4('10.0.0.1')!],
  });
  t.deepEqual(encodeFrame(frame), readCapture(`${keepalivedCaptures}/vrrp3_advert.pcap`)[0].bytes);
});

test('what is authenticated, of another type or of another size is not taken for an advertisement', t => {
  const plain = readCapture(`${keepalivedCaptures}/vrrp2_advert.pcap`)[0].bytes.slice(34);
  t.true(isVrrp(plain));
  t.false(isVrrp(plain.with(4, 1)));
  t.false(isVrrp(plain.with(0, 0x22)));
  t.false(isVrrp(plain.with(0, 0x41)));
  t.false(isVrrp(plain.with(3, 2)));
  t.false(isVrrp(plain.subarray(0, 7)));
  t.false(isVrrp(plain.with(plain.length - 1, 1)));
});

test('an advertisement that was damaged is refused with a sentence', t => {
  for (const name of ['vrrp2_advert', 'vrrp3_advert']) {
    const {bytes} = readCapture(`${keepalivedCaptures}/${name}.pcap`)[0];
    t.throws(() => decodeFrame(bytes.with(36, 1)), {message: 'the VRRP advertisement has a wrong checksum'});
  }
});

function advertOf(source: string, identification: number, payload: Vrrp): Frame {
  return {
    source: parseMac('02:00:00:00:01:01')!,
    destination: multicastMac(vrrpGroup),
    vlan: undefined,
    payload: {
      kind: 'ipv4',
      source: parseIpv4(source)!,
      destination: vrrpGroup,
      ttl: 255,
      tos: 0xc0,
      identification,
      dontFragment: false,
      payload,
    },
  };
}

const patterns: Record<string, RegExp> = {
  version: /VRRP protocol version: (\d)$/m,
  vrid: /Virtual Rtr ID: (\d+)$/m,
  priority: /^ +Priority: (\d+) /m,
  count: /Addr Count: (\d+)$/m,
  interval: /Adver Int: (\d+)$/m,
  address: /^ +IP Address: ([\d.]+)$/m,
  ttl: /Time to Live: (\d+)$/m,
  tos: /Services Field: 0x(\w\w)/m,
  asks: /Opcode: request \(1\)\n +\[Is gratuitous: (True)\]/m,
  asked: /Target IP address: (.*)$/m,
};

function dissectedClaims(block: string): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(patterns).map(([field, pattern]) => [field, pattern.exec(block)?.[1]]));
}

function claimsOf({payload}: Frame): Record<string, string | undefined> {
  const vrrp = payload.kind === 'ipv4' && payload.payload.kind === 'vrrp' ? payload.payload : undefined;
  const arp = payload.kind === 'arp' ? payload : undefined;
  const isGarp = arp?.operation === 'request' && arp.senderIp === arp.targetIp;
  return {
    version: vrrp && `${vrrp.version}`,
    vrid: vrrp && `${vrrp.vrid}`,
    priority: vrrp && `${vrrp.priority}`,
    count: vrrp && `${vrrp.addresses.length}`,
    interval: vrrp && `${vrrp.advertInterval / (vrrp.version === 2 ? seconds(1) : milliseconds(10))}`,
    address: vrrp && formatIpv4(vrrp.addresses[0]),
    ttl: payload.kind === 'ipv4' ? `${payload.ttl}` : undefined,
    tos: payload.kind === 'ipv4' ? payload.tos.toString(16) : undefined,
    asks: isGarp ? 'True' : undefined,
    asked: arp && formatIpv4(arp.targetIp),
  };
}
