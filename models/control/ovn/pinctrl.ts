import {never, type Time} from '../../../engine/time.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import type {NextHops} from '../../tables/next-hops.ts';
import type {OpenFlowChannel, PacketIn, PacketOut} from '../../tables/openflow-channel.ts';
import {none, routerKey, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, LogicalRouter, Topology} from '../../tables/topology.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import {broadcastMac, type Mac} from '../../wire/mac.ts';
import {Announcer, type Announceable} from './announcer.ts';
import type {Plan, Snapshot} from './iteration.ts';
import {NextHopMonitor} from './next-hop-monitor.ts';
import {NextHopResolver} from './next-hop-resolver.ts';

export type PinctrlSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly host: Host;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly channel: OpenFlowChannel;
  readonly nextHops: NextHops;
};

export type PinctrlOwner = {
  rearm(): void;
  /** Does something later, as long as the process is there. */
  at(at: Time, cause: number, act: () => void): void;
};

type ArpRequest = Pick<PacketOut, 'router' | 'into'> & {
  readonly mac: Mac;
  readonly sender: Ipv4;
  readonly target: Ipv4;
};

const noMac: Mac = 0;

/** The part of ovn-controller that handles packets (pinctrl.c): a thread of its own, which the main loop feeds. */
export class Pinctrl {
  readonly #ground: Ground;
  readonly #among: PinctrlSurroundings;
  readonly #owner: PinctrlOwner;
  readonly #announcer = new Announcer();
  readonly #resolver: NextHopResolver;
  readonly #monitor: NextHopMonitor;
  /** Packets that have come up and that the thread has not got round to. */
  readonly #coming = new Set<PacketIn>();
  /** The ports of its external networks have come from the database: before, there is nowhere to announce anything. */
  #knowsPorts = false;
  #sent = 0;

  constructor(ground: Ground, among: PinctrlSurroundings, owner: PinctrlOwner) {
    this.#ground = ground;
    this.#among = among;
    this.#owner = owner;
    this.#resolver = new NextHopResolver(ground.streams.of(`${among.name}/mac bindings`));
    this.#monitor = new NextHopMonitor(ground, among, () => {
      owner.rearm();
    });
  }

  /** When the thread itself has something to do. */
  get wakeAt(): Time {
    const announceAt = this.#among.channel.connected ? this.#announcer.wakeAt : never;
    return Math.min(announceAt, this.#monitor.wakeAt);
  }

  /** When the main loop has something to write for it. */
  get writeAt(): Time {
    return Math.min(this.#resolver.wakeAt, this.#monitor.writeAt);
  }

  /** Active for these routers, and announced, since before the run. */
  beginSettled(active: ReadonlySet<number>): void {
    this.#knowsPorts = true;
    this.#connect();
    const {latest} = this.#among.contents;
    const residents = this.#residents(active, latest, new Map());
    this.#announcer.keepSettled([...this.#addresses(residents), ...this.#distributed(latest, new Map())]);
    this.#monitor.beginSettled(residents);
  }

  wake(now: Time): void {
    const isDue = this.#monitor.wakeAt <= now;
    const announced = this.#among.channel.connected ? this.#announcer.take(now) : [];
    for (const {router, address, mac, round, cause: came} of announced) {
      const detail = {chassis: this.#among.name, address, mac, round};
      const cause = this.#ground.journal.announce('address announced', detail, [came]);
      this.#sendArp({router, into: 'switch', mac, sender: address, target: address}, cause);
    }
    if (isDue || announced.length > 0) this.#monitor.wake(now);
  }

  /**
   * The main loop's turn (pinctrl_run): what is to be announced, what was learnt, what may go on, whom to watch. `complete`
   * says whether all that the chassis monitors has come.
   */
  run(
    processed: number,
    {watermark, writable}: Snapshot,
    plan: Plan,
    {active, complete}: {readonly active: ReadonlySet<number>; readonly complete: boolean},
  ): void {
    const {contents} = this.#among;
    const {engine} = this.#ground;
    this.#connect();
    this.#knowsPorts ||= complete;
    const residents = this.#residents(active, watermark, plan.holders);
    if (this.#knowsPorts) {
      const wanted = [...this.#addresses(residents), ...this.#distributed(watermark, plan.holders)];
      this.#announcer.keep(wanted, plan.cause, engine.now);
    }
    for (const {table, key, value, cause} of contents.between(processed, watermark)) {
      if (table !== 'MAC_Binding') continue;
      const before = engine.cause;
      engine.cause = cause;
      this.#resolver.resolved(key, value);
      engine.cause = before;
    }
    this.#resolver.expire(engine.now);
    this.#monitor.run(residents, writable, plan);
    if (!writable) return;
    const known = (router: LogicalRouter, address: Ipv4): Mac | undefined => {
      const mac = contents.read('MAC_Binding', routerKey(router.number, address), watermark);
      return mac === none ? undefined : mac;
    };
    plan.writes.push(...this.#resolver.writes(engine.now, known));
  }

  close(): void {
    this.#resolver.clear();
    for (const packet of this.#coming) {
      if (packet.kind === 'unresolved') packet.discard('ovn-controller not running');
    }
    this.#coming.clear();
    this.#monitor.close();
    this.#among.channel.onPacketIn = undefined;
  }

  /** Its thread learns of the bridge from the first iteration (pinctrl_update); what came up before was lost. */
  #connect(): void {
    this.#among.channel.onPacketIn ??= packet => {
      this.#take(packet);
    };
  }

  /**
   * Routers that are active here, unless the database, with what is being written to it, has nobody for the port
   * (lport_is_chassis_resident).
   */
  #residents(
    active: ReadonlySet<number>,
    watermark: number,
    holders: ReadonlyMap<number, number>,
  ): ReadonlySet<number> {
    const {topology, contents} = this.#among;
    const residents = topology.routers.filter(({number, gatewayPort}) => {
      const holder = holders.get(gatewayPort) ?? contents.read('Port_Binding', gatewayPort, watermark);
      return active.has(number) && holder !== none;
    });
    return new Set(residents.map(({number}) => number));
  }

  #addresses(residents: ReadonlySet<number>): readonly Announceable[] {
    const {topology} = this.#among;
    return topology.routers.flatMap(router => {
      const {external} = router;
      if (!external || !residents.has(router.number)) return [];
      const {mac} = external;
      const floating = topology.centralFloating(router).map(({address}) => ({router, address, mac}));
      return [...floating, {router, address: external.address, mac}];
    });
  }

  /** Distributed floating addresses of VMs that are bound here, each with a MAC of its own. */
  #distributed(watermark: number, holders: ReadonlyMap<number, number>): readonly Announceable[] {
    const {chassis, topology, contents} = this.#among;
    return topology.distributedFloating(chassis).flatMap(({router, address, mac, port}) => {
      const holder = holders.get(port) ?? contents.read('Port_Binding', port, watermark);
      return mac === undefined || holder !== chassis ? [] : [{router, address, mac}];
    });
  }

  #take(packet: PacketIn): void {
    const {engine} = this.#ground;
    const {cause} = engine;
    this.#coming.add(packet);
    this.#owner.at(engine.now + this.#among.host.take('packet-in', 'ovn-controller'), cause, () => {
      this.#coming.delete(packet);
      if (packet.kind === 'unresolved') {
        this.#resolver.hold(packet, engine.now);
        const {external} = packet.router;
        if (external) {
          const {mac, address} = external;
          this.#sendArp({router: packet.router, into: 'router', mac, sender: address, target: packet.nextHop}, cause);
        }
      } else if (packet.kind === 'learn') {
        this.#resolver.learn(packet, cause, engine.now);
      } else {
        this.#monitor.hear(packet.frame);
      }
      this.#monitor.heardOfSwitch();
      this.#owner.rearm();
    });
  }

  #sendArp({router, into, mac, sender, target}: ArpRequest, cause: number): void {
    const {channel, name} = this.#among;
    if (!channel.connected) return;
    const {engine} = this.#ground;
    const before = engine.cause;
    engine.cause = cause;
    channel.onPacketOut?.({
      router,
      into,
      sender: `${name}/pinctrl`,
      number: this.#sent++,
      frame: {
        source: mac,
        destination: broadcastMac,
        vlan: undefined,
        payload: {
          kind: 'arp',
          operation: 'request',
          senderMac: mac,
          senderIp: sender,
          targetMac: noMac,
          targetIp: target,
        },
      },
    });
    engine.cause = before;
  }
}
