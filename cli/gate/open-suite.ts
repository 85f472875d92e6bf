import {readFileSync} from 'node:fs';
import {dirname, isAbsolute, join} from 'node:path';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readSuite, type Suite, type SuiteCase} from '../../scenarios/read-suite.ts';
import {Failure} from '../failure.ts';
import {readSeeds} from '../read-seeds.ts';
import {reasonOfReading} from '../reasons.ts';
import {openScenario, type ScenarioFile} from '../scenario-files.ts';

/** A suite and the scenario files of its cases. */
export type OpenedSuite = {readonly suite: Suite; readonly fileOf: (suiteCase: SuiteCase) => ScenarioFile};

/**
 * Reads a suite and the scenarios that it asks for: files from where it is, or names of the library. `seeds` are as
 * `--seeds` takes them, instead of its own.
 */
export function openSuite(path: string, seeds: string | undefined): OpenedSuite {
  const instead = readSeeds(seeds);
  const files = new Map<string, ScenarioFile>();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: ${code === 'ENOENT' ? 'there is no such suite' : reasonOfReading(error)}`);
  }
  const reading = readSuite(text, path, asked => {
    try {
      const file = openScenario(/\.ya?ml$/.test(asked) && !isAbsolute(asked) ? join(dirname(path), asked) : asked);
      files.set(asked, file);
      return file;
    } catch (error) {
      if (error instanceof Failure) return {flaw: error.message};
      throw error;
    }
  });
  if ('mistakes' in reading) throw new Failure(formatMistakes(reading.mistakes, text).trimEnd());
  const {suite} = reading;
  const cases = suite.cases.map(each => (instead ? {...each, seeds: instead} : each));
  return {suite: {...suite, cases}, fileOf: ({asked}) => files.get(asked)!};
}
