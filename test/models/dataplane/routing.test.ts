import test from 'ava';
import fc from 'fast-check';
import {routeFor} from '../../../models/dataplane/routing.ts';
import type {LogicalRouter} from '../../../models/tables/topology.ts';
import type {Ipv4Packet} from '../../../models/wire/ipv4-packet.ts';
import {formatIpv4, parseCidr, type Ipv4} from '../../../models/wire/ipv4.ts';
import {ip, smallTopology} from '../../support/small-topology.ts';

const [plain] = smallTopology().routers;

/** A router on 10.0.2.0/24 with routes written as `prefix via next hop`. */
function routerWith(...routes: readonly string[]): LogicalRouter {
  return {
    ...plain,
    routes: routes.map((text, number) => {
      const [prefix, nextHop] = text.split(' via ');
      return {number, prefix: parseCidr(prefix)!, nextHop: ip(nextHop), bfd: undefined};
    }),
  };
}

type Content = {readonly protocol?: 'udp' | 'icmp'; readonly sourcePort?: number; readonly destinationPort?: number};

function packet(source: Ipv4, destination: Ipv4, content: Content = {}): Ipv4Packet {
  const {protocol = 'udp', sourcePort = 20_000, destinationPort = 9_000} = content;
  const payload = {kind: 'payload', size: 64, bytes: undefined} as const;
  return {
    ...{kind: 'ipv4', source, destination, ttl: 64, tos: 0, identification: 0, dontFragment: true},
    payload:
      protocol === 'udp'
        ? {kind: 'udp', sourcePort, destinationPort, checksummed: true, payload}
        : {kind: 'icmp-echo', operation: 'request', identifier: sourcePort, sequence: 1, payload},
  };
}

function nextHop(
  router: LogicalRouter,
  asked: Ipv4Packet,
  inForce: (route: number) => boolean = () => true,
): string | undefined {
  const found = routeFor(router, asked, inForce);
  return found && formatIpv4(found.nextHop);
}

const vm = ip('172.16.1.11');
const far = ip('203.0.113.10');
const twoDefaults = routerWith('0.0.0.0/0 via 10.0.2.10', '0.0.0.0/0 via 10.0.2.11');
const addresses = fc.integer({min: 0, max: 0xffff_ffff});
const outer = addresses.filter(address => address >>> 8 !== ip('10.0.2.0') >>> 8);

test('an address of one of its networks is its own next hop, unless a route has a longer prefix', t => {
  const router = routerWith('10.0.2.0/24 via 10.0.2.10', '10.0.2.8/30 via 10.0.2.11', '172.16.0.0/16 via 10.0.2.12');
  t.is(nextHop(router, packet(vm, ip('10.0.2.7'))), '10.0.2.7');
  t.is(nextHop(router, packet(vm, ip('10.0.2.9'))), '10.0.2.11');
  t.is(
    nextHop(router, packet(vm, ip('10.0.2.9')), () => false),
    '10.0.2.9',
  );
  t.is(nextHop(router, packet(vm, ip('172.16.1.12'))), '172.16.1.12');
  t.is(nextHop(router, packet(vm, ip('172.16.2.12'))), '10.0.2.12');
});

test('a packet leaves by the port on whose network its next hop is', t => {
  const router = routerWith('192.0.2.0/24 via 172.16.1.12', '0.0.0.0/0 via 10.0.2.10');
  const portOf = (address: string) => routeFor(router, packet(vm, ip(address)), () => true)?.port.switch.name;
  t.is(portOf('192.0.2.5'), 'ls1');
  t.is(portOf('172.16.1.12'), 'ls1');
  t.is(portOf('203.0.113.10'), 'public');
});

test('only routes that could matter are asked about', t => {
  const router = routerWith('0.0.0.0/0 via 10.0.2.10', '192.0.2.0/24 via 10.0.2.11');
  const asked: number[] = [];
  const inForce = (route: number) => asked.push(route) > 0;
  routeFor(router, packet(vm, ip('172.16.1.12')), inForce);
  t.deepEqual(asked, []);
  routeFor(router, packet(vm, far), inForce);
  t.deepEqual(asked, [0]);
});

test('the longest prefix wins', t => {
  const router = routerWith('0.0.0.0/0 via 10.0.2.10', '203.0.113.0/24 via 10.0.2.11', '203.0.0.0/16 via 10.0.2.12');
  t.is(nextHop(router, packet(vm, far)), '10.0.2.11');
  t.is(
    nextHop(router, packet(vm, far), route => route !== 1),
    '10.0.2.12',
  );
  t.is(nextHop(router, packet(vm, ip('9.9.9.9'))), '10.0.2.10');
});

test('without a route in force there is no next hop', t => {
  t.is(nextHop(routerWith(), packet(vm, far)), undefined);
  t.is(
    nextHop(twoDefaults, packet(vm, far), () => false),
    undefined,
  );
});

test('of routes with the same prefix each pair of hosts has one, and both are used', t => {
  const used = new Set<string | undefined>();
  for (let host = 0; host < 32; host++) used.add(nextHop(twoDefaults, packet(vm + host, far)));
  t.deepEqual([...used].sort(), ['10.0.2.10', '10.0.2.11']);
});

test('what is withdrawn is taken over by the other, and nothing else moves between two', t => {
  for (let host = 0; host < 32; host++) {
    const asked = packet(vm + host, far);
    t.is(
      nextHop(twoDefaults, asked, route => route === 1),
      '10.0.2.11',
    );
    const before = nextHop(twoDefaults, asked);
    t.is(nextHop(twoDefaults, asked), before);
  }
});

test('a group splits hosts about evenly', t => {
  const four = routerWith(...[10, 11, 12, 13].map(last => `0.0.0.0/0 via 10.0.2.${last}`));
  const counts = new Map<string | undefined, number>();
  for (let host = 0; host < 4_000; host++) {
    const hop = nextHop(four, packet(vm + host, far));
    counts.set(hop, (counts.get(hop) ?? 0) + 1);
  }
  t.is(counts.size, 4);
  for (const count of counts.values()) t.true(Math.abs(count - 1_000) < 150, `${count}`);
});

test('neither ports nor direction matter to the hash, protocol and addresses do', t => {
  fc.assert(
    fc.property(outer, outer, fc.nat(65_535), fc.nat(65_535), (source, destination, sourcePort, destinationPort) => {
      const hop = nextHop(twoDefaults, packet(source, destination));
      t.is(nextHop(twoDefaults, packet(source, destination, {sourcePort, destinationPort})), hop);
      t.is(nextHop(twoDefaults, packet(destination, source)), hop);
    }),
  );
  const differs = (other: (host: number) => Ipv4Packet): boolean =>
    Array.from({length: 32}, (_, host) => host).some(
      host => nextHop(twoDefaults, packet(vm + host, far)) !== nextHop(twoDefaults, other(host)),
    );
  t.true(differs(host => packet(vm + host, far, {protocol: 'icmp'})));
  t.true(differs(host => packet(vm + host, far + 1)));
});
