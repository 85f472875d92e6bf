import type {Ground} from '../../ground.ts';
import type {VirtualAddress, VirtualRoute} from '../../protocols/keepalived-configuration.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {broadcastMac} from '../../wire/mac.ts';
import type {Namespace} from '../linux/namespace.ts';

/** What keepalived does to interfaces: addresses, routes, and announcements of addresses. */
export class VirtualInterfaces {
  readonly #ground: Ground;
  readonly #namespace: Namespace;
  /** The host, as announcements call it. */
  readonly #host: string;
  /** Of the present burst: each is told of once. */
  #announced = new Set<VirtualAddress>();
  #rounds = 0;

  constructor(ground: Ground, namespace: Namespace, host: string) {
    this.#ground = ground;
    this.#namespace = namespace;
    this.#host = host;
  }

  /** What is announced from now on is another burst. */
  beginBurst(): void {
    this.#announced = new Set();
  }

  setAddress({address, length, device}: VirtualAddress, present: boolean): void {
    const namespace = this.#namespace;
    const own = namespace.interfaces.get(device)?.addresses ?? [];
    if (own.some(other => other.address === address) === present) return;
    const rest = own.filter(other => other.address !== address);
    namespace.setAddresses(device, present ? [...rest, {address, length, broadcast: false}] : rest);
  }

  setRoute({prefix, via, device}: VirtualRoute, present: boolean): void {
    const namespace = this.#namespace;
    const isMeant = (route: {
      readonly prefix: typeof prefix;
      readonly via: Ipv4 | undefined;
      readonly device: string;
    }) =>
      route.prefix.address === prefix.address &&
      route.prefix.length === prefix.length &&
      route.via === via &&
      route.device === device;
    const isThere = namespace.routes().some(isMeant);
    if (isThere === present) return;
    if (present) namespace.addRoute({prefix, device, via, source: undefined});
    else namespace.removeRoute(isMeant);
  }

  /** One gratuitous ARP. Its target MAC is that of everybody (vrrp_arp.c, send_gratuitous_arp_immediate). */
  announce(virtual: VirtualAddress): void {
    const {counters, journal} = this.#ground;
    const device = this.#namespace.interfaces.get(virtual.device);
    if (!device) return;
    const {address} = virtual;
    if (!this.#announced.has(virtual)) {
      this.#announced.add(virtual);
      const detail = {chassis: this.#host, address, mac: device.mac, round: ++this.#rounds};
      journal.announce('address announced', detail);
    }
    counters.add(counters.of(this.#namespace.place, 'gratuitous arps sent'));
    device.sendArp(
      {
        kind: 'arp',
        operation: 'request',
        senderMac: device.mac,
        senderIp: address,
        targetMac: broadcastMac,
        targetIp: address,
      },
      broadcastMac,
    );
  }
}
