import {createHash} from 'node:crypto';
import type {SweepDesign} from '../../reports/sweeps/design.ts';
import {sweepCommandOf} from '../../reports/repeating-command.ts';
import {formatMistake, formatMistakes} from '../../scenarios/mistakes.ts';
import {readSweep, type SweepWords} from '../../scenarios/read-sweep.ts';
import {formatSeeds} from '../../scenarios/seeds.ts';
import {Failure} from '../failure.ts';
import {version} from '../package-files.ts';
import type {ScenarioFile} from '../scenario-files.ts';
import type {RunTask} from './run-one.ts';

/** A sweep that is to be run. */
export type SweepJob = {
  readonly design: SweepDesign;
  readonly seeds: readonly string[];
  readonly file: ScenarioFile;
  /** What its metrics can speak of. */
  readonly subjects: readonly string[];
};

const mostRuns = 1_000_000;

/** The sweep of a scenario file; all its mistakes as a failure. Warnings go to `warn`. */
export function makeJob(file: ScenarioFile, words: SweepWords, warn: (line: string) => void): SweepJob {
  const {called, path, bytes, text} = file;
  const reading = readSweep(text, path, words);
  if ('mistakes' in reading) throw new Failure(formatMistakes(reading.mistakes, text, words.settings).trimEnd());
  for (const warning of reading.warnings) warn(`warning: ${formatMistake(warning)}`);
  const {scenario, seeds, axes, points, subjects} = reading.sweep;
  const runs = seeds.length * points.length;
  if (runs > mostRuns) throw new Failure(`${runs} runs are more than ${mostRuns}: sweep fewer seeds or settings.`);
  const settings = axes.map(axis => `${axis.path}=${axis.values.join(',')}`);
  const given = formatSeeds(seeds);
  return {
    design: {
      faultline: version,
      scenario: scenario.name,
      scenario_sha256: createHash('sha256').update(bytes).digest('hex'),
      scenario_file: called,
      points: points.map(point => point.settings),
      seeds: given,
      repeat_with: sweepCommandOf(called, given, settings),
    },
    ...{seeds, file, subjects},
  };
}

/** What a thread or another machine needs to know of a run. */
export function taskOf(run: number, {design, seeds, file: {text, path}}: SweepJob): RunTask {
  return {text, path, settings: design.points[Math.floor(run / seeds.length)], seed: seeds[run % seeds.length]};
}
