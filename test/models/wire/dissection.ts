import {isGratuitous} from '../../../models/wire/arp.ts';
import {frameSize, type Frame} from '../../../models/wire/frame.ts';
import {ipv4PacketSize} from '../../../models/wire/ipv4-packet.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import {formatMac} from '../../../models/wire/mac.ts';
import {udpSize} from '../../../models/wire/udp.ts';

/** What is said of a frame: for each field its values, the outermost first. */
export type Claims = Record<string, readonly string[]>;

/** Where tshark 4.0.17 prints the fields. */
const patterns: Record<string, RegExp> = {
  'frame size': /^ +Frame Length: (\d+) bytes/gm,
  'frame source': /^ +Source: .*\((.*)\)$/gm,
  'frame destination': /^ +Destination: .*\((.*)\)$/gm,
  'arp operation': /^ +Opcode: (\w+)/gm,
  'arp gratuitous': /^ +\[Is gratuitous: (True)\]/gm,
  'arp addresses': /^ +(?:Sender|Target) (?:MAC|IP) address: (?:.*\((.*)\)|([\d.]+))$/gm,
  'ipv4 addresses': /^ +(?:Source|Destination) Address: (.*)$/gm,
  'ipv4 size': /^ +Total Length: (\d+)$/gm,
  'ipv4 tos': /^ +Differentiated Services Field: 0x(\w\w)/gm,
  'ipv4 identification': /^ +Identification: 0x(\w{4})/gm,
  "ipv4 don't fragment": /Don't fragment: (Set|Not set)$/gm,
  'ipv4 ttl': /^ +Time to Live: (\d+)$/gm,
  'ipv4 protocol': /^ +Protocol: (\w+) \(/gm,
  'udp ports': /^ +(?:Source|Destination) Port: (\d+)$/gm,
  'udp size': /^ {4}Length: (\d+)$/gm,
  'udp checksum': /^ +\[Checksum Status: (Unverified|Not present)\]$/gm,
  'udp payload size': /^ +UDP payload \((\d+) bytes\)/gm,
  'geneve vni': /\(VNI\): 0x(\w{6})/gm,
  'geneve oam': /Management Frame: (\w+)$/gm,
  'geneve critical': /Critical Options Present: (\w+)$/gm,
  'geneve option': /^ +Class: .*\(0x0102\)\n +Type: 0x80 .*\n +Length: 8 bytes\n +Unknown Option Data: (\w+)$/gm,
  'icmp type': /^ +Type: (\d+) \(Echo/gm,
  'icmp identifier': /^ +Identifier \(BE\): (\d+)/gm,
  'icmp sequence': /^ +Sequence Number \(BE\): (\d+)/gm,
  'bfd version': /= Protocol Version: (\d)$/gm,
  'bfd diagnostic': /= Diagnostic Code: (.*) \(/gm,
  'bfd state': /= Session State: (\w+) \(/gm,
  'bfd flags': /= (?:Poll|Final|Control Plane.*|Authentication.*|Demand|Multipoint): (Set|Not set)$/gm,
  'bfd detect mult': /^ +Detect Time Multiplier: (\d+)/gm,
  'bfd size': /^ +Message Length: (\d+) bytes/gm,
  'bfd discriminators': /^ +(?:My|Your) Discriminator: 0x(\w{8})$/gm,
  'bfd intervals': /^ +(?:Desired|Required) Min .*\((\d+) us\)$/gm,
};

/** What the text of tshark says. */
export function dissectedClaims(text: string): Claims {
  const claims: Claims = {};
  for (const [field, pattern] of Object.entries(patterns)) {
    claims[field] = [...text.matchAll(pattern)].map(([, first, second]) => first ?? second);
  }
  return claims;
}

/** What our own messages say, in the same words. */
export function claimsOf(frame: Frame): Claims {
  const frames = framesIn(frame);
  const arps = frames.map(({payload}) => payload).filter(payload => payload.kind === 'arp');
  const packets = frames.map(({payload}) => payload).filter(payload => payload.kind === 'ipv4');
  const datagrams = packets.map(({payload}) => payload).filter(payload => payload.kind === 'udp');
  const echoes = packets.map(({payload}) => payload).filter(payload => payload.kind === 'icmp-echo');
  const tunnels = datagrams.map(({payload}) => payload).filter(payload => payload.kind === 'geneve');
  const controls = datagrams.map(({payload}) => payload).filter(payload => payload.kind === 'bfd');
  const options = tunnels.flatMap(({ovn}) => ovn ?? []);
  return {
    'frame size': [`${frameSize(frame)}`],
    'frame source': frames.map(({source}) => formatMac(source)),
    'frame destination': frames.map(({destination}) => formatMac(destination)),
    'arp operation': arps.map(({operation}) => operation),
    'arp gratuitous': arps.filter(isGratuitous).map(() => 'True'),
    'arp addresses': arps.flatMap(arp => [
      formatMac(arp.senderMac),
      formatIpv4(arp.senderIp),
      formatMac(arp.targetMac),
      formatIpv4(arp.targetIp),
    ]),
    'ipv4 addresses': packets.flatMap(({source, destination}) => [formatIpv4(source), formatIpv4(destination)]),
    'ipv4 size': packets.map(packet => `${ipv4PacketSize(packet)}`),
    'ipv4 tos': packets.map(({tos}) => hex(tos, 2)),
    'ipv4 identification': packets.map(({identification}) => hex(identification, 4)),
    "ipv4 don't fragment": packets.map(({dontFragment}) => set(dontFragment)),
    'ipv4 ttl': packets.map(({ttl}) => `${ttl}`),
    'ipv4 protocol': packets.map(({payload}) => (payload.kind === 'udp' ? 'UDP' : 'ICMP')),
    'udp ports': datagrams.flatMap(({sourcePort, destinationPort}) => [`${sourcePort}`, `${destinationPort}`]),
    'udp size': datagrams.map(datagram => `${udpSize(datagram)}`),
    'udp checksum': datagrams.map(({checksummed}) => (checksummed ? 'Unverified' : 'Not present')),
    'udp payload size': datagrams.map(datagram => `${udpSize(datagram) - 8}`),
    'geneve vni': tunnels.map(({vni}) => hex(vni, 6)),
    'geneve oam': tunnels.map(({oam}) => truth(oam)),
    'geneve critical': tunnels.map(({critical}) => truth(critical)),
    'geneve option': options.map(({ingress, egress}) => hex(ingress, 4) + hex(egress, 4)),
    'icmp type': echoes.map(({operation}) => (operation === 'request' ? '8' : '0')),
    'icmp identifier': echoes.map(({identifier}) => `${identifier}`),
    'icmp sequence': echoes.map(({sequence}) => `${sequence}`),
    'bfd version': controls.map(({version}) => `${version}`),
    'bfd diagnostic': controls.map(({diagnostic}) => title(diagnostic)),
    'bfd state': controls.map(({state}) => title(state)),
    'bfd flags': controls.flatMap(bfd =>
      [bfd.poll, bfd.final, bfd.controlPlaneIndependent, bfd.authentication, bfd.demand, bfd.multipoint].map(set),
    ),
    'bfd detect mult': controls.map(({detectMult}) => `${detectMult}`),
    'bfd size': controls.map(() => '24'),
    'bfd discriminators': controls.flatMap(bfd => [hex(bfd.myDiscriminator, 8), hex(bfd.yourDiscriminator, 8)]),
    'bfd intervals': controls.flatMap(bfd =>
      [bfd.desiredMinTx, bfd.requiredMinRx, bfd.requiredMinEchoRx].map(interval => `${interval}`),
    ),
  };
}

/** The frame and the frames in the tunnels that it holds. */
function framesIn(frame: Frame): Frame[] {
  const {payload} = frame;
  if (payload.kind !== 'ipv4' || payload.payload.kind !== 'udp') return [frame];
  const {payload: content} = payload.payload;
  return content.kind === 'geneve' ? [frame, ...framesIn(content.payload)] : [frame];
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
const set = (flag: boolean) => (flag ? 'Set' : 'Not set');
const truth = (flag: boolean) => (flag ? 'True' : 'False');

/** `no-diagnostic` as `No Diagnostic`. */
function title(words: string): string {
  return words
    .split('-')
    .map(word => word[0].toUpperCase() + word.slice(1))
    .join(' ');
}
