import {list} from '../../reports/format.ts';
import {inVain} from '../../reports/sweeps/chosen-metrics.ts';
import {partsOfName} from '../../reports/sweeps/metric-names.ts';
import {contestText} from '../../reports/sweeps/contest-text.ts';
import {checkMetrics} from '../check-metrics.ts';
import {Failure} from '../failure.ts';
import {formatOption, metricOption} from '../options.ts';
import {readSweepResults, type SweepFolder} from '../sweeps/read-sweep-results.ts';
import type {Command} from './command.ts';

type Options = {
  readonly folders: readonly string[];
  readonly metric: readonly string[];
  readonly format: 'table' | 'markdown' | 'csv';
  readonly unpaired: boolean;
};

export const compareCommand: Command<Options> = {
  command: 'compare <folders..>',
  describe: 'Set sweeps side by side: how much each differs from the first, and whether that can be chance',
  optionNames: ['metric', 'format', 'unpaired'],
  builder: yargs =>
    yargs
      .positional('folders', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Results of sweeps; of a single one its settings are compared',
      })
      .option('metric', metricOption)
      .option(
        'format',
        formatOption(['table', 'markdown', 'csv'], 'What to print; csv has all metrics if none is named'),
      )
      .option('unpaired', {
        type: 'boolean',
        default: false,
        describe: 'Do not compare seed by seed, as if the seeds had nothing in common',
      })
      .example('$0 compare before after', 'what a change of the cloud did, seed by seed')
      .example('$0 compare results', 'the settings of one sweep, beside the first of them')
      .example(`$0 compare before after --metric 'detection.max.*' --format markdown`, 'for a pull request')
      .example('$0 compare a b c --format csv > compared.csv', 'every metric, for other programs'),
  handler: compare,
};

async function compare({folders, metric, format, unpaired}: Options): Promise<void> {
  const found: SweepFolder[] = [];
  for (const folder of folders) found.push(await readSweepResults(folder));
  for (const {folder, shard} of found) {
    if (shard) throw new Failure(`${folder}: is a shard of a sweep: put all together with merge`);
  }
  const [first] = found;
  if (found.length === 1 && first.results.design.points.length === 1) {
    throw new Failure(`${first.folder}: has one setting, and there is nothing beside it to compare it with.`);
  }
  const metrics = [...new Set(found.flatMap(({results}) => results.table.metrics))];
  checkMetrics(metric, [...new Set(metrics.map(name => partsOfName(name).subject))].filter(Boolean));
  const missing = inVain(metric, metrics);
  if (missing.length > 0) process.stderr.write(`no run has the metric ${list(missing)}; see faultline metrics\n`);
  const sweeps = found.map(({folder, results}) => ({name: folder.replace(/(?<=.)\/+$/, ''), results}));
  process.stdout.write(contestText(sweeps, {format, metrics: metric, isPaired: !unpaired}));
}
