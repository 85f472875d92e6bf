import type {Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {OpenFlowChannel, PacketIn} from '../../tables/openflow-channel.ts';
import {none, routerKey, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {LogicalRouter, Topology} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../wire/mac.ts';
import {Announcer, type Announceable} from './announcer.ts';
import type {Plan, Snapshot} from './iteration.ts';
import {NextHopResolver} from './next-hop-resolver.ts';

export type PinctrlSurroundings = {
  readonly name: string;
  readonly host: Host;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly channel: OpenFlowChannel;
};

export type PinctrlOwner = {
  rearm(): void;
  /** Does something later, as long as the process is there. */
  at(at: Time, cause: number, act: () => void): void;
};

const noMac: Mac = 0;

/** The part of ovn-controller that handles packets (pinctrl.c): a thread of its own, which the main loop feeds. */
export class Pinctrl {
  readonly #ground: Ground;
  readonly #among: PinctrlSurroundings;
  readonly #owner: PinctrlOwner;
  readonly #announcer = new Announcer();
  readonly #resolver: NextHopResolver;
  #sent = 0;

  constructor(ground: Ground, among: PinctrlSurroundings, owner: PinctrlOwner) {
    this.#ground = ground;
    this.#among = among;
    this.#owner = owner;
    this.#resolver = new NextHopResolver(ground.streams.of(`${among.name}/mac bindings`));
    among.channel.onPacketIn = packet => {
      this.#take(packet);
    };
  }

  /** When the thread itself has something to do. */
  get wakeAt(): Time {
    return this.#announcer.wakeAt;
  }

  /** When the main loop has something to write for it. */
  get writeAt(): Time {
    return this.#resolver.wakeAt;
  }

  /** Active for these routers, and announced, since before the run. */
  beginSettled(active: ReadonlySet<number>): void {
    this.#announcer.keepSettled(this.#addresses(active, this.#among.contents.latest, new Map()));
  }

  wake(now: Time): void {
    for (const {router, address, round, cause: active} of this.#announcer.take(now)) {
      const {external} = router;
      if (!external) continue;
      const detail = {chassis: this.#among.name, address, mac: external.mac, round};
      const cause = this.#ground.journal.announce('address announced', detail, [active]);
      this.#sendArp(router, address, address, cause);
    }
  }

  /** The main loop's turn (pinctrl_run): what is to be announced, what was learnt, what may go on. */
  run(processed: number, {watermark, writable}: Snapshot, plan: Plan, active: ReadonlySet<number>): void {
    const {contents} = this.#among;
    const {engine} = this.#ground;
    this.#announcer.keep(this.#addresses(active, watermark, plan.holders), plan.cause, engine.now);
    for (const {table, key, value, cause} of contents.between(processed, watermark)) {
      if (table !== 'MAC_Binding') continue;
      const before = engine.cause;
      engine.cause = cause;
      this.#resolver.resolved(key, value);
      engine.cause = before;
    }
    this.#resolver.expire(engine.now);
    if (!writable) return;
    const known = (router: LogicalRouter, address: Ipv4): Mac | undefined => {
      const mac = contents.read('MAC_Binding', routerKey(router.number, address), watermark);
      return mac === none ? undefined : mac;
    };
    plan.writes.push(...this.#resolver.writes(engine.now, known));
  }

  close(): void {
    this.#resolver.clear();
    this.#among.channel.onPacketIn = undefined;
  }

  /**
   * Addresses of routers that are active here, unless the database, with what is being written to it, has nobody for the
   * port (lport_is_chassis_resident).
   */
  #addresses(
    active: ReadonlySet<number>,
    watermark: number,
    holders: ReadonlyMap<number, number>,
  ): readonly Announceable[] {
    const {topology, contents} = this.#among;
    return topology.routers.flatMap(router => {
      const {external, gatewayPort} = router;
      if (!external || !active.has(router.number)) return [];
      if ((holders.get(gatewayPort) ?? contents.read('Port_Binding', gatewayPort, watermark)) === none) return [];
      const floating = topology.centralFloating(router).map(({address}) => ({router, address}));
      return [...floating, {router, address: external.address}];
    });
  }

  #take(packet: PacketIn): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#owner.at(engine.now + this.#among.host.take('packet-in', 'ovn-controller'), cause, () => {
      if (packet.kind === 'unresolved') {
        this.#resolver.hold(packet, engine.now);
        const {external} = packet.router;
        if (external) this.#sendArp(packet.router, external.address, packet.nextHop, cause);
      } else if (packet.kind === 'learn') {
        this.#resolver.learn(packet, cause, engine.now);
      }
      this.#owner.rearm();
    });
  }

  #sendArp(router: LogicalRouter, sender: Ipv4, target: Ipv4, cause: number): void {
    const {external} = router;
    const {channel, name} = this.#among;
    if (!external || !channel.connected) return;
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = cause;
    channel.onPacketOut?.({
      router,
      sender: `${name}/pinctrl`,
      number: this.#sent++,
      frame: {
        source: external.mac,
        destination: broadcastMac,
        vlan: undefined,
        payload: {
          kind: 'arp',
          operation: 'request',
          senderMac: external.mac,
          senderIp: sender,
          targetMac: noMac,
          targetIp: target,
        },
      },
    });
    engine.cause = before;
  }
}
