import {align} from './columns.ts';
import {nameOfFault} from './convergence.ts';
import {edgeTable} from './edge-text.ts';
import type {Judged} from './expectations.ts';
import {briefly, count, list, span} from './format.ts';
import type {Paint} from './paint.ts';
import type {Report} from './report.ts';
import {stories} from './story-text.ts';

export {plain, type Paint} from './paint.ts';

/** What a terminal is like, and what only its user wants to know. */
export type Showing = {
  /** Characters on a line; lines are not cut without it. */
  readonly width?: number | undefined;
  /** Real milliseconds that the run took; left out of what is kept in files. */
  readonly took?: number | undefined;
};

/** So many kinds of traffic have a row of their own. */
const mostGroups = 20;

/** What a run came to, for people: each fault edge with its phases, what led to the last restoration, what was expected. */
export function runText(report: Report, paint: Paint, {width = Infinity, took}: Showing = {}): string {
  const parts = [
    headline(report, took, paint),
    edgeTable(report, width, paint),
    flowTable(report, paint),
    remainder(report),
    stories(report, width, paint),
    verdicts(report, paint),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

function headline({scenario, result}: Report, took: number | undefined, paint: Paint): string {
  const {seed, duration, fingerprint} = result;
  const wall = took === undefined ? '' : ` in ${(took / 1000).toFixed(2)} s`;
  const parts = [paint.bold(scenario), `seed ${seed}`, `${briefly(duration)} simulated${wall}`];
  return [...parts, `fingerprint ${fingerprint}`].join('   ');
}

type GroupSum = {
  readonly group: string;
  flows: number;
  hit: number;
  sent: number;
  lost: number;
  late: number;
  duplicates: number;
  misdelivered: number;
  unrestored: number;
  longest: number;
};

function flowTable(report: Report, paint: Paint): string {
  const sums = sumByGroup(report);
  if (sums.length === 0) return 'No traffic: nothing could be lost.';
  const shown = [...sums].sort((a, b) => b.lost - a.lost).slice(0, mostGroups);
  const groups = sums.filter(sum => shown.includes(sum));
  const odd = (['late', 'duplicates', 'misdelivered'] as const).filter(name => sums.some(sum => sum[name] > 0));
  const rows = groups.map(sum => [
    sum.group,
    String(sum.flows),
    String(sum.hit),
    String(sum.sent),
    sum.lost > 0 ? paint.bad(String(sum.lost)) : '0',
    ...odd.map(name => String(sum[name])),
    sum.longest === 0 ? '–' : span(sum.longest),
    ...(sum.unrestored > 0 ? [paint.bad(`${sum.unrestored} not back`)] : ['']),
  ]);
  const heads = ['traffic', 'flows', 'hit', 'sent', 'lost', ...odd, 'longest outage', ''];
  const more = sums.length - groups.length;
  const rest = more > 0 ? `\n${count(more, 'kind')} of traffic that lost less not shown.` : '';
  return align(heads, rows, new Set([0])) + rest;
}

function sumByGroup({result, outages}: Report): readonly GroupSum[] {
  const sums = new Map<string, GroupSum>();
  for (const {group, ...flow} of result.flows) {
    const empty = {flows: 0, hit: 0, sent: 0, lost: 0, late: 0, duplicates: 0, misdelivered: 0, unrestored: 0};
    const sum = sums.get(group) ?? {group, ...empty, longest: 0};
    sums.set(group, sum);
    sum.flows += 1;
    sum.hit += flow.lost > 0 ? 1 : 0;
    for (const name of ['sent', 'lost', 'late', 'duplicates', 'misdelivered'] as const) sum[name] += flow[name];
  }
  for (const {flow, startAt, endAt} of outages) {
    const sum = sums.get(result.flows[flow].group);
    if (!sum) continue;
    sum.longest = Math.max(sum.longest, (endAt ?? result.duration) - startAt);
    sum.unrestored += endAt === undefined ? 1 : 0;
  }
  return [...sums.values()];
}

/** What operators asked for in vain, and losses that no edge answers for. */
function remainder({result, outages, edges}: Report): string {
  const ownerless = outages.filter(({edge}) => edge === undefined);
  const sumOf = (chosen: readonly {readonly lost: number}[]): number => chosen.reduce((sum, {lost}) => sum + lost, 0);
  const scattered = sumOf(result.flows) - sumOf(outages);
  const lines = edges.flatMap(edge =>
    edge.refusals.map(({what, subject, reason}) => `Not done: ${nameOfFault(edge)}, ${what} of ${subject}: ${reason}.`),
  );
  if (ownerless.length > 0) {
    const reasons = [...new Set(ownerless.map(({reason, place}) => `${reason} at ${place}`))];
    const shown = reasons.length > 3 ? [...reasons.slice(0, 3), 'elsewhere'] : reasons;
    const flows = count(new Set(ownerless.map(({flow}) => flow)).size, 'flow');
    const early = ownerless.every(({startAt}) => edges.every(({at}) => startAt < at));
    lines.push(
      `${early ? 'Before any fault' : 'By no fault'} ${flows} lost ${count(sumOf(ownerless), 'packet')}: ${list(shown)}.`,
    );
  }
  if (scattered > 0) {
    lines.push(`Random loss took ${count(scattered, 'packet')} here and there, too few in a row to make an outage.`);
  }
  return lines.join('\n');
}

function verdicts({judged}: Report, paint: Paint): string {
  if (judged.length === 0) return '';
  const rows = judged.map((line, index) => [
    index === 0 ? 'expect' : '',
    line.text,
    actual(line),
    line.held ? paint.good('ok') : paint.bad('MISSED'),
  ]);
  const missed = judged.filter(({held}) => !held).length;
  const [, ...lines] = align(['', '', '', ''], rows, new Set([0, 1, 3])).split('\n');
  if (missed > 0) lines.push('', paint.bad(`${missed} of ${judged.length} expectations missed.`));
  return lines.join('\n');
}

/** What was measured; "none" where there was nothing to measure, which is judged as 0. */
function actual({actual: value, unit, samples}: Judged): string {
  if (value === undefined) return samples === 0 ? 'none' : 'never';
  return unit === 'ms' ? span(value * 1000) : String(value);
}
