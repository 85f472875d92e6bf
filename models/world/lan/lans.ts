import type {Time} from '../../../engine/time.ts';
import type {FlowEnd} from '../../dataplane/flow-end.ts';
import {VirtualRouters} from '../../dataplane/keepalived/virtual-routers.ts';
import type {NatSample} from '../../events/results.ts';
import type {Operation} from '../../faults/operation.ts';
import type {VrrpInstance} from '../../protocols/vrrp-instance.ts';
import type {SettledRole} from '../../protocols/vrrp-port.ts';
import type {Ipv4} from '../../wire/ipv4.ts';
import type {Cloud} from '../cloud.ts';
import type {Site} from '../site.ts';
import type {MachinePlan} from '../world-plan.ts';
import {LanMachine} from './lan-machine.ts';

/** Who takes part in one virtual router on one LAN. */
type Candidate = {readonly machine: LanMachine; readonly vrrp: VrrpInstance; readonly address: Ipv4};

type Election = {readonly winner: Candidate; readonly dueAt: Time};

/** No cloud at all: machines on LANs, some of which run keepalived. */
export class Lans implements Cloud {
  readonly machines: readonly LanMachine[];
  readonly #site: Site;

  constructor(site: Site, plans: readonly MachinePlan[]) {
    this.#site = site;
    const routers = new VirtualRouters();
    this.machines = plans.map(plan => new LanMachine(site.ground, plan, site.makeMachine(plan), routers));
  }

  vm(name: string): FlowEnd | undefined {
    return this.machines.find(machine => machine.name === name)?.end;
  }

  /** The machines that have an instance of that name, its master first. */
  hostsOf(instance: string): readonly string[] {
    const found = this.machines.flatMap(({name, keepalived}) => {
      const vrrp = keepalived?.vrrp.instances.find(({settings}) => settings.name === instance);
      return vrrp ? [{name, rank: vrrp.state === 'master' ? 256 : vrrp.priority}] : [];
    });
    return found.sort((a, b) => b.rank - a.rank).map(({name}) => name);
  }

  operate(operation: Operation, subject: string): void {
    const keepalived = this.machines.find(({name}) => name === subject)?.keepalived;
    if (operation.what !== 'reload' || !keepalived) return;
    const {configuration} = keepalived.vrrp;
    const instances = configuration.instances.map(block =>
      block.name === operation.instance
        ? {
            ...block,
            priority: operation.priority ?? block.priority,
            nopreempt: operation.nopreempt ?? block.nopreempt,
          }
        : block,
    );
    keepalived.reload({...configuration, instances});
  }

  /** Of each virtual router the one with the highest priority has long been master; at equal ones luck says who. */
  settle(): void {
    for (const {keepalived} of this.machines) keepalived?.vrrp.prepareSettled();
    const elections = new Map([...this.#candidates()].map(([key, all]) => [key, this.#elect(key, all)]));
    for (const machine of this.machines) {
      machine.keepalived?.beginSettled(vrrp => roleOf(vrrp, elections.get(keyOf(machine, vrrp))));
    }
  }

  routerFor(): undefined {
    return undefined;
  }

  homeOf(): undefined {
    return undefined;
  }

  reset(): void {
    // There is no controller to be connected to.
  }

  natSamples(): readonly NatSample[] {
    return [];
  }

  #candidates(): ReadonlyMap<string, readonly Candidate[]> {
    const found = new Map<string, Candidate[]>();
    for (const machine of this.machines) {
      for (const vrrp of machine.keepalived?.vrrp.instances ?? []) {
        const key = keyOf(machine, vrrp);
        const address = machine.namespace.interfaces.get(vrrp.settings.interface)?.addresses.at(0)?.address ?? 0;
        found.set(key, [...(found.get(key) ?? []), {machine, vrrp, address}]);
      }
    }
    return found;
  }

  #elect(key: string, candidates: readonly Candidate[]): Election {
    const luck = this.#site.ground.chance.sequence(`vrrp/${key}`);
    const highest = Math.max(...candidates.map(({vrrp}) => vrrp.settings.priority));
    const best = candidates.filter(({vrrp}) => vrrp.settings.priority === highest);
    const winner = best[Math.floor(luck() * best.length)];
    return {winner, dueAt: Math.floor(luck() * winner.vrrp.settings.advertInterval)};
  }
}

function keyOf({plan}: LanMachine, {settings}: VrrpInstance): string {
  const lan = plan.interfaces.find(({name}) => name === settings.interface)?.lan;
  return `${lan}/${settings.virtualRouterId}`;
}

function roleOf(vrrp: VrrpInstance, election: Election | undefined): SettledRole {
  if (!election) return {state: 'fault'};
  const {winner, dueAt} = election;
  if (winner.vrrp === vrrp) return {state: 'master', dueAt};
  const heardAt = dueAt - winner.vrrp.settings.advertInterval;
  return {state: 'backup', heardAt, master: {address: winner.address, priority: winner.vrrp.settings.priority}};
}
