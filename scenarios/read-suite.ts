import {quantities} from '../models/events/quantities.ts';
import {readForm} from './draft.ts';
import {Findings, type Path} from './findings.ts';
import {suiteGrammar, type SuiteDraft, type ToleranceDraft} from './grammar-suite.ts';
import {MistakeList} from './mistake-list.ts';
import {quote, type Mistake} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import {readScenario} from './read-scenario.ts';
import {Source} from './source.ts';
import {readTree, toPlain} from './yaml-tree.ts';

/** A metric, or several with `*` for anything, and how much worse it may become. */
export type ToleratedMetric = {readonly pattern: string} & Pick<ToleranceDraft, 'share' | 'amount'>;

/** A scenario under some settings with many seeds. */
export type SuiteCase = {
  readonly name: string;
  /** As the suite calls the scenario's file. */
  readonly asked: string;
  readonly settings: readonly string[];
  readonly seeds: readonly string[];
  readonly metrics: readonly ToleratedMetric[];
};

/** A regression that is let pass up to and including a day. */
export type KnownRegression = {
  readonly case: string;
  readonly metric: string;
  readonly reason: string;
  /** As `2027-01-31`. */
  readonly until: string;
};

export type Suite = {readonly cases: readonly SuiteCase[]; readonly known: readonly KnownRegression[]};

/** A scenario file that a suite asks for, or why there is none. */
export type Opened = {readonly text: string; readonly path: string} | {readonly flaw: string};

export type SuiteReading = {readonly suite: Suite} | {readonly mistakes: readonly Mistake[]};

/** Reads a suite file; `open` finds the scenarios that it asks for. Every case must make a scenario without mistakes. */
export function readSuite(text: string, file: string, open: (asked: string) => Opened): SuiteReading {
  const list = new MistakeList();
  const root = readTree(new Source(file, text), 0, list);
  if (!root) return {mistakes: list.mistakes};
  if (root.kind !== 'map') {
    const what = root.kind === 'scalar' && root.value === null ? 'the file is empty' : 'a suite is a map';
    list.add(root.span, `${what}: it needs cases`);
    return {mistakes: list.mistakes};
  }
  const findings = new Findings(root, list);
  const form = {grammar: suiteGrammar, standIns: new Map(), needed: ['cases']};
  const draft = readForm<SuiteDraft>(form, toPlain(root), findings)?.draft;
  if (!draft) return {mistakes: list.mistakes};
  const cases = draft.cases.map((_, index) => readCase(draft, index, findings, open));
  const names = cases.map(({name}) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    findings.mistake(findings.value(['cases', index]), `a second case ${quote(name)}`, 'Give it a name of its own');
  }
  for (const [index, known] of draft.known.entries()) {
    if (names.includes(known.case)) continue;
    const hint = () => didYouMean(known.case, names) ?? `There are ${names.join(', ')}`;
    findings.mistake(findings.value(['known', index, 'case']), `there is no case ${quote(known.case)}`, hint);
  }
  return list.isEmpty ? {suite: {cases, known: draft.known}} : {mistakes: list.mistakes};
}

function readCase(draft: SuiteDraft, index: number, findings: Findings, open: (asked: string) => Opened): SuiteCase {
  const own = draft.cases[index];
  const path: Path = findings.has(['cases', index, 'scenario']) ? ['cases', index, 'scenario'] : ['cases', index];
  const opened = open(own.scenario);
  const settings = own.set;
  let scenario = own.scenario;
  if ('flaw' in opened) findings.mistake(findings.value(path), opened.flaw);
  else {
    const reading = readScenario(opened.text, opened.path, settings);
    if ('scenario' in reading) scenario = reading.scenario.name;
    else {
      for (const {line, column, message, hint, file} of reading.mistakes) {
        findings.mistake(findings.value(path), `${file}:${line}:${column}  ${message}`, hint);
      }
    }
  }
  return {
    name: own.name ?? [scenario, ...settings].join(' '),
    asked: own.scenario,
    settings,
    seeds: own.seeds ?? draft.seeds,
    metrics: own.metrics
      ? checkMetrics(own.metrics, ['cases', index, 'metrics'], findings)
      : checkMetrics(draft.metrics, ['metrics'], findings),
  };
}

function checkMetrics(metrics: SuiteDraft['metrics'], path: Path, findings: Findings): readonly ToleratedMetric[] {
  return Object.entries(metrics).map(([pattern, {share, amount, isTime}]) => {
    const [name, statistic = ''] = pattern.split('.');
    const quantity = quantities.find(candidate => candidate.name === name);
    const names = quantities.map(candidate => candidate.name);
    if (!quantity && !name.includes('*')) {
      const hint = () => didYouMean(name, names) ?? `There are ${names.join(', ')}`;
      findings.mistake(findings.key([...path, pattern]), `there is no metric ${quote(name)}`, hint);
    } else if (quantity && !statistic.includes('*') && !quantity.statistics.some(each => each === statistic)) {
      const hint = `${name} has ${quantity.statistics.join(', ')}`;
      findings.mistake(findings.key([...path, pattern]), `${name} has no ${quote(statistic)}`, hint);
    }
    const measuresTime = quantity?.unit === 'ms' && statistic !== 'count';
    if (quantity && isTime !== undefined && isTime !== measuresTime) {
      const message = measuresTime ? `${name} is a time: its tolerance needs a unit` : `${name} is not a time`;
      findings.mistake(findings.value([...path, pattern]), message);
    }
    return {pattern, share, amount};
  });
}
