import type {CommandModule} from 'yargs';
import {checkScenario, libraryScenarios} from '../scenario-files.ts';

export const listCommand: CommandModule = {
  command: 'list',
  describe: 'List the scenarios that come with Faultline',
  handler() {
    const scenarios = libraryScenarios().map(file => checkScenario(file, [], () => undefined));
    const width = Math.max(...scenarios.map(({name}) => name.length));
    for (const {name, description} of scenarios) {
      process.stdout.write(`${name.padEnd(width)}  ${description.split('\n')[0]}\n`);
    }
  },
};
