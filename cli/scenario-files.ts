import {readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {formatMistake, formatMistakes} from '../scenarios/mistakes.ts';
import {didYouMean} from '../scenarios/near-miss.ts';
import {readScenario} from '../scenarios/read-scenario.ts';
import type {Scenario} from '../scenarios/scenario.ts';
import {Failure} from './failure.ts';
import {libraryFolder} from './package-files.ts';
import {reasonOfReading} from './reasons.ts';

/** A scenario file, and what it is called whatever path it was asked for with. */
export type ScenarioFile = {
  /** Its name in the library if it is there, or is a copy of one that is; else its name in its folder. */
  readonly called: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly text: string;
};

/** Reads a scenario file, or one of the library by its name alone. */
export function openScenario(asked: string): ScenarioFile {
  if (asked === '') throw new Failure('a scenario is a file or a name of the library; standard input is not read');
  const isName = /^[\w-]+$/.test(asked);
  const library = isName ? libraryNames().find(name => name === asked) : undefined;
  const flaw = new Map<string, string>();
  for (const path of library === undefined ? [asked] : [asked, join(libraryFolder, `${library}.yaml`)]) {
    try {
      const bytes = readFileSync(path);
      return {called: nameOf(path, bytes), path, bytes, text: bytes.toString('utf8')};
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') flaw.set(path, reasonOfReading(error));
    }
  }
  for (const [path, reason] of flaw) throw new Failure(`${path}: ${reason}`);
  const hint = isName ? didYouMean(asked, libraryNames()) : didYouMean(basename(asked), neighbours(asked));
  if (!isName) throw new Failure(`${asked}: there is no such file. ${hint ?? ''}`.trimEnd());
  const message = `${asked}: there is no such file, and no scenario of that name in the library.`;
  throw new Failure(`${message} ${hint ?? 'See faultline list.'}`);
}

function nameOf(path: string, bytes: Buffer): string {
  const copied = libraryNames().find(name => readFileSync(join(libraryFolder, `${name}.yaml`)).equals(bytes));
  return copied ?? basename(path);
}

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
  return libraryNames().map(name => openScenario(join(libraryFolder, `${name}.yaml`)));
}

function libraryNames(): readonly string[] {
  return namesIn(libraryFolder)
    .filter(name => name.endsWith('.yaml'))
    .map(name => name.slice(0, -'.yaml'.length))
    .sort();
}

/** The scenario files beside one that is not there. */
function neighbours(path: string): readonly string[] {
  return namesIn(dirname(path)).filter(name => /\.ya?ml$/.test(name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
