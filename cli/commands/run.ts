import pc from 'picocolors';
import type {Argv} from 'yargs';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {moment} from '../../reports/format.ts';
import {makeReport, type Report} from '../../reports/report.ts';
import {runJson} from '../../reports/run-json.ts';
import {plain, runText, type Paint} from '../../reports/run-text.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {Run} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {advance} from '../advance.ts';
import {exitStatus} from '../failure.ts';
import {makeManifest, manifestName} from '../manifest.ts';
import {oneWord} from '../option-values.ts';
import {checkScenario, openScenario} from '../scenario-files.ts';
import {checkFolder, writeResults} from '../write-results.ts';
import type {Command} from './command.ts';

type Options = {
  readonly scenario: string;
  readonly seed: string;
  readonly set: readonly string[];
  readonly out: string | undefined;
  readonly format: 'table' | 'json';
  readonly stepped: boolean;
};

export const runCommand: Command<Options> = {
  command: 'run <scenario>',
  describe: 'Run a scenario and say what it came to',
  optionNames: ['seed', 'set', 'out', 'format', 'stepped'],
  builder: yargs => options(yargs),
  handler: run,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('scenario', {type: 'string', demandOption: true, describe: 'A scenario file, or a name from `list`'})
    .option('seed', {
      type: 'string',
      default: '1',
      requiresArg: true,
      coerce: oneWord('seed') as (value: unknown) => string,
      describe: 'What chance starts from: any text, usually a number',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Change a value of the file: path=value, any number of times',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      coerce: oneWord('out'),
      describe: 'Write the CSV files and manifest.json into this folder',
    })
    .option('format', {
      choices: ['table', 'json'] as const,
      default: 'table' as const,
      requiresArg: true,
      coerce: oneWord('format') as (value: unknown) => 'table' | 'json',
      describe: 'What to print',
    })
    .option('stepped', {
      type: 'boolean',
      default: false,
      describe: 'Run every packet instead of counting what repeats; slower, the same results',
    })
    .example('$0 run ovn-three-gateways', 'run a scenario of the library')
    .example('$0 run gateway.yaml --seed 7 --out results', 'keep the results')
    .example('$0 run gateway.yaml --set bfd-mult=5', 'change it for this run')
    .example('$0 run gateway.yaml --format json', 'the same figures for programs');
}

async function run({scenario: name, seed, set, out, format, stepped}: Options): Promise<void> {
  const file = openScenario(name);
  const scenario = checkScenario(file, set, line => process.stderr.write(`${line}\n`));
  if (out !== undefined) checkFolder(out, manifestName);
  const began = performance.now();
  const report = await simulate(scenario, seed, stepped);
  const took = performance.now() - began;
  if (report.judged.some(({held}) => !held)) process.exitCode = exitStatus.missed;
  try {
    if (out !== undefined) {
      const manifest = {name: manifestName, text: makeManifest(report, scenario, file, set)};
      writeResults(out, [...makeCsvFiles(report), manifest], manifestName);
      process.stderr.write(`results in ${out}\n`);
    }
  } finally {
    process.stdout.write(format === 'json' ? `${runJson(report)}\n` : table(report, took));
  }
}

async function simulate(scenario: Scenario, seed: string, stepped: boolean): Promise<Report> {
  let run: Run | undefined;
  try {
    run = new Run(makePlan(scenario, seed), {stepped});
    await advance(run, scenario.duration, scenario.name);
    return makeReport(scenario.name, run.result(), scenario.expectations, scenario.faults);
  } catch (error) {
    throw new Error(`${scenario.name}, seed ${seed}, after ${moment(run?.now ?? 0)} s:`, {cause: error});
  }
}

/** On a terminal as wide as it is, in colours, with the time it took; elsewhere always the same. */
function table(report: Report, took: number): string {
  const {isTTY, columns} = process.stdout;
  if (!isTTY) return runText(report, plain);
  const colours: Paint = {good: pc.green, bad: pc.red, dim: pc.dim, bold: pc.bold};
  return runText(report, pc.isColorSupported ? colours : plain, {width: columns, took});
}
