import type {Argv} from 'yargs';
import {wrap} from '../../reports/columns.ts';
import {moment} from '../../reports/format.ts';
import {Capture, captureFile, captureLine, findPlace, placesToListen} from '../../scenarios/capture.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {Run} from '../../scenarios/run.ts';
import {advance} from '../advance.ts';
import {Failure} from '../failure.ts';
import {scenarioPositional, seedOption, settingsOption, wordOption} from '../options.ts';
import {readInstant} from '../read-instant.ts';
import {checkScenario, openScenario} from '../scenario-files.ts';
import {checkWritable, writeWhole} from '../write-whole.ts';
import type {Command} from './command.ts';

type Options = {
  readonly scenario: string;
  readonly place: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly write: string | undefined;
  readonly seed: string;
  readonly set: readonly string[];
};

export const captureCommand: Command<Options> = {
  command: 'capture <scenario> [place..]',
  describe: 'Print the packets that pass an interface or a segment, as tcpdump does',
  optionNames: ['from', 'to', 'write', 'seed', 'set'],
  builder: yargs => options(yargs),
  handler: capture,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('scenario', scenarioPositional)
    .positional('place', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'An interface or a segment; what there is if left out',
    })
    .option('from', wordOption('from', 'The first instant, as 25s or 1500ms; the beginning if left out'))
    .option('to', wordOption('to', 'The instant before which it ends; the end if left out'))
    .option('write', wordOption('write', 'A pcap file to write the packets to'))
    .option('seed', seedOption)
    .option('set', settingsOption)
    .example('$0 capture neutron-lab-networks', 'where one can listen')
    .example('$0 capture neutron-lab-networks node4 underlay --to 3s', 'a ping within a tunnel');
}

async function capture({scenario: name, place: words, from, to, write, seed, set}: Options): Promise<void> {
  const file = openScenario(name);
  const scenario = checkScenario(file, set, line => process.stderr.write(`${line}\n`));
  const begin = from === undefined ? 0 : readInstant('from', from, scenario.duration);
  const end = to === undefined ? scenario.duration : readInstant('to', to, scenario.duration);
  if (end <= begin) throw new Failure(`--to: ${moment(end)} s is not after --from, ${moment(begin)} s`);
  let run: Run | undefined;
  try {
    run = new Run(makePlan(scenario, seed));
    const groups = placesToListen(run);
    if (words.length === 0) {
      process.stdout.write(listOf(groups));
      return;
    }
    const place = findPlace(groups, words);
    if ('flaw' in place) throw new Failure(`${place.flaw}\nSee faultline capture ${name}.`);
    if (write !== undefined) checkWritable(write);
    const listening = new Capture(run, begin, end);
    await advance(run, listening.beginsAt, scenario.name);
    listening.begin(place);
    await advance(run, end, scenario.name);
    const {captured} = listening;
    process.stdout.write(captured.map(packet => `${captureLine(packet)}\n`).join(''));
    if (write !== undefined) writeWhole(write, captureFile(captured));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Error(`${scenario.name}, seed ${seed}, after ${moment(run?.now ?? 0)} s:`, {cause: error});
  }
}

function listOf(groups: ReturnType<typeof placesToListen>): string {
  const {isTTY, columns} = process.stdout;
  return groups
    .map(({title, places}) => {
      const names = `  ${places.map(({name}) => name).join(', ')}`;
      return [title, isTTY ? wrap(names, columns, 2) : names, ''].join('\n');
    })
    .join('\n');
}
