import {breakageOf} from './breakage.ts';
import {checkTimes} from './check-faults.ts';
import type {Findings, Path} from './findings.ts';
import type {LanDraft} from './grammar-lans.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Fault, Machine, Segment, Target} from './scenario.ts';
import {missing, soundEntries} from './sections.ts';
import {formatTime} from './units.ts';

type FaultDraft = LanDraft['faults'][string];

const forms = 'A target is a machine, master of <instance>, backup of <instance>, or switch';

/** Checks that each fault strikes something that it can break, within the run. */
export function checkLanFaults(
  draft: LanDraft,
  flawed: ReadonlySet<string>,
  machines: readonly Machine[],
  lans: readonly Segment[],
  findings: Findings,
): readonly Fault[] {
  return soundEntries(draft.faults, 'faults', flawed).map(([name, entry]) => {
    const path: Path = ['faults', name];
    checkTimes(entry, draft.duration, path, {findings});
    const targets = targetsOf(entry, path, machines, findings);
    for (const target of targets) checkTarget(entry, target, path, machines, lans, findings);
    return {name, breakage: breakageOf(entry), targets, at: entry.at, lasts: entry.for, repeat: entry.repeat};
  });
}

/** Checks what operators change. */
export function checkLanOperations(
  draft: LanDraft,
  flawed: ReadonlySet<string>,
  machines: readonly Machine[],
  findings: Findings,
): readonly Fault[] {
  return soundEntries(draft.operations, 'operations', flawed).map(([name, entry]) => {
    const path: Path = ['operations', name];
    if (findings.has(['faults', name])) findings.mistake(findings.key(path), `${name} is the name of a fault already`);
    const latest = entry.at.base + entry.at.random;
    if (latest > draft.duration || entry.at.base >= draft.duration) {
      const message = `${name} may come as late as ${formatTime(latest)}, and the run ends at ${formatTime(draft.duration)}`;
      findings.mistake(findings.value([...path, 'at']), message);
    }
    const {machine, instance, priority, nopreempt, at} = entry;
    const found = machines.find(candidate => candidate.name === machine);
    if (!found) missing('machine', machine, [...path, 'machine'], machines, findings);
    else checkInstance(instance, [found], [...path, 'instance'], findings);
    if (priority === undefined && nopreempt === undefined) {
      findings.mistake(findings.key(path), 'nothing is changed', 'Write priority or nopreempt');
    }
    return {
      ...{name, at, lasts: undefined, repeat: undefined},
      breakage: {kind: 'operation', operation: {what: 'reload', instance, priority, nopreempt}},
      targets: [{kind: 'subject', name: machine}],
    };
  });
}

function targetsOf({of}: FaultDraft, path: Path, machines: readonly Machine[], findings: Findings): readonly Target[] {
  const texts = typeof of === 'string' ? [of] : of;
  const seen = new Set<string>();
  return texts.flatMap((text, index): readonly Target[] => {
    const place = typeof of === 'string' ? [...path, 'of'] : [...path, 'of', index];
    if (seen.has(text)) findings.mistake(findings.value(place), `${text} stands here twice`);
    seen.add(text);
    if (text === 'switch') return [{kind: 'switch'}];
    const role = /^(master|backup) of (\S+)$/.exec(text);
    if (role) {
      checkInstance(role[2], machines, place, findings);
      if (role[1] === 'master') return [{kind: 'active gateway', router: role[2]}];
      return [{kind: 'standby gateway', router: role[2], rank: 1}];
    }
    if (machines.some(({name}) => name === text)) return [{kind: 'chassis', name: text}];
    const names = ['switch', ...machines.map(({name}) => name)];
    findings.mistake(
      findings.value(place),
      `machine ${quote(text)} does not exist`,
      () => didYouMean(text, names) ?? forms,
    );
    return [];
  });
}

function checkInstance(instance: string, machines: readonly Machine[], path: Path, findings: Findings): void {
  const names = machines.flatMap(({keepalived}) => keepalived?.instances ?? []);
  if (!names.some(({name}) => name === instance)) missing('instance', instance, path, names, findings);
}

function checkTarget(
  entry: FaultDraft,
  target: Target,
  path: Path,
  machines: readonly Machine[],
  lans: readonly Segment[],
  findings: Findings,
): void {
  if (target.kind === 'switch') {
    checkSwitch(entry, path, lans, findings);
    return;
  }
  const machine = target.kind === 'chassis' ? machines.find(({name}) => name === target.name) : undefined;
  if (!machine) return;
  const {name, interfaces, keepalived} = machine;
  if ('nic' in entry && entry.nic !== 'all' && !interfaces.some(device => device.name === entry.nic)) {
    missing(`${name} has no interface of that name:`, entry.nic, [...path, 'nic'], interfaces, findings);
  }
  const needsDaemon = entry.break === 'keepalived' || entry.break === 'script';
  if (needsDaemon && !keepalived) findings.mistake(findings.value([...path, 'of']), `${name} runs no keepalived`);
  if (entry.break !== 'script' || !keepalived) return;
  const {scripts} = keepalived;
  if (!scripts.some(script => script.name === entry.script)) {
    missing('script', entry.script, [...path, 'script'], scripts, findings);
  }
}

function checkSwitch(entry: FaultDraft, path: Path, lans: readonly Segment[], findings: Findings): void {
  if (entry.break !== 'loss' && entry.break !== 'latency' && entry.break !== 'black-hole') {
    const message = `a switch can have loss, latency or a black hole, not ${entry.break}`;
    findings.mistake(findings.value([...path, 'break']), message);
  } else if (!lans.some(({name}) => name === entry.nic)) {
    missing('LAN', entry.nic, [...path, 'nic'], lans, findings);
  } else if (entry.direction !== 'both') {
    const message = 'a switch has no direction of its own: leave "direction" out';
    findings.mistake(findings.value([...path, 'direction']), message);
  }
}
