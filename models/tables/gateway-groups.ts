import {routerKey, type SouthboundContents} from './southbound-contents.ts';
import type {ChassisNumber, LogicalRouter, Topology} from './topology.ts';

/** A router's group of gateway chassis as the southbound database describes it. */
export type GatewayGroup = {
  readonly router: LogicalRouter;
  /** In order of priority; at equal priorities the name that sorts first is last (ha-chassis.c, compare_chassis_prio_). */
  readonly members: readonly ChassisNumber[];
  /** Members whose `HA_Chassis` row refers to a chassis. */
  readonly present: ReadonlySet<ChassisNumber>;
  /** Chassis with ports behind the router or behind one that switches join to it: the group's `ref_chassis`. */
  readonly references: readonly ChassisNumber[];
};

/** The groups of all routers at any watermark. They change seldom and many read them, so each version is made once. */
export class GatewayGroups {
  readonly #topology: Topology;
  readonly #contents: SouthboundContents;
  readonly #versions: GatewayGroup[][];
  /** The places in the log at which each router's group changed. */
  readonly #changes: number[][];
  #scanned = 0;

  constructor(topology: Topology, contents: SouthboundContents) {
    this.#topology = topology;
    this.#contents = contents;
    this.#versions = topology.routers.map(() => []);
    this.#changes = topology.routers.map(() => []);
  }

  /** The group of a router as who stands at `watermark` knows it. */
  at(router: LogicalRouter, watermark: number): GatewayGroup {
    this.#scan();
    const changes = this.#changes[router.number];
    const version = changes.findLastIndex(change => change <= watermark) + 1;
    return (this.#versions[router.number][version] ??= this.#make(router, version === 0 ? 0 : changes[version - 1]));
  }

  #scan(): void {
    const {latest} = this.#contents;
    for (const {table, key} of this.#contents.between(this.#scanned, latest)) {
      this.#scanned += 1;
      if (table === 'HA_Chassis' || table === 'Ref_Chassis') {
        this.#changes[Math.floor(key / 0x1_0000_0000)].push(this.#scanned);
      }
    }
  }

  #make(router: LogicalRouter, watermark: number): GatewayGroup {
    const {chassis} = this.#topology;
    const read = (table: 'HA_Chassis' | 'Ref_Chassis', number: ChassisNumber): boolean =>
      this.#contents.read(table, routerKey(router.number, number), watermark) === 1;
    const members = router.gateways.map(gateway => gateway.chassis);
    return {
      router,
      members,
      present: new Set(members.filter(member => read('HA_Chassis', member))),
      references: chassis.map((_, number) => number).filter(number => read('Ref_Chassis', number)),
    };
  }
}
