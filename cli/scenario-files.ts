import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {formatMistake, formatMistakes} from '../scenarios/mistakes.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import type {Scenario} from '../scenarios/scenario.ts';
import {Failure} from './failure.ts';
import {libraryFolder} from './package-files.ts';

export type ScenarioFile = {readonly path: string; readonly text: string};

/** Reads a scenario file, or one of the library by its name alone. */
export function openScenario(name: string): ScenarioFile {
  const paths = [name, ...(/[/\\.]/.test(name) ? [] : [join(libraryFolder, `${name}.yaml`)])];
  for (const path of paths) {
    try {
      return {path, text: readFileSync(path, 'utf8')};
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') throw new Failure(`${path}: ${reasons[code ?? ''] ?? code}`);
    }
  }
  throw new Failure(`${name}: there is no such file, and no scenario of that name in the library. See faultline list.`);
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder, not a scenario file',
  EACCES: 'may not be read',
};

/** The checked scenario; all its mistakes as a failure. Warnings go to `warn`. */
export function checkScenario(
  {path, text}: ScenarioFile,
  settings: readonly string[],
  warn: (line: string) => void,
): Scenario {
  const reading = readScenario(text, path, settings);
  if ('mistakes' in reading) throw new Failure(formatMistakes(reading.mistakes, text, settings).trimEnd());
  for (const warning of reading.warnings) warn(`warning: ${formatMistake(warning)}`);
  return reading.scenario;
}

/** The library's files in order of their names. */
export function libraryScenarios(): readonly ScenarioFile[] {
  return readdirSync(libraryFolder)
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => openScenario(join(libraryFolder, name)));
}
