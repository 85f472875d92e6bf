import {createHash} from 'node:crypto';
import type {CaseResult} from '../../reports/gate/baseline.ts';
import type {FailedRun} from '../../reports/gate/gate.ts';
import {resultOf} from '../../reports/gate/case-result.ts';
import type {RunRecord} from '../../reports/sweeps/run-record.ts';
import type {Suite, SuiteCase} from '../../scenarios/read-suite.ts';
import {Progress} from '../progress.ts';
import type {ScenarioFile} from '../scenario-files.ts';
import {runAll} from '../sweeps/run-all.ts';

/** A case as it was run. */
export type RanCase = {
  readonly suiteCase: SuiteCase;
  readonly file: ScenarioFile;
  readonly sha256: string;
  readonly result: CaseResult;
  /** Seeds whose runs ended in an error of ours, with the errors. */
  readonly failed: readonly FailedRun[];
  /** How many runs missed an expectation of their scenario. */
  readonly missed: number;
};

/** Runs every case of a suite with every seed. */
export async function runSuite(
  {cases}: Suite,
  fileOf: (suiteCase: SuiteCase) => ScenarioFile,
  jobs: number,
): Promise<readonly RanCase[]> {
  const runs = cases.flatMap((suiteCase, index) => suiteCase.seeds.map(seed => ({suiteCase, index, seed})));
  const records = new Array<RunRecord | undefined>(runs.length);
  const progress = new Progress(process.stderr);
  let done = 0;
  const {RunPool} = await import('../sweeps/run-pool.ts');
  const pool = new RunPool(Math.min(jobs, runs.length));
  try {
    await runAll(
      runs.keys(),
      Math.min(jobs, runs.length),
      run => {
        const {suiteCase, seed} = runs[run];
        const {text, path} = fileOf(suiteCase);
        return pool.run({text, path, settings: suiteCase.settings, seed});
      },
      (run, record) => {
        records[run] = record;
        done += 1;
        progress.show(done / runs.length, `${runs[run].suiteCase.name}   ${done} of ${runs.length} runs`);
      },
    );
  } finally {
    progress.end();
    await pool.close();
  }
  return cases.map((suiteCase, index) => {
    const own = runs.flatMap((run, number) =>
      run.index === index ? [{seed: run.seed, record: records[number]!}] : [],
    );
    const failed = own.flatMap(({seed, record}) => (record.status === 'failed' ? [{seed, error: record.error}] : []));
    const file = fileOf(suiteCase);
    return {
      ...{suiteCase, file, failed},
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      result: resultOf(own.map(({record}) => record)),
      missed: own.filter(({record}) => record.missed.length > 0).length,
    };
  });
}
