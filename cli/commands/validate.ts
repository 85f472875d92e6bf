import {exitStatus, Failure} from '../failure.ts';
import {checkScenario, openScenario} from '../scenario-files.ts';
import {makeJob} from '../sweeps/sweep-job.ts';
import type {Command} from './command.ts';

type Options = {readonly scenarios: readonly string[]; readonly set: readonly string[]};

export const validateCommand: Command<Options> = {
  command: 'validate <scenarios..>',
  describe: 'Check scenario files without running them',
  optionNames: ['set'],
  builder: yargs =>
    yargs
      .positional('scenarios', {type: 'string', array: true, demandOption: true, describe: 'Scenario files'})
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'path=value, as in run',
      })
      .example('$0 validate gateway.yaml', 'all its mistakes at once, with line and column')
      .example('$0 validate scenarios/*.yaml', 'every mistake in every file'),
  handler({scenarios, set}) {
    for (const name of scenarios) {
      try {
        const file = openScenario(name);
        const warn = (line: string): unknown => process.stderr.write(`${line}\n`);
        const {name: called, sweep} = checkScenario(file, set, warn);
        if (Object.keys(sweep.set).length > 0) makeJob(file, {settings: set}, () => undefined);
        process.stdout.write(`${file.path}: ${called} is fine\n`);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = exitStatus.wrong;
      }
    }
  },
};
