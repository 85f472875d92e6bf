import type {Fact} from '../../../engine/ledger.ts';
import type {Ground} from '../../ground.ts';
import {passesArpProtection, type ArpProtection} from '../../protocols/arp-protection.ts';
import type {ConntrackEntry} from '../../protocols/conntrack-entry.ts';
import {quotedTuple} from '../../protocols/conntrack-related.ts';
import {
  evaluateFilter,
  type FilterPacket,
  type FilterTable,
  type FilterVerdict,
  type PacketState,
} from '../../protocols/filter-rules.ts';
import type {LinuxConntrack, Selection} from '../../protocols/linux-conntrack.ts';
import {fallbackChain, portChainName, portChains, type HostFilters} from '../../protocols/port-filter.ts';
import type {FilteredPort} from '../../protocols/security-group.ts';
import type {HostFirewall} from '../../tables/host-network.ts';
import type {Frame} from '../../wire/frame.ts';
import type {Ipv4Packet} from '../../wire/ipv4-packet.ts';
import {contains, type Cidr, type Ipv4} from '../../wire/ipv4.ts';
import {dropped, type Passage, type Verdict} from '../passage.ts';
import {filterPacketOf} from './filter-packet.ts';
import {unseen, type BridgeFilter, type Crossing} from './linux-bridge.ts';
import {TrackedConnections, type TrackingNamespace} from './tracked-connections.ts';
import {trackedPacketOf} from './tracked-packet.ts';

export type FirewallSettings = TrackingNamespace & {
  /** What a device is called in results: by the VM that has it. */
  nameOf(device: string): string;
};

/** A port's filter and its chains, made when the first packet meets them. */
type Installed = {
  readonly port: FilteredPort;
  /** All that its chains are made from. */
  readonly text: string;
  /** Of what it receives and of what it sends. */
  readonly names: Readonly<Record<'i' | 'o', string>>;
  chains: FilterTable | undefined;
};

/** The connection of a packet: none where the network is not tracked or the packet is of no kind that is. */
type Connection = {readonly state: PacketState; readonly entry?: ConntrackEntry};

/**
 * The filters of a host's ports as frames meet them in its bridges: what ebtables and the filter table let through, with
 * the connections of the host's own namespace, a zone for each network. Everything that a bridge switches passes here, and
 * frames of a network are tracked as soon as one of its ports on the host is filtered.
 */
export class PortFirewall implements HostFirewall {
  readonly #ground: Ground;
  readonly #settings: FirewallSettings;
  readonly #tracked: TrackedConnections;
  #filters: HostFilters = nothing;
  #installed = new Map<string, Installed>();
  #zones: ReadonlyMap<string, number> = new Map();
  readonly #protections = new Map<string, ArpProtection>();
  readonly #sets = new Map<string, readonly Cidr[]>();
  /** What frames in a bridge rely on: its zone and the filters of its ports. */
  readonly #bridgeFacts = new Map<string, Fact>();
  readonly #setFacts = new Map<string, Fact>();

  constructor(ground: Ground, settings: FirewallSettings) {
    this.#ground = ground;
    this.#settings = settings;
    this.#tracked = new TrackedConnections(ground, settings);
  }

  get zones(): ReadonlyMap<string, number> {
    return this.#zones;
  }

  /** What was last restored. */
  get filters(): HostFilters {
    return this.#filters;
  }

  get protections(): ReadonlyMap<string, ArpProtection> {
    return this.#protections;
  }

  get sets(): ReadonlyMap<string, readonly Cidr[]> {
    return this.#sets;
  }

  /** The connections of the host's own namespace. */
  get connections(): LinuxConntrack {
    return this.#tracked.table;
  }

  restore(filters: HostFilters, zones: ReadonlyMap<string, number>): void {
    const before = this.#installed;
    const changed = new Set(
      [...this.#zones.keys(), ...zones.keys()].filter(bridge => !sameZone(bridge, this.#zones, zones)),
    );
    this.#installed = new Map(
      filters.filtered.map(port => {
        const text = textOf(port, filters);
        const known = before.get(port.device);
        const same = known?.text === text;
        if (!same) changed.add(port.bridge);
        const name = (chain: 'i' | 'o'): string => portChainName(filters.prefix, chain, port.device);
        return [port.device, same ? known : {port, text, names: {i: name('i'), o: name('o')}, chains: undefined}];
      }),
    );
    for (const [device, {port}] of before) if (!this.#installed.has(device)) changed.add(port.bridge);
    this.#filters = filters;
    this.#zones = new Map(zones);
    for (const bridge of changed) this.#changed(this.#bridgeFacts, bridge);
  }

  setMembers(set: string, members: readonly Cidr[]): void {
    this.#sets.set(set, members);
    this.#changed(this.#setFacts, set);
  }

  destroySet(set: string): void {
    if (this.#sets.delete(set)) this.#changed(this.#setFacts, set);
  }

  protect(device: string, bridge: string, protection: ArpProtection | undefined): void {
    if (protection) this.#protections.set(device, protection);
    else if (!this.#protections.delete(device)) return;
    this.#changed(this.#bridgeFacts, bridge);
  }

  deleteConnections(which: Selection): void {
    this.#tracked.remove(which);
  }

  /** The power goes. */
  crash(): void {
    this.restore(nothing, new Map());
    for (const set of [...this.#sets.keys()]) this.destroySet(set);
    this.#protections.clear();
    this.#tracked.remove({});
  }

  /** What looks at the frames of a bridge. */
  of(bridge: string): BridgeFilter {
    const fact = this.#factOf(this.#bridgeFacts, bridge);
    return {
      enter: (device, frame, passage) => {
        passage.rely(fact);
        const protection = this.#protections.get(device);
        if (protection && !passesArpProtection(protection, frame)) return this.#dropped('anti-spoofing', device);
        const zone = this.#zones.get(bridge);
        const {payload: packet} = frame;
        return packet.kind === 'arp' || zone === undefined ? unseen : this.#enter(device, frame, packet, zone, passage);
      },
    };
  }

  #enter(input: string, frame: Frame, packet: Ipv4Packet, zone: number, passage: Passage): Crossing | Verdict {
    const connection = this.#track(packet, zone, passage);
    if ('kind' in connection) return connection;
    const {state, entry} = connection;
    let looked: FilterPacket | undefined;
    /** A verdict if the packet does not pass a port's chain; whoever has no filter is passed. */
    const pass = (device: string, chain: 'i' | 'o', leaving: Passage): Verdict | undefined => {
      const installed = this.#installed.get(device);
      if (!installed) return undefined;
      const verdict = this.#evaluate(installed, chain, (looked ??= filterPacketOf(packet, frame, state)), leaving);
      return verdict.kind === 'drop' ? this.#dropped(verdict.reason, device) : undefined;
    };
    return {
      leave: (output, leaving) => {
        // The order of `sg-chain` is that of the devices.
        const refused =
          input < output
            ? (pass(input, 'o', leaving) ?? pass(output, 'i', leaving))
            : (pass(output, 'i', leaving) ?? pass(input, 'o', leaving));
        if (refused) return refused;
        if (!entry || entry.confirmed || this.#tracked.confirm(entry)) return undefined;
        return dropped('no free port', this.#settings.place);
      },
      end: () => {
        if (entry && !entry.confirmed) this.#tracked.table.abandon(entry);
      },
    };
  }

  #track(packet: Ipv4Packet, zone: number, passage: Passage): Connection | Verdict {
    const looked = trackedPacketOf(packet);
    if (!looked) {
      const quoted = quotedTuple(packet);
      if (!quoted) return {state: 'new'};
      passage.once();
      const about = this.#tracked.table.find(quoted, this.#ground.engine.now, zone);
      return {state: about ? 'related' : 'invalid'};
    }
    const tracked = this.#tracked.track({...looked, zone}, passage);
    switch (tracked.kind) {
      case 'full':
        return dropped('connection table full', this.#settings.place);
      case 'invalid':
        return {state: 'invalid'};
      case 'new':
        return {state: 'new', entry: tracked.entry};
      case 'known':
        // Until somebody answers, every packet of who began is a new one.
        return {state: tracked.direction === 'reply' || tracked.entry.replied ? 'established' : 'new'};
    }
  }

  #evaluate(installed: Installed, chain: 'i' | 'o', packet: FilterPacket, passage: Passage): FilterVerdict {
    const {filters} = this;
    installed.chains ??= new Map([...portChains(installed.port, filters), ...fallbackChain(filters.prefix)]);
    const has = (set: string, address: Ipv4): boolean => {
      passage.rely(this.#factOf(this.#setFacts, set));
      return this.#sets.get(set)?.some(member => contains(member, address)) ?? false;
    };
    return evaluateFilter(installed.chains, installed.names[chain], packet, {has});
  }

  #dropped(reason: Parameters<typeof dropped>[0], device: string): Verdict {
    const {place, nameOf} = this.#settings;
    return dropped(reason, `${place} port of ${nameOf(device)}`);
  }

  #factOf<Key>(facts: Map<Key, Fact>, key: Key): Fact {
    let fact = facts.get(key);
    if (fact === undefined) facts.set(key, (fact = this.#ground.ledger.add()));
    return fact;
  }

  #changed(facts: ReadonlyMap<string, Fact>, key: string): void {
    const {ledger, engine} = this.#ground;
    const fact = facts.get(key);
    if (fact !== undefined) ledger.changed(fact, engine.cause);
  }
}

const nothing: HostFilters = {prefix: '', filtered: [], unfiltered: [], trusted: [], rules: new Map()};

/** All that the chains of a port are made from. */
function textOf(port: FilteredPort, {prefix, rules}: HostFilters): string {
  return JSON.stringify([prefix, port, port.groups.map(group => rules.get(group))]);
}

function sameZone(bridge: string, a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.get(bridge) === b.get(bridge);
}
