import {never, type Time} from '../../../engine/time.ts';
import type {Program} from '../../daemons/daemon.ts';
import type {Host} from '../../daemons/host.ts';
import type {Ground} from '../../ground.ts';
import {routerKey, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, LogicalRouter, Topology} from '../../tables/topology.ts';
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
      lost: () => undefined,
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

  #compute(watermark: number, cause: number): void {
    this.#busy = false;
    this.#processed = watermark;
    const writes = this.#among.topology.routers.flatMap(router => [
      ...this.#groupWrites(router, watermark, cause),
      ...this.#referenceWrites(router, watermark, cause),
      ...this.#routeWrites(router, watermark, cause),
    ]);
    if (writes.length > 0 && this.#southbound.writable) this.#southbound.commit(writes);
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

  /** Chassis with ports on the router's switches (update_sb_ha_group_ref_chassis). */
  #referenceWrites(router: LogicalRouter, watermark: number, cause: number): readonly Write[] {
    const {topology, contents} = this.#among;
    if (router.gateways.length < 2) return [];
    const behind = this.#chassisBehind(router, watermark);
    return [...topology.chassis.keys()]
      .map((chassis): Write => ({
        table: 'Ref_Chassis',
        key: routerKey(router.number, chassis),
        value: behind.has(chassis) ? 1 : 0,
        cause,
      }))
      .filter(({table, key, value}) => contents.read(table, key, watermark) !== value);
  }

  #chassisBehind(router: LogicalRouter, watermark: number): ReadonlySet<ChassisNumber> {
    const {topology, contents} = this.#among;
    const ports = router.interfaces.flatMap(({switch: network}) => topology.portsOn(network));
    return new Set(ports.map(port => contents.read('Port_Binding', port, watermark)));
  }

  /** A route whose next hop is monitored is in the flows only while BFD says that it is up (northd.c, build_static_route). */
  #routeWrites(router: LogicalRouter, watermark: number, cause: number): readonly Write[] {
    const {contents} = this.#among;
    return router.routes
      .filter(({bfd}) => bfd)
      .map(({number}): Write => {
        const key = routerKey(router.number, number);
        return {table: 'Route', key, value: contents.read('BFD', key, watermark) === 1 ? 1 : 0, cause};
      })
      .filter(({table, key, value}) => contents.read(table, key, watermark) !== value);
  }
}
