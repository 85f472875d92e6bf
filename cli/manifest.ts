import {createHash} from 'node:crypto';
import {milliseconds} from '../reports/format.ts';
import type {Report} from '../reports/report.ts';
import type {Scenario} from '../scenarios/scenario.ts';
import {version} from './package-files.ts';
import type {ScenarioFile} from './scenario-files.ts';

export const manifestName = 'manifest.json';

/** What the results of a run are results of, and the command that repeats it. */
export function makeManifest(
  {result}: Report,
  scenario: Scenario,
  {asked, bytes}: ScenarioFile,
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
      timers: {
        'bfd-min-rx': timer(scenario.ovn['bfd-min-rx']),
        'bfd-min-tx': timer(scenario.ovn['bfd-min-tx']),
        'bfd-mult': scenario.ovn['bfd-mult'],
        'bfd-decay-min-rx': timer(scenario.ovn['bfd-decay-min-rx']),
        'ovn-remote-probe-interval': timer(scenario.ovn['ovn-remote-probe-interval']),
      },
      repeat_with: repeatingCommand(asked, seed, settings),
    },
    undefined,
    2,
  )}\n`;
}

/** For a shell, in the folder that the first command was given in. */
function repeatingCommand(asked: string, seed: string, settings: readonly string[]): string {
  const given = settings.flatMap(setting => ['--set', setting]);
  const words = ['faultline', 'run', `--seed=${seed}`, ...given, ...(asked.startsWith('-') ? ['--'] : []), asked];
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** As a scenario writes it. */
function timer(time: number): string {
  return `${milliseconds(time)}ms`;
}
