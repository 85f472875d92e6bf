import test from 'ava';
import type {Match} from '../../../models/faults/breakage.ts';
import {matches} from '../../../models/faults/link-rules.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';

type Content = Ipv4Packet['payload'];

const nothing = {kind: 'payload', size: 0, bytes: undefined} as const;

function frameWith(payload: Content): Frame {
  const addresses = {kind: 'ipv4', source: 1, destination: 2, ttl: 64, tos: 0, identification: 0} as const;
  return {source: 1, destination: 2, vlan: undefined, payload: {...addresses, dontFragment: false, payload}};
}

function udp(sourcePort: number, destinationPort: number, payload: Frame | undefined = undefined): Frame {
  const geneve = {kind: 'geneve', vni: 0, oam: false, critical: false, ovn: undefined} as const;
  const content = payload ? {...geneve, payload} : nothing;
  return frameWith({kind: 'udp', sourcePort, destinationPort, checksummed: false, payload: content});
}

function tcp(sourcePort: number, destinationPort: number): Frame {
  const numbers = {sequence: 0, acknowledgement: 0, window: 0};
  const flags = {syn: true, ack: false, fin: false, rst: false, psh: false};
  return frameWith({kind: 'tcp', sourcePort, destinationPort, ...numbers, ...flags, payload: nothing});
}

function vxlan(payload: Frame): Frame {
  const content = {kind: 'vxlan', vni: 1, payload} as const;
  return frameWith({kind: 'udp', sourcePort: 1, destinationPort: 8_472, checksummed: false, payload: content});
}

const advert = {
  ...{kind: 'vrrp', version: 2, vrid: 7, priority: 50, advertInterval: 2_000_000},
  addresses: [],
} as const satisfies Content;

const frames = {
  arp: {
    ...{source: 1, destination: 2, vlan: undefined},
    payload: {kind: 'arp', operation: 'request', senderMac: 1, senderIp: 1, targetMac: 0, targetIp: 2},
  },
  ping: frameWith({kind: 'icmp-echo', operation: 'request', identifier: 1, sequence: 1, payload: nothing}),
  dns: udp(40_000, 53),
  'dns answer': udp(53, 40_000),
  tunnel: udp(40_000, 6_081, udp(40_000, 53)),
  'vxlan tunnel': udp(40_000, 8_472, udp(40_000, 53)),
  'tunnel bfd': udp(40_000, 6_081, udp(49_152, 3_784)),
  'next-hop bfd': udp(49_152, 3_784),
  database: tcp(32_768, 6_642),
  'database answer': tcp(6_642, 32_768),
  web: tcp(32_768, 443),
  advert: frameWith(advert),
  'advert in vxlan': vxlan(frameWith(advert)),
  'advert in gre': frameWith({kind: 'gre', key: 7, payload: frameWith(advert)}),
} satisfies Record<string, Frame>;

const every = Object.keys(frames);
const datagrams = ['dns', 'dns answer', 'tunnel', 'vxlan tunnel', 'tunnel bfd', 'next-hop bfd', 'advert in vxlan'];

const rules: readonly (readonly [Match['protocol'], number | undefined, readonly string[]])[] = [
  ['any', undefined, every],
  ['any', 53, ['dns', 'dns answer']],
  ['any', 6_642, ['database', 'database answer']],
  ['arp', undefined, ['arp']],
  ['icmp', undefined, ['ping']],
  ['udp', undefined, datagrams],
  ['udp', 53, ['dns', 'dns answer']],
  ['udp', 6_642, []],
  ['tcp', undefined, ['database', 'database answer', 'web']],
  ['tcp', 6_642, ['database', 'database answer']],
  ['tcp', 53, []],
  ['geneve', undefined, ['tunnel', 'tunnel bfd']],
  ['vxlan', undefined, ['vxlan tunnel', 'advert in vxlan']],
  ['gre', undefined, ['advert in gre']],
  ['bfd', undefined, ['tunnel bfd', 'next-hop bfd']],
  ['vrrp', undefined, ['advert', 'advert in vxlan', 'advert in gre']],
];

for (const [protocol, port, expected] of rules) {
  test(`a rule on ${protocol} ${port ?? 'with any port'} picks what it should`, t => {
    const picked = Object.entries(frames).filter(([, frame]) => matches(frame as Frame, {protocol, port}));
    t.deepEqual(
      picked.map(([name]) => name),
      [...expected],
    );
  });
}
