import {wrap} from '../../reports/columns.ts';
import {oneWord} from '../option-values.ts';
import {checkScenario, libraryScenarios} from '../scenario-files.ts';
import type {Command} from './command.ts';

type Options = {readonly format: 'table' | 'json'};

export const listCommand: Command<Options> = {
  command: 'list',
  describe: 'List the scenarios that come with Faultline',
  optionNames: ['format'],
  builder: yargs =>
    yargs
      .option('format', {
        choices: ['table', 'json'] as const,
        default: 'table' as const,
        requiresArg: true,
        coerce: oneWord('format') as (value: unknown) => 'table' | 'json',
        describe: 'What to print',
      })
      .example('$0 list', 'names to give to run')
      .example('$0 list | grep bfd', 'one line each when it is not a terminal that reads')
      .example('$0 list --format json', 'with the path of each file, to copy it from'),
  handler({format}) {
    const scenarios = libraryScenarios().map(file => ({file, ...checkScenario(file, [], () => undefined)}));
    if (format === 'json') {
      const rows = scenarios.map(({name, description, file}) => ({name, description, path: file.path}));
      process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
      return;
    }
    const {isTTY, columns} = process.stdout;
    const margin = Math.max(...scenarios.map(({name}) => name.length)) + 2;
    for (const {name, description} of scenarios) {
      const line = `${name.padEnd(margin)}${description.trim().replace(/\s+/g, ' ')}`;
      process.stdout.write(`${isTTY ? wrap(line, columns, margin) : line}\n`);
    }
  },
};
