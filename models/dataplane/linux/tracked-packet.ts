import {echoReply, echoRequest, type Tuple} from '../../protocols/conntrack-tuple.ts';
import type {TrackedPacket} from '../../protocols/linux-conntrack.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';

const icmpTypes = {request: echoRequest, reply: echoReply} as const;

/** What connection tracking looks at in a packet; undefined if it does not track such a packet. */
export function trackedPacketOf({source, destination, payload}: Ipv4Packet): TrackedPacket | undefined {
  switch (payload.kind) {
    case 'udp': {
      const {sourcePort, destinationPort} = payload;
      return {tuple: {protocol: 'udp', source, sourcePort, destination, destinationPort}};
    }
    case 'icmp-echo': {
      const {identifier, operation} = payload;
      const tuple: Tuple = {
        ...{protocol: 'icmp', source, destination},
        ...{sourcePort: identifier, destinationPort: icmpTypes[operation]},
      };
      return {tuple};
    }
    default:
      return undefined;
  }
}
