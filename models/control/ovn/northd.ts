import {never, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {bfdKey, bfdStatus} from '../../tables/next-hops.ts';
import {routerGroups, type RouterGroup} from '../../tables/router-groups.ts';
import {routerKey, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {LogicalRouter, Route, Topology} from '../../tables/topology.ts';
import {formatCidr} from '../../wire/ipv4.ts';
import type {Dialler, Stream} from '../../wire/stream.ts';
import type {Write} from './southbound-messages.ts';
import {SouthboundSession} from './southbound-session.ts';

export type NorthdSurroundings = {
  readonly host: Host;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly dialler: Dialler;
};

/**
 * ovn-northd (23.03): every change of the southbound database makes it compute everything anew, without any rate limit. In
 * a gateway failover it has nothing to write. It writes when a chassis comes back (the rows of its groups), when VMs'
 * ports move (which chassis a group must run BFD with), and when the BFD of a route's next hop changes (whether the route
 * is in the logical flows).
 */
export class Northd implements Program {
  readonly #ground: Ground;
  readonly #among: NorthdSurroundings;
  readonly #groups: readonly RouterGroup[];
  readonly #actor: number;
  #southbound!: SouthboundSession;
  #running = true;
  #frozen = false;
  #life = 0;
  #busy = false;
  #processed = 0;
  #heldBack: (() => void)[] = [];

  constructor(ground: Ground, among: NorthdSurroundings) {
    this.#ground = ground;
    this.#among = among;
    this.#groups = routerGroups(among.topology);
    this.#makeProcess();
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#running && !this.#frozen ? this.#southbound.wakeAt : never;
  }

  beginSettled(stream: Stream): void {
    this.#southbound.beginSettled(stream);
    this.#processed = this.#among.contents.latest;
  }

  wake(now: Time): void {
    this.#southbound.run(now);
  }

  die(): void {
    this.#running = this.#frozen = false;
    this.#life += 1;
    this.#heldBack = [];
    this.#southbound.close();
  }

  start(): void {
    this.#running = true;
    this.#processed = 0;
    this.#makeProcess();
    this.#ground.engine.rearm(this.#actor);
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    const heldBack = this.#heldBack;
    this.#heldBack = [];
    for (const act of heldBack) act();
    this.#ground.engine.rearm(this.#actor);
  }

  #makeProcess(): void {
    this.#busy = false;
    this.#southbound = new SouthboundSession(this.#ground, this.#among.dialler, 0, {
      wake: () => {
        this.#notice();
        this.#ground.engine.rearm(this.#actor);
      },
      connected: () => undefined,
      lost: () => {
        // What was being written may be lost with it.
        this.#processed = 0;
      },
    });
  }

  #notice(): void {
    if (!this.#running || this.#busy || !this.#southbound.writable) return;
    const {watermark, cause} = this.#southbound;
    if (watermark <= this.#processed) return;
    this.#busy = true;
    const {engine, later} = this.#ground;
    const life = this.#life;
    const act = (): void => {
      const before = engine.cause;
      engine.cause = cause;
      this.#compute(watermark, cause);
      engine.cause = before;
    };
    later.at(engine.now + this.#among.host.take('northd-loop', 'ovn-northd'), () => {
      if (this.#life !== life) return;
      if (this.#frozen) this.#heldBack.push(act);
      else act();
    });
  }

  /** Without a transaction there is nothing to compute for: it begins anew once it can write. */
  #compute(watermark: number, cause: number): void {
    this.#busy = false;
    if (!this.#southbound.writable) return;
    const before = this.#processed;
    this.#processed = watermark;
    const {routers} = this.#among.topology;
    const writes = [
      ...routers.flatMap(router => this.#groupWrites(router, watermark, cause)),
      ...this.#groups.flatMap(group => this.#referenceWrites(group, watermark, cause)),
      ...routers.flatMap(router => this.#routeWrites(router, before, watermark, cause)),
    ];
    if (writes.length > 0) this.#southbound.commit(writes);
    this.#notice();
  }

  /** Gateways whose chassis is there belong to their groups (sbpb_gw_chassis_needs_update). */
  #groupWrites(router: LogicalRouter, watermark: number, cause: number): readonly Write[] {
    const {contents} = this.#among;
    return router.gateways
      .filter(({chassis}) => contents.read('Chassis', chassis, watermark) === 1)
      .map(({chassis}): Write => ({table: 'HA_Chassis', key: routerKey(router.number, chassis), value: 1, cause}))
      .filter(({table, key}) => contents.read(table, key, watermark) !== 1);
  }

  /**
   * Chassis with ports behind any router of the group, for every gateway port of two chassis or more
   * (update_sb_ha_group_ref_chassis).
   */
  #referenceWrites({routers, ports}: RouterGroup, watermark: number, cause: number): readonly Write[] {
    const {topology, contents} = this.#among;
    const elected = routers.filter(({gateways}) => gateways.length > 1);
    if (elected.length === 0) return [];
    const behind = new Set(ports.map(port => contents.read('Port_Binding', port, watermark)));
    const writes = elected.flatMap(router =>
      [...topology.chassis.keys()].map((chassis): Write => {
        const value = behind.has(chassis) ? 1 : 0;
        return {table: 'Ref_Chassis', key: routerKey(router.number, chassis), value, cause};
      }),
    );
    return writes.filter(({table, key, value}) => contents.read(table, key, watermark) !== value);
  }

  /**
   * A route whose next hop is watched is left out of the logical flows while its BFD is down; `init` is enough to take it
   * in again (northd.c, parsed_routes_add).
   */
  #routeWrites(router: LogicalRouter, before: number, watermark: number, cause: number): readonly Write[] {
    const {contents} = this.#among;
    return router.routes.flatMap((route): readonly Write[] => {
      const key = routerKey(router.number, route.number);
      const active = !route.bfd || !isDown(contents.read('BFD', bfdKey(router, route.nextHop), watermark));
      if (contents.read('Route', key, watermark) === (active ? 1 : 0)) return [];
      const reported = this.#reported(bfdKey(router, route.nextHop), before, watermark) ?? cause;
      return [{table: 'Route', key, value: active ? 1 : 0, cause: this.#announce(router, route, active, reported)}];
    });
  }

  /** The announcement behind what a chassis has reported of a next hop since. */
  #reported(key: number, from: number, to: number): number | undefined {
    const changes = this.#among.contents.between(from, to);
    return changes.findLast(change => change.table === 'BFD' && change.key === key)?.cause;
  }

  #announce(router: LogicalRouter, {prefix, nextHop}: Route, active: boolean, cause: number): number {
    const detail = {router: router.name, prefix: formatCidr(prefix), nextHop, active};
    return this.#ground.journal.announce('route changed', detail, [cause]);
  }
}

/** A status of `admin_down` northd itself turns into `down`, as soon as a route asks for the session. */
function isDown(status: number): boolean {
  return status <= bfdStatus('down');
}
