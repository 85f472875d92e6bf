import {dhcpPorts, type Dhcp} from '../wire/dhcp.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import type {Ipv4} from '../wire/ipv4.ts';

/** Everybody on the link. */
export const everybody: Ipv4 = 0xffff_ffff;

/** The packet that carries a message: to a server's port, or to a client's. */
export function dhcpPacket(message: Dhcp, source: Ipv4, destination: Ipv4): Ipv4Packet {
  const {client, server} = dhcpPorts;
  const [sourcePort, destinationPort] = message.operation === 'request' ? [client, server] : [server, client];
  return {
    ...{kind: 'ipv4', source, destination, ttl: 64, tos: 0, identification: 0, dontFragment: false},
    payload: {kind: 'udp', sourcePort, destinationPort, checksummed: true, payload: message},
  };
}

/** The message of a kind in a packet; undefined if there is none. */
export function dhcpIn({payload}: Ipv4Packet, operation: Dhcp['operation']): Dhcp | undefined {
  if (payload.kind !== 'udp' || payload.payload.kind !== 'dhcp') return undefined;
  return payload.payload.operation === operation ? payload.payload : undefined;
}
