import test from 'ava';
import {parse} from 'csv-parse/sync';
import {seconds} from '../../engine/time.ts';
import {makeCsvFiles} from '../../reports/csv-files.ts';
import {makeReport} from '../../reports/report.ts';
import {Story} from '../support/runs.ts';

/** As published: programs rely on names and order. */
const columns = {
  'summary.csv': 'scenario,seed,metric,subject,value,unit',
  'convergence.csv':
    'scenario,seed,fault,edge,kind,target,at_s,detection_ms,decision_ms,propagation_ms,restoration_ms,convergence_ms,' +
    'flows_affected,flows_unrestored,packets_lost',
  'outages.csv': 'scenario,seed,flow,fault,start_s,end_s,outage_ms,packets_lost,reason,chain',
  'chains.csv': 'scenario,seed,chain,fault,link,at_s,took_ms,step,chassis,subject,event,detail',
  'drops.csv': 'scenario,seed,flows,reason,place,packets,first_s,last_s',
  'nat.csv': 'scenario,seed,at_s,chassis,namespace,conntrack_entries,conntrack_max,snat_ports,nat_rules,insert_failed',
  'events.csv': 'scenario,seed,at_s,chassis,subject,event,detail',
  'counters.csv': 'scenario,seed,chassis,counter,value',
} as const;

type Row = Readonly<Record<string, string>>;

/** A run with something in every file: one outage that ended, one that did not, an edge that hit nobody. */
function files(seed = '1'): ReadonlyMap<string, string> {
  const story = new Story();
  const began = story.begins(20.000001);
  story.loses(20.5, 0, began);
  const down = story.bfd(22.25, 'down', began);
  story.restores(23, 0, 250, down);
  story.ends(30);
  const again = story.begins(40, 'underlay', 2);
  story.loses(40.125, 1, again);
  const drops = [
    {reason: 'no carrier', place: 'gw1 underlay', packets: 250, firstAt: seconds(20.5), lastAt: seconds(22.99)},
  ];
  const result = story.result(
    [
      {lost: 250, drops},
      {lost: 1987, drops: [{...drops[0], packets: 1987, firstAt: seconds(40.125), lastAt: seconds(59)}]},
      {group: 'ew'},
    ],
    {
      seed,
      nat: [
        {
          ...{at: seconds(10), chassis: 'gw1', namespace: 'r1', connections: 2, connectionsMax: 262144},
          ...{snatPorts: 1, rules: 2, insertFailed: 0},
        },
      ],
      counters: [{owner: 'cn1', name: 'bfd packets sent', value: 206}],
    },
  );
  const report = makeReport('ovn-test', result, []);
  return new Map(makeCsvFiles(report).map(({name, text}) => [name, text]));
}

const rowsOf = (name: string, seed?: string): readonly Row[] =>
  parse(files(seed).get(name) ?? '', {columns: true, record_delimiter: '\n'});

test('there are eight files with the columns that are published', t => {
  const heads = Object.fromEntries([...files()].map(([name, text]) => [name, text.split('\n')[0]]));
  t.deepEqual(heads, columns);
});

test('lines end with a line feed alone, the last one too', t => {
  for (const [name, text] of files()) {
    t.false(text.includes('\r'), name);
    t.regex(text, /[^\n]\n$/, name);
  }
});

test('every row begins with the scenario and the seed', t => {
  for (const name of files().keys()) {
    const rows = rowsOf(name, 'a seed');
    t.true(rows.length > 0, name);
    for (const row of rows) t.like(row, {scenario: 'ovn-test', seed: 'a seed'});
  }
});

test('a seed of any characters comes back as it was', t => {
  for (const seed of ['a,b', 'say "hi"', 'two\nlines', 'carriage\rreturn', ' blank ', '→', '=1+1']) {
    t.is(rowsOf('summary.csv', seed)[0].seed, seed);
  }
  // Many readers end a row at a carriage return that is not quoted.
  t.regex(files('a\rb').get('summary.csv') ?? '', /^ovn-test,"a\rb",/m);
});

test('convergence.csv has microseconds in seconds and milliseconds, and nothing for never', t => {
  const [first, end, second] = rowsOf('convergence.csv');
  t.like(first, {
    ...{fault: 'underlay', edge: 'start', kind: 'link', target: 'gw1', at_s: '20.000001'},
    ...{detection_ms: '2249.999', decision_ms: '0', propagation_ms: '0', restoration_ms: '750'},
    ...{convergence_ms: '2999.999', flows_affected: '1', flows_unrestored: '0', packets_lost: '250'},
  });
  t.like(end, {edge: 'end', at_s: '30.000000', detection_ms: '', convergence_ms: '', flows_affected: '0'});
  t.like(second, {
    ...{fault: 'underlay#2', detection_ms: '', decision_ms: '', propagation_ms: '', restoration_ms: ''},
    ...{convergence_ms: '', flows_affected: '1', flows_unrestored: '1'},
  });
});

test('outages.csv names flow, fault, occurrence and edge, and leaves the end of what never ended empty', t => {
  const [first, second] = rowsOf('outages.csv');
  t.like(first, {
    ...{flow: 'snat: vm0 → outside', fault: 'underlay.start', start_s: '20.500000', end_s: '23.000000'},
    ...{outage_ms: '2500', packets_lost: '250', reason: 'no carrier at gw1 underlay'},
  });
  t.like(second, {fault: 'underlay#2.start', start_s: '40.125000', end_s: '', outage_ms: '19875'});
});

test('summary.csv has every metric, and nothing for never and for no sample', t => {
  const rows = rowsOf('summary.csv');
  const valueOf = (metric: string, subject: string): string | undefined =>
    rows.find(row => row.metric === metric && row.subject === subject)?.value;
  t.is(valueOf('convergence.max', ''), '');
  t.is(valueOf('convergence.count', ''), '2');
  t.is(valueOf('outage.max', 'snat'), '19875');
  t.is(valueOf('outage.mean', 'ew'), '');
  t.is(valueOf('outage.count', 'ew'), '0');
  t.is(valueOf('outage.sum', 'ew'), '0');
  t.is(rows.find(({metric}) => metric === 'outage.max')?.unit, 'ms');
});

test('drops.csv sums the flows of a group', t => {
  t.deepEqual(rowsOf('drops.csv'), [
    {
      ...{scenario: 'ovn-test', seed: '1', flows: 'snat', reason: 'no carrier', place: 'gw1 underlay'},
      ...{packets: '2237', first_s: '20.500000', last_s: '59.000000'},
    },
  ]);
});

test('events.csv has what the control plane did, with the words of the announcement beside its kind', t => {
  const rows = rowsOf('events.csv');
  t.deepEqual(
    rows.map(({event}) => event),
    ['fault began', 'bfd changed', 'fault ended', 'fault began'],
  );
  t.like(rows[1], {
    at_s: '22.250000',
    chassis: 'gw2',
    subject: 'BFD to gw1',
    detail: 'up → down (neighbor signaled session down)',
  });
});

test('nat.csv and counters.csv have their samples and counters', t => {
  t.like(rowsOf('nat.csv')[0], {at_s: '10.000000', namespace: 'r1', conntrack_max: '262144', insert_failed: '0'});
  t.like(rowsOf('counters.csv')[0], {chassis: 'cn1', counter: 'bfd packets sent', value: '206'});
});

test('a run in which nothing happened gives files with heads alone, but for the summary', t => {
  for (const {name, text} of makeCsvFiles(makeReport('empty', new Story().result(), []))) {
    t.is(text.split('\n').length > 2, name === 'summary.csv', name);
  }
});
