import {align, fits} from './columns.ts';
import {nameOfFault, type Edge} from './convergence.ts';
import {tellFault} from './fault-text.ts';
import {moment, span} from './format.ts';
import {plain, type Paint} from './paint.ts';
import type {Phases} from './phases.ts';
import type {Report} from './report.ts';

/** So many edges have a row of their own. */
const mostEdges = 12;

const nothing = '–';
const phaseNames = ['detection', 'decision', 'propagation', 'restoration'] as const;

/** Each edge of each fault with its phases, what it hit and what that cost; of very many the slowest. */
export function edgeTable(report: Report, width: number, paint: Paint): string {
  const {edges, result} = report;
  if (edges.length === 0) return 'No fault struck.';
  const shown = slowest(edges, mostEdges);
  const whats = shown.map(edge => `${refusal(edge)}${tellFault(report.faults, edge, edge.edge)}`);
  const table = [whats, undefined]
    .map(last => (colours: Paint) => tableOf(shown, last, result.flows.length, colours))
    .find(make => fits(make(plain), width));
  const rows = table
    ? table(paint)
    : shown.map((edge, index) => block(edge, whats[index], result.flows.length, paint)).join('\n');
  return shown.length === edges.length ? rows : `${rows}\n${summary(report, shown.length)}`;
}

/** The words of an operation say what was asked for; this that it was not done. */
function refusal({refusals, target}: Edge): string {
  if (refusals.length === 0) return '';
  return refusals.length < target.split(' ').length ? 'refused in part: ' : 'refused: ';
}

function summary({edges, metrics}: Report, shown: number): string {
  const hit = edges.filter(({outages}) => outages.length > 0).length;
  const convergenceOf = (statistic: string): string => {
    const value = metrics.find(({name, group}) => name === `convergence.${statistic}` && group === '')?.value;
    return value === undefined ? (hit > 0 ? 'never' : nothing) : span(value * 1000);
  };
  const figures = ['median', 'p95', 'max'].map(statistic => `${statistic} ${convergenceOf(statistic)}`).join(', ');
  return `The ${shown} slowest of ${edges.length} edges. Convergence of the ${hit} with outages: ${figures}.`;
}

/** The edges that took longest to converge, in order of time. Those that hit most count more where none converged. */
export function slowest(edges: readonly Edge[], most: number): readonly Edge[] {
  if (edges.length <= most) return edges;
  const byLength = [...edges].sort(
    (a, b) => lengthOf(b) - lengthOf(a) || b.packetsLost - a.packetsLost || a.number - b.number,
  );
  return byLength.slice(0, most).sort((a, b) => a.number - b.number);
}

function lengthOf({outages, convergence}: Edge): number {
  return outages.length === 0 ? -1 : (convergence ?? Number.MAX_SAFE_INTEGER);
}

function tableOf(edges: readonly Edge[], whats: readonly string[] | undefined, flows: number, paint: Paint): string {
  const rows = edges.map((edge, index) => [
    nameOfFault(edge),
    edge.edge,
    `${moment(edge.at)} s`,
    ...phaseNames.map(name => phase(edge, name)),
    convergence(edge, paint),
    `${edge.flowsAffected} of ${flows}`,
    String(edge.packetsLost),
    ...(whats ? [whats[index]] : []),
  ]);
  const heads = ['fault', 'edge', 'at', ...phaseNames, 'convergence', 'flows', 'lost', ...(whats ? ['what'] : [])];
  return align(heads, rows, new Set([0, 1, 10]));
}

/** An edge on lines of its own, for terminals that are too narrow for the table. */
function block(edge: Edge, what: string, flows: number, paint: Paint): string {
  const head = `${nameOfFault(edge)} ${edge.edge}  ${moment(edge.at)} s  ${what}`;
  if (edge.flowsAffected === 0) return `${head}\n  no flow hit`;
  const hit = `  convergence ${convergence(edge, paint)}, ${edge.flowsAffected} of ${flows} flows, ${edge.packetsLost} lost`;
  if (!edge.phases) return `${head}\n${hit}`;
  return `${head}\n${hit}\n  ${phaseNames.map(name => `${name} ${phase(edge, name)}`).join(', ')}`;
}

function phase({phases}: Edge, name: keyof Phases): string {
  return phases ? span(phases[name]) : nothing;
}

function convergence({convergence: time, outages}: Edge, paint: Paint): string {
  if (outages.length === 0) return nothing;
  return time === undefined ? paint.bad('never') : span(time);
}
