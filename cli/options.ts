import {availableParallelism} from 'node:os';
import {readJobs} from './sweeps/jobs.ts';
import {oneWord} from './option-values.ts';

/* Options that several commands have, as yargs takes them. */

export const scenarioPositional = {
  type: 'string',
  demandOption: true,
  describe: 'A scenario file, or a name from `list`',
} as const;

export const seedOption = {
  type: 'string',
  default: '1',
  requiresArg: true,
  coerce: oneWord('seed') as (value: unknown) => string,
  describe: 'What chance starts from, as in run',
} as const;

export const settingsOption = {
  type: 'string',
  array: true,
  nargs: 1,
  default: [] as string[],
  describe: 'path=value, as in run',
} as const;

export const jobsOption = {
  alias: 'j',
  type: 'string',
  requiresArg: true,
  default: String(availableParallelism()),
  defaultDescription: 'all cores',
  coerce: (value: unknown) => readJobs(oneWord('jobs')(value) ?? ''),
  describe: 'How many runs at a time; results are the same with any number',
} as const;

export const metricOption = {
  type: 'string',
  array: true,
  nargs: 1,
  default: [] as string[],
  describe: 'Show this metric instead of the usual ones; * stands for anything',
} as const;

/** A word that may be left out. */
export function wordOption(name: string, describe: string) {
  return {type: 'string', requiresArg: true, coerce: oneWord(name), describe} as const;
}

/** What to print; the first choice if nothing is said. */
export function formatOption<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  describe = 'What to print',
) {
  return {
    choices,
    default: choices[0],
    requiresArg: true,
    coerce: oneWord('format') as (value: unknown) => Choices[number],
    describe,
  };
}
