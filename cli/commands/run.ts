import {createHash} from 'node:crypto';
import pc from 'picocolors';
import type {Argv, CommandModule} from 'yargs';
import type {Time} from '../../engine/time.ts';
import {seconds} from '../../engine/time.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {makeReport, type Report} from '../../reports/report.ts';
import {runJson} from '../../reports/run-json.ts';
import {plain, runText, type Paint} from '../../reports/run-text.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {Run} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {exitStatus} from '../failure.ts';
import {version} from '../package-files.ts';
import {Progress} from '../progress.ts';
import {checkScenario, openScenario, type ScenarioFile} from '../scenario-files.ts';
import {writeResults} from '../write-results.ts';

type Options = {
  readonly scenario: string;
  readonly seed: string;
  readonly set: readonly string[];
  readonly out: string | undefined;
  readonly format: 'table' | 'json';
  readonly stepped: boolean;
};

/** Simulated time between looks at signals and the clock. */
const slice: Time = seconds(0.5);

export const runCommand: CommandModule<object, Options> = {
  command: 'run <scenario>',
  describe: 'Run a scenario and say what it came to',
  builder: yargs => options(yargs),
  handler: run,
};

function options(yargs: Argv<object>): Argv<Options> {
  return yargs
    .positional('scenario', {type: 'string', demandOption: true, describe: 'A scenario file, or a name from `list`'})
    .option('seed', {type: 'string', default: '1', describe: 'What chance starts from: any text, usually a number'})
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Change a value of the file: path=value, any number of times',
    })
    .option('out', {type: 'string', describe: 'Write the CSV files and manifest.json into this folder'})
    .option('format', {choices: ['table', 'json'] as const, default: 'table' as const, describe: 'What to print'})
    .option('stepped', {
      type: 'boolean',
      default: false,
      describe: 'Run every packet instead of counting what repeats; slower, the same results',
    })
    .example('$0 run ovn-three-gateways', 'run a scenario of the library')
    .example('$0 run gateway.yaml --seed 7 --out results', 'keep the results')
    .example('$0 run gateway.yaml --set bfd-mult=5 --set duration=90s', 'change it for this run');
}

async function run({scenario: name, seed, set, out, format, stepped}: Options): Promise<void> {
  const file = openScenario(name);
  const scenario = checkScenario(file, set, line => process.stderr.write(`${line}\n`));
  const report = await simulate(scenario, seed, stepped);
  if (out !== undefined) {
    const manifest = {name: 'manifest.json', text: manifestOf(report, scenario, file, set)};
    writeResults(out, [...makeCsvFiles(report), manifest], manifest.name);
  }
  process.stdout.write(format === 'json' ? `${runJson(report)}\n` : runText(report, paint()));
  if (out !== undefined) process.stderr.write(`results in ${out}\n`);
  if (report.judged.some(({held}) => !held)) process.exitCode = exitStatus.missed;
}

/** Runs in slices of simulated time, so that signals are heard and progress is seen. */
async function simulate(scenario: Scenario, seed: string, stepped: boolean): Promise<Report> {
  const progress = new Progress(process.stderr);
  const run = new Run(makePlan(scenario, seed), {stepped});
  while (!run.done) {
    run.advance(run.now + slice);
    progress.show(run.now / scenario.duration, scenario.name);
    await new Promise(resolve => setImmediate(resolve));
  }
  progress.end();
  return makeReport(scenario.name, run.result(), scenario.expectations);
}

function manifestOf(
  report: Report,
  scenario: Scenario,
  {path, text}: ScenarioFile,
  settings: readonly string[],
): string {
  const {seed, fingerprint} = report.result;
  const words = ['faultline', 'run', path, '--seed', seed, ...settings.flatMap(setting => ['--set', setting])];
  return `${JSON.stringify(
    {
      faultline: version,
      scenario: scenario.name,
      scenario_sha256: createHash('sha256').update(text).digest('hex'),
      settings,
      seed,
      fingerprint,
      duration_s: scenario.duration / 1_000_000,
      timers_ms: {
        'bfd-min-rx': scenario.ovn['bfd-min-rx'] / 1000,
        'bfd-min-tx': scenario.ovn['bfd-min-tx'] / 1000,
        'bfd-mult': scenario.ovn['bfd-mult'],
        'bfd-decay-min-rx': scenario.ovn['bfd-decay-min-rx'] / 1000,
        'ovn-remote-probe-interval': scenario.ovn['ovn-remote-probe-interval'] / 1000,
      },
      repeat_with: words.map(quote).join(' '),
    },
    undefined,
    2,
  )}\n`;
}

function quote(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function paint(): Paint {
  if (!process.stdout.isTTY || !pc.isColorSupported) return plain;
  return {good: pc.green, bad: pc.red, dim: pc.dim, bold: pc.bold};
}
