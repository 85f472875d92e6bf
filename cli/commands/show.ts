import type {Argv} from 'yargs';
import {toSeconds} from '../../engine/time.ts';
import {wrap} from '../../reports/columns.ts';
import {moment} from '../../reports/format.ts';
import {findObject} from '../../scenarios/find-object.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {nearest} from '../../scenarios/near-miss.ts';
import {Run} from '../../scenarios/run.ts';
import {thingsToShow} from '../../scenarios/show.ts';
import {advance} from '../advance.ts';
import {Failure} from '../failure.ts';
import {formatOption, scenarioPositional, seedOption, settingsOption, wordOption} from '../options.ts';
import {readInstant} from '../read-instant.ts';
import {checkScenario, openScenario} from '../scenario-files.ts';
import type {Command} from './command.ts';

type Options = {
  readonly scenario: string;
  readonly object: readonly string[];
  readonly at: string | undefined;
  readonly seed: string;
  readonly set: readonly string[];
  readonly format: 'text' | 'json';
};

const optionNames = ['at', 'seed', 'set', 'format'] as const;

export const showCommand: Command<Options> = {
  command: 'show <scenario> [object..]',
  describe: 'Show the state of one thing at one instant, in the words of its real tool',
  optionNames,
  builder: yargs => options(yargs),
  handler: show,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('scenario', scenarioPositional)
    .positional('object', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Where, and which tool; what there is if left out',
    })
    .option('at', wordOption('at', 'The instant, as 25s or 1500ms; the end if left out'))
    .option('seed', seedOption)
    .option('set', settingsOption)
    .option('format', formatOption(['text', 'json']))
    .example('$0 show ovn-three-gateways', 'what there is to look at')
    .example('$0 show ovn-three-gateways ovn-sbctl show --at 25s', 'who has the gateway port by then')
    .example('$0 show ovn-three-gateways gw1 ovs-appctl bfd/show', 'its tunnels at the end');
}

async function show({scenario: name, object: words, at, seed, set, format}: Options): Promise<void> {
  refuseOptions(words);
  const file = openScenario(name);
  const scenario = checkScenario(file, set, line => process.stderr.write(`${line}\n`));
  const until = at === undefined ? scenario.duration : readInstant('at', at, scenario.duration);
  let run: Run | undefined;
  try {
    run = new Run(makePlan(scenario, seed));
    const exhibits = thingsToShow(run);
    if (words.length === 0) {
      process.stdout.write(listOf(exhibits, format));
      return;
    }
    const found = findObject(exhibits, words);
    if ('flaw' in found) throw new Failure(`${found.flaw}\nSee faultline show ${name}.`);
    await advance(run, until, scenario.name);
    const {object} = found;
    const shown = {scenario: scenario.name, seed, at_s: toSeconds(until), object, text: found.show()};
    process.stdout.write(format === 'json' ? json(shown) : shown.text);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Error(`${scenario.name}, seed ${seed}, after ${moment(run?.now ?? 0)} s:`, {cause: error});
  }
}

/** Options of the real tools are words of the object; two dashes no tool here needs. */
function refuseOptions(words: readonly string[]): void {
  const strange = words.find(word => word.startsWith('--'));
  if (strange === undefined) return;
  const option = strange.slice(2).replace(/=.*$/s, '');
  const near = nearest(option, [...optionNames, 'help', 'version']);
  const hint = near === undefined ? '' : ` Did you mean --${near}?`;
  throw new Failure(`there is no option --${option}.${hint}\nSee faultline show --help.`);
}

/** Groups of places, each with the tools that go with every one of them. */
function listOf(exhibits: ReturnType<typeof thingsToShow>, format: Options['format']): string {
  const groups = exhibits.map(({title, places, tools, remark}) => {
    return {title, places, tools: tools.map(({words}) => words), ...(remark !== undefined && {remark})};
  });
  if (format === 'json') return json(groups);
  const {isTTY, columns} = process.stdout;
  return groups
    .map(({title, places, tools, remark = ''}) => {
      const names = `  ${places.join(', ')}`;
      const shown = places[0] === '' ? [] : [isTTY ? wrap(names, columns, 2) : names];
      return [title, ...shown, ...[...tools, remark].filter(Boolean).map(text => `    ${text}`), ''].join('\n');
    })
    .join('\n');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
