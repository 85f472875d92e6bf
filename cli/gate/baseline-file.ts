import {existsSync, readFileSync} from 'node:fs';
import {chooser} from '../../reports/sweeps/chosen-metrics.ts';
import {inOrder} from '../../reports/sweeps/metric-names.ts';
import type {CheckedBase} from '../../reports/gate/gate.ts';
import {readBaseline, writeBaseline, type Baseline, type KeptCase} from '../../reports/gate/baseline.ts';
import {formatSeeds, parseSeeds} from '../../scenarios/seeds.ts';
import {Failure} from '../failure.ts';
import {version} from '../package-files.ts';
import {reasonOfReading} from '../reasons.ts';
import {checkWritable, writeWhole} from '../write-whole.ts';
import type {RanCase} from './run-suite.ts';

/** A baseline with the seeds of each case one by one. */
export type OpenedBaseline = {readonly cases: ReadonlyMap<string, CheckedBase>};

/** Reads a baseline. Throws a `Failure` if there is none that this version may be compared with. */
export function openBaseline(path: string, acrossVersions: boolean): OpenedBaseline {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure(`${path}: there is no baseline. faultline check --update makes one.`);
    throw new Failure(`${path}: ${reasonOfReading(error)}`);
  }
  const baseline = readBaseline(text);
  if ('flaw' in baseline) throw new Failure(`${path}: ${baseline.flaw}. --update makes it anew.`);
  if (baseline.faultline !== version && !acrossVersions) {
    throw new Failure(
      `${path}: of Faultline ${baseline.faultline}, this is ${version}: models may differ. ` +
        'Make it anew with --update, or compare all the same with --across-versions.',
    );
  }
  const cases = [...baseline.cases].map(([name, kept]) => {
    const seeds = parseSeeds(kept.seeds);
    if (!('value' in seeds) || seeds.value.length !== kept.fingerprints.length) {
      throw new Failure(`${path}: ${name} has not as many runs as seeds. --update makes it anew.`);
    }
    return [name, {...kept, seedList: seeds.value}] as const;
  });
  return {cases: new Map(cases)};
}

/** Fails if a baseline could not be written there or would take the place of something else, before anything is run. */
export function checkPlaceOfBaseline(path: string): void {
  checkWritable(path);
  const there = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  // One that is damaged further on may be made anew.
  if (there === '' || /^{\s*"format"/.test(there)) return;
  throw new Failure(`${path}: is not a baseline, and would be lost; nothing was run`);
}

/** The baseline that these runs would make. */
export function makeBaseline(cases: readonly RanCase[]): Baseline {
  const kept = cases.map(({suiteCase, sha256, result}): [string, KeptCase] => {
    const isKept = (metric: string): boolean =>
      suiteCase.metrics.some(({pattern}) => chooser([pattern])(metric)) &&
      result.metrics.get(metric)!.some(value => value !== 0);
    const metrics = inOrder(result.metrics.keys()).filter(isKept);
    return [
      suiteCase.name,
      {
        scenario_sha256: sha256,
        settings: suiteCase.settings,
        seeds: formatSeeds(suiteCase.seeds),
        patterns: suiteCase.metrics.map(({pattern}) => pattern),
        subjects: result.subjects,
        fingerprints: result.fingerprints,
        metrics: new Map(metrics.map(metric => [metric, result.metrics.get(metric)!])),
        phases: result.phases,
      },
    ];
  });
  return {faultline: version, cases: new Map(kept)};
}

/** Writes a baseline, unless it is what is there already. Returns whether it wrote. */
export function keepBaseline(path: string, baseline: Baseline): boolean {
  const text = writeBaseline(baseline);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false;
  writeWhole(path, text);
  return true;
}
