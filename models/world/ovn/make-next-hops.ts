import {draw, drawWhole} from '../../../engine/chance.ts';
import type {Streams} from '../../ground.ts';
import {HeartbeatLosses} from '../../tables/heartbeat-losses.ts';
import type {NextHops, WatchedNextHop} from '../../tables/next-hops.ts';
import type {LogicalRouter, NextHopBfd, RouterPort, Topology} from '../../tables/topology.ts';
import {formatIpv4, type Ipv4} from '../../wire/ipv4.ts';
import type {WorldPlan} from '../world-plan.ts';

/** Handed out in order (northd.c, bfd_get_unused_port; RFC 5881, 4). */
const firstSourcePort = 49_152;

/** The next hops that BFD watches, each once for a router however many routes lead by it. */
export function makeNextHops(plan: WorldPlan, topology: Topology, streams: Streams): NextHops {
  const speakers = speakersOf(plan);
  const watched: WatchedNextHop[] = [];
  for (const router of topology.routers) {
    for (const [address, timers] of timersByAddress(router)) {
      if (router.external) watched.push(watch(watched.length, router, router.external, address, timers));
    }
  }
  return {watched, losses: new HeartbeatLosses()};

  function watch(
    number: number,
    router: LogicalRouter,
    port: RouterPort,
    address: Ipv4,
    timers: NextHopBfd,
  ): WatchedNextHop {
    const stream = streams.of(`${router.name}/next hop ${formatIpv4(address)}`);
    const name = speakers.get(address);
    const longest = Math.max(timers.minTx, timers.minRx);
    return {
      ...{number, router, port, address, timers},
      discriminator: drawWhole(stream, 0, 1, 0xffff_ffff),
      sourcePort: firstSourcePort + number,
      peer: name === undefined ? undefined : {name, discriminator: drawWhole(stream, 1, 1, 0xffff_ffff)},
      // Less than the shortest interval ago.
      sentAt: -Math.floor(draw(stream, 2) * 0.74 * longest),
      peerSentAt: -Math.floor(draw(stream, 3) * 0.74 * longest),
    };
  }
}

function timersByAddress({routes}: LogicalRouter): ReadonlyMap<Ipv4, NextHopBfd> {
  const timers = new Map<Ipv4, NextHopBfd>();
  for (const {nextHop, bfd} of routes) if (bfd && !timers.has(nextHop)) timers.set(nextHop, bfd);
  return timers;
}

/** Who has which address of an external network: upstream routers, and hosts that are on it. */
function speakersOf({networks, hosts}: WorldPlan): ReadonlyMap<Ipv4, string> {
  return new Map([
    ...networks.flatMap(({upstreams}) => upstreams.map(({name, address}) => [address, name] as const)),
    ...hosts.filter(({behindGateway}) => !behindGateway).map(({name, address}) => [address, name] as const),
  ]);
}
