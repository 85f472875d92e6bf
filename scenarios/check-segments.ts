import {formatCidr, overlaps, parseCidr, type Cidr} from '../models/wire/ipv4.ts';
import {AddressBook} from './address-book.ts';
import {defaultProvider} from './check-networks.ts';
import {segmentGrammar, type Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Chassis, Network, Segment} from './scenario.ts';

type SegmentDraft = Draft['segments'][string];

const defaults: ReadonlyMap<string, {readonly kind: Segment['kind']; readonly cidr: Cidr | undefined}> = new Map([
  ['underlay', {kind: 'underlay', cidr: parseCidr('192.168.60.0/24')}],
  ['management', {kind: 'management', cidr: parseCidr('192.168.50.0/24')}],
  [defaultProvider, {kind: 'provider', cidr: undefined}],
]);

/** The physical networks of the file over those that are there anyway. */
export function checkSegments(
  draft: Draft,
  networks: readonly Network[],
  chassis: readonly Chassis[],
  inventory: Inventory,
): readonly Segment[] {
  const {findings} = inventory;
  const drafts = addDefaults(draft, networks);
  const segments: Segment[] = [];
  for (const [name, entry] of drafts) {
    const kind = kindOf(name, entry, inventory);
    if (kind === undefined) continue;
    const first = segments.find(segment => segment.kind === kind);
    if (kind !== 'provider' && first) {
      findings.mistake(findings.key(['segments', name]), `a second ${kind} segment: ${first.name} is one already`);
      continue;
    }
    const firstOn = networks.find(({segment}) => segment === name);
    const cidr = entry.cidr ?? defaults.get(name)?.cidr ?? firstOn?.cidr ?? haNetworkOn(name, draft);
    if (!cidr) {
      findings.mistake(findings.key(['segments', name]), '"cidr" is missing, and no network on it has one');
      continue;
    }
    if (kind !== 'provider') checkPlain(name, entry, inventory);
    const {latency, jitter, loss, mtu, ageing, trunk, 'known-macs-only': knownMacsOnly} = entry;
    segments.push({name, kind, cidr, latency, jitter, loss, mtu, ageing, trunk, knownMacsOnly});
  }
  checkReferences(networks, segments, inventory);
  checkRoom(segments, chassis, inventory);
  checkTrunks(networks, segments, inventory);
  return segments;
}

/** The addresses of HA networks, if they are on that segment. */
function haNetworkOn(segment: string, {neutron}: Draft): Cidr | undefined {
  if (!neutron || neutron['l3-ha-network-type'] === 'vxlan') return undefined;
  const place = neutron['l3-ha-network-physical-name'] ?? defaultProvider;
  return place === segment ? neutron['l3-ha-net-cidr'] : undefined;
}

function addDefaults(draft: Draft, networks: readonly Network[]): ReadonlyMap<string, SegmentDraft> {
  const named = Object.entries(draft.segments);
  const drafts = new Map<string, SegmentDraft>();
  for (const [name, {kind}] of defaults) {
    const isNeeded =
      kind === 'provider'
        ? networks.some(({segment}) => segment === name)
        : !named.some(([other, entry]) => other !== name && entry.kind === kind);
    if (isNeeded) drafts.set(name, segmentGrammar.parse({}));
  }
  for (const [name, entry] of named) drafts.set(name, entry);
  return drafts;
}

function kindOf(name: string, entry: SegmentDraft, {findings}: Inventory): Segment['kind'] | undefined {
  const kind = defaults.get(name)?.kind;
  if (kind !== undefined && entry.kind !== undefined && entry.kind !== kind) {
    findings.mistake(findings.value(['segments', name, 'kind']), `the kind of ${name} is ${kind}`);
  }
  if (kind === undefined && entry.kind === undefined) {
    const hint = () => didYouMean(name, defaults.keys());
    findings.mistake(findings.key(['segments', name]), '"kind" is missing: underlay, provider or management', hint);
  }
  return kind ?? entry.kind;
}

/** Ports of the underlay and of the management segment have nothing to choose. */
function checkPlain(
  name: string,
  {trunk, 'vlan-ranges': ranges, 'known-macs-only': knownMacsOnly}: SegmentDraft,
  {findings}: Inventory,
): void {
  if (trunk) {
    const message = `nothing on ${name} has a tag`;
    findings.mistake(findings.key(['segments', name, 'trunk']), message, 'A provider segment has a trunk');
  }
  if (ranges) {
    const message = `no network on ${name} has a tag`;
    findings.mistake(findings.key(['segments', name, 'vlan-ranges']), message, 'Say it of a provider segment');
  }
  if (knownMacsOnly) {
    const message = `every frame on ${name} has the MAC of a card`;
    const hint = 'Say it of a provider segment';
    findings.mistake(findings.key(['segments', name, 'known-macs-only']), message, hint);
  }
}

/** Warns of VLAN networks that no frame can cross. */
function checkTrunks(networks: readonly Network[], segments: readonly Segment[], {findings}: Inventory): void {
  for (const {name, vlan, segment} of networks) {
    const trunk = segments.find(candidate => candidate.name === segment)?.trunk;
    if (vlan === undefined || !trunk || trunk.some(([first, last]) => vlan >= first && vlan <= last)) continue;
    const message = `no port of ${segment} carries VLAN ${vlan}, so nothing of ${name} leaves its chassis`;
    findings.warning(findings.value(['networks', name, 'vlan']), message);
  }
}

function checkReferences(networks: readonly Network[], segments: readonly Segment[], {findings}: Inventory): void {
  const kinds = new Map(segments.map(({name, kind}) => [name, kind]));
  const inFile = new Set(findings.keysOf(['segments']));
  for (const {name, segment} of networks) {
    if (segment === undefined || (inFile.has(segment) && !kinds.has(segment))) continue;
    const span = findings.value(['networks', name, 'segment']);
    const kind = kinds.get(segment);
    if (kind === undefined) {
      findings.mistake(span, `segment ${quote(segment)} does not exist`, () => didYouMean(segment, kinds.keys()));
    } else if (kind !== 'provider') {
      findings.mistake(span, `${segment} is the ${kind} segment; a network needs a provider segment`);
    }
  }
}

/** Every chassis has an address on the underlay and on the management segment, which are routed side by side. */
function checkRoom(segments: readonly Segment[], chassis: readonly Chassis[], {findings}: Inventory): void {
  const own = segments.filter(({kind}) => kind !== 'provider');
  for (const {name, cidr} of own) {
    const room = new AddressBook(name, cidr).size;
    if (chassis.length <= room) continue;
    const message = `${name} (${formatCidr(cidr)}) has ${room} addresses for ${chassis.length} chassis`;
    const hint = `Give it more: segments: {${name}: {cidr: 10.128.0.0/12}}`;
    findings.mistake(findings.value(['segments', name, 'cidr']), message, hint);
  }
  const [first, second] = own;
  if (own.length === 2 && overlaps(first.cidr, second.cidr)) {
    const span = findings.value(['segments', second.name, 'cidr']);
    findings.mistake(
      span,
      `${second.name} (${formatCidr(second.cidr)}) overlaps ${first.name} (${formatCidr(first.cidr)})`,
    );
  }
}
