import {readFileSync} from 'node:fs';
import test from 'ava';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readSuite, type Opened, type Suite} from '../../scenarios/read-suite.ts';

const open = (asked: string): Opened => {
  const path = `scenarios/library/${asked}.yaml`;
  try {
    return {text: readFileSync(path, 'utf8'), path};
  } catch {
    return {flaw: `${asked}: there is no such file`};
  }
};

function suiteOf(text: string): Suite {
  const reading = readSuite(text, 'suite.yaml', open);
  if ('mistakes' in reading) throw new Error(formatMistakes(reading.mistakes, text));
  return reading.suite;
}

/** `line:column  what is wrong`. */
function mistakesOf(text: string): readonly string[] {
  const reading = readSuite(text, 'suite.yaml', open);
  return 'suite' in reading ? [] : reading.mistakes.map(({line, column, message}) => `${line}:${column}  ${message}`);
}

test('a name alone is a case with the seeds and tolerances of the suite', t => {
  const {cases, known} = suiteOf('seeds: 1..3\nmetrics: {convergence.max: 5% + 20ms}\ncases: [ovn-two-gateways]\n');
  t.deepEqual(known, []);
  t.deepEqual(cases, [
    {
      ...{name: 'ovn-two-gateways', asked: 'ovn-two-gateways', settings: [], seeds: ['1', '2', '3']},
      metrics: [{pattern: 'convergence.max', isUsual: false, share: 0.05, amount: 20}],
      line: 3,
    },
  ]);
});

test('a case with settings is called by them, and has what is its own', t => {
  const text = [
    'cases:',
    '  - ovn-two-gateways',
    '  - set: [bfd-mult=5]',
    '    scenario: ovn-two-gateways',
    '    seeds: "7"',
    '    metrics: {flows_unrestored.count: 0}',
    'known:',
    '  - {case: ovn-two-gateways bfd-mult=5, metric: flows_unrestored.count, reason: new, until: 2028-02-29}',
  ].join('\n');
  const {cases, known} = suiteOf(text);
  t.like(cases[1], {name: 'ovn-two-gateways bfd-mult=5', seeds: ['7']});
  t.deepEqual(cases[1].metrics, [{pattern: 'flows_unrestored.count', isUsual: false, share: 0, amount: 0}]);
  t.is(cases[0].seeds.length, 20);
  t.is(known[0].until, '2028-02-29');
  t.deepEqual(
    cases.map(({line}) => line),
    [2, 3],
  );
});

test('all mistakes are told at once, each at its place', t => {
  const text = [
    'seeds: 5..1',
    'metrics: {convergence.maxx: 5%, outage.max: 3, packets_lost.sum: 20ms, flow.count: 1, "*.max": 5 %}',
    'cases:',
    '  - ovn-two-gateway',
    '  - ovn-two-gateways',
    '  - {scenario: ovn-two-gateways, set: [bfd-mul=5]}',
    '  - {scenario: ovn-two-gateways}',
    'known:',
    '  - {case: ovn-two, metric: outage.max, reason: none, until: 2027-02-29}',
    'knwon: []',
  ].join('\n');
  t.deepEqual(mistakesOf(text), [
    '1:8  "5..1" ends before it begins',
    '2:11  convergence has no "maxx"',
    '2:45  outage is a time: its tolerance needs a unit',
    '2:66  packets_lost is not a time',
    '2:72  there is no metric "flow"',
    '2:96  "5 %" is not a tolerance',
    '4:5  ovn-two-gateway: there is no such file',
    '6:16  --set:1:1  unknown key "bfd-mul"',
    '7:5  a second case "ovn-two-gateways"',
    '9:62  "2027-02-29" is not a day',
    '10:1  unknown key "knwon"',
  ]);
});

test('what a metric speaks of, acknowledged or tolerated, must be in the scenarios', t => {
  const text = [
    'metrics: {convergence.max.iptable.*: 5%, convergence.max.iptables.strt: 5%, outage.*.snat: 5%}',
    'cases:',
    '  - {scenario: ovn-two-gateways, metrics: {outage.max.snatt: 5%, "convergence.*": 5%}}',
    'known:',
    '  - {case: ovn-two-gateways, metric: convergence.maxi.*, reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: convergence.max.iptablse.start, reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: "*.iptables.start", reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: convergence, reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: "*.maxi.*", reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: convergence.*.strt, reason: none, until: 2027-02-28}',
    '  - {case: ovn-two-gateways, metric: convergence.*tart, reason: none, until: 2027-02-28}',
  ].join('\n');
  t.deepEqual(mistakesOf(text), [
    '1:11  there is no traffic or fault "iptable.*"',
    '1:42  there is no traffic or fault "iptables.strt"',
    '1:77  no metric is called "outage.*.snat"',
    '3:44  there is no traffic or fault "snatt"',
    '5:38  convergence has no "maxi"',
    '6:38  there is no traffic or fault "iptablse.start"',
    '8:38  convergence needs a statistic',
    '9:38  no metric is called "*.maxi.*"',
    '10:38  no metric is called "convergence.*.strt"',
  ]);
});

test('a file that is no suite is told so', t => {
  t.deepEqual(mistakesOf(''), ['1:1  the file is empty: it needs cases']);
  t.deepEqual(mistakesOf('- 1'), ['1:1  a suite is a map: it needs cases']);
  t.deepEqual(mistakesOf('cases: []'), ['1:1  an empty list: name a scenario']);
  t.deepEqual(mistakesOf('seeds: 1..2'), ['1:1  "cases" is missing: a list of scenarios']);
  t.deepEqual(mistakesOf('cases: {a: b}'), ['1:1  "cases" must be a list of scenarios']);
});
