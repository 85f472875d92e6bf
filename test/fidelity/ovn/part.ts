import {figure, portionHead, portionRow, spreadHead, spreadRow, type Part, type Row, type Table} from '../part.ts';
import {meetsClosedForm} from '../judge.ts';
import {cases} from './cases.ts';
import {compareWithBench, type ComparedRow, type ComparedShare} from './compare.ts';
import {closedFormMean, type Measured} from './measured.ts';
import {resolutionOf} from './resolution.ts';

/** OVN's gateways: the bench of three gateways and two computes. */
export const ovn: Part = {
  name: 'ovn',
  title: 'OVN gateways',
  // Enough for a 5 % mean of what one fault shows once: the spread of a detection is 11 %.
  fewSeeds: 16,
  rare: [],
  compare(seeds, done) {
    const {rows, shares, without} = compareWithBench(seeds, done);
    const tables = tablesOf(rows);
    return {
      method,
      remarks: [],
      tables: [...tables, sharesTable(shares)],
      notEmulated: without.map(({bench, settings, metric}) => ({
        what: `\`${bench}\`, ${settings}: ${plain(metric)}`,
        because:
          'it would take load balancers: Load_Balancer with its health checks, Service_Monitor rows, and the probes of ovn-controller',
      })),
    };
  },
};

const method = `The bench ran OVN 23.03.1, Open vSwitch 3.1.0 and Linux 6.18: three gateways, two computes, four flows of UDP probes
10 ms apart. Its rows are in \`test/fixtures/measured/ovn\`. Here the same cases run as scenarios of the library with the
bench's own cadence of faults, under the host profile \`busy\`, as the bench's machine was.

The bench resolved 1 ms; one probe where probes were the clock; and in the cases that cut a link it counted from before
the command, which took 16–62 ms. A row's emulated mean must also be within 5 % of the closed form's, where there is one. A closed
form is left out where the bench's own mean is further than that from it: it then leaves out something that the real
programs do (*not met by the bench*), and the row agrees with its *closed form aside*. Times are ms after the fault.`;

const notMet = 'not met by the bench';

function tablesOf(rows: readonly ComparedRow[]): readonly Table[] {
  const sections = new Set(rows.map(({row}) => `${row.bench} ${row.settings}`));
  return [...sections].map(section => {
    const [bench, ...settings] = section.split(' ');
    const scenario = cases.find(known => `${known.bench} ${known.settings}` === section)?.scenario;
    return {
      title: `\`${bench}\`, timers ${settings.join(' ')}`,
      notes: scenario ? [`Scenario \`${scenario}\`.`] : [],
      head: ['phase', 'what', ...spreadHead],
      rows: rows.filter(({row}) => `${row.bench} ${row.settings}` === section).map(judged),
    };
  });
}

function judged({row, values}: ComparedRow): Row {
  const mean = closedFormMean(row);
  const closedForm = mean === undefined ? undefined : {mean, measured: row.mean};
  const first = [row.phase, plain(row.metric)];
  if (!closedForm) return spreadRow(first, row, values, resolutionOf(row));
  const text = meetsClosedForm(closedForm) ? `${mean}` : `${mean}, ${notMet} (${figure(row.mean)})`;
  return spreadRow(first, row, values, resolutionOf(row), {...closedForm, text});
}

function sharesTable(shares: readonly ComparedShare[]): Table {
  return {
    title: 'Shares',
    notes: ['Things that happened in some runs and not in others.'],
    head: ['case', 'what', ...portionHead],
    rows: shares.map(({share, measured, emulated}) =>
      portionRow([`\`${share.bench}\` ${share.settings} ${share.phase}`, share.what], measured, emulated),
    ),
  };
}

/** The bench's words without its own bookkeeping. */
function plain(metric: Measured['metric']): string {
  return metric
    .replace(/ \(final: .*\)/, '')
    .replace('same, ms after the END of the injecting command', 'the same, counted from the end of the command')
    .replace(/,? ms( after fault)?$/, '')
    .replace(' (10 ms)', '');
}
