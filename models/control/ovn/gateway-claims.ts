import {milliseconds, never, type Time} from '../../../engine/time.ts';
import type {Ground} from '../../ground.ts';
import type {GatewayGroups} from '../../tables/gateway-groups.ts';
import {none, type SouthboundContents} from '../../tables/southbound-contents.ts';
import type {ChassisNumber, LogicalRouter, PortNumber, Topology} from '../../tables/topology.ts';
import {isActive} from './election.ts';
import type {Plan, Snapshot} from './iteration.ts';

/** A port that another chassis holds is claimed no more often than this (binding.c, CLAIM_TIME_THRESHOLD_MS of 23.03). */
const claimInterval: Time = milliseconds(500);

export type ClaimsSurroundings = {
  readonly chassis: ChassisNumber;
  readonly name: string;
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly groups: GatewayGroups;
};

/**
 * Which gateway ports are active on a chassis, and what it therefore claims and releases in the southbound database
 * (ovn-controller's binding.c, consider_ha_lport). Being active follows from the chassis' own tunnels alone, as they were
 * at the last full recompute; what the database says of the port is not asked.
 */
export class GatewayClaims {
  readonly #ground: Ground;
  readonly #among: ClaimsSurroundings;
  readonly #claimedAt = new Map<number, Time>();
  /** Routers whose claim was put off, and the announcement that made it wanted. */
  readonly #postponed = new Map<number, number>();
  #tunnels: ReadonlySet<ChassisNumber> = new Set();
  #active: ReadonlySet<number> = new Set();

  constructor(ground: Ground, among: ClaimsSurroundings) {
    this.#ground = ground;
    this.#among = among;
  }

  /** Routers whose gateway port is active here. */
  get active(): ReadonlySet<number> {
    return this.#active;
  }

  /** When a claim that was put off may be made. */
  get wakeAt(): Time {
    let earliest = never;
    for (const router of this.#postponed.keys()) {
      earliest = Math.min(earliest, (this.#claimedAt.get(router) ?? 0) + claimInterval);
    }
    return earliest;
  }

  /** Has been active for these routers since before the run. */
  beginSettled(active: ReadonlySet<number>, tunnels: ReadonlySet<ChassisNumber>): void {
    this.#active = active;
    this.#tunnels = tunnels;
  }

  /** Takes in which tunnels are up: only a full recompute does (en_runtime_data_run). */
  useTunnels(tunnels: ReadonlySet<ChassisNumber>): void {
    this.#tunnels = tunnels;
  }

  /**
   * Considers all gateway ports, or only those whose rows changed and those whose claim was put off. Returns false if
   * something must be written and cannot be.
   */
  consider(snapshot: Snapshot, processed: number, plan: Plan): boolean {
    const active = new Set(this.#active);
    for (const router of this.#routersToConsider(snapshot.watermark, processed, plan.full)) {
      if (!this.#considerOne(router, snapshot, plan, active)) return false;
    }
    plan.cause = this.#tellDecisions(active, plan.cause);
    this.#active = active;
    for (const router of [...this.#postponed.keys()]) if (!active.has(router)) this.#postponed.delete(router);
    return true;
  }

  #routersToConsider(watermark: number, processed: number, full: boolean): readonly LogicalRouter[] {
    const {topology, contents} = this.#among;
    if (full) return topology.routers;
    const changed = new Set(this.#postponed.keys());
    for (const {table, key} of contents.between(processed, watermark)) {
      if (table === 'Port_Binding' && key >= topology.portCount) changed.add(key - topology.portCount);
      if (table === 'HA_Chassis') changed.add(Math.floor(key / 0x1_0000_0000));
    }
    return topology.routers.filter(({number}) => changed.has(number));
  }

  #considerOne(router: LogicalRouter, snapshot: Snapshot, plan: Plan, active: Set<number>): boolean {
    const {chassis, contents, groups} = this.#among;
    const holder = contents.read('Port_Binding', router.gatewayPort, snapshot.watermark);
    if (isActive(chassis, groups.at(router, snapshot.watermark), this.#tunnels)) {
      active.add(router.number);
      return holder === chassis || this.#claim(router, holder, snapshot, plan);
    }
    active.delete(router.number);
    return holder !== chassis || this.#release(router, snapshot, plan);
  }

  #claim(router: LogicalRouter, holder: number, snapshot: Snapshot, plan: Plan): boolean {
    const {now} = this.#ground.engine;
    const {chassis, topology, name} = this.#among;
    const last = this.#claimedAt.get(router.number) ?? -claimInterval;
    if (holder !== none && now - last < claimInterval) {
      if (!this.#postponed.has(router.number)) this.#postponed.set(router.number, plan.cause);
      return true;
    }
    if (!snapshot.writable) return false;
    const wantedSince = this.#postponed.get(router.number) ?? 0;
    this.#claimedAt.set(router.number, now);
    this.#postponed.delete(router.number);
    const from = holder === none ? undefined : topology.chassis[holder];
    const detail = {chassis: name, port: topology.portName(router.gatewayPort), from};
    const cause = this.#ground.journal.announce('port claimed', detail, [Math.max(plan.cause, wantedSince)]);
    this.#write(router.gatewayPort, chassis, cause, plan);
    return true;
  }

  #release(router: LogicalRouter, snapshot: Snapshot, plan: Plan): boolean {
    if (!snapshot.writable) return false;
    const detail = {chassis: this.#among.name, port: this.#among.topology.portName(router.gatewayPort)};
    const cause = this.#ground.journal.announce('port released', detail, [plan.cause]);
    this.#write(router.gatewayPort, none, cause, plan);
    return true;
  }

  #write(port: PortNumber, value: number, cause: number, plan: Plan): void {
    plan.holders.set(port, value);
    plan.writes.push({table: 'Port_Binding', key: port, value, cause});
  }

  /** Returns the last announcement from which flows follow. */
  #tellDecisions(active: ReadonlySet<number>, cause: number): number {
    let latest = cause;
    for (const {name, number} of this.#among.topology.routers) {
      if (active.has(number) === this.#active.has(number)) continue;
      const detail = {chassis: this.#among.name, router: name, active: active.has(number)};
      latest = this.#ground.journal.announce('gateway decided', detail, [cause]);
    }
    return latest;
  }
}
