import {never, type Time} from '../../engine/time.ts';
import type {Nic, NicName} from '../dataplane/nic.ts';
import type {Segment} from '../dataplane/segment.ts';
import type {Ground} from '../ground.ts';
import {none, type SouthboundContents} from '../tables/southbound-contents.ts';
import type {Topology} from '../tables/topology.ts';
import type {Breakage, FaultPlan, Target} from './breakage.ts';
import {rulesFor} from './link-rules.ts';

/** A host that faults can hit. */
type Machine = {
  readonly name: string;
  readonly nics: readonly Nic[];
  readonly daemons: Readonly<Record<string, Breakable>>;
  crash(key: string): void;
  boot(key: string): void;
};

type Breakable = {
  kill(key: string): void;
  stop(key: string): void;
  hang(key: string): void;
  release(key: string): void;
  resume(key: string): void;
};

/** What the injector reaches of the world. */
export type Breakables = {
  readonly topology: Topology;
  readonly contents: SouthboundContents;
  readonly segments: ReadonlyMap<string, Segment>;
  readonly plan: {readonly segments: readonly {readonly name: string; readonly kind: NicName}[]};
  readonly chassis: readonly (Machine & {readonly number: number})[];
  readonly central: Omit<Machine, 'nics' | 'name'> & {
    readonly nic: Nic;
    readonly host: {readonly name: string};
    reset(client: string | undefined): void;
  };
  /** The role of a chassis. */
  roleOf(name: string): 'compute' | 'gateway' | 'controller';
  cardOf(host: string): Nic | undefined;
};

type Edge = {readonly at: Time; readonly fault: FaultPlan; readonly occurrence: number; readonly begins: boolean};

/** Strikes faults and ends them, at the instants that the plan has drawn. The first actor of a world: faults come first. */
export class FaultInjector {
  readonly #ground: Ground;
  readonly #world: Breakables;
  readonly #edges: readonly Edge[];
  readonly #actor: number;
  /** What was hit, by fault and occurrence: the end is for the same, whatever roles are by then. */
  readonly #hit = new Map<string, readonly string[]>();
  #next = 0;
  #begun = false;

  constructor(ground: Ground, faults: readonly FaultPlan[], world: Breakables) {
    this.#ground = ground;
    this.#world = world;
    this.#edges = faults.flatMap(edgesOf).sort((a, b) => a.at - b.at);
    this.#actor = ground.engine.add(this);
  }

  get wakeAt(): Time {
    return this.#begun ? (this.#edges[this.#next]?.at ?? never) : never;
  }

  /** The world is whole: faults may strike. */
  begin(): void {
    this.#begun = true;
    this.#ground.engine.rearm(this.#actor);
  }

  wake(now: Time): void {
    for (let edge = this.#edges[this.#next]; edge && edge.at <= now; edge = this.#edges[this.#next]) {
      this.#next += 1;
      this.#cross(edge);
    }
  }

  #cross({fault, occurrence, begins}: Edge): void {
    const {engine, journal} = this.#ground;
    const key = `${fault.name}/${occurrence}`;
    const names = begins ? this.#resolve(fault) : (this.#hit.get(key) ?? []);
    this.#hit.set(key, names);
    const {kind} = fault.breakage;
    const detail = {fault: fault.name, occurrence, kind, target: names.join(' ')};
    const cause = journal.announce(begins ? 'fault began' : 'fault ended', detail, []);
    const before = engine.cause;
    engine.cause = cause;
    for (const name of names) this.#apply(`${key}/${name}`, name, fault.breakage, begins, cause);
    engine.cause = before;
  }

  /** Who is meant, at this moment; each once. */
  #resolve({targets, breakage}: FaultPlan): readonly string[] {
    const names = targets.flatMap(target => this.#namesOf(target, breakage));
    return names.filter((name, index) => names.indexOf(name) === index);
  }

  #namesOf(target: Target, breakage: Breakage): readonly string[] {
    const {topology, chassis, central, plan} = this.#world;
    switch (target.kind) {
      case 'chassis':
      case 'host':
        return [target.name];
      case 'all chassis': {
        const all = [...topology.chassis, central.host.name];
        if (target.role !== undefined) return all.filter(name => this.#world.roleOf(name) === target.role);
        return breakage.kind === 'southbound' ? topology.chassis : all;
      }
      case 'active gateway':
        return this.#gatewayByRank(target.router, 0);
      case 'standby gateway':
        return this.#gatewayByRank(target.router, target.rank);
      case 'chassis of vm': {
        const port = Array.from({length: topology.portCount}, (_, number) => number).find(
          number => topology.portName(number) === target.vm,
        );
        return port === undefined ? [] : [chassis[topology.homeOf(port)].name];
      }
      case 'switch': {
        const nics = 'nics' in breakage ? breakage.nics : [];
        return plan.segments.filter(({kind}) => nics.includes(kind)).map(({name}) => `switch ${name}`);
      }
    }
  }

  /** The chassis that holds the gateway port first, then the others by priority. */
  #gatewayByRank(name: string, rank: number): readonly string[] {
    const {topology, contents} = this.#world;
    const router = topology.routers.find(candidate => candidate.name === name);
    if (!router) return [];
    const holder = contents.read('Port_Binding', router.gatewayPort, contents.latest);
    const others = router.gateways.map(({chassis}) => chassis).filter(chassis => chassis !== holder);
    const ranked = holder === none ? others : [holder, ...others];
    return rank < ranked.length ? [topology.chassis[ranked[rank]]] : [];
  }

  #apply(key: string, name: string, breakage: Breakage, begins: boolean, cause: number): void {
    if (name.startsWith('switch ')) {
      this.#applyToSwitch(key, name.slice('switch '.length), breakage, begins, cause);
      return;
    }
    const machine = this.#machine(name);
    switch (breakage.kind) {
      case 'chassis':
        if (begins) machine?.crash(key);
        else machine?.boot(key);
        return;
      case 'daemon':
        this.#applyToDaemon(key, machine?.daemons[breakage.daemon], breakage.how, begins);
        return;
      case 'southbound':
        this.#applyToNics(key, this.#nicsOf(name, ['management']), breakage, begins, cause);
        if (begins && breakage.how === 'noticed') this.#world.central.reset(name);
        return;
      case 'link':
        for (const nic of this.#nicsOf(name, breakage.nics)) {
          if (begins) nic.cut(key);
          else nic.mend(key);
        }
        return;
      default:
        this.#applyToNics(key, this.#nicsOf(name, breakage.nics), breakage, begins, cause);
    }
  }

  #applyToNics(key: string, nics: readonly Nic[], breakage: Breakage, begins: boolean, cause: number): void {
    for (const nic of nics) {
      for (const rule of rulesFor(`${key}/${nic.name}`, breakage, cause)) {
        const ruleKey = `${key}/${rule.direction}`;
        if (begins) nic.addRule(ruleKey, rule);
        else nic.removeRule(ruleKey);
      }
    }
  }

  #applyToSwitch(key: string, name: string, breakage: Breakage, begins: boolean, cause: number): void {
    const segment = this.#world.segments.get(name);
    for (const rule of rulesFor(key, breakage, cause)) {
      if (rule.direction !== 'in') continue;
      if (begins) segment?.addRule(key, rule);
      else segment?.removeRule(key);
    }
  }

  #applyToDaemon(
    key: string,
    daemon: Breakable | undefined,
    how: 'kill' | 'stop' | 'hang' | 'restart',
    begins: boolean,
  ): void {
    if (!daemon) return;
    if (how === 'hang') {
      if (begins) daemon.hang(key);
      else daemon.resume(key);
    } else if (how === 'restart') {
      daemon.kill(key);
      daemon.release(key);
    } else if (!begins) {
      daemon.release(key);
    } else if (how === 'stop') {
      daemon.stop(key);
    } else daemon.kill(key);
  }

  #machine(name: string): Omit<Machine, 'nics'> | undefined {
    const {central, chassis} = this.#world;
    if (name === central.host.name)
      return {...central, name, crash: key => central.crash(key), boot: key => central.boot(key)};
    return chassis.find(candidate => candidate.name === name);
  }

  #nicsOf(name: string, kinds: readonly NicName[]): readonly Nic[] {
    const {central, chassis} = this.#world;
    const card = this.#world.cardOf(name);
    if (card) return [card];
    const nics =
      name === central.host.name ? [central.nic] : (chassis.find(candidate => candidate.name === name)?.nics ?? []);
    return nics.filter(nic => kinds.includes(nic.name));
  }
}

function edgesOf(fault: FaultPlan): readonly Edge[] {
  return fault.occurrences.flatMap(({at, until}, index) => {
    const occurrence = index + 1;
    const begin: Edge = {at, fault, occurrence, begins: true};
    return until === never ? [begin] : [begin, {at: until, fault, occurrence, begins: false}];
  });
}
