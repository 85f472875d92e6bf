import type {Argv} from 'yargs';
import {toMilliseconds} from '../../engine/time.ts';
import {parseTime} from '../../scenarios/units.ts';
import {Failure} from '../failure.ts';
import {oneWord} from '../option-values.ts';
import {jobsOption} from '../options.ts';
import {checkUrl} from '../sweeps/redis-url.ts';
import type {Command} from './command.ts';

type Options = {
  readonly queue: string;
  readonly jobs: number;
  readonly lease: number;
  readonly idle: number | undefined;
};

export const workerCommand: Command<Options> = {
  command: 'worker',
  describe: 'Take runs of sweeps from a queue until told to end',
  optionNames: ['queue', 'jobs', 'j', 'lease', 'idle'],
  builder: yargs => options(yargs),
  async handler(asked) {
    const {work} = await import('../sweeps/work.ts');
    await work(asked, line => process.stderr.write(`${line}\n`));
  },
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .option('queue', {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      coerce: (value: unknown) => checkUrl(oneWord('queue')(value) ?? ''),
      describe: 'The Redis that sweeps put their runs on: redis://:password@host:6379',
    })
    .option('jobs', {...jobsOption, describe: 'How many runs at a time'})
    .option('lease', {
      type: 'string',
      requiresArg: true,
      default: '30s',
      coerce: (value: unknown) => readSpan('lease', oneWord('lease')(value) ?? ''),
      describe: 'After so long without a sign of this worker its runs are given to others',
    })
    .option('idle', {
      type: 'string',
      requiresArg: true,
      coerce: (value: unknown) => (value === undefined ? undefined : readSpan('idle', oneWord('idle')(value) ?? '')),
      describe: 'End after so long without anything to do; never if left out',
    })
    .example('$0 worker --queue redis://:secret@queue.example:6379', 'on every machine that shall help')
    .example('$0 worker --queue redis://localhost --idle 1min', 'in a job that must end by itself');
}

/** In milliseconds. */
function readSpan(option: string, text: string): number {
  const span = parseTime(text);
  if (!('value' in span))
    throw new Failure(`--${option}: ${span.flaw}${span.hint === undefined ? '' : `. ${span.hint}`}`);
  if (span.value < 1_000_000) throw new Failure(`--${option}: ${text} is too short: at least 1s.`);
  return toMilliseconds(span.value);
}
