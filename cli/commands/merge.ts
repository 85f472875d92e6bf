import {sweepText} from '../../reports/sweeps/sweep-text.ts';
import {oneWord} from '../option-values.ts';
import {mergeSweeps} from '../sweeps/merge-sweeps.ts';
import {statusOfSweep} from '../sweeps/run-sweep.ts';
import type {Command} from './command.ts';

type Options = {readonly folders: readonly string[]; readonly out: string};

export const mergeCommand: Command<Options> = {
  command: 'merge <folders..>',
  describe: 'Put the shards of a sweep together',
  optionNames: ['out'],
  builder: yargs =>
    yargs
      .positional('folders', {type: 'string', array: true, demandOption: true, describe: 'The results of every shard'})
      .option('out', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        coerce: oneWord('out') as (value: unknown) => string,
        describe: 'Write the results of the whole into this folder',
      })
      .example('$0 merge part1 part2 part3 --out results', 'the same bytes as if one machine had run all'),
  handler: merge,
};

async function merge({folders, out}: Options): Promise<void> {
  const results = await mergeSweeps(folders, out);
  process.exitCode = statusOfSweep(results);
  process.stderr.write(`results in ${out}\n`);
  process.stdout.write(sweepText(results, {format: 'table', metrics: []}));
}
