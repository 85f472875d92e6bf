/**
 * Faultline as a library: text → scenario → plan → run → report → files, each a plain function or object.
 *
 * ```ts
 * const reading = readScenario(text, 'gateway.yaml');
 * if ('mistakes' in reading) throw new Error(formatMistakes(reading.mistakes, text));
 * const result = runPlan(makePlan(reading.scenario, 7));
 * const report = makeReport(reading.scenario.name, result, reading.scenario.expectations);
 * console.log(runText(report, plain));
 * ```
 */
export {readScenario, type Reading} from './scenarios/read-scenario.ts';
export {formatMistakes, type Mistake} from './scenarios/mistakes.ts';
export {scenarioJsonSchema} from './scenarios/json-schema.ts';
export type {Scenario} from './scenarios/scenario.ts';
export {makePlan} from './scenarios/make-plan.ts';
export {Run, runPlan, type RunOptions} from './scenarios/run.ts';
export type {WorldPlan} from './models/world/world-plan.ts';
export type {Announcement, Announcements} from './models/events/announcements.ts';
export type {FlowResult, NatSample, RunResult} from './models/events/results.ts';
export {makeReport, type Report} from './reports/report.ts';
export {makeCsvFiles} from './reports/csv-files.ts';
export {runJson} from './reports/run-json.ts';
export {plain, runText, type Paint} from './reports/run-text.ts';
