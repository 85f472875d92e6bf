import {makeReport} from '../../reports/report.ts';
import {failedRecord, recordOf, writeRecord} from '../../reports/sweeps/run-record.ts';
import {makePlan} from '../../scenarios/make-plan.ts';
import {readScenario} from '../../scenarios/read-scenario.ts';
import {runPlan} from '../../scenarios/run.ts';
import type {Scenario} from '../../scenarios/scenario.ts';

/** One run of a sweep, as it goes to whoever runs it. */
export type RunTask = {
  /** The text of the scenario file, and its name. */
  readonly text: string;
  readonly path: string;
  readonly settings: readonly string[];
  readonly seed: string;
};

/** The scenario read last: the runs of one point mostly follow each other. */
let last: {readonly key: string; readonly scenario: Scenario} | undefined;

/** What a thread of the pool does: runs one and returns its record as a line. An error of ours is a record too. */
export default function runOne({text, path, settings, seed}: RunTask): string {
  try {
    const scenario = scenarioOf(text, path, settings);
    const result = runPlan(makePlan(scenario, seed));
    return writeRecord(recordOf(makeReport(scenario.name, result, scenario.expectations, scenario.faults)));
  } catch (error) {
    return writeRecord(failedRecord(error instanceof Error ? error.message : String(error)));
  }
}

function scenarioOf(text: string, path: string, settings: readonly string[]): Scenario {
  const key = JSON.stringify([settings, text]);
  if (last?.key === key) return last.scenario;
  const reading = readScenario(text, path, settings);
  if ('mistakes' in reading) throw new Error(`not a scenario: ${reading.mistakes[0].message}`);
  last = {key, scenario: reading.scenario};
  return reading.scenario;
}
