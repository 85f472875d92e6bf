import {relative, resolve} from 'node:path';
import pc from 'picocolors';
import type {Argv} from 'yargs';
import {annotations, type Place} from '../../reports/gate/annotations.ts';
import {judgeSuite, outcomeOf, tooFewSeeds, type CheckedBase, type CheckedCase} from '../../reports/gate/gate.ts';
import {gateMarkdown, gateText} from '../../reports/gate/gate-text.ts';
import {junit} from '../../reports/gate/junit.ts';
import type {Repeat} from '../../reports/gate/row-text.ts';
import {plain, type Paint} from '../../reports/paint.ts';
import {list} from '../../reports/format.ts';
import {runCommandOf} from '../../reports/repeating-command.ts';
import type {Suite} from '../../scenarios/read-suite.ts';
import {exitStatus, Failure} from '../failure.ts';
import {
  checkPlaceOfBaseline,
  keepBaseline,
  makeBaseline,
  openBaseline,
  type OpenedBaseline,
} from '../gate/baseline-file.ts';
import {openSuite} from '../gate/open-suite.ts';
import {runSuite, type RanCase} from '../gate/run-suite.ts';
import {refuseVainMetrics} from '../gate/vain-metrics.ts';
import {jobsOption, wordOption} from '../options.ts';
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
  const {suite, fileOf} = openSuite(path, given.seeds);
  const baselinePath = given.baseline ?? path.replace(/(\.suite)?\.ya?ml$/, '') + '.baseline.json';
  const baseline = update ? undefined : openBaseline(baselinePath, given['across-versions']);
  if (update) checkPlaceOfBaseline(baselinePath);
  for (const file of [given.junit, given.markdown]) if (file !== undefined) checkWritable(file);
  const left = baseline ? casesLeft(baseline, baselinePath, suite, path) : [];
  const ran = await runSuite(suite, fileOf, jobs);
  const broken = ran.flatMap(each => each.failed.map(({seed, error}) => `${repeatOf(each, seed)}: ${error}`));
  for (const line of broken) warn(`failed: ${line}`);
  for (const {suiteCase, missed} of ran) {
    if (missed > 0) warn(`${suiteCase.name}: ${missed} of ${suiteCase.seeds.length} runs missed an expectation`);
  }
  if (broken.length === 0) refuseVainMetrics(path, suite, ran, baseline);
  if (!baseline) {
    if (broken.length > 0) throw new Error('runs failed, and no baseline was written');
    const {names, enough} = tooFewSeeds(ran.map(each => checkedCase(each, undefined)));
    const hint = `too few seeds to show a regression if all of the suite changes: ${enough} or more can`;
    for (const name of names) warn(`warning: ${name} has ${hint}`);
    const written = keepBaseline(baselinePath, makeBaseline(ran));
    process.stdout.write(`${baselinePath}: ${written ? 'written' : 'as it was'}\n`);
    return;
  }
  const today = new Date().toISOString().slice(0, 10);
  const checked = ran.map(each => checkedCase(each, baseline.cases.get(each.suiteCase.name)));
  const verdict = judgeSuite(checked, suite.known, today, left);
  process.exitCode = statuses[outcomeOf(verdict)];
  const repeat: Repeat = row =>
    repeatOf(
      ran.find(each => each.suiteCase.name === row.case)!,
      row.worstSeed ?? '1',
    );
  const {isTTY, columns} = process.stdout;
  const colours: Paint = {good: pc.green, bad: pc.red, dim: pc.dim, bold: pc.bold};
  const paint = isTTY && pc.isColorSupported ? colours : plain;
  process.stdout.write(gateText(verdict, repeat, isTTY ? columns : Infinity, paint));
  if (process.env['GITHUB_ACTIONS'] === 'true') {
    process.stdout.write(annotations(verdict, name => placeOf(path, suite, name), repeat));
  }
  if (given.junit !== undefined) writeWhole(given.junit, junit(path, verdict, repeat));
  if (given.markdown !== undefined) writeWhole(given.markdown, gateMarkdown(verdict, repeat));
}

/** A gate that cannot tell is neither open nor shut: somebody has to give it more seeds. */
const statuses = {
  ...{open: exitStatus.fine, shut: exitStatus.missed},
  ...{undecided: exitStatus.wrong, failed: exitStatus.bug},
} as const;

/** The cases that only the baseline has. Fails if those are all: it is of another suite, or its cases have other names now. */
function casesLeft({cases}: OpenedBaseline, baselinePath: string, suite: Suite, path: string): readonly string[] {
  const left = [...cases.keys()].filter(name => !suite.cases.some(own => own.name === name));
  if (left.length < cases.size) return left;
  const has = left.length > 0 ? `, but ${list(left)}` : '';
  throw new Failure(`${baselinePath}: has no case of ${path}${has}. --update makes it anew; nothing was run`);
}

/** Where a case stands, as GitHub knows files: from the top of what was checked out. */
function placeOf(path: string, {cases}: Suite, name: string): Place {
  const top = process.env['GITHUB_WORKSPACE'];
  const inside = top === undefined ? path : relative(top, resolve(path));
  return {file: inside.startsWith('..') ? path : inside, line: cases.find(each => each.name === name)?.line ?? 1};
}

function checkedCase(
  {suiteCase: {name, seeds, metrics}, result: now, failed}: RanCase,
  base: CheckedBase | undefined,
): CheckedCase {
  return {name, seeds, metrics, now, base, failed};
}

function repeatOf({suiteCase, file}: RanCase, seed: string): string {
  const inLibrary = !/\.ya?ml$/.test(file.called);
  return runCommandOf(inLibrary ? file.called : relative('', file.path), seed, suiteCase.settings);
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}
