import pc from 'picocolors';
import type {Argv} from 'yargs';
import {explain, type Explanation, type ExplainedOutage} from '../../reports/explanation.ts';
import {count, list} from '../../reports/format.ts';
import {plain, type Paint} from '../../reports/paint.ts';
import {slowText} from '../../reports/sweeps/slow-text.ts';
import {nearest} from '../../scenarios/near-miss.ts';
import {Failure} from '../failure.ts';
import {formatOption, wordOption} from '../options.ts';
import {isSweep, readRunFolder} from '../read-results.ts';
import {readSweepResults} from '../sweeps/read-sweep-results.ts';
import type {Command} from './command.ts';

type Options = {
  readonly folder: string;
  readonly fault: string | undefined;
  readonly flow: string | undefined;
  readonly format: 'text' | 'json';
};

export const explainCommand: Command<Options> = {
  command: 'explain <folder>',
  describe: 'Tell what led from each fault to the end of each outage, and how long each link took',
  optionNames: ['fault', 'flow', 'format'],
  builder: yargs => options(yargs),
  handler: tell,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('folder', {type: 'string', demandOption: true, describe: 'What run --out, sweep --out or merge wrote'})
    .option('fault', wordOption('fault', 'Only what followed from it: its name, alone or with .start or .end'))
    .option('flow', wordOption('flow', 'Only flows with this in their names, each outage for itself'))
    .option('format', formatOption(['text', 'json']))
    .example('$0 run ovn-three-gateways --out out && $0 explain out', 'why it took so long')
    .example('$0 explain out --fault underlay.start', 'what followed from one edge of one fault')
    .example('$0 explain out --flow snat', 'every outage of these flows')
    .example('$0 sweep gateway.yaml --out sweep && $0 explain sweep', 'which link makes the slow seeds slow');
}

async function tell({folder, fault, flow, format}: Options): Promise<void> {
  if (isSweep(folder)) {
    await tellSweep(folder, fault, flow, format);
    return;
  }
  const {scenario, seed, explanations, others} = readRunFolder(folder);
  const chosen = ofFlow(ofFault(explanations, fault), explanations, others, flow);
  const ownerless = fault === undefined ? others.filter(({flow: name}) => name.includes(flow ?? '')) : [];
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify({scenario, seed, chains: chosen.map(inMs)}, undefined, 2)}\n`);
    return;
  }
  const {isTTY, columns} = process.stdout;
  const width = isTTY ? columns : Infinity;
  const paint: Paint = isTTY && pc.isColorSupported ? {good: pc.green, bad: pc.red, dim: pc.dim, bold: pc.bold} : plain;
  const texts = chosen.map(explanation => explain(explanation, width, paint));
  if (ownerless.length > 0) texts.push(`${count(ownerless.length, 'outage')} followed from no fault.`);
  if (texts.length === 0) texts.push('No fault took a flow out.');
  process.stdout.write(`${[`${scenario}   seed ${seed}`, ...texts].join('\n\n')}\n`);
}

/** What makes the slow seeds of a sweep slow. */
async function tellSweep(
  folder: string,
  fault: string | undefined,
  flow: string | undefined,
  format: Options['format'],
): Promise<void> {
  if (flow !== undefined || format !== 'text') {
    throw new Failure(
      `${folder}: of a sweep there is only --fault; --${flow === undefined ? 'format' : 'flow'} is for a run`,
    );
  }
  const {results} = await readSweepResults(folder);
  const edges = new Set<string>();
  for (const run of results.table.present()) for (const [edge] of results.table.outline(run)!.chains) edges.add(edge);
  const isChosen = (edge: string): boolean =>
    fault === undefined || edge === fault || edge.replace(/\.(start|end)$/, '') === fault;
  if (fault !== undefined && ![...edges].some(isChosen)) {
    throw new Failure(`no run came back from ${fault}. ${choice(fault, [...edges], 'fault')}`);
  }
  const {isTTY, columns} = process.stdout;
  process.stdout.write(slowText(results, isChosen, isTTY ? columns : Infinity));
}

function ofFault(all: readonly Explanation[], asked: string | undefined): readonly Explanation[] {
  if (asked === undefined) return all;
  const chosen = all.filter(({edge}) => edge === asked || edge.replace(/\.(start|end)$/, '') === asked);
  const names = [...new Set(all.map(({edge}) => edge))];
  if (chosen.length === 0) throw new Failure(`no outage follows from ${asked}. ${choice(asked, names, 'fault')}`);
  return chosen;
}

/** Each outage of its own. */
function ofFlow(
  chosen: readonly Explanation[],
  all: readonly Explanation[],
  others: readonly ExplainedOutage[],
  asked: string | undefined,
): readonly Explanation[] {
  if (asked === undefined) return chosen;
  const isMeant = ({flow}: ExplainedOutage): boolean => flow.includes(asked);
  const own = chosen.flatMap(chain =>
    chain.outages.filter(isMeant).map((outage): Explanation => ({...chain, outages: [outage]})),
  );
  if (own.length > 0 || others.some(isMeant)) return own;
  const names = [...new Set([...all.flatMap(({outages}) => outages), ...others].map(({flow}) => flow))];
  throw new Failure(`no flow with an outage has ${JSON.stringify(asked)} in its name. ${choice(asked, names, 'flow')}`);
}

function choice(asked: string, names: readonly string[], what: string): string {
  const near = nearest(asked, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (names.length === 0) return 'No fault took a flow out.';
  const shown = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names;
  return `Outages have ${shown.length === 1 ? `only the ${what}` : `the ${what}s`} ${list(shown)}.`;
}

function inMs({edge, links, met, outages}: Explanation): object {
  return {
    edge,
    links: [...links, ...met].map(({at, took, ...rest}) => ({at_ms: at / 1000, took_ms: took / 1000, ...rest})),
    outages: outages.map(({flow, startAt, endAt, lost, reason}) => ({
      ...{flow, start_ms: startAt / 1000, end_ms: endAt === undefined ? null : endAt / 1000},
      ...{packets_lost: lost, reason},
    })),
  };
}
