import test from 'ava';
import fc from 'fast-check';
import {never, seconds} from '../../engine/time.ts';
import type {FaultPlan} from '../../models/faults/breakage.ts';
import {makeReport} from '../../reports/report.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {formatMistakes, type Mistake} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {goodScenarios} from './scenario-files.ts';

/*
 * Hundreds of scenario files with damage of the kinds that fingers, editors and merges do. Whatever comes out is a
 * scenario that can be run, or mistakes that lie in the file.
 */

const brief = seconds(2);

type Mutation = {readonly kind: string; readonly at: number; readonly length: number; readonly text: string};

const garbage = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    ',',
    '#',
    '&a ',
    '*a',
    '!!binary ',
    '|',
    '>',
    '"',
    "'",
    '%',
    '@',
    '`',
    '<<: *a',
    '---\n',
  ],
  ...[
    '\t',
    '\n',
    '\r\n',
    '\u0000',
    '\ufeff',
    '\ud800',
    '\u2028',
    '...',
    '? ',
    '- ',
    'null',
    '~',
    'true',
    '.nan',
    '.inf',
  ],
  ...[
    '-1',
    '0',
    '1e400',
    '0x7fffffff',
    '99999999999999999999',
    '10',
    '10s',
    '-5s',
    '5%',
    '1.5us',
    'vm[1..999999999]',
    'vm[2..1]',
  ],
  ...[
    '10.0.2.0/24',
    '10.0.2.300',
    '0.0.0.0/0',
    '255.255.255.255',
    '__proto__',
    'constructor',
    'toString',
    'all vms',
    'switch',
  ],
  ...[
    'active gateway of',
    'random',
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
    '{a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}',
  ],
];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(
    'delete',
    'duplicate line',
    'delete line',
    'swap lines',
    'retype',
    'rename',
    'splice',
    'truncate',
  ),
  at: fc.double({min: 0, max: 1, noNaN: true}),
  length: fc.integer({min: 1, max: 30}),
  text: fc.oneof(fc.constantFrom(...garbage), fc.string({maxLength: 12})),
});

function mutate(text: string, {kind, at, length, text: other}: Mutation): string {
  const offset = Math.floor(at * text.length);
  const lines = text.split('\n');
  const line = Math.floor(at * (lines.length - 1));
  switch (kind) {
    case 'delete':
      return text.slice(0, offset) + text.slice(offset + length);
    case 'duplicate line':
      return lines.toSpliced(line, 0, lines[line]).join('\n');
    case 'delete line':
      return lines.toSpliced(line, 1).join('\n');
    case 'swap lines':
      return lines.toSpliced(line, 2, lines[line + 1] ?? '', lines[line]).join('\n');
    case 'retype':
      return text.slice(0, offset) + text.slice(offset).replace(/: *[^,}\]\n{[]+/, `: ${other}`);
    case 'rename':
      return text.slice(0, offset) + text.slice(offset).replace(/[\w.-]+:/, `${other}:`);
    case 'splice':
      return text.slice(0, offset) + other + text.slice(offset);
    default:
      return text.slice(0, offset);
  }
}

function isInside({line, column, length, message}: Mistake, text: string): boolean {
  const lines = text.split('\n');
  if (line < 1 || line > lines.length || message === '') return false;
  return column >= 1 && column <= lines[line - 1].length + 1 && length >= 1;
}

/** Runs the beginning of a scenario, with all faults in it, unless it is too large to be run often. */
function runBriefly(scenario: Scenario): boolean {
  if (scenario.vms.length > 200 || scenario.chassis.length > 40) return false;
  const plan = makePlan(scenario, 1);
  const packets = plan.flows.reduce((sum, {every, count}) => sum + Math.min(brief / every, count), 0);
  if (packets > 50_000) return false;
  const faults = plan.faults.map(fault => ({...fault, occurrences: fault.occurrences.slice(0, 3).map(soon)}));
  const flows = plan.flows.map(flow => ({...flow, start: flow.start % (brief / 4)}));
  const duration = Math.min(plan.duration, brief);
  const result = runPlan({...plan, duration, faults, flows});
  makeReport(scenario.name, result, scenario.expectations, scenario.faults);
  return true;
}

function soon({at, until}: FaultPlan['occurrences'][number]): FaultPlan['occurrences'][number] {
  const start = at % (brief / 2);
  return {at: start, until: until === never ? never : start + Math.min(until - at, brief / 4)};
}

test('hundreds of damaged scenarios give scenarios that run or mistakes, and nothing else', t => {
  let broken = 0;
  let run = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...goodScenarios.values()),
      fc.array(mutation, {minLength: 1, maxLength: 4}),
      (good, mutations) => {
        const text = mutations.reduce(mutate, good);
        const reading = readScenario(text, 'mutated.yaml');
        if (!('mistakes' in reading)) {
          if (runBriefly(reading.scenario)) run += 1;
          return;
        }
        broken += 1;
        t.true(reading.mistakes.length > 0);
        for (const mistake of reading.mistakes) t.true(isInside(mistake, text), JSON.stringify(mistake));
        t.true(formatMistakes(reading.mistakes, text).endsWith('nothing was run.\n'));
      },
    ),
    {numRuns: 200},
  );
  t.true(broken > 100);
  t.true(run > 20);
});

test('any text at all gives mistakes', t => {
  fc.assert(
    fc.property(fc.string({maxLength: 200, unit: 'binary'}), text => {
      const reading = readScenario(text, 'noise.yaml');
      t.true('mistakes' in reading && reading.mistakes.every(mistake => isInside(mistake, text)));
    }),
    {numRuns: 250},
  );
});

test('any YAML at all gives mistakes', t => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
      for (const key of [
        'name',
        'chassis',
        'networks',
        'routers',
        'vms',
        'traffic',
        'faults',
        'expect',
        'host',
        'ovn',
      ]) {
        const text = JSON.stringify({duration: '1s', [key]: value, segments: {a: other}}, undefined, 1);
        const reading = readScenario(text, 'noise.yaml');
        t.true('mistakes' in reading && reading.mistakes.every(mistake => isInside(mistake, text)), text);
      }
    }),
    {numRuns: 60},
  );
});
