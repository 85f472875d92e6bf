import {arpSize, type Arp} from '../wire/arp.ts';
import type {BfdControl} from '../wire/bfd.ts';
import type {Frame} from '../wire/frame.ts';
import type {Icmp} from '../wire/icmp.ts';
import {ipv4PacketSize, type Ipv4Packet} from '../wire/ipv4-packet.ts';
import {formatIpv4} from '../wire/ipv4.ts';
import {formatMac} from '../wire/mac.ts';
import type {Tcp} from '../wire/tcp.ts';
import type {Udp} from '../wire/udp.ts';
import {linuxVxlanPort} from '../wire/vxlan.ts';

/**
 * A frame in the words of `tcpdump -n`, with what is in a tunnel on the same line. To port 8472, which is also that of
 * another protocol, tcpdump says OTV.
 */
export function formatFrame({payload, vlan}: Frame): string {
  const tag = vlan === undefined ? '' : `vlan ${vlan}, p 0, `;
  return tag + (payload.kind === 'arp' ? formatArp(payload) : formatPacket(payload));
}

function formatArp({operation, senderMac, senderIp, targetMac, targetIp}: Arp): string {
  const length = `length ${arpSize}`;
  if (operation === 'reply') return `ARP, Reply ${formatIpv4(senderIp)} is-at ${formatMac(senderMac)}, ${length}`;
  const known = targetMac === 0 ? '' : ` (${formatMac(targetMac)})`;
  return `ARP, Request who-has ${formatIpv4(targetIp)}${known} tell ${formatIpv4(senderIp)}, ${length}`;
}

function formatPacket(packet: Ipv4Packet): string {
  const {source, destination, payload} = packet;
  const ports = payload.kind === 'udp' || payload.kind === 'tcp';
  const from = formatIpv4(source) + (ports ? `.${payload.sourcePort}` : '');
  const to = formatIpv4(destination) + (ports ? `.${payload.destinationPort}` : '');
  return `IP ${from} > ${to}: ${formatContent(packet)}`;
}

function formatContent(packet: Ipv4Packet): string {
  const {payload} = packet;
  const length = ipv4PacketSize(packet) - 20;
  switch (payload.kind) {
    case 'udp':
      return formatUdp(payload, length - 8);
    case 'tcp':
      return formatTcp(payload);
    case 'gre':
      return `GREv0, ${payload.key === undefined ? '' : `key=0x${payload.key.toString(16)}, `}proto TEB (0x6558), length ${length}: ${formatFrame(payload.payload)}`;
    case 'vrrp': {
      const {version, vrid, priority, advertInterval, addresses} = payload;
      const interval =
        version === 2 ? `authtype none, intvl ${advertInterval / 1_000_000}s` : `intvl ${advertInterval / 10_000}cs`;
      return `VRRPv${version}, Advertisement, vrid ${vrid}, prio ${priority}, ${interval}, length ${length}, addrs: ${addresses.map(formatIpv4).join(',')}`;
    }
    case 'opaque':
      return `ip-proto-${payload.protocol} ${payload.size}`;
    default:
      return formatIcmp(payload, length);
  }
}

function formatUdp({payload, destinationPort}: Udp, length: number): string {
  switch (payload.kind) {
    case 'vxlan': {
      const {vni, payload: inner} = payload;
      const words =
        destinationPort === linuxVxlanPort
          ? `OTV, flags [I] (0x08), overlay 0, instance ${vni}`
          : `VXLAN, flags [I] (0x08), vni ${vni}`;
      return `${words}: ${formatFrame(inner)}`;
    }
    case 'geneve': {
      const {vni, oam, critical, ovn, payload: inner} = payload;
      const flags = [oam ? 'O' : '', critical ? 'C' : ''].join('') || 'none';
      const options = ovn ? ', options [8 bytes]' : '';
      return `Geneve, Flags [${flags}], vni 0x${vni.toString(16)}, proto TEB (0x6558)${options}: ${formatFrame(inner)}`;
    }
    case 'bfd':
      return formatBfd(payload, length);
    case 'dhcp':
      return payload.operation === 'request'
        ? `BOOTP/DHCP, Request from ${formatMac(payload.clientMac)}, length ${length}`
        : `BOOTP/DHCP, Reply, length ${length}`;
    case 'payload':
      return `UDP, length ${length}`;
  }
}

const bfdStates = {'admin-down': 'AdminDown', down: 'Down', init: 'Init', up: 'Up'} as const;

function formatBfd(
  {version, state, poll, final, controlPlaneIndependent, authentication, demand, multipoint}: BfdControl,
  length: number,
): string {
  const named = {
    ...{Poll: poll, Final: final, 'Control Plane Independent': controlPlaneIndependent},
    ...{'Authentication Present': authentication, Demand: demand, Multipoint: multipoint},
  };
  const flags = Object.entries(named).flatMap(([name, set]) => (set ? [name] : []));
  return `BFDv${version}, Control, State ${bfdStates[state]}, Flags: [${flags.join(', ') || 'none'}], length: ${length}`;
}

function formatTcp({syn, ack, fin, rst, psh, sequence, acknowledgement, window, payload: {size}}: Tcp): string {
  const flags = [fin ? 'F' : '', syn ? 'S' : '', rst ? 'R' : '', psh ? 'P' : '', ack ? '.' : ''].join('') || 'none';
  const numbers = size > 0 ? `seq ${sequence}:${sequence + size}, ` : syn || fin || rst ? `seq ${sequence}, ` : '';
  return `Flags [${flags}], ${numbers}${ack ? `ack ${acknowledgement}, ` : ''}win ${window}, length ${size}`;
}

/** What an error quotes is not looked into: whom it names is who could not be reached. */
function formatIcmp(icmp: Icmp, length: number): string {
  switch (icmp.kind) {
    case 'icmp-echo':
      return `ICMP echo ${icmp.operation}, id ${icmp.identifier}, seq ${icmp.sequence}, length ${length}`;
    case 'icmp-unreachable':
      return `ICMP ${unreachable(icmp.code, icmp.original)}, length ${length}`;
    case 'icmp-too-big':
      return `ICMP ${quotedDestination(icmp.original)} unreachable - need to frag (mtu ${icmp.nextHopMtu}), length ${length}`;
    case 'icmp-time-exceeded':
      return `ICMP ${icmp.code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded'}, length ${length}`;
  }
}

function unreachable(code: number, original: Uint8Array): string {
  const to = quotedDestination(original);
  switch (code) {
    case 0:
      return `net ${to} unreachable`;
    case 1:
      return `host ${to} unreachable`;
    case 2:
      return `${to} protocol ${original[9]} unreachable`;
    case 3:
      return `${to} ${original[9] === 6 ? 'tcp' : 'udp'} port ${original[22] * 256 + original[23]} unreachable`;
    case 13:
      return `host ${to} unreachable - admin prohibited filter`;
    default:
      return `${to} unreachable - #${code}`;
  }
}

function quotedDestination(original: Uint8Array): string {
  return original.slice(16, 20).join('.');
}
