#!/usr/bin/env node
import yargs from 'yargs';
import {hideBin} from 'yargs/helpers';
import {listCommand} from './commands/list.ts';
import {metricsCommand} from './commands/metrics.ts';
import {runCommand} from './commands/run.ts';
import {schemaCommand} from './commands/schema.ts';
import {validateCommand} from './commands/validate.ts';
import {exitStatus, Failure} from './failure.ts';
import {version} from './package-files.ts';

const parser = yargs(hideBin(process.argv))
  .scriptName('faultline')
  .usage('$0 <command>\n\nEmulates cloud virtual networks under failure and says what convergence costs.')
  .command(runCommand)
  .command(listCommand)
  .command(validateCommand)
  .command(schemaCommand)
  .command(metricsCommand)
  .demandCommand(1, 'Which command? See faultline --help.')
  .strict()
  .recommendCommands()
  .version(version)
  .help()
  .alias('h', 'help')
  .wrap(Math.min(110, process.stdout.columns ?? 100))
  .epilogue(
    'Exit status: 0 fine, 1 an expectation was missed, 2 the command line or the scenario is wrong, 3 our own bug.',
  )
  .fail((message, error) => {
    throw error ?? new Failure(message);
  })
  .exitProcess(false);

process.on('SIGINT', () => {
  process.stderr.write('\ninterrupted; nothing was written\n');
  process.exit(exitStatus.interrupted);
});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitStatus.fine);
  throw error;
});

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof Failure) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitStatus.wrong;
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `This is a bug in Faultline ${version}, please report it with the scenario and the seed:\n${text}\n`,
    );
    process.exitCode = exitStatus.bug;
  }
}
