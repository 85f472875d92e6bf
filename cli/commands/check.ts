import {readFileSync} from 'node:fs';
import {dirname, isAbsolute, join, relative, resolve} from 'node:path';
import pc from 'picocolors';
import type {Argv} from 'yargs';
import {annotations, type Place} from '../../reports/gate/annotations.ts';
import type {Baseline} from '../../reports/gate/baseline.ts';
import {judgeSuite, outcomeOf, tooFewSeeds, type CheckedCase, type Row} from '../../reports/gate/gate.ts';
import {gateMarkdown, gateText} from '../../reports/gate/gate-text.ts';
import {junit} from '../../reports/gate/junit.ts';
import {plain, type Paint} from '../../reports/paint.ts';
import {list} from '../../reports/format.ts';
import {chooser, inVain} from '../../reports/sweeps/chosen-metrics.ts';
import {runCommandOf} from '../../reports/repeating-command.ts';
import {formatMistakes} from '../../scenarios/mistakes.ts';
import {readSuite, type Suite, type SuiteCase} from '../../scenarios/read-suite.ts';
import {parseSeeds} from '../../scenarios/seeds.ts';
import {exitStatus, Failure} from '../failure.ts';
import {keepBaseline, makeBaseline, openBaseline} from '../gate/baseline-file.ts';
import {runSuite, type RanCase} from '../gate/run-suite.ts';
import {jobsOption, wordOption} from '../options.ts';
import {version} from '../package-files.ts';
import {readSeeds} from '../read-seeds.ts';
import {openScenario, type ScenarioFile} from '../scenario-files.ts';
import {reasonOf} from '../write-results.ts';
import {checkWritable, writeWhole} from '../write-whole.ts';
import type {Command} from './command.ts';

type Options = {
  readonly suite: string;
  readonly baseline: string | undefined;
  readonly update: boolean;
  readonly seeds: string | undefined;
  readonly jobs: number;
  readonly junit: string | undefined;
  readonly markdown: string | undefined;
  readonly 'across-versions': boolean;
};

export const checkCommand: Command<Options> = {
  command: 'check [suite]',
  describe: 'Run a suite and say what became worse since its baseline',
  optionNames: ['baseline', 'update', 'seeds', 'jobs', 'j', 'junit', 'markdown', 'across-versions'],
  builder: yargs => options(yargs),
  handler: check,
};

function options(yargs: Argv): Argv<Options> {
  return yargs
    .positional('suite', {type: 'string', default: 'faultline.suite.yaml', describe: 'A suite file'})
    .option(
      'baseline',
      wordOption('baseline', 'What it came to before; beside the suite, with .baseline.json, if left out'),
    )
    .option('update', {
      type: 'boolean',
      default: false,
      describe: 'Accept what it comes to: write the baseline anew',
    })
    .option(
      'seeds',
      wordOption(
        'seeds',
        'Instead of those of the suite; other seeds than those of the baseline are compared as a whole',
      ),
    )
    .option('jobs', jobsOption)
    .option('junit', wordOption('junit', 'Write a test case for each metric into this file, as JUnit XML'))
    .option('markdown', wordOption('markdown', 'Write the table into this file as Markdown, for the summary of a job'))
    .option('across-versions', {
      type: 'boolean',
      default: false,
      describe: 'Compare with a baseline of another version of Faultline, whose models may differ',
    })
    .example('$0 check suite.yaml --update', 'accept what there is, and commit the file')
    .example('$0 check suite.yaml', 'then, in CI: exit status 1 if anything is worse than its tolerance')
    .example('$0 check suite.yaml --junit gate.xml --markdown gate.md', 'for the reports of CI')
    .example('$0 check suite.yaml --seeds 1001..1020', 'whether it also holds with other luck');
}

async function check(given: Options): Promise<void> {
  const {suite: path, update, jobs} = given;
  const files = new Map<string, ScenarioFile>();
  const suite = withSeeds(openSuite(path, files), given.seeds);
  const baselinePath = given.baseline ?? path.replace(/(\.suite)?\.ya?ml$/, '') + '.baseline.json';
  const baseline = update ? undefined : openBaseline(baselinePath);
  if (baseline && baseline.faultline !== version && !given['across-versions']) {
    throw new Failure(
      `${baselinePath}: of Faultline ${baseline.faultline}, this is ${version}: models may differ. ` +
        'Make it anew with --update, or compare all the same with --across-versions.',
    );
  }
  for (const file of [update ? baselinePath : undefined, given.junit, given.markdown]) {
    if (file !== undefined) checkWritable(file);
  }
  const ran = await runSuite(suite, ({asked}) => files.get(asked)!, jobs);
  const broken = ran.flatMap(each => each.failed.map(({seed, error}) => `${repeatOf(each, seed)}: ${error}`));
  if (broken.length > 0) throw new Error(`runs that failed:\n${broken.join('\n')}`);
  for (const {suiteCase, missed} of ran) {
    if (missed === 0) continue;
    process.stderr.write(`${suiteCase.name}: ${missed} of ${suiteCase.seeds.length} runs missed an expectation\n`);
  }
  refuseVainMetrics(path, suite, ran, baseline);
  if (!baseline) {
    warnOfFewSeeds(ran);
    const written = keepBaseline(baselinePath, makeBaseline(ran));
    process.stdout.write(`${baselinePath}: ${written ? 'written' : 'as it was'}\n`);
    return;
  }
  for (const name of baseline.cases.keys()) {
    if (ran.some(({suiteCase}) => suiteCase.name === name)) continue;
    process.stderr.write(`${name} is in ${baselinePath} and not in ${path}; --update leaves it out\n`);
  }
  const verdict = judgeSuite(
    ran.map(each => checkedCase(each, baseline)),
    suite.known,
    new Date().toISOString().slice(0, 10),
  );
  const repeat = (row: Row): string =>
    repeatOf(
      ran.find(each => each.suiteCase.name === row.case)!,
      row.worstSeed ?? '1',
    );
  if (given.junit !== undefined) writeWhole(given.junit, junit(path, verdict, repeat));
  if (given.markdown !== undefined) writeWhole(given.markdown, gateMarkdown(verdict, repeat));
  const {isTTY, columns} = process.stdout;
  const colours: Paint = {good: pc.green, bad: pc.red, dim: pc.dim, bold: pc.bold};
  const paint = isTTY && pc.isColorSupported ? colours : plain;
  process.stdout.write(gateText(verdict, repeat, isTTY ? columns : Infinity, paint));
  if (process.env['GITHUB_ACTIONS'] === 'true') {
    process.stdout.write(annotations(verdict, name => placeOf(path, suite, name), repeat));
  }
  process.exitCode = statuses[outcomeOf(verdict)];
}

/** A gate that cannot tell is neither open nor shut: somebody has to give it more seeds. */
const statuses = {open: exitStatus.fine, shut: exitStatus.missed, undecided: exitStatus.wrong} as const;

/** Where a case stands, as GitHub knows files: from the top of what was checked out. */
function placeOf(path: string, {cases}: Suite, name: string): Place {
  const top = process.env['GITHUB_WORKSPACE'];
  const inside = top === undefined ? path : relative(top, resolve(path));
  return {file: inside.startsWith('..') ? path : inside, line: cases.find(each => each.name === name)?.line ?? 1};
}

function warnOfFewSeeds(ran: readonly RanCase[]): void {
  const {names, enough} = tooFewSeeds(ran.map(each => checkedCase(each, undefined)));
  for (const name of names) {
    process.stderr.write(
      `warning: ${name} has too few seeds to show a regression if all of the suite changes: ${enough} or more can\n`,
    );
  }
}

/** A metric that no run has, now or before, is a slip: the gate would never look at what it was meant to. */
function refuseVainMetrics(
  path: string,
  {known}: Suite,
  ran: readonly RanCase[],
  baseline: Baseline | undefined,
): void {
  const all = ran.map(({suiteCase: {name, metrics}, result}) => {
    const patterns = metrics.map(({pattern}) => pattern);
    const names = [...result.metrics.keys(), ...(baseline?.cases.get(name)?.metrics.keys() ?? [])];
    return {name, patterns, names, looked: names.filter(chooser(patterns))};
  });
  const vain = inVain(
    [...new Set(all.flatMap(({patterns}) => patterns))],
    all.flatMap(({names}) => names),
  );
  if (vain.length > 0) throw new Failure(`${path}: no run has the metric ${list(vain)}; see faultline metrics`);
  for (const {case: name, metric} of known) {
    if (inVain([metric], all.find(one => one.name === name)!.looked).length === 0) continue;
    throw new Failure(`${path}: known: of the metrics of ${name} that are looked at none is ${metric}`);
  }
}

function checkedCase({suiteCase, result}: RanCase, baseline: Baseline | undefined): CheckedCase {
  const {name, seeds, metrics} = suiteCase;
  const base = baseline?.cases.get(name);
  const parsed = base && parseSeeds(base.seeds);
  const seedList = parsed && 'value' in parsed ? parsed.value : undefined;
  if (base && seedList?.length !== base.fingerprints.length) {
    throw new Failure(`${name}: the baseline has not as many runs as seeds. --update makes it anew.`);
  }
  return {
    ...{name, seeds, metrics},
    now: result,
    base: base && {...base, seedList: seedList!},
  };
}

function repeatOf({suiteCase, file}: RanCase, seed: string): string {
  const inLibrary = !/\.ya?ml$/.test(file.called);
  return runCommandOf(inLibrary ? file.called : relative('', file.path), seed, suiteCase.settings);
}

/** Reads a suite and the scenarios that it asks for: files from where it is, or names of the library. */
function openSuite(path: string, files: Map<string, ScenarioFile>): Suite {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new Failure(`${path}: ${code === 'ENOENT' ? 'there is no such suite' : reasonOf(error)}`);
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
  return reading.suite;
}

function withSeeds(suite: Suite, words: string | undefined): Suite {
  const seeds = readSeeds(words);
  if (seeds === undefined) return suite;
  return {...suite, cases: suite.cases.map((each): SuiteCase => ({...each, seeds}))};
}
