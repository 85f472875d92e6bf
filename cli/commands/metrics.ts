import {quantities} from '../../models/events/quantities.ts';
import type {Command} from './command.ts';

export const metricsCommand: Command = {
  command: 'metrics',
  describe: 'List the metrics that expectations, summary.csv and comparisons know',
  optionNames: [],
  builder: yargs => yargs.example('$0 metrics | less', 'then, in a scenario: expect: [convergence.max < 3.2s]'),
  handler() {
    process.stdout.write(
      'A metric is quantity.statistic or quantity.statistic.group, such as packets_lost.max.snat.\n',
    );
    for (const {name, meaning, unit, counted, statistics, groups} of quantities) {
      const only = statistics.length === 1 && statistics[0] === 'count';
      const units = only || unit === counted ? counted : `${unit}; count in ${counted}`;
      process.stdout.write(`\n${name}  [${units}]\n  ${meaning}\n  statistics: ${statistics.join(', ')}\n`);
      if (groups.length > 0) process.stdout.write(`  groups: ${groups.map(group => groupNames[group]).join('; ')}\n`);
    }
  },
};

const groupNames = {
  traffic: 'a name under traffic',
  fault: 'a name under faults, alone or with .start or .end',
} as const;
