import {readdirSync, readFileSync} from 'node:fs';
import {makePlan} from '../../scenarios/make-plan.ts';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan, type RunOptions} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';
import {makeReport, type Report} from '../../reports/report.ts';

const folder = 'scenarios/library';

/** The names of all scenarios of the library, in order. */
export const libraryNames: readonly string[] = readdirSync(folder)
  .filter(file => file.endsWith('.yaml'))
  .map(file => file.replace(/\.yaml$/, ''))
  .sort();

/** What the names begin with: each family has a test file and a file of fingerprints. */
export const libraryFamilies = ['keepalived', 'neutron', 'ovn'] as const;

export function readLibrary(name: string, settings: readonly string[] = []): Scenario {
  const file = `${folder}/${name}.yaml`;
  const text = readFileSync(file, 'utf8');
  const reading = readScenario(text, file, settings);
  if ('mistakes' in reading) throw new Error(formatMistakes(reading.mistakes, text, settings));
  return reading.scenario;
}

export function runLibrary(scenario: Scenario, seed: number, options?: RunOptions): Report {
  const result = runPlan(makePlan(scenario, seed), options);
  return makeReport(scenario.name, result, scenario.expectations, scenario.faults);
}
