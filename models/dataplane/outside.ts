import {microseconds} from '../../engine/time.ts';
import type {Ipv4} from '../wire/ipv4.ts';
import type {FlowEnd} from './flow-end.ts';
import {dropped} from './passage.ts';
import type {Station} from './station.ts';

/** From the upstream router to a host behind it, one way. */
const beyondLatency = microseconds(100);

/** Hosts on the far side of an upstream router, which forwards for them. What lies beyond it is not modelled. */
export class Outside {
  readonly #router: Station;
  readonly #hosts = new Map<Ipv4, string>();

  constructor(router: Station) {
    this.#router = router;
    router.forward = (packet, passage) => {
      const host = this.#hosts.get(packet.destination);
      if (host === undefined) return dropped('no route', router.name);
      passage.latency += beyondLatency;
      return passage.arrive?.(host, packet) ?? dropped('unknown destination', host);
    };
  }

  /** Adds a host and returns it as an end of flows. */
  add(name: string, address: Ipv4): FlowEnd {
    this.#hosts.set(address, name);
    return {
      name,
      address,
      send: (packet, passage) => {
        passage.latency += beyondLatency;
        return this.#router.send({...packet, ttl: packet.ttl - 1}, passage);
      },
    };
  }
}
