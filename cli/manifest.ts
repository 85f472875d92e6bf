import {createHash} from 'node:crypto';
import {runCommandOf} from '../reports/repeating-command.ts';
import type {Report} from '../reports/report.ts';
import type {Scenario} from '../scenarios/scenario.ts';
import {version} from './package-files.ts';
import type {ScenarioFile} from './scenario-files.ts';
import {timersOf} from './timers.ts';

export const manifestName = 'manifest.json';

/** What the results of a run are results of, and the command that repeats it. */
export function makeManifest(
  {result}: Report,
  scenario: Scenario,
  {called, bytes}: ScenarioFile,
  settings: readonly string[],
): string {
  const {seed, fingerprint, duration} = result;
  return `${JSON.stringify(
    {
      faultline: version,
      scenario: scenario.name,
      scenario_sha256: createHash('sha256').update(bytes).digest('hex'),
      settings,
      seed,
      fingerprint,
      duration_s: duration / 1_000_000,
      timers: timersOf(scenario),
      repeat_with: runCommandOf(called, seed, settings),
    },
    undefined,
    2,
  )}\n`;
}
