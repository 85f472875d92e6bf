import Table from 'cli-table3';
import {chainTo} from './chains.ts';
import type {Edge} from './convergence.ts';
import {tellEvent} from './event-text.ts';
import type {Judged} from './expectations.ts';
import {moment, span} from './format.ts';
import type {Outage} from './outages.ts';
import type {Report} from './report.ts';

/** How words stand out; plain text where the terminal shows no colours. */
export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
};

const same = (text: string): string => text;
export const plain: Paint = {good: same, bad: same, dim: same, bold: same};

/** So many edges are told in full. */
const mostEdges = 12;

/** What a run came to, for people: each fault edge with its phases, what led to the last restoration, what was expected. */
export function runText(report: Report, paint: Paint): string {
  const parts = [
    headline(report, paint),
    edgeTable(report),
    flowTable(report, paint),
    stories(report, paint),
    verdicts(report, paint),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

function headline({scenario, result}: Report, paint: Paint): string {
  const {seed, duration, fingerprint} = result;
  return `${paint.bold(scenario)}   seed ${seed}   ${span(duration)} simulated   fingerprint ${fingerprint}`;
}

function edgeTable({edges, result}: Report): string {
  if (edges.length === 0) return 'No fault struck.';
  const rows = edges
    .slice(0, mostEdges)
    .map(edge => [
      nameOf(edge),
      edge.edge,
      `${moment(edge.at)} s`,
      phase(edge, 'detection'),
      phase(edge, 'decision'),
      phase(edge, 'propagation'),
      phase(edge, 'restoration'),
      convergence(edge),
      `${edge.flowsAffected} of ${result.flows.length}`,
      String(edge.packetsLost),
    ]);
  const heads = [
    'fault',
    'edge',
    'at',
    'detection',
    'decision',
    'propagation',
    'restoration',
    'convergence',
    'flows',
    'lost',
  ];
  const more = edges.length - mostEdges;
  return align(heads, rows, new Set([0, 1])) + (more > 0 ? `\n… and ${more} more edges in convergence.csv` : '');
}

function flowTable({result, outages}: Report, paint: Paint): string {
  const groups = [...new Set(result.flows.map(({group}) => group))];
  if (groups.length === 0) return '';
  const rows = groups.map(group => {
    const flows = result.flows.filter(flow => flow.group === group);
    const sum = (of: 'sent' | 'delivered' | 'lost'): number => flows.reduce((total, flow) => total + flow[of], 0);
    const longest = outages
      .filter(({flow}) => result.flows[flow].group === group)
      .map(({startAt, endAt}) => (endAt ?? result.duration) - startAt)
      .reduce((a, b) => Math.max(a, b), 0);
    const lost = sum('lost');
    return [
      group,
      String(flows.length),
      String(sum('sent')),
      lost > 0 ? paint.bad(String(lost)) : '0',
      longest > 0 ? span(longest) : '–',
    ];
  });
  return align(['traffic', 'flows', 'sent', 'lost', 'longest outage'], rows, new Set([0]));
}

/** For each edge that hit someone: the chain of causes that led to the restoration of its last flow. */
function stories(report: Report, paint: Paint): string {
  const told = report.edges.filter(({flowsAffected}) => flowsAffected > 0).slice(0, mostEdges);
  return told.map(edge => story(edge, report, paint)).join('\n\n');
}

function story(edge: Edge, {result}: Report, paint: Paint): string {
  const worst = edge.outages.reduce((a, b) => ((b.endAt ?? Infinity) > (a.endAt ?? Infinity) ? b : a));
  const title = `${paint.bold(`${nameOf(edge)} ${edge.edge}`)}: ${outcome(worst, result.flows[worst.flow].name)}`;
  const chain = chainTo(result.announcements, worst.restored ?? 0).filter(({at}) => at >= edge.at);
  const lines = chain.map(announcement => {
    const {chassis, subject, detail} = tellEvent(announcement);
    const who =
      announcement.kind === 'flow restored'
        ? result.flows[worst.flow].name
        : [chassis, subject].filter(Boolean).join(' ');
    return `  ${moment(announcement.at).padStart(9)}  ${paint.dim(`+${moment(announcement.at - edge.at)}`)}  ${who}: ${detail}`;
  });
  return [title, ...lines].join('\n');
}

function outcome({endAt, lost, startAt, reason, place}: Outage, flow: string): string {
  const where = `${reason} at ${place}`;
  if (endAt === undefined) return `${flow} never came back (${lost} lost: ${where})`;
  return `${flow} was the last to come back, after ${span(endAt - startAt)} and ${lost} lost (${where})`;
}

function verdicts({judged}: Report, paint: Paint): string {
  if (judged.length === 0) return '';
  const rows = judged.map(line => [line.text, actual(line), line.held ? paint.good('ok') : paint.bad('MISSED')]);
  return align(['expect', '', ''], rows, new Set([0, 2]));
}

function actual({actual: value, unit}: Judged): string {
  if (value === undefined) return 'never';
  return unit === 'ms' ? span(value * 1000) : String(Math.round(value * 1000) / 1000);
}

function nameOf({fault, occurrence}: Edge): string {
  return occurrence > 1 ? `${fault}#${occurrence}` : fault;
}

function phase({phases, flowsAffected}: Edge, name: 'detection' | 'decision' | 'propagation' | 'restoration'): string {
  return flowsAffected === 0 || !phases ? '–' : span(phases[name]);
}

function convergence({convergence: time, flowsAffected}: Edge): string {
  if (flowsAffected === 0) return '–';
  return time === undefined ? 'never' : span(time);
}

/** Columns under their heads, two blanks apart; numbers to the right. */
function align(heads: readonly string[], rows: readonly (readonly string[])[], left: ReadonlySet<number>): string {
  const none = '';
  const borders = [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ];
  const table = new Table({
    head: [...heads],
    chars: {...Object.fromEntries(borders.map(border => [border, none])), middle: '  '},
    style: {'padding-left': 0, 'padding-right': 0, head: [], border: []},
    colAligns: heads.map((_, column) => (left.has(column) ? 'left' : 'right')),
  });
  table.push(...rows.map(row => [...row]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}
