import {toMilliseconds} from '../engine/time.ts';
import type {Findings, Path} from './findings.ts';
import {quantities, type Quantity} from '../models/events/quantities.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {Expectation} from './scenario.ts';
import {parseTime, type Parsed} from './units.ts';

/** The parts of a file that expectations speak of. */
type Draft = {
  readonly expect: readonly string[];
  readonly faults: Readonly<Record<string, {readonly for?: unknown; readonly how?: string}>>;
};

type Groups = {readonly traffic: readonly string[]; readonly faults: readonly string[]};

/** Reads the lines `metric comparison value` and checks that each metric exists in this scenario. */
export function checkExpectations(draft: Draft, findings: Findings): readonly Expectation[] {
  const groups = {
    traffic: findings.keysOf(['traffic']),
    faults: [...findings.keysOf(['faults']), ...findings.keysOf(['operations'])],
  };
  for (const name of groups.faults) {
    if (!groups.traffic.includes(name)) continue;
    const message = `${quote(name)} is the name of a traffic group already, and metrics could not tell them apart`;
    findings.mistake(findings.key([findings.has(['faults', name]) ? 'faults' : 'operations', name]), message);
  }
  return draft.expect.flatMap((text, index) => checkLine(text, ['expect', index], groups, draft, findings));
}

function checkLine(text: string, path: Path, groups: Groups, draft: Draft, findings: Findings): Expectation[] {
  const match = /^(\S+)\s+(<|<=|==|!=|>=|>)\s+(\S+)$/.exec(text.trim());
  if (!match) {
    const hint = 'Write it as metric, comparison, value: convergence.max < 3.2s';
    findings.mistake(findings.value(path), `${quote(text)} is not an expectation`, hint);
    return [];
  }
  const [, metric, comparison, word] = match;
  const [name, statistic, ...rest] = metric.split('.');
  const quantity = quantities.find(candidate => candidate.name === name);
  if (!quantity) {
    const names = quantities.map(candidate => candidate.name);
    const hint = () => didYouMean(name, names) ?? `There are ${names.join(', ')}`;
    findings.mistake(findings.word(path, name), `there is no metric ${quote(name)}`, hint);
    return [];
  }
  if (!quantity.statistics.some(candidate => candidate === statistic)) {
    const hint = () => didYouMean(statistic ?? '', quantity.statistics);
    const has = `${name} has ${quantity.statistics.join(', ')}`;
    const message = statistic === undefined ? `${name} needs a statistic` : `${name} has no ${quote(statistic)}`;
    findings.mistake(findings.word(path, metric), message, () => hint() ?? has);
  }
  const group = rest.join('.');
  const flaw = rest.length > 0 ? groupFlaw(group, quantity, groups, draft) : undefined;
  if (flaw) findings.mistake(findings.word(path, group), flaw.message, flaw.hint);
  const value = parseValue(word, quantity, statistic);
  if ('value' in value) {
    return [{text, metric, comparison: comparison as Expectation['comparison'], value: value.value}];
  }
  findings.mistake(findings.word(path, word), value.flaw, value.hint);
  return [];
}

function groupFlaw(
  group: string,
  {name, groups: kinds}: Quantity,
  {traffic, faults}: Groups,
  draft: Draft,
): {message: string; hint?: () => string | undefined} | undefined {
  if (kinds.length === 0) return {message: `${name} is counted for the whole run, not for ${quote(group)}`};
  if (traffic.includes(group)) {
    return kinds.includes('traffic')
      ? undefined
      : {message: `${name} belongs to faults, not to traffic such as ${group}`};
  }
  const [fault, edge, ...more] = group.split('.');
  if (!faults.includes(fault)) {
    const candidates = [...(kinds.includes('traffic') ? traffic : []), ...(kinds.includes('fault') ? faults : [])];
    const kind = kinds.includes('fault') ? 'traffic or fault' : 'traffic';
    return {message: `there is no ${kind} ${quote(group)}`, hint: () => didYouMean(group, candidates)};
  }
  if (!kinds.includes('fault')) return {message: `${name} belongs to traffic, not to faults such as ${fault}`};
  if (edge === undefined) return undefined;
  if ((edge !== 'start' && edge !== 'end') || more.length > 0) {
    return {message: `the edges of ${fault} are ${fault}.start and ${fault}.end`};
  }
  const entry = draft.faults[fault] as Draft['faults'][string] | undefined;
  if (edge === 'end' && !entry) return {message: `${fault} is done at once and has no end`};
  const neverEnds = entry?.for === undefined && entry?.how !== 'restart';
  return edge === 'end' && entry && neverEnds ? {message: `${fault} never ends: it has no "for"`} : undefined;
}

function parseValue(
  word: string,
  {name, unit: usual, counted}: Quantity,
  statistic: string | undefined,
): Parsed<number> {
  const unit = statistic === 'count' ? counted : usual;
  if (unit === 'ms') {
    const time = parseTime(word);
    return 'value' in time ? {value: toMilliseconds(time.value)} : time;
  }
  if (/^\d{1,15}(\.\d{1,9})?$/.test(word)) return {value: Number(word)};
  return {flaw: `${quote(word)} is not a number, and ${name} counts ${unit}`};
}
