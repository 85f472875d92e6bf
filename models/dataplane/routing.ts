import type {LogicalRouter, Route, RouterPort} from '../tables/topology.ts';
import {greProtocol} from '../wire/gre.ts';
import {icmpProtocol} from '../wire/icmp.ts';
import type {Ipv4Packet} from '../wire/ipv4-packet.ts';
import {contains, type Ipv4} from '../wire/ipv4.ts';
import {tcpProtocol} from '../wire/tcp.ts';
import {udpProtocol} from '../wire/udp.ts';

/** By which port of a router a packet leaves, and to whom. */
export type Hop = {readonly port: RouterPort; readonly nextHop: Ipv4};

/**
 * Where a router sends a packet: by the longest prefix among its networks and the routes in force, and of equal ones by the
 * network (northd.c, build_route_match). Undefined if there is none. `inForce` is asked only of routes that could matter.
 *
 * Routes of the same prefix are a group (northd.c, build_ecmp_route_flow), one of which a `select` takes by a hash of the
 * packet. Its buckets weigh the same, so the hash values go round them in turn (ofproto-dpif.c, group_setup_dp_hash_table).
 */
export function routeFor(
  router: LogicalRouter,
  packet: Ipv4Packet,
  inForce: (route: number) => boolean,
): Hop | undefined {
  const {destination} = packet;
  const connected = portTo(router, destination);
  let longest = connected?.switch.cidr.length ?? -1;
  let group: Route[] = [];
  for (const route of router.routes) {
    const {length} = route.prefix;
    const matters = group.length > 0 ? length >= longest : length > longest;
    if (!matters || !contains(route.prefix, destination) || !inForce(route.number)) continue;
    if (length > longest) group = [route];
    else group.push(route);
    longest = length;
  }
  if (group.length === 0) return connected && {port: connected, nextHop: destination};
  const {nextHop} = group.length > 1 ? group[hashOf(packet) % group.length] : group[0];
  const port = portTo(router, nextHop);
  return port && {port, nextHop};
}

/** The port into whose network an address falls; of several the one with the longest prefix. */
function portTo({interfaces, external}: LogicalRouter, address: Ipv4): RouterPort | undefined {
  let found: RouterPort | undefined;
  for (const port of external ? [...interfaces, external] : interfaces) {
    const {cidr} = port.switch;
    if (contains(cidr, address) && cidr.length > (found?.switch.cidr.length ?? -1)) found = port;
  }
  return found;
}

/**
 * A hash of what `dp_hash` covers with the algorithm L4_SYM, for which OVN 23.03 asks where the datapath has it: the
 * addresses, the same both ways, and the protocol; ports of TCP and SCTP, but not of UDP (lib/odp-execute.c,
 * flow_hash_symmetric_l3l4). So all UDP between two hosts takes one way. The function is our own: that of Open vSwitch
 * differs between builds.
 */
function hashOf({source, destination, payload}: Ipv4Packet): number {
  return scramble(scramble(source ^ destination) ^ protocolOf(payload)) >>> 0;
}

function protocolOf(payload: Ipv4Packet['payload']): number {
  switch (payload.kind) {
    case 'opaque':
      return payload.protocol;
    case 'udp':
      return udpProtocol;
    case 'tcp':
      return tcpProtocol;
    case 'gre':
      return greProtocol;
    default:
      return icmpProtocol;
  }
}

/** A bijection of 32 bits (the finalizer of MurmurHash3). */
function scramble(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
