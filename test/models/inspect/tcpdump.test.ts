import test from 'ava';
import {formatFrame} from '../../../models/inspect/tcpdump.ts';
import {decodeFrame, encodeFrame, type Frame} from '../../../models/wire/frame.ts';
import type {Icmp} from '../../../models/wire/icmp.ts';
import {parseIpv4} from '../../../models/wire/ipv4.ts';
import {broadcastMac} from '../../../models/wire/mac.ts';
import type {Tcp} from '../../../models/wire/tcp.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';

const [a, b] = ['10.0.0.1', '10.0.0.2'].map(text => parseIpv4(text)!);
const [mac, other] = [0x02_00_00_00_00_01, 0x02_00_00_00_00_02];

function packet(payload: Ipv4Packet['payload']): Frame {
  const ip = {kind: 'ipv4', source: a, destination: b, ttl: 64, tos: 0, identification: 0, dontFragment: true} as const;
  return {source: mac, destination: other, vlan: undefined, payload: {...ip, payload}};
}

const nothing = {kind: 'payload', size: 0, bytes: undefined} as const;
const data = {...nothing, size: 10};
const arp = {kind: 'arp', operation: 'request', senderMac: mac, senderIp: a, targetMac: 0, targetIp: b} as const;
const who: Frame = {source: mac, destination: broadcastMac, vlan: undefined, payload: arp};
const segment: Tcp = {
  ...{kind: 'tcp', sourcePort: 40_000, destinationPort: 80, sequence: 1000, acknowledgement: 0, window: 65_535},
  ...{syn: true, ack: false, fin: false, rst: false, psh: false, payload: nothing},
};
const udp = {kind: 'udp', sourcePort: 40_000, destinationPort: 53, checksummed: true, payload: data} as const;
const quoted = encodeFrame(packet(udp)).slice(14, 14 + 28);
const echo: Icmp = {kind: 'icmp-echo', operation: 'request', identifier: 7, sequence: 1, payload: data};

const lines: readonly (readonly [Frame, string])[] = [
  [who, 'ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28'],
  [
    {...who, payload: {...arp, targetMac: broadcastMac}},
    'ARP, Request who-has 10.0.0.2 (ff:ff:ff:ff:ff:ff) tell 10.0.0.1, length 28',
  ],
  [{...who, payload: {...arp, operation: 'reply'}}, 'ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28'],
  [{...who, vlan: 101}, 'vlan 101, p 0, ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28'],
  [packet(echo), 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 7, seq 1, length 18'],
  [packet(udp), 'IP 10.0.0.1.40000 > 10.0.0.2.53: UDP, length 10'],
  [packet(segment), 'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1000, win 65535, length 0'],
  [
    packet({...segment, syn: false, ack: true, psh: true, acknowledgement: 5, payload: data}),
    'IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [P.], seq 1000:1010, ack 5, win 65535, length 10',
  ],
  [
    packet({kind: 'icmp-unreachable', code: 3, original: quoted}),
    'IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.2 udp port 53 unreachable, length 36',
  ],
  [
    packet({kind: 'icmp-unreachable', code: 1, original: quoted}),
    'IP 10.0.0.1 > 10.0.0.2: ICMP host 10.0.0.2 unreachable, length 36',
  ],
  [
    packet({kind: 'icmp-too-big', nextHopMtu: 1450, original: quoted}),
    'IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.2 unreachable - need to frag (mtu 1450), length 36',
  ],
  [
    packet({...udp, destinationPort: 8472, payload: {kind: 'vxlan', vni: 1, payload: who}}),
    'IP 10.0.0.1.40000 > 10.0.0.2.8472: OTV, flags [I] (0x08), overlay 0, instance 1: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
  ],
  [
    packet({...udp, destinationPort: 4789, payload: {kind: 'vxlan', vni: 5, payload: who}}),
    'IP 10.0.0.1.40000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 5: ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28',
  ],
  [packet({kind: 'opaque', protocol: 253, size: 10, bytes: undefined}), 'IP 10.0.0.1 > 10.0.0.2: ip-proto-253 10'],
];

for (const [frame, line] of lines) {
  test(line, t => {
    t.is(formatFrame(frame), line);
    t.is(formatFrame(decodeFrame(encodeFrame(frame))), line);
  });
}
