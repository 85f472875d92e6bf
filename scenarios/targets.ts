import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Target} from './scenario.ts';
import type {Span} from './source.ts';

/** What may stand under `of`, for hints. */
const forms =
  'A target is a chassis, a host, all chassis, all computes, all gateways, active gateway of <router>, ' +
  'standby gateway of <router>, chassis of <vm>, upstream of <network>, or switch';

const groups: ReadonlyMap<string, Target> = new Map([
  ['all chassis', {kind: 'all chassis', role: undefined}],
  ['all computes', {kind: 'all chassis', role: 'compute'}],
  ['all gateways', {kind: 'all chassis', role: 'gateway'}],
  ['all controllers', {kind: 'all chassis', role: 'controller'}],
  ['switch', {kind: 'switch'}],
]);

/**
 * The targets that one text stands for; none, with a mistake, if it stands for none. `span` is where the text stands,
 * `word` where a name in it does.
 */
export function readTargets(
  text: string,
  span: () => Span,
  word: (name: string) => Span,
  inventory: Inventory,
): readonly Target[] {
  const {findings, networks, routers, vms} = inventory;
  const group = groups.get(text);
  if (group) {
    const {chassis} = inventory;
    const isEmpty =
      group.kind === 'all chassis' && group.role !== undefined && !chassis.things.some(({role}) => role === group.role);
    if (isEmpty && !chassis.hasFlaws) findings.mistake(span(), `there are none: no chassis is a ${group.role}`);
    return [group];
  }
  const active = /^active (?:gateway|router) of (\S+)$/.exec(text);
  if (active) {
    checkRank(active[1], 0, () => word(active[1]), inventory);
    return [{kind: 'active gateway', router: active[1]}];
  }
  const standby = /^standby (?:gateway|router)(?: ([1-9]\d{0,3}))? of (\S+)$/.exec(text);
  if (standby) {
    const rank = Number(standby[1] ?? 1);
    checkRank(standby[2], rank, () => word(standby[2]), inventory);
    return [{kind: 'standby gateway', router: standby[2], rank}];
  }
  const host = /^chassis of (\S+)$/.exec(text);
  if (host) {
    vms.find(host[1], () => word(host[1]));
    return [{kind: 'chassis of vm', vm: host[1]}];
  }
  const upstream = /^upstream(?: ([1-9]\d{0,3}))? of (\S+)$/.exec(text);
  if (upstream) {
    const rank = Number(upstream[1] ?? 1);
    checkUpstream(upstream[2], rank, () => word(upstream[2]), inventory);
    return [{kind: 'upstream', network: upstream[2], rank}];
  }
  if (/\s/.test(text)) {
    const phrases = [
      ...groups.keys(),
      ...[...routers.names].slice(0, 100).map(name => `active gateway of ${name}`),
      ...[...networks.names].slice(0, 100).map(name => `upstream of ${name}`),
    ];
    findings.mistake(span(), `${quote(text)} is not a target`, () => didYouMean(text, phrases) ?? forms);
    return [];
  }
  return readNames(text, span, inventory);
}

/** What the target is called in messages. */
export function wordsOf(target: Target): string {
  if (target.kind === 'active gateway') return `the active gateway of ${target.router}`;
  if (target.kind === 'standby gateway') return `standby gateway ${target.rank} of ${target.router}`;
  if (target.kind === 'chassis of vm') return `the chassis of ${target.vm}`;
  if (target.kind === 'upstream') return `upstream ${target.rank} of ${target.network}`;
  if (target.kind === 'all chassis') return target.role === undefined ? 'all chassis' : `all ${target.role}s`;
  return target.kind === 'switch' ? 'the switch' : target.name;
}

function readNames(text: string, span: () => Span, inventory: Inventory): readonly Target[] {
  const {chassis, hosts, findings} = inventory;
  const targets: Target[] = [];
  for (const name of inventory.expand(text, span)) {
    if (chassis.has(name)) {
      targets.push({kind: 'chassis', name});
    } else if (hosts.has(name)) {
      targets.push({kind: 'host', name});
    } else {
      const known = [...groups.keys(), ...hosts.names];
      const hint = () => didYouMean(name, known) ?? chassis.suggest(name) ?? otherKind(name, inventory) ?? forms;
      if (!chassis.mayHave(name) && !hosts.mayHave(name)) {
        findings.mistake(span(), `chassis ${quote(name)} does not exist`, hint);
      }
      break;
    }
  }
  return targets;
}

function otherKind(name: string, {vms, routers, networks}: Inventory): string | undefined {
  if (vms.has(name)) return `${name} is a VM: write chassis of ${name}`;
  if (networks.get(name)?.external) return `${name} is a network: write upstream of ${name}`;
  return routers.has(name) ? `${name} is a router: write active gateway of ${name}` : undefined;
}

function checkRank(name: string, rank: number, span: () => Span, {routers, findings}: Inventory): void {
  const router = routers.find(name, span);
  if (!router || router.gateways > rank) return;
  if (router.gateways === 0) {
    findings.mistake(span(), `${name} has no gateway chassis`);
  } else {
    findings.mistake(span(), `${name} has ${router.gateways} gateway chassis, so there is no standby ${rank}`);
  }
}

function checkUpstream(name: string, rank: number, span: () => Span, {networks, findings}: Inventory): void {
  const network = networks.find(name, span);
  if (!network || network.gateways.length >= rank) return;
  const {length} = network.gateways;
  const has = length === 0 ? 'no gateway' : length === 1 ? 'one gateway' : `${length} gateways`;
  findings.mistake(span(), `${name} has ${has}, so there is no upstream ${rank}`);
}
