import type {Ground} from '../ground.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {BfdSpeaker} from './bfd-speaker.ts';
import type {FlowEnd} from './flow-end.ts';
import {HostBeyond, type HostBeyondSettings} from './host-beyond.ts';
import type {Nic} from './nic.ts';
import {dropped, type Passage} from './passage.ts';
import type {Station} from './station.ts';

/** A router between an external network and what is beyond. */
export type Upstream = {
  readonly station: Station;
  readonly card: Nic;
  /** Undefined: no router of the cloud watches it. */
  readonly speaker: BfdSpeaker | undefined;
};

/**
 * Hosts on the far side of a network's upstream routers, each of which forwards for all of them. What lies beyond is not
 * modelled, but that it knows which routers lead into the network: those with a link to it, and of these not one that has
 * found by BFD that it no longer reaches the router in question. Into the network goes the first of them.
 */
export class Outside {
  readonly #upstreams: readonly Upstream[];
  readonly #routerOf: (address: Ipv4) => Ipv4 | undefined;
  readonly #hosts = new Map<Ipv4, HostBeyond>();

  /** `routerOf`: the external address of the router that answers for an address of the network. */
  constructor(upstreams: readonly Upstream[], routerOf: (address: Ipv4) => Ipv4 | undefined) {
    this.#upstreams = upstreams;
    this.#routerOf = routerOf;
    for (const {station} of upstreams) {
      station.forward = (packet, passage) => {
        const host = this.#hosts.get(packet.destination);
        if (host === undefined) return dropped('no route', station.name);
        return host.arrive(packet, passage);
      };
    }
  }

  /** Adds a host and returns it as an end of flows. */
  add(ground: Ground, settings: HostBeyondSettings): FlowEnd {
    const host = new HostBeyond(ground, settings, (packet, passage) => {
      const {station} = this.#entrance(packet.destination, passage);
      return station.relay({...packet, ttl: packet.ttl - 1}, passage);
    });
    this.#hosts.set(settings.address, host);
    return host;
  }

  #entrance(destination: Ipv4, passage: Passage): Upstream {
    const [only, ...others] = this.#upstreams;
    if (others.length === 0) return only;
    const router = this.#routerOf(destination);
    let linked: Upstream | undefined;
    for (const upstream of this.#upstreams) {
      passage.rely(upstream.card.fact);
      if (!upstream.card.carrier) continue;
      linked ??= upstream;
      if (router === undefined || !upstream.speaker?.findsDead(router, passage)) return upstream;
    }
    return linked ?? only;
  }
}
