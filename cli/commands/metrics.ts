import {quantities, type Quantity} from '../../models/events/quantities.ts';
import {oneWord} from '../option-values.ts';
import type {Command} from './command.ts';

type Options = {readonly format: 'table' | 'json'};

export const metricsCommand: Command<Options> = {
  command: 'metrics',
  describe: 'List the metrics that expectations, summary.csv and comparisons know',
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
      .example('$0 metrics | less', 'then, in a scenario: expect: [convergence.max < 3.2s]')
      .example('$0 metrics --format json', 'the same for programs'),
  handler({format}) {
    process.stdout.write(format === 'json' ? `${JSON.stringify(quantities.map(plainly), undefined, 2)}\n` : table());
  },
};

function table(): string {
  const head = 'A metric is quantity.statistic or quantity.statistic.group, such as packets_lost.max.snat.\n';
  const blocks = quantities.map(quantity => {
    const {name, meaning, statistics, groups} = quantity;
    const lines = [`${name}  [${unitsOf(quantity)}]`, `  ${meaning}`, `  statistics: ${statistics.join(', ')}`];
    if (groups.length > 0) lines.push(`  groups: ${groups.map(group => groupNames[group]).join('; ')}`);
    return `\n${lines.join('\n')}\n`;
  });
  return [head, ...blocks].join('');
}

function plainly({name, meaning, unit, counted, statistics, groups}: Quantity): object {
  return {
    name,
    meaning,
    statistics: statistics.map(statistic => ({name: statistic, unit: statistic === 'count' ? counted : unit})),
    groups,
  };
}

/** Of a count only where there is one. */
function unitsOf({unit, counted, statistics}: Quantity): string {
  if (unit === counted || !statistics.includes('count')) return unit;
  return statistics.length === 1 ? counted : `${unit}; count in ${counted}`;
}

const groupNames = {
  traffic: 'a name under traffic',
  fault: 'a name under faults, alone or with .start or .end',
} as const;
