import {adviceFor} from '../advice.ts';
import {align, wrap} from '../columns.ts';
import {count, list} from '../format.ts';
import {Bootstrap} from './bootstrap.ts';
import {labelsOf} from './design.ts';
import {shown} from './figures.ts';
import {findSlowSeeds, growthOf, type LinkShare, type RunChain, type SlowSeeds} from './slow-seeds.ts';
import type {SweepResults} from './sweep-files.ts';

/** So many kinds of links are shown of each edge, and so many seeds. */
const most = 6;

/** For each edge at each point: which link makes the slow seeds slow. */
export function slowText(
  {design, seeds, table}: SweepResults,
  isChosen: (edge: string) => boolean,
  width: number,
): string {
  const bootstrap = new Bootstrap();
  const labels = labelsOf(design.points);
  const texts = labels.flatMap((label, point) => {
    const edges = new Map<string, RunChain[]>();
    for (const [index, seed] of seeds.entries()) {
      for (const [edge, chain] of chainsOf(table.outline(point * seeds.length + index)?.chains ?? [], seed)) {
        const own = edges.get(edge);
        if (own) own.push(chain);
        else edges.set(edge, [chain]);
      }
    }
    return [...edges]
      .filter(([edge]) => isChosen(edge))
      .map(([edge, chains]) => tellEdge(edge, label, chains, findSlowSeeds(chains, bootstrap), width));
  });
  const title = `${design.scenario}   ${count(seeds.length, 'seed')}`;
  return `${[title, ...(texts.length > 0 ? texts : ['No edge of a fault was recovered from in any run.'])].join('\n\n')}\n`;
}

function chainsOf(rows: readonly (readonly string[])[], seed: string): ReadonlyMap<string, RunChain> {
  const chains = new Map<string, {seed: string; links: {event: string; step: string; took: number}[]}>();
  for (const [edge, , took, step, , event] of rows) {
    const chain = chains.get(edge) ?? {seed, links: []};
    chains.set(edge, chain);
    chain.links.push({event, step, took: Number(took)});
  }
  return chains;
}

function tellEdge(
  edge: string,
  label: string,
  chains: readonly RunChain[],
  found: SlowSeeds | undefined,
  width: number,
): string {
  const name = `${edge.replace(/\.(start|end)$/, ' $1')}${label === '' ? '' : `, ${label}`}`;
  if (!found) return `${name}: ${count(chains.length, 'run')}; too few, or all alike`;
  const {slow, others, slowMean, othersMean, interval, links} = found;
  const apart = slowMean - othersMean;
  const range = interval ? ` [${shown(interval[0], 'ms')}, ${shown(interval[1], 'ms')}]` : '';
  const seeds = list(slow.length > most ? [...slow.slice(0, most), `${slow.length - most} more`] : slow);
  const head =
    `${name}: the slowest ${slow.length} of ${slow.length + others} seeds (${seeds}) take ${shown(slowMean, 'ms')}, ` +
    `the others ${shown(othersMean, 'ms')}: ${shown(apart, 'ms')}${range} more`;
  const shares = wholePercents(links.map(link => growthOf(link) / apart));
  const few = links.length > most ? most - 1 : links.length;
  const rows = links
    .slice(0, few)
    .map((link, index) => [
      `  ${nameOf(link)}`,
      ...[shown(link.slow, 'ms'), shown(link.others, 'ms'), `${shares[index]} %`],
      `${Math.round(link.inSlow * 100)} %, ${Math.round(link.inOthers * 100)} %`,
    ]);
  const rest = links.slice(few);
  if (rest.length > 0) {
    rows.push([
      `  the rest, ${rest.length} kinds`,
      ...[rest.map(({slow}) => slow), rest.map(({others}) => others)].map(side => shown(sum(side), 'ms')),
      ...[`${sum(shares.slice(few))} %`, ''],
    ]);
  }
  const table = align(['  link', 'slow', 'others', 'share of what they differ', 'in slow, others'], rows, new Set([0]));
  const first = links.reduce((largest, link) => (growthOf(link) > growthOf(largest) ? link : largest));
  const {advice, page} = adviceFor(first.event);
  const part = growthOf(first) > apart / 2 ? 'Most' : 'The largest part';
  const verdict = `${part} of it is ${nameOf(first)}. ${advice} See docs/${page}.`;
  return [wrap(head, width, 2), table, wrap(verdict, width, 2)].join('\n');
}

/** Shares of a whole in percent, rounded so that they add up to it: those that lose most by it are rounded up. */
function wholePercents(shares: readonly number[]): readonly number[] {
  const floors = shares.map(share => Math.floor(share * 100));
  const left = Math.round(sum(shares) * 100) - sum(floors);
  const lost = shares.map((share, index) => share * 100 - floors[index]);
  const up = new Set([...shares.keys()].sort((a, b) => lost[b] - lost[a] || a - b).slice(0, left));
  return floors.map((floor, index) => floor + (up.has(index) ? 1 : 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function nameOf({event, step}: Pick<LinkShare, 'event' | 'step'>): string {
  if (step === '') return event;
  return step === 'restored' ? 'the first packet through' : `${event} (${step})`;
}
