import {breakageOf} from './breakage.ts';
import {checkLinkKeys, controllerFlaw, outsideFlaw, switchFlaw} from './check-link-faults.ts';
import {agentFlaw, checkServedRouter, isOfRouterProgram, programBreakage} from './check-router-programs.ts';
import {cloudKinds, isForeign, mechanisms} from './cloud-kind.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Chassis, Fault, Segment, Target} from './scenario.ts';
import {readTargets, wordsOf} from './targets.ts';
import {formatTime} from './units.ts';

type FaultDraft = Draft['faults'][string];

/** Checks that each fault strikes something that it can break, within the run. */
export function checkFaults(draft: Draft, segments: readonly Segment[], inventory: Inventory): readonly Fault[] {
  return Object.entries(draft.faults).map(([name, entry]) => {
    const path: Path = ['faults', name];
    checkTimes(entry, draft.duration, path, inventory);
    checkKeys(entry, path, segments, inventory);
    if (isOfRouterProgram(entry) && !isForeign(entry.break, inventory.mechanism)) {
      checkServedRouter(entry, draft.neutron, path, inventory);
    }
    const {at, repeat} = entry;
    const targets = targetsOf(entry, path, segments, inventory);
    const breakage = isOfRouterProgram(entry) ? programBreakage(entry) : breakageOf(entry);
    return {name, breakage, targets, at, lasts: entry.for, repeat};
  });
}

/** Checks that a fault strikes within the run, and ends before it strikes again. */
export function checkTimes(
  entry: Pick<FaultDraft, 'at' | 'for' | 'repeat'> & {readonly how?: string},
  duration: number,
  path: Path,
  {findings}: Pick<Inventory, 'findings'>,
): void {
  const {at, for: lasts, repeat} = entry;
  const end = `the run ends at ${formatTime(duration)}`;
  const latest = at.base + at.random;
  const isRestart = entry.how === 'restart' || entry.how === 'reload' || entry.how === 'kill-child';
  if (at.base >= duration) {
    findings.mistake(findings.value([...path, 'at']), `${path[1]} would begin at ${formatTime(at.base)}, and ${end}`);
  } else if (latest > duration) {
    findings.mistake(
      findings.value([...path, 'at']),
      `${path[1]} may begin as late as ${formatTime(latest)}, and ${end}`,
    );
  }
  if (lasts && isRestart) {
    findings.mistake(
      findings.value([...path, 'for']),
      `a ${entry.how} takes as long as the daemon does; it has no "for"`,
    );
  } else if (lasts?.base === 0) {
    findings.mistake(findings.value([...path, 'for']), 'it would end as soon as it begins');
  } else if (lasts && latest < duration && at.base + lasts.base >= duration) {
    findings.warning(findings.value([...path, 'for']), `${path[1]} is still in force when the run ends`);
  }
  if (!repeat) return;
  const every = findings.value([...path, 'repeat', 'every']);
  if (!lasts && !isRestart) {
    findings.mistake(
      findings.key([...path, 'repeat']),
      `${path[1]} cannot come again, because it never ends`,
      'Add "for"',
    );
  } else if (lasts && lasts.base + lasts.random >= repeat.every) {
    const longest = formatTime(lasts.base + lasts.random);
    findings.mistake(every, `it lasts up to ${longest} and would begin again after ${formatTime(repeat.every)}`);
  }
  const last = at.base + repeat.every * (repeat.times - 1);
  if (at.base < duration && last >= duration) {
    const message = `the last of ${repeat.times} would begin at ${formatTime(last)}, and ${end}`;
    findings.mistake(findings.value([...path, 'repeat', 'times']), message);
  }
}

/** Keys that do not go with the value of another. */
function checkKeys(entry: FaultDraft, path: Path, segments: readonly Segment[], inventory: Inventory): void {
  const {mechanism, findings} = inventory;
  const {title, breakable} = mechanisms[mechanism];
  if (isForeign(entry.break, mechanism)) {
    const message = `this cloud is one of ${title}, which has no ${entry.break}`;
    findings.mistake(findings.value([...path, 'break']), message, `It has ${breakable.join(', ')}`);
    return;
  }
  checkLinkKeys(entry, path, segments, inventory);
  if (entry.break !== 'southbound') return;
  if (entry.how === 'kill' && entry.of !== undefined) {
    const hint = 'Write how: noticed or how: silent for the path of a chassis to it';
    findings.mistake(findings.value([...path, 'of']), 'the server itself is killed, for everyone', hint);
  }
  if (entry.how !== 'kill' && entry.of === undefined && !findings.has([...path, 'of'])) {
    findings.mistake(findings.key(path), '"of" is missing: whose path to the database', 'All of them are: all chassis');
  }
}

function targetsOf(
  entry: FaultDraft,
  path: Path,
  segments: readonly Segment[],
  inventory: Inventory,
): readonly Target[] {
  const {findings} = inventory;
  const serverOnly = isOfController(entry) || (entry.break === 'southbound' && entry.how === 'kill');
  if (entry.of === undefined || (serverOnly && entry.break === 'southbound')) {
    return serverOnly ? controllersOf(inventory) : [];
  }
  const texts = typeof entry.of === 'string' ? [entry.of] : entry.of;
  const seen = new Set<string>();
  const targets: Target[] = [];
  for (const [index, text] of texts.entries()) {
    const place: Path = typeof entry.of === 'string' ? [...path, 'of'] : [...path, 'of', index];
    const span = () => findings.value(place);
    let isReported = false;
    for (const target of readTargets(text, span, word => findings.word(place, word), inventory)) {
      const flaw = seen.has(wordsOf(target))
        ? `${wordsOf(target)} stands here twice`
        : flawOf(entry, target, segments, inventory);
      if (flaw !== undefined && !isReported) findings.mistake(span(), flaw);
      isReported ||= flaw !== undefined;
      seen.add(wordsOf(target));
      targets.push(target);
    }
  }
  return targets;
}

function isOfController(entry: FaultDraft): boolean {
  return entry.break === 'ovn-northd' || entry.break === 'neutron-server' || entry.break === 'rabbitmq-server';
}

function controllersOf({chassis}: Inventory): readonly Target[] {
  return chassis.things.filter(({role}) => role === 'controller').map(({name}) => ({kind: 'chassis', name}));
}

/** Why this cannot be broken there. */
function flawOf(
  entry: FaultDraft,
  target: Target,
  segments: readonly Segment[],
  inventory: Inventory,
): string | undefined {
  const {chassis, routers, cloud, mechanism} = inventory;
  if (isForeign(entry.break, mechanism)) return undefined;
  const words = wordsOf(target);
  if (target.kind === 'switch') return switchFlaw(entry);
  if (target.kind === 'host' || target.kind === 'upstream') return outsideFlaw(entry, target, inventory);
  const role = roleOf(target, chassis.get.bind(chassis));
  const isController = role === 'controller';
  if (isOfController(entry)) return isController ? undefined : `${words} runs no ${entry.break}`;
  if (isOfNetworkNodes(entry) && (role === 'compute' || target.kind === 'chassis of vm')) {
    return `${words} runs no ${entry.break}: only gateways do`;
  }
  if (!isController) return agentFlaw(entry, target, routers);
  const without = controllerFlaw(entry, target, segments);
  if (without !== undefined) return without;
  if ('how' in entry && entry.break !== 'southbound' && entry.break !== 'bus') return `${words} runs no ${entry.break}`;
  const {owner} = cloudKinds[cloud].tcp;
  return entry.break === 'southbound' || entry.break === 'bus' ? `${words} runs ${owner} itself` : undefined;
}

const nodeAgents: ReadonlySet<string> = new Set(['neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent']);

function isOfNetworkNodes(entry: FaultDraft): boolean {
  return nodeAgents.has(entry.break) || isOfRouterProgram(entry);
}

function roleOf(target: Target, get: (name: string) => Chassis | undefined): Chassis['role'] | undefined {
  if (target.kind === 'chassis') return get(target.name)?.role;
  return target.kind === 'all chassis' ? target.role : undefined;
}
