import test from 'ava';
import {makeReport} from '../../reports/report.ts';
import {runJson} from '../../reports/run-json.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {parse} from 'csv-parse/sync';
import {libraryReport, Story} from '../support/runs.ts';

type Cells = Readonly<Record<string, string>>;
type Json = {
  readonly edges: readonly Readonly<Record<string, unknown>>[];
  readonly flows: readonly Readonly<Record<string, unknown>>[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly expectations: readonly {readonly text: string; readonly actual: number | null; readonly held: boolean}[];
};

const report = libraryReport('ovn-gateway-flapping', '3');
const json = JSON.parse(runJson(report)) as Json;
const rowsOf = (file: string): readonly Cells[] =>
  parse(makeCsvFiles(report).find(({name}) => name === file)?.text ?? '', {columns: true});
const cell = (value: unknown): string => (value === null ? '' : String(value));

test('the metrics are those of summary.csv', t => {
  const rows = rowsOf('summary.csv').map(({metric, subject, value}) => [
    subject === '' ? metric : `${metric}.${subject}`,
    value,
  ]);
  t.deepEqual(
    Object.entries(json.metrics).map(([name, value]) => [name, cell(value)]),
    rows,
  );
});

test('the edges are those of convergence.csv', t => {
  const keys = ['detection_ms', 'decision_ms', 'propagation_ms', 'restoration_ms', 'convergence_ms'];
  const counts = ['edge', 'kind', 'target', 'flows_affected', 'flows_unrestored', 'packets_lost'];
  const rows = rowsOf('convergence.csv');
  t.is(json.edges.length, rows.length);
  for (const [index, row] of rows.entries()) {
    for (const key of [...keys, ...counts]) t.is(cell(json.edges[index][key]), row[key], key);
    t.is((Number(json.edges[index].at_ms) / 1000).toFixed(6), row.at_s);
  }
});

test('every flow is there with what became of its packets', t => {
  t.is(json.flows.length, report.result.flows.length);
  for (const {sent, delivered, lost, in_flight} of json.flows) {
    t.is(sent, Number(delivered) + Number(lost) + Number(in_flight));
  }
});

test('expectations are told with what was measured, and never is null', t => {
  const story = new Story();
  const began = story.begins(20);
  story.loses(20, 0, began);
  const line = {text: 'convergence.max < 3s', metric: 'convergence.max', comparison: '<', value: 3000} as const;
  const told = JSON.parse(runJson(makeReport('test', story.result([{lost: 1}]), [line]))) as Json;
  t.deepEqual(told.expectations, [{text: line.text, actual: null, samples: 1, held: false}]);
  t.like(told.edges[0], {convergence_ms: null, detection_ms: null, packets_lost: 1});
});

test('every edge has its outages and its chain with causes, however many edges there are', t => {
  const hit = report.edges.filter(({outages}) => outages.length > 0);
  t.true(hit.length > 4);
  for (const [index, edge] of report.edges.entries()) {
    const told = json.edges[index] as {
      readonly outages: readonly {readonly packets_lost: number}[];
      readonly chain: readonly {readonly number: number; readonly causes: readonly number[]; readonly event: string}[];
    };
    t.deepEqual(
      told.outages.map(outage => outage.packets_lost),
      edge.outages.map(({lost}) => lost),
    );
    t.deepEqual(
      told.chain.map(({number, causes, event}) => [number, causes, event]),
      edge.chain.map(({number, parents, kind}) => [number, parents, kind]),
    );
  }
});

test('outages before any fault are told too', t => {
  const story = new Story();
  story.loses(1, 0);
  story.restores(1.1, 0, 1);
  const told = JSON.parse(runJson(makeReport('test', story.result([{lost: 1}]), []))) as Record<string, unknown>;
  t.like(told.outages_of_no_fault, [{start_ms: 1000, end_ms: 1100, packets_lost: 1, reason: 'no carrier'}]);
});
