import type {Announcements} from '../../../models/events/announcements.ts';
import type {RunResult} from '../../../models/events/results.ts';
import {toMilliseconds, type Time} from '../../../engine/time.ts';
import {makePlan} from '../../../scenarios/make-plan.ts';
import {Run} from '../../../scenarios/run.ts';
import {formatIpv4} from '../../../models/wire/ipv4.ts';
import type {Mac} from '../../../models/wire/mac.ts';
import type {World} from '../../../models/world/world.ts';
import {scenarioOf} from '../../scenarios/scenario-files.ts';

/** A frame of keepalived's as a capture on a LAN would have it. */
export type Captured = {
  readonly at: Time;
  readonly lan: string;
  readonly from: string;
  /** The priority of an advert; undefined: a gratuitous ARP. */
  readonly priority: number | undefined;
  readonly address: string;
};

/**
 * A run of the bench with all that keepalived put onto the wires. Times in ms. A cloud counts what repeats, so that of a
 * master's adverts only those are on a wire that somebody could take otherwise than the one before.
 */
export class Trace {
  readonly result: RunResult;
  readonly captured: readonly Captured[];

  constructor(text: string, seed: number) {
    const plan = makePlan(scenarioOf(text), seed);
    const run = new Run(plan, {stepped: plan.machines !== undefined});
    const captured: Captured[] = [];
    const {site} = run.world;
    const owners = ownersIn(run.world);
    for (const [lan, segment] of site.segments) {
      segment.addRule('capture', {
        direction: 'in',
        cause: 0,
        judge: ({payload, source}, passage) => {
          const common = {at: passage.arrivesAt, lan, from: owners.get(source) ?? ''};
          if (payload.kind === 'arp') {
            const isGarp = payload.operation === 'request' && payload.senderIp === payload.targetIp;
            if (isGarp) captured.push({...common, priority: undefined, address: formatIpv4(payload.senderIp)});
          } else if (payload.payload.kind === 'vrrp') {
            captured.push({...common, priority: payload.payload.priority, address: ''});
          }
          return undefined;
        },
      });
    }
    run.advance(run.plan.duration);
    this.result = run.result();
    this.captured = captured.sort((a, b) => a.at - b.at);
  }

  /** When a fault struck, or ended. */
  edge(name: string, edge: 'began' | 'ended' = 'began'): Time {
    const found = this.result.announcements.find(
      ({kind, detail}) => kind === `fault ${edge}` && 'fault' in detail && detail.fault === name,
    );
    if (!found) throw new Error(`${name} never ${edge}`);
    return found.at;
  }

  adverts(from: string, after: Time, before = Infinity): readonly Captured[] {
    return this.captured.filter(
      frame => frame.priority !== undefined && frame.from === from && frame.at >= after && frame.at < before,
    );
  }

  garps(after: Time, before = Infinity, from?: string): readonly Captured[] {
    return this.captured.filter(
      frame =>
        frame.priority === undefined &&
        frame.at >= after &&
        frame.at < before &&
        (from === undefined || frame.from === from),
    );
  }

  /** Changes of state, as logged. */
  changes(
    chassis: string,
    after: Time,
    before = Infinity,
  ): readonly (Announcements['vrrp changed'] & {readonly at: Time})[] {
    return this.result.announcements.flatMap(({kind, detail, at}) =>
      kind === 'vrrp changed' && detail.chassis === chassis && at >= after && at < before ? [{...detail, at}] : [],
    );
  }

  /** Probes lost in outages that began in a window. */
  lost(after: Time, before = Infinity): number {
    return this.#outages()
      .filter(({since}) => since >= after - slack && since < before)
      .reduce((sum, {lost}) => sum + lost, 0);
  }

  /** How long after a heal the client is served for good, in ms; 0 if it lost nothing after it. */
  servedAfter(heal: Time): number {
    const last = this.#outages()
      .map(({until}) => until)
      .filter(until => until > heal + slack)
      .at(-1);
    return last === undefined ? 0 : toMilliseconds(last - heal);
  }

  #outages(): readonly {readonly since: Time; readonly until: Time; readonly lost: number}[] {
    return this.result.announcements.flatMap(({kind, detail}) => (kind === 'flow restored' ? [detail] : []));
  }
}

/** Who has which MAC; of a router's ports in a cloud those on the HA network. */
function ownersIn(world: World): ReadonlyMap<Mac, string> {
  if (world.plan.machines) {
    return new Map(world.lans.machines.flatMap(({name, nics}) => nics.map(({mac}) => [mac, name] as const)));
  }
  const {routers, ports, chassis} = world.neutron.inventory;
  const own = routers.flatMap(({ha}) => [...(ha?.ports ?? [])]);
  return new Map(own.map(([node, port]) => [ports[port].mac, chassis[node]]));
}

/** A probe that was under way when a fault struck. */
const slack = 10_000;

/** From one moment to another in ms; of nothing nothing. */
export function spans(from: Time | undefined, to: Time | undefined): readonly number[] {
  return from === undefined || to === undefined ? [] : [toMilliseconds(to - from)];
}
