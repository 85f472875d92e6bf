import {never, type Time} from '../../engine/time.ts';
import type {DaemonName} from '../daemons/daemon.ts';
import type {Nic} from '../dataplane/nic.ts';
import type {Segment} from '../dataplane/segment.ts';
import type {Ground} from '../ground.ts';
import type {Breakage, DaemonFate, FaultPlan, Target} from './breakage.ts';
import type {Operation} from './operation.ts';
import {rulesFor} from './link-rules.ts';

/** A host that faults can hit. */
export type Machine = {
  readonly name: string;
  readonly role: 'compute' | 'gateway' | 'controller' | 'machine';
  readonly nics: readonly Nic[];
  readonly daemons: Readonly<Record<string, Breakable>>;
  /** The processes there at present of a program that runs once for each router, or the one for the router that is named. */
  programsFor?(daemon: DaemonName, router: string | undefined): readonly Breakable[];
  /** What the tracking scripts there find. */
  readonly scripts?: {fail(script: string, key: string): void; mend(script: string, key: string): void};
  crash(key: string): void;
  boot(key: string): void;
};

/** A process that faults can hit. */
export type Breakable = {
  kill(key: string): void;
  stop(key: string): void;
  hang(key: string): void;
  release(key: string): void;
  resume(key: string): void;
  /** Kills the child that does the work; its parent starts another. */
  killChild?(key: string): void;
  /** Lets it read its configuration anew. */
  reload?(): void;
};

/** What the injector reaches of the world. */
export type Breakables = {
  readonly segments: ReadonlyMap<string, Segment>;
  readonly plan: {readonly segments: readonly {readonly name: string; readonly kind: string}[]};
  /** The card of a host outside. */
  cardOf(host: string): Nic | undefined;
  /** Hosts and roles; the cloud is there once faults strike. */
  cloud(): {
    readonly machines: readonly Machine[];
    hostsOf(router: string): readonly string[];
    homeOf(vm: string): string | undefined;
    reset(client: string | undefined): void;
    operate(operation: Operation, subject: string): void;
  };
};

/** What a fault hits at the moment when it begins. */
type Struck = {readonly kind: 'host'; readonly name: string} | {readonly kind: 'switch'; readonly name: string};

type Edge = {readonly at: Time; readonly fault: FaultPlan; readonly occurrence: number; readonly begins: boolean};

/** Strikes faults and ends them, at the instants that the plan has drawn. The first actor of a world: faults come first. */
export class FaultInjector {
  readonly #ground: Ground;
  readonly #world: Breakables;
  readonly #edges: readonly Edge[];
  readonly #actor: number;
  /** What was hit, by fault and occurrence: the end is for the same, whatever roles are by then. */
  readonly #hit = new Map<string, readonly Struck[]>();
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
    const struck = begins ? this.#resolve(fault) : (this.#hit.get(key) ?? []);
    this.#hit.set(key, struck);
    const {kind} = fault.breakage;
    const detail = {fault: fault.name, occurrence, kind, target: struck.map(nameOf).join(' ')};
    const cause = journal.announce(begins ? 'fault began' : 'fault ended', detail, []);
    const before = engine.cause;
    engine.cause = cause;
    for (const one of struck) this.#apply(`${key}/${nameOf(one)}`, one, fault.breakage, begins, cause);
    engine.cause = before;
  }

  /** Who is meant, at this moment; each once. */
  #resolve({targets, breakage}: FaultPlan): readonly Struck[] {
    const struck = new Map<string, Struck>();
    for (const target of targets) {
      for (const one of this.#struckBy(target, breakage)) struck.set(nameOf(one), one);
    }
    return [...struck.values()];
  }

  #struckBy(target: Target, breakage: Breakage): readonly Struck[] {
    if (target.kind !== 'switch') return this.#hostsOf(target, breakage).map(name => ({kind: 'host', name}));
    const nics = 'nics' in breakage ? breakage.nics : [];
    const segments = this.#world.plan.segments.filter(({name, kind}) => nics.includes(kind) || nics.includes(name));
    return segments.map(({name}) => ({kind: 'switch', name}));
  }

  #hostsOf(target: Exclude<Target, {kind: 'switch'}>, breakage: Breakage): readonly string[] {
    const cloud = this.#world.cloud();
    switch (target.kind) {
      case 'chassis':
      case 'host':
        return [target.name];
      case 'all chassis': {
        const isMeant = (machine: Machine): boolean =>
          target.role === undefined ? canHave(machine, breakage) : machine.role === target.role;
        return cloud.machines.filter(isMeant).map(({name}) => name);
      }
      case 'active gateway':
        return cloud.hostsOf(target.router).slice(0, 1);
      case 'standby gateway':
        return cloud.hostsOf(target.router).slice(target.rank, target.rank + 1);
      case 'chassis of vm': {
        const home = cloud.homeOf(target.vm);
        return home === undefined ? [] : [home];
      }
    }
  }

  #apply(key: string, struck: Struck, breakage: Breakage, begins: boolean, cause: number): void {
    if (struck.kind === 'switch') this.#applyToSwitch(key, struck.name, breakage, begins, cause);
    else this.#applyToHost(key, struck.name, breakage, begins, cause);
  }

  #applyToHost(key: string, name: string, breakage: Breakage, begins: boolean, cause: number): void {
    const machine = this.#machine(name);
    switch (breakage.kind) {
      case 'chassis':
        if (begins) machine?.crash(key);
        else machine?.boot(key);
        return;
      case 'daemon':
        for (const daemon of processesOf(machine, breakage)) this.#applyToDaemon(key, daemon, breakage.how, begins);
        return;
      case 'script':
        if (begins) machine?.scripts?.fail(breakage.script, key);
        else machine?.scripts?.mend(breakage.script, key);
        return;
      case 'operation':
        this.#world.cloud().operate(breakage.operation, name);
        return;
      case 'southbound':
      case 'bus':
        this.#applyToNics(key, this.#nicsOf(name, ['management']), breakage, begins, cause);
        if (begins && breakage.how === 'noticed') this.#world.cloud().reset(name);
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

  #applyToDaemon(key: string, daemon: Breakable, how: DaemonFate, begins: boolean): void {
    if (how === 'hang') {
      if (begins) daemon.hang(key);
      else daemon.resume(key);
    } else if (how === 'restart') {
      daemon.kill(key);
      daemon.release(key);
    } else if (how === 'kill-child') {
      if (begins) daemon.killChild?.(key);
    } else if (how === 'reload') {
      if (begins) daemon.reload?.();
    } else if (!begins) {
      daemon.release(key);
    } else if (how === 'stop' || how === 'kill-parent') {
      // The kernel ends a child whose parent dies as the parent would: PR_SET_PDEATHSIG.
      daemon.stop(key);
    } else daemon.kill(key);
  }

  #machine(name: string): Machine | undefined {
    return this.#world.cloud().machines.find(machine => machine.name === name);
  }

  #nicsOf(name: string, kinds: readonly string[]): readonly Nic[] {
    const card = this.#world.cardOf(name);
    if (card) return [card];
    return this.#machine(name)?.nics.filter(nic => goesBy(nic, kinds)) ?? [];
  }
}

/** Whether one of these words means the card: its own name, the segment's, or in a cloud what that carries. */
function goesBy({name, segment}: Nic, words: readonly string[]): boolean {
  return words.some(word => word === name || word === segment.name || (word === segment.kind && word !== 'lan'));
}

/** Whether there is anything of the kind to break: the controller has no path to itself, and not every daemon is everywhere. */
function canHave(machine: Machine, breakage: Breakage): boolean {
  if (breakage.kind === 'southbound' || breakage.kind === 'bus') return machine.role !== 'controller';
  return breakage.kind !== 'daemon' || processesOf(machine, breakage).length > 0;
}

function processesOf(
  machine: Machine | undefined,
  {daemon, router}: Extract<Breakage, {kind: 'daemon'}>,
): readonly Breakable[] {
  const own = machine?.daemons[daemon];
  return own ? [own] : (machine?.programsFor?.(daemon, router) ?? []);
}

/** As results call it. */
function nameOf({kind, name}: Struck): string {
  return kind === 'switch' ? `switch ${name}` : name;
}

function edgesOf(fault: FaultPlan): readonly Edge[] {
  return fault.occurrences.flatMap(({at, until}, index) => {
    const occurrence = index + 1;
    const begin: Edge = {at, fault, occurrence, begins: true};
    return until === never ? [begin] : [begin, {at: until, fault, occurrence, begins: false}];
  });
}
