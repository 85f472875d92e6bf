import type {Host} from '../../daemons/host.ts';
import type {Step} from '../../daemons/host-profile.ts';
import type {Ground} from '../../ground.ts';
import {arpProtectionOf, type ArpProtection} from '../../protocols/arp-protection.ts';
import type {Selection} from '../../protocols/linux-conntrack.ts';
import {setName, type HostFilters} from '../../protocols/port-filter.ts';
import {remoteGroups, sameRule, type FilteredPort, type GroupRule} from '../../protocols/security-group.ts';
import type {HostFirewall} from '../../tables/host-network.ts';
import {
  deviceName,
  type NeutronInventory,
  type NeutronPort,
  type NeutronPortNumber,
} from '../../tables/neutron-inventory.ts';
import {formatCidr, type Cidr} from '../../wire/ipv4.ts';
import type {Cast, SecurityGroupInfo} from './messages.ts';
import type {Process, Thread} from './process.ts';
import type {Rpc} from './rpc.ts';

export type FilterSurroundings = {
  readonly name: string;
  /** The agent; the first sixteen characters begin the names of its chains. */
  readonly daemon: string;
  readonly host: Host;
  readonly inventory: NeutronInventory;
  readonly firewall: HostFirewall;
  /** The bridge in which a port is filtered. */
  bridgeOf(port: NeutronPort): string;
};

export type GroupCast = Extract<Cast, {method: 'security_groups_rule_updated' | 'security_groups_member_updated'}>;

/** `rpc_resources_processing_step` */
const portsAtOnce = 20;

/** The first zone that the agent gives away (ip_conntrack.py, ZONE_START): below lie those of OVS. */
const firstZone = 4097;

/** From so many changes on, a set is made anew and swapped, in so many commands; as is a new one (ipset_manager.py). */
const bulkThreshold = 5;
const replaceCommands = 3;
const createCommands = 4;

/** Threads that delete connections (ip_conntrack.py, WORKERS). */
const deletingThreads = 8;

/** What is to be known of a port that is being filtered, for its connections to be found. */
type Described = {readonly port: NeutronPortNumber; readonly filtered: FilteredPort; readonly secured: boolean};

/**
 * The part of the L2 agent that filters ports (neutron/agent/securitygroups_rpc.py, iptables_firewall.py): what the server
 * tells of a change only marks ports; the next round of the agent's loop asks about them, fills sets of remote groups one
 * after the other and then writes the tables of the whole host at once. What a process has heard goes with it.
 */
export class PortFilters {
  readonly #ground: Ground;
  readonly #process: Process;
  readonly #rpc: Rpc;
  readonly #among: FilterSurroundings;
  readonly #ports = new Map<NeutronPortNumber, Described>();
  readonly #trusted = new Set<NeutronPortNumber>();
  #rules: ReadonlyMap<string, readonly GroupRule[]> = new Map();
  readonly #members = new Map<string, readonly Cidr[]>();
  readonly #zones: Map<string, number>;
  /** Groups whose sets this process has made (`ipset_sets`); it makes anew what one before it has left. */
  readonly #sets = new Set<string>();
  /** Ports to be asked about again (`devices_to_refilter`). */
  #marked = new Set<NeutronPortNumber>();
  /** From what that followed. */
  #cause = 0;
  readonly #rulesUpdated = new Set<string>();
  readonly #membersUpdated = new Set<string>();

  constructor(ground: Ground, process: Process, rpc: Rpc, among: FilterSurroundings) {
    this.#ground = ground;
    this.#process = process;
    this.#rpc = rpc;
    this.#among = among;
    this.#zones = new Map(among.firewall.zones);
  }

  /** Whether ports wait to be looked at though no device came or changed, and from what that follows. */
  get marked(): {readonly cause: number} | undefined {
    return this.#marked.size > 0 ? {cause: this.#cause} : undefined;
  }

  /** Begins as after a long quiet time: what the server would tell of these ports stands in the host's tables. */
  beginSettled(ports: readonly NeutronPortNumber[], info: SecurityGroupInfo): void {
    this.#hear(ports, info);
    for (const [group, members] of info.members) {
      this.#sets.add(group);
      this.#among.firewall.setMembers(setName(group), members);
    }
    this.#restore();
  }

  take({method, argument}: GroupCast): void {
    const groups = new Set(argument.groups);
    const isRule = method === 'security_groups_rule_updated';
    const concerned = [...this.#ports.values()].filter(({filtered}) =>
      (isRule ? filtered.groups : this.#remotesOf(filtered)).some(group => groups.has(group)),
    );
    if (concerned.length === 0) return;
    for (const group of groups) (isRule ? this.#rulesUpdated : this.#membersUpdated).add(group);
    for (const {port} of concerned) this.#marked.add(port);
    this.#cause = Math.max(this.#cause, this.#ground.engine.cause);
  }

  /** setup_port_filters: new ports, then those that changed or were marked. */
  *setUp(added: readonly NeutronPortNumber[], updated: readonly NeutronPortNumber[]): Thread<'done' | 'broke off'> {
    const marked = this.#marked;
    this.#marked = new Set();
    this.#cause = 0;
    if (added.length > 0 && (yield* this.#apply(added)) === 'broke off') return 'broke off';
    const others = [...new Set([...updated, ...marked])].filter(port => !added.includes(port));
    if (others.length === 0) return 'done';
    return yield* this.#apply(others, new Set(updated));
  }

  /** What a port may send by MAC and ARP; undefined: anything. */
  protectionOf(port: NeutronPortNumber): ArpProtection | undefined {
    const known = this.#ports.get(port);
    return known?.secured ? arpProtectionOf(known.filtered) : undefined;
  }

  /** setup_arp_spoofing_protection: of a port that is filtered, before it is wired. */
  protect(port: NeutronPortNumber): void {
    const known = this.#ports.get(port);
    if (!known) return;
    const {device, bridge} = known.filtered;
    this.#among.firewall.protect(device, bridge, this.protectionOf(port));
  }

  /** remove_devices_filter */
  *remove(ports: readonly NeutronPortNumber[]): Thread {
    if (ports.length === 0) return;
    const gone = ports.flatMap(port => this.#ports.get(port) ?? []);
    for (const port of ports) {
      this.#ports.delete(port);
      this.#trusted.delete(port);
    }
    yield* this.#step('l2-filter');
    this.#restore();
    for (const {filtered} of gone) this.#among.firewall.protect(filtered.device, filtered.bridge, undefined);
    this.#forget(gone.filter(({secured}) => secured).flatMap(({filtered}) => this.#allOf(filtered)));
    yield* this.#removeUnused();
  }

  /** _apply_port_filter. `updated`: ports that the server has said to have changed. */
  *#apply(
    ports: readonly NeutronPortNumber[],
    updated: ReadonlySet<NeutronPortNumber> = new Set(),
  ): Thread<'done' | 'broke off'> {
    const rulesBefore = this.#rules;
    const before = new Map(this.#ports);
    for (let first = 0; first < ports.length; first += portsAtOnce) {
      const asked = ports.slice(first, first + portsAtOnce);
      const info = yield* this.#rpc.call('q-plugin', 'security_group_info_for_devices', {ports: asked});
      if (info === 'timed out') return 'broke off';
      this.#hear(asked, info.answer);
    }
    yield* this.#fillSets();
    yield* this.#step('l2-filter');
    const {engine, journal} = this.#ground;
    engine.cause = journal.announce('port filters changed', {chassis: this.#among.name, ports: ports.length});
    this.#restore();
    this.#forget([...this.#withoutRules(rulesBefore), ...this.#withoutGroups(before, updated)]);
    yield* this.#removeUnused();
    return 'done';
  }

  #hear(ports: readonly NeutronPortNumber[], info: SecurityGroupInfo): void {
    const {inventory} = this.#among;
    for (const {port, enabled, groups, pairs} of info.ports) {
      const {id, mac, address} = inventory.ports[port];
      const bridge = this.#among.bridgeOf(inventory.ports[port]);
      const filtered = {device: deviceName('tap', id), bridge, mac, addresses: [address], pairs, groups};
      this.#ports.set(port, {port, filtered, secured: enabled});
      if (enabled && !this.#zones.has(bridge)) this.#zones.set(bridge, this.#nextZone());
    }
    for (const port of ports) if (!this.#ports.has(port)) this.#trusted.add(port);
    this.#rules = new Map([...this.#rules, ...info.rules]);
    for (const [group, members] of info.members) this.#members.set(group, members);
  }

  /** Sets are changed one after the other, before the tables are; connections of members that are gone are deleted. */
  *#fillSets(): Thread {
    const {firewall} = this.#among;
    for (const [group, members] of this.#members) {
      const isNew = !this.#sets.has(group);
      const before = isNew ? [] : (firewall.sets.get(setName(group)) ?? []);
      const gone = before.filter(member => !includes(members, member));
      const changes = gone.length + members.filter(member => !includes(before, member)).length;
      if (!isNew && changes === 0) continue;
      const inBulk = isNew ? createCommands : replaceCommands;
      const commands = isNew || changes >= bulkThreshold ? inBulk : changes;
      for (let done = 0; done < commands; done++) yield* this.#step('l2-set');
      this.#sets.add(group);
      firewall.setMembers(setName(group), members);
      if (!this.#membersUpdated.delete(group)) continue;
      const ports = [...this.#ports.values()].filter(({filtered}) => this.#remotesOf(filtered).includes(group));
      this.#forget(ports.flatMap(({filtered}) => gone.flatMap(member => this.#between(filtered, member))));
    }
  }

  /** Sets of groups that no rule of a port here names any more. */
  *#removeUnused(): Thread {
    const {firewall} = this.#among;
    const secured = [...this.#ports.values()].filter(port => port.secured);
    const groups = new Set(secured.flatMap(({filtered}) => filtered.groups));
    const named = new Set(secured.flatMap(({filtered}) => this.#remotesOf(filtered)));
    for (const group of [...this.#members.keys()]) {
      if (named.has(group)) continue;
      yield* this.#step('l2-set');
      this.#members.delete(group);
      this.#sets.delete(group);
      firewall.destroySet(setName(group));
    }
    this.#rules = new Map([...this.#rules].filter(([group]) => groups.has(group)));
  }

  #restore(): void {
    const ports = [...this.#ports.values()];
    const {inventory, daemon} = this.#among;
    const filters: HostFilters = {
      prefix: daemon.slice(0, 16),
      filtered: ports.filter(({secured}) => secured).map(({filtered}) => filtered),
      unfiltered: ports.filter(({secured}) => !secured).map(({filtered}) => filtered.device),
      trusted: [...this.#trusted].map(port => deviceName('tap', inventory.ports[port].id)),
      rules: this.#rules,
    };
    const bridges = new Set(filters.filtered.map(({bridge}) => bridge));
    this.#among.firewall.restore(filters, new Map([...this.#zones].filter(([bridge]) => bridges.has(bridge))));
  }

  /** Connections that a rule which is gone may have let through: all of its protocol to the port, or from it. */
  #withoutRules(before: ReadonlyMap<string, readonly GroupRule[]>): readonly Selection[] {
    const updated = [...this.#rulesUpdated];
    this.#rulesUpdated.clear();
    return updated.flatMap(group => {
      const rules = this.#rules.get(group) ?? [];
      const gone = (before.get(group) ?? []).filter(rule => !rules.some(other => sameRule(rule, other)));
      const ports = [...this.#ports.values()].filter(
        ({secured, filtered}) => secured && filtered.groups.includes(group),
      );
      return gone.flatMap(({direction, protocol}) =>
        ports.flatMap(({filtered}) =>
          filtered.addresses.map(address => ({
            ...(direction === 'ingress' ? {originalDestination: address} : {originalSource: address}),
            ...(protocol !== undefined && {protocol}),
            ...this.#zoneOf(filtered),
          })),
        ),
      );
    });
  }

  /** All connections of ports that have left a group. */
  #withoutGroups(
    before: ReadonlyMap<NeutronPortNumber, Described>,
    updated: ReadonlySet<NeutronPortNumber>,
  ): readonly Selection[] {
    return [...updated].flatMap(port => {
      const filtered = this.#ports.get(port)?.filtered;
      const had = before.get(port)?.filtered.groups ?? [];
      return filtered && had.some(group => !filtered.groups.includes(group)) ? this.#allOf(filtered) : [];
    });
  }

  #allOf(port: FilteredPort): readonly Selection[] {
    return port.addresses.flatMap(address => [
      {originalDestination: address, ...this.#zoneOf(port)},
      {originalSource: address, ...this.#zoneOf(port)},
    ]);
  }

  #between(port: FilteredPort, {address: remote}: Cidr): readonly Selection[] {
    return port.addresses.flatMap(address => [
      {originalSource: remote, originalDestination: address, ...this.#zoneOf(port)},
      {originalSource: address, originalDestination: remote, ...this.#zoneOf(port)},
    ]);
  }

  /** Threads of their own delete connections while the agent goes on. */
  #forget(selections: readonly Selection[]): void {
    for (let thread = 0; thread < Math.min(deletingThreads, selections.length); thread++) {
      this.#process.run(this.#delete(selections.filter((_, index) => index % deletingThreads === thread)));
    }
  }

  *#delete(selections: readonly Selection[]): Thread {
    for (const selection of selections) {
      yield* this.#step('l2-conntrack');
      this.#among.firewall.deleteConnections(selection);
    }
  }

  #remotesOf({groups}: FilteredPort): readonly string[] {
    return groups.flatMap(group => remoteGroups(this.#rules.get(group) ?? []));
  }

  #zoneOf({bridge}: FilteredPort): {readonly zone?: number} {
    const zone = this.#zones.get(bridge);
    return zone === undefined ? {} : {zone};
  }

  /** One above the highest in use; they are not given back before there is none left (_find_open_zone). */
  #nextZone(): number {
    return Math.max(firstZone - 1, ...this.#zones.values()) + 1;
  }

  *#step(step: Step): Thread {
    const {host, daemon} = this.#among;
    yield* this.#process.sleep(host.take(step, daemon));
  }
}

function includes(members: readonly Cidr[], member: Cidr): boolean {
  return members.some(other => formatCidr(other) === formatCidr(member));
}
