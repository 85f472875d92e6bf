import type {Ipv4} from '../models/wire/ipv4.ts';
import type {CloudKind, CloudMechanism} from './cloud-kind.ts';
import type {Draft} from './grammar.ts';
import type {Findings, Path} from './findings.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Chassis, Network} from './scenario.ts';
import type {Span} from './source.ts';
import {Expansion} from './templates.ts';

/** The placement that makes a VM on each compute, named after both. */
export const everyCompute = 'every compute';

/** The host beyond the cloud that is there anyway. */
export const outside = 'outside';

/** A router as far as others need to know it. */
export type RouterSite = {
  readonly name: string;
  /** Undefined: it has no external network. */
  readonly external: string | undefined;
  readonly interfaces: readonly string[];
  readonly addresses: readonly Ipv4[];
  /** How many chassis can have it: its gateway chassis, or the network nodes of Neutron. */
  readonly gateways: number;
  /** Whether it is on several at once, and on which as far as the file says. */
  readonly ha: boolean;
  readonly agents: readonly string[] | undefined;
};

/** A VM as far as others need to know it. */
export type VmSite = {
  readonly name: string;
  readonly network: string;
  readonly isFiltered: boolean;
  readonly addressing: 'static' | 'dhcp';
};

/** An external host as far as others need to know it. */
export type HostSite = {readonly name: string; readonly network: string; readonly behindGateway: boolean};

/** All that has been named so far; each check reads what the ones before it put in. */
export class Inventory {
  readonly findings: Findings;
  readonly cloud: CloudKind;
  readonly mechanism: CloudMechanism;
  readonly expansion = new Expansion();
  readonly chassis: Known<Chassis>;
  readonly networks: Known<Network>;
  readonly routers: Known<RouterSite>;
  readonly vms: Known<VmSite>;
  readonly hosts: Known<HostSite>;
  readonly securityGroups: Known<{readonly name: string}>;
  /** Who answers for the metadata service: routers anyway, DHCP servers where there is none, or everywhere. */
  readonly metadata: 'by routers' | 'isolated' | 'everywhere';
  /** Whether every router's networks are known, so that what is not joined can be told. */
  routersComplete = true;

  constructor(findings: Findings, neutron: Draft['neutron']) {
    this.findings = findings;
    this.cloud = findings.has(['neutron']) ? 'neutron' : 'ovn';
    // Of a word that is none of them nothing follows.
    const unknown = findings.has(['neutron', 'mechanism-driver']) ? 'openvswitch' : 'linuxbridge';
    this.mechanism = this.cloud === 'ovn' ? 'ovn' : (neutron?.['mechanism-driver'] ?? unknown);
    const isIsolated = neutron?.['enable-isolated-metadata'] === true;
    this.metadata = neutron?.['force-metadata'] === true ? 'everywhere' : isIsolated ? 'isolated' : 'by routers';
    const taken = new Map<string, string>();
    this.chassis = new Known('chassis', findings, taken);
    this.networks = new Known('network', findings, taken);
    this.routers = new Known('router', findings, taken);
    this.vms = new Known('VM', findings, taken);
    this.hosts = new Known('host', findings, taken);
    // Groups are named after what is in them, so they may be called as other things are.
    this.securityGroups = new Known('security group', findings, new Map());
  }

  /** The entries of a section that can be checked further; the names of the others are kept, for they do exist. */
  *sound<Section extends 'chassis' | 'networks' | 'vms' | 'hosts'>(
    section: Section,
    draft: Draft,
    flawed: ReadonlySet<string>,
  ): Iterable<readonly [key: string, entry: Draft[Section][string], path: Path]> {
    for (const key of this.findings.keysOf([section])) {
      const entry = draft[section][key] as Draft[Section][string] | undefined;
      if (entry !== undefined && !flawed.has(`${section}/${key}`)) yield [key, entry, [section, key]];
      else this.#addFlawed(section, key);
    }
  }

  /** The names that a key or word stands for; none, with a mistake, if it is a bad template. */
  expand(text: string, span: () => Span, times = 1): readonly string[] {
    const names = this.expansion.expand(text, times);
    if ('value' in names) return names.value;
    this.findings.mistake(span(), names.flaw, names.hint);
    return [];
  }

  #addFlawed(section: 'chassis' | 'networks' | 'vms' | 'hosts', key: string): void {
    const names = this.expansion.expand(key);
    if ('value' in names) for (const name of names.value) this[section].addFlawed(name);
    if ('flaw' in names || this.findings.scalar([section, key, 'placement']) === everyCompute) {
      this[section].isComplete = false;
    }
  }
}

/** The things of one kind by their names, which are unique over all kinds. */
export class Known<Thing> {
  /** False if the file has more of the kind than could be read: then nothing can be said to be missing. */
  isComplete = true;
  readonly #kind: string;
  readonly #findings: Findings;
  readonly #taken: Map<string, string>;
  /** Names of which it cannot be said whether they are there. */
  readonly #possible = new Set<string>();
  /** Undefined: it stands in the file, but what is said of it is wrong. */
  readonly #things = new Map<string, Thing | undefined>();

  constructor(kind: string, findings: Findings, taken: Map<string, string>) {
    this.#kind = kind;
    this.#findings = findings;
    this.#taken = taken;
  }

  get names(): Iterable<string> {
    return this.#things.keys();
  }

  get size(): number {
    return this.#things.size;
  }

  /** Whether the file has more of the kind than `things` tells of. */
  get hasFlaws(): boolean {
    return !this.isComplete || this.things.length < this.size;
  }

  /** All of which everything is known. */
  get things(): readonly Thing[] {
    return [...this.#things.values()].filter(thing => thing !== undefined);
  }

  add(name: string, thing: Thing, span: () => Span): void {
    const kind = this.#taken.get(name);
    if (name === outside && this.#kind !== 'host') {
      this.#findings.mistake(span(), `${quote(name)} is the host that is there anyway`);
    } else if (kind === undefined) {
      this.#taken.set(name, this.#kind);
      this.#things.set(name, thing);
    } else {
      this.#findings.mistake(span(), `${quote(name)} is the name of a ${kind} already`);
    }
  }

  addFlawed(name: string): void {
    this.#taken.set(name, this.#kind);
    this.#things.set(name, undefined);
  }

  addPossible(name: string): void {
    this.#possible.add(name);
  }

  has(name: string): boolean {
    return this.#things.has(name);
  }

  /** Whether something of that name may be there, for all that is known. */
  mayHave(name: string): boolean {
    return this.has(name) || this.#possible.has(name) || !this.isComplete;
  }

  /** The thing of that name, without a mistake if there is none. */
  get(name: string): Thing | undefined {
    return this.#things.get(name);
  }

  /** The thing of that name; a mistake if there is none. Undefined without one if it is known to be wrong. */
  find(name: string, span: () => Span): Thing | undefined {
    if (!this.mayHave(name)) {
      this.#findings.mistake(span(), `${this.#kind} ${quote(name)} does not exist`, () => this.suggest(name));
    }
    return this.#things.get(name);
  }

  suggest(name: string): string | undefined {
    return didYouMean(name, this.names);
  }
}
