import {adviceFor} from '../advice.ts';
import {align, wrap} from '../columns.ts';
import {count, list} from '../format.ts';
import {Bootstrap} from './bootstrap.ts';
import {labelsOf} from './design.ts';
import {shown} from './figures.ts';
import {findSlowSeeds, type LinkShare, type RunChain, type SlowSeeds} from './slow-seeds.ts';
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
  const rows = links
    .slice(0, most)
    .map(link => [
      `  ${nameOf(link)}`,
      ...[shown(link.slow, 'ms'), shown(link.others, 'ms')],
      `${Math.round(((link.slow - link.others) / apart) * 100)} %`,
      `${Math.round(link.inSlow * 100)} %, ${Math.round(link.inOthers * 100)} %`,
    ]);
  const table = align(['  link', 'slow', 'others', 'share of what they differ', 'in slow, others'], rows, new Set([0]));
  const [first] = links;
  const {advice, page} = adviceFor(first.event);
  const verdict = `Most of it is ${nameOf(first)}. ${advice} See docs/${page}.`;
  return [wrap(head, width, 2), table, wrap(verdict, width, 2)].join('\n');
}

function nameOf({event, step}: Pick<LinkShare, 'event' | 'step'>): string {
  if (step === '') return event;
  return step === 'restored' ? 'the first packet through' : `${event} (${step})`;
}
