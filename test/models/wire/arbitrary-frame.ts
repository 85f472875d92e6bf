import fc from 'fast-check';
import {milliseconds, seconds} from '../../../engine/time.ts';
import type {Arp} from '../../../models/wire/arp.ts';
import {bfdPort, type BfdControl} from '../../../models/wire/bfd.ts';
import {dhcpPorts, type Dhcp} from '../../../models/wire/dhcp.ts';
import type {Frame} from '../../../models/wire/frame.ts';
import {genevePort, type Geneve} from '../../../models/wire/geneve.ts';
import type {Gre} from '../../../models/wire/gre.ts';
import {leastQuote, type Icmp} from '../../../models/wire/icmp.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import type {Opaque, Payload} from '../../../models/wire/payload.ts';
import type {Tcp} from '../../../models/wire/tcp.ts';
import type {Udp} from '../../../models/wire/udp.ts';
import type {Vrrp} from '../../../models/wire/vrrp.ts';
import {linuxVxlanPort, vxlanPort, type Vxlan} from '../../../models/wire/vxlan.ts';

const byte = fc.nat(0xff);
const port = fc.nat(0xffff);
const word = fc.nat(0xffff_ffff);
const mac = fc.nat(0xffff_ffff_ffff);
const protocol = byte.filter(number => ![1, 6, 17, 47, 112].includes(number));

/** Zeros, or bytes that are not all zeros, which is how messages hold them. */
const content = fc.oneof(
  fc.nat(100).map(size => ({size, bytes: undefined})),
  fc
    .uint8Array({minLength: 1, maxLength: 100})
    .filter(bytes => bytes.some(value => value !== 0))
    .map(bytes => ({size: bytes.length, bytes})),
);

const payload = content.map((held): Payload => ({kind: 'payload', ...held}));

const opaque = fc
  .tuple(protocol, content)
  .map(([number, held]): Opaque => ({kind: 'opaque', protocol: number, ...held}));

const arp: fc.Arbitrary<Arp> = fc.record({
  kind: fc.constant('arp' as const),
  operation: fc.constantFrom('request' as const, 'reply' as const),
  senderMac: mac,
  senderIp: word,
  targetMac: mac,
  targetIp: word,
});

const bfd: fc.Arbitrary<BfdControl> = fc.record({
  kind: fc.constant('bfd' as const),
  version: fc.constant(1),
  diagnostic: fc.constantFrom<BfdControl['diagnostic'][]>(
    'no-diagnostic',
    'control-detection-time-expired',
    'echo-function-failed',
    'neighbor-signaled-session-down',
    'forwarding-plane-reset',
    'path-down',
    'concatenated-path-down',
    'administratively-down',
    'reverse-concatenated-path-down',
  ),
  state: fc.constantFrom<BfdControl['state'][]>('admin-down', 'down', 'init', 'up'),
  poll: fc.boolean(),
  final: fc.boolean(),
  controlPlaneIndependent: fc.boolean(),
  authentication: fc.boolean(),
  demand: fc.boolean(),
  multipoint: fc.boolean(),
  detectMult: byte,
  myDiscriminator: word,
  yourDiscriminator: word,
  desiredMinTx: word,
  requiredMinRx: word,
  requiredMinEchoRx: word,
});

const dhcp: fc.Arbitrary<Dhcp> = fc.record({
  kind: fc.constant('dhcp' as const),
  operation: fc.constantFrom('request' as const, 'reply' as const),
  xid: word,
  broadcast: fc.boolean(),
  clientAddress: word,
  yourAddress: word,
  clientMac: mac,
  messageType: fc.constantFrom<Dhcp['messageType'][]>('discover', 'offer', 'request', 'ack', 'nak', 'release'),
  clientId: fc.option(
    fc.uint8Array({minLength: 1, maxLength: 20}).map(bytes => hexOf(bytes)),
    {nil: undefined},
  ),
  requestedAddress: fc.option(word, {nil: undefined}),
  serverId: fc.option(word, {nil: undefined}),
  leaseSeconds: fc.option(word, {nil: undefined}),
  renewalSeconds: fc.option(word, {nil: undefined}),
  rebindingSeconds: fc.option(word, {nil: undefined}),
  subnetMask: fc.option(word, {nil: undefined}),
  router: fc.option(word, {nil: undefined}),
  dns: fc.array(word, {maxLength: 15}),
  mtu: fc.option(port, {nil: undefined}),
  routes: fc.array(
    fc.record({prefix: fc.tuple(word, fc.nat(4)).map(([address, octets]) => prefixOf(address, octets * 8)), via: word}),
    {maxLength: 5},
  ),
});

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':');
}

function prefixOf(address: number, length: number): {readonly address: number; readonly length: number} {
  const size = 2 ** (32 - length);
  return {address: Math.floor(address / size) * size, length};
}

const tcp: fc.Arbitrary<Tcp> = fc.record({
  kind: fc.constant('tcp' as const),
  sourcePort: port,
  destinationPort: port,
  sequence: word,
  acknowledgement: word,
  syn: fc.boolean(),
  ack: fc.boolean(),
  fin: fc.boolean(),
  rst: fc.boolean(),
  psh: fc.boolean(),
  window: port,
  payload,
});

const addresses = fc.array(word, {maxLength: 20});

const vrrp: fc.Arbitrary<Vrrp> = fc.oneof(
  fc.record({
    kind: fc.constant('vrrp' as const),
    version: fc.constant(2 as const),
    vrid: byte,
    priority: byte,
    advertInterval: byte.map(seconds),
    addresses,
  }),
  fc.record({
    kind: fc.constant('vrrp' as const),
    version: fc.constant(3 as const),
    vrid: byte,
    priority: byte,
    advertInterval: fc.nat(0xfff).map(count => milliseconds(10) * count),
    addresses,
  }),
);

const quote = fc.uint8Array({minLength: leastQuote, maxLength: 64});

const icmp: fc.Arbitrary<Icmp> = fc.oneof(
  fc.record({
    kind: fc.constant('icmp-echo' as const),
    operation: fc.constantFrom('request' as const, 'reply' as const),
    identifier: port,
    sequence: port,
    payload,
  }),
  fc.record({kind: fc.constant('icmp-unreachable' as const), code: byte, original: fc.uint8Array({maxLength: 64})}),
  fc.record({
    kind: fc.constant('icmp-too-big' as const),
    nextHopMtu: fc.integer({min: 1, max: 0xffff}),
    original: quote,
  }),
  fc.record({kind: fc.constant('icmp-time-exceeded' as const), code: byte, original: quote}),
);

/** What is sent to these is read. */
const knownPorts: readonly number[] = [
  bfdPort,
  genevePort,
  vxlanPort,
  linuxVxlanPort,
  dhcpPorts.server,
  dhcpPorts.client,
];

/** Any frame that the types can hold, tunnels in tunnels included. */
export const anyFrame = framesOf(fc.option(fc.nat(0xfff), {nil: undefined}));

/** Any frame without a tag, inside of tunnels too. */
export const anyUntaggedFrame = framesOf(fc.constant(undefined));

function framesOf(vlan: fc.Arbitrary<number | undefined>): fc.Arbitrary<Frame> {
  return fc.letrec<{frame: Frame; packet: Ipv4Packet; udp: Udp; geneve: Geneve; vxlan: Vxlan; gre: Gre}>(tie => ({
    frame: fc.record({
      source: mac,
      destination: mac,
      vlan,
      payload: fc.oneof({depthSize: 'small', maxDepth: 4}, arp, tie('packet')),
    }),
    packet: fc.record({
      kind: fc.constant('ipv4' as const),
      source: word,
      destination: word,
      ttl: byte,
      tos: byte,
      identification: port,
      dontFragment: fc.boolean(),
      payload: fc.oneof({depthSize: 'small'}, icmp, opaque, tcp, vrrp, tie('udp'), tie('gre')),
    }),
    udp: fc
      .record({
        sourcePort: port,
        otherPort: port.filter(number => !knownPorts.includes(number)),
        second: fc.boolean(),
        checksummed: fc.boolean(),
        payload: fc.oneof(payload, bfd, dhcp, tie('geneve'), tie('vxlan')),
      })
      .map(({sourcePort, otherPort, second, checksummed, payload}) => {
        const destinationPort = {
          bfd: bfdPort,
          geneve: genevePort,
          vxlan: second ? vxlanPort : linuxVxlanPort,
          dhcp: second ? dhcpPorts.client : dhcpPorts.server,
          payload: otherPort,
        }[payload.kind];
        return {kind: 'udp', sourcePort, destinationPort, checksummed, payload} as const;
      }),
    vxlan: fc.record({kind: fc.constant('vxlan' as const), vni: fc.nat(0xff_ffff), payload: tie('frame')}),
    gre: fc.record({
      kind: fc.constant('gre' as const),
      key: fc.option(word, {nil: undefined}),
      payload: tie('frame'),
    }),
    geneve: fc.record({
      kind: fc.constant('geneve' as const),
      vni: fc.nat(0xff_ffff),
      oam: fc.boolean(),
      critical: fc.boolean(),
      ovn: fc.option(fc.record({ingress: fc.nat(0x7fff), egress: port}), {nil: undefined}),
      payload: tie('frame'),
    }),
  })).frame;
}
