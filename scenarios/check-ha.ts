import {isSince} from '../models/world/world-plan.ts';
import {seconds} from '../engine/time.ts';
import {countNetworkNodes} from './check-agent.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {didYouMean} from './near-miss.ts';
import type {Router, Segment} from './scenario.ts';
import {formatTime} from './units.ts';

type RouterDraft = Draft['routers'][string];

/** Virtual router ids of an HA network (l3_hamode_db.py, VR_ID_RANGE). */
const virtualRouterIds = 254;

/** The longest interval that VRRP has room for (RFC 3768, 5.3.7). */
const longestInterval = seconds(255);

/** Whether a router is highly available, and on which gateways, as far as the file says. */
export function checkReplication(
  {ha, agents, agent}: RouterDraft,
  path: Path,
  inventory: Inventory,
): Pick<Router, 'ha' | 'agents'> {
  const {cloud, chassis, findings} = inventory;
  if (cloud === 'ovn') {
    const word = (['ha', 'agents', 'project'] as const).find(key => findings.has([...path, key]));
    const hint = 'Write gateway-chassis: {gw1: 20, gw2: 10} for where it can be';
    if (word !== undefined) findings.mistake(findings.key([...path, word]), `routers of OVN have no "${word}"`, hint);
    return {ha: false, agents: undefined};
  }
  if (ha && agent !== undefined) {
    const hint = 'Write agents: [gw1, gw2] for where it is, or leave it to the scheduler';
    findings.mistake(findings.key([...path, 'agent']), `several agents host ${path[1]}`, hint);
  }
  if (!ha && agents !== undefined) {
    const hint = 'Add ha: true, or write agent: gw1';
    findings.mistake(findings.key([...path, 'agents']), `only one agent hosts ${path[1]}`, hint);
  }
  const seen = new Set<string>();
  for (const [index, name] of (agents ?? []).entries()) {
    const span = () => findings.value([...path, 'agents', index]);
    const role = chassis.find(name, span)?.role;
    if (role !== undefined && role !== 'gateway') {
      const gateways = chassis.things.filter(candidate => candidate.role === 'gateway').map(known => known.name);
      findings.mistake(span(), `${name} is a ${role}, and L3 agents run on gateways`, () => didYouMean(name, gateways));
    } else if (seen.has(name)) findings.mistake(span(), `${name} stands here twice`);
    seen.add(name);
  }
  return {ha, agents: ha ? agents : undefined};
}

/** What Neutron, in the release that the file names, refuses or is known to do badly. */
export function checkHighAvailability(
  draft: Draft,
  routers: readonly Router[],
  segments: readonly Segment[],
  inventory: Inventory,
): void {
  const {neutron} = draft;
  if (!neutron) return;
  checkConntrackd(neutron, inventory);
  const replicated = routers.filter(({ha}) => ha);
  if (replicated.length === 0) return;
  checkL2Population(neutron, replicated[0], inventory);
  checkIds(replicated, inventory);
  checkAgents(neutron, replicated[0], inventory);
  checkNetwork(draft, replicated, segments, inventory);
  if (neutron['ha-vrrp-advert-int'] <= longestInterval) return;
  const message = `VRRP has room for ${formatTime(longestInterval)} at most`;
  inventory.findings.mistake(inventory.findings.value(['neutron', 'ha-vrrp-advert-int']), message);
}

type NeutronDraft = NonNullable<Draft['neutron']>;

/** Both came with Juno and did not know each other; from Kilo on they did badly, from Newton on well. */
function checkL2Population(
  {release, 'l2-population': isOn}: NeutronDraft,
  {name}: Router,
  {findings}: Inventory,
): void {
  if (!isOn || isSince(release, 'newton') || isMistaken(release, findings)) return;
  const hint = 'Write l2-population: false, or release: newton or later';
  if (isSince(release, 'kilo')) {
    const message = `in ${release} l2-population sends traffic for ${name} to its old place until the server has moved its ports`;
    findings.warning(findings.key(['routers', name, 'ha']), message);
  } else {
    const message = `l2-population and highly available routers exclude each other in ${release}`;
    findings.mistake(findings.key(['routers', name, 'ha']), message, hint);
  }
}

/** Whether the file names a release that does not exist: `release` is the default then, and nothing follows from it. */
function isMistaken(release: string, findings: Inventory['findings']): boolean {
  return (findings.scalar(['neutron', 'release']) ?? release) !== release;
}

/** It came with 26.0.0. */
function checkConntrackd({release, 'ha-conntrackd-enabled': isOn}: NeutronDraft, {findings}: Inventory): void {
  if (!isOn || isSince(release, 'epoxy') || isMistaken(release, findings)) return;
  const place = findings.value(['neutron', 'ha-conntrackd-enabled']);
  findings.mistake(place, `Neutron runs no conntrackd in ${release}`, 'Write release: epoxy or later');
}

function checkIds(routers: readonly Router[], {findings}: Inventory): void {
  const counts = new Map<string, number>();
  for (const {name, project} of routers) {
    const count = (counts.get(project) ?? 0) + 1;
    counts.set(project, count);
    if (count !== virtualRouterIds + 1) continue;
    const message =
      `No more Virtual Router Identifier (VRID) available when creating router ${name}. ` +
      `The limit of number of HA Routers per tenant is ${virtualRouterIds}.`;
    findings.mistake(findings.key(['routers', name]), message, 'Give some routers another "project"');
  }
}

/** `min_l3_agents_per_router`, until Newton. */
function checkAgents({release}: NeutronDraft, {name}: Router, inventory: Inventory): void {
  const available = countNetworkNodes(inventory);
  if (isSince(release, 'ocata') || available >= 2) return;
  const {findings} = inventory;
  const message = `Not enough l3 agents available to ensure HA. Minimum required 2, available ${available}.`;
  findings.mistake(findings.key(['routers', name, 'ha']), message, 'Add a gateway to the chassis');
}

/** An HA network that is no tunnel needs a provider segment, and a flat one needs it alone. */
function checkNetwork(
  {neutron, networks}: Draft,
  routers: readonly Router[],
  segments: readonly Segment[],
  {findings}: Inventory,
): void {
  if (!neutron) return;
  const type = neutron['l3-ha-network-type'];
  const physical = neutron['l3-ha-network-physical-name'];
  const named = () => findings.value(['neutron', 'l3-ha-network-physical-name']);
  if (type === 'vxlan') {
    if (physical !== undefined) findings.mistake(named(), 'a vxlan network is on no provider segment');
    return;
  }
  const place = physical ?? 'provider';
  const span = () => (physical === undefined ? findings.value(['neutron', 'l3-ha-network-type']) : named());
  const providers = segments.filter(({kind}) => kind === 'provider').map(({name}) => name);
  if (!providers.includes(place)) {
    const hint = () => didYouMean(place, providers) ?? `Add it to the segments: ${place}: {kind: provider}`;
    findings.mistake(span(), `there is no provider segment ${place}`, hint);
  } else if (type === 'flat') {
    const projects = new Set(routers.map(({project}) => project));
    const other = Object.entries(networks).find(
      ([, entry]) => entry.type === 'flat' && (entry.segment ?? 'provider') === place,
    );
    if (other) findings.mistake(span(), `${other[0]} is the flat network of ${place} already`);
    else if (projects.size > 1)
      findings.mistake(span(), `${place} can have one flat network, and each project needs one`);
  }
}
