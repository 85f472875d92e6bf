import type {Connection, Tuple} from '../dataplane/conntrack.ts';
import {formatIpv4} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

/** Types of ICMP. */
const echoRequest = 8;
const echoReply = 0;

/** `ovs-appctl dpctl/dump-conntrack` (lib/ct-dpif.c), without zones, which are not modelled. */
export function formatDatapathConnections(connections: readonly Connection[]): string {
  return lines(
    connections.map(({original, reply}) => {
      const there = formatTuple(original, echoRequest);
      return `${original.protocol},orig=(${there}),reply=(${formatTuple(reply, echoReply)})`;
    }),
  );
}

function formatTuple({protocol, source, sourcePort, destination, destinationPort}: Tuple, type: number): string {
  const addresses = `src=${formatIpv4(source)},dst=${formatIpv4(destination)}`;
  return protocol === 'icmp'
    ? `${addresses},id=${sourcePort},type=${type},code=0`
    : `${addresses},sport=${sourcePort},dport=${destinationPort}`;
}
