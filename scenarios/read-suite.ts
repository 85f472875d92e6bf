import {quantities} from '../models/events/quantities.ts';
import {flawOfMetric, subjectsOf} from './metric-flaws.ts';
import {readForm} from './draft.ts';
import {Findings, type Path} from './findings.ts';
import {suiteGrammar, type SuiteDraft, type ToleranceDraft} from './grammar-suite.ts';
import {MistakeList} from './mistake-list.ts';
import {quote, type Mistake} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import {readScenario} from './read-scenario.ts';
import type {Scenario} from './scenario.ts';
import {Source, type Span} from './source.ts';
import {readTree, toPlain} from './yaml-tree.ts';

/** A metric, or several with `*` for anything, and how much worse it may become. */
export type ToleratedMetric = {
  readonly pattern: string;
  /** Whether it is one of those that are looked at where none is named. */
  readonly isUsual: boolean;
} & Pick<ToleranceDraft, 'share' | 'amount'>;

/** A scenario under some settings with many seeds. */
export type SuiteCase = {
  readonly name: string;
  /** As the suite calls the scenario's file. */
  readonly asked: string;
  readonly settings: readonly string[];
  readonly seeds: readonly string[];
  readonly metrics: readonly ToleratedMetric[];
  /** Where it stands in the suite, from 1. */
  readonly line: number;
};

/** A regression that is let pass up to and including a day. */
export type KnownRegression = {
  readonly case: string;
  /** With `*` for anything. */
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
  const read = draft.cases.map((own, index) => readCase(own, index, findings, open));
  const subjects = allOf(read.map(one => one.subjects));
  const metrics = checkMetrics(draft.metrics, ['metrics'], subjects, findings);
  const cases = read.map(({subjects: _, ...one}): SuiteCase => ({metrics, ...one, seeds: one.seeds ?? draft.seeds}));
  const names = cases.map(({name}) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    findings.mistake(findings.value(['cases', index]), `a second case ${quote(name)}`, 'Give it a name of its own');
  }
  for (const [index, known] of draft.known.entries()) {
    const place = names.indexOf(known.case);
    const hint = () => didYouMean(known.case, names) ?? `There are ${names.join(', ')}`;
    const flaw = flawOfMetric(known.metric, place < 0 ? subjects : read[place].subjects);
    if (place < 0) {
      findings.mistake(findings.value(['known', index, 'case']), `there is no case ${quote(known.case)}`, hint);
    }
    if (flaw) findings.mistake(findings.value(['known', index, 'metric']), flaw.flaw, flaw.hint);
  }
  return list.isEmpty ? {suite: {cases, known: draft.known}} : {mistakes: list.mistakes};
}

/** A case as far as it says itself what it is, with what its metrics can speak of: undefined if it makes no scenario. */
type ReadCase = Omit<SuiteCase, 'seeds' | 'metrics'> & {
  readonly seeds: readonly string[] | undefined;
  readonly metrics?: readonly ToleratedMetric[];
  readonly subjects: readonly string[] | undefined;
};

function readCase(
  {scenario: asked, set: settings, name, seeds, metrics}: SuiteDraft['cases'][number],
  index: number,
  findings: Findings,
  open: (asked: string) => Opened,
): ReadCase {
  const path: Path = findings.has(['cases', index, 'scenario']) ? ['cases', index, 'scenario'] : ['cases', index];
  const span = findings.value(path);
  const scenario = openCase(asked, settings, span, findings, open);
  const subjects = scenario && subjectsOf(scenario);
  return {
    name: name ?? [scenario?.name ?? asked, ...settings].join(' '),
    ...{asked, settings, seeds, subjects},
    ...(metrics && {metrics: checkMetrics(metrics, ['cases', index, 'metrics'], subjects, findings)}),
    line: lineOf(findings.value(['cases', index])),
  };
}

function lineOf({source, start, end}: Span): number {
  return source.locate(start, end).line;
}

/** The scenario of a case; undefined, and told, if there is none or it has mistakes. */
function openCase(
  asked: string,
  settings: readonly string[],
  span: Span,
  findings: Findings,
  open: (asked: string) => Opened,
): Scenario | undefined {
  const opened = open(asked);
  if ('flaw' in opened) {
    findings.mistake(span, opened.flaw);
    return undefined;
  }
  const reading = readScenario(opened.text, opened.path, settings);
  if ('scenario' in reading) return reading.scenario;
  for (const {line, column, message, hint, file} of reading.mistakes) {
    findings.mistake(span, `${file}:${line}:${column}  ${message}`, hint);
  }
  return undefined;
}

/** Undefined if any is not known. */
function allOf(subjects: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const known = subjects.flatMap(own => own ?? []);
  return subjects.every(own => own) ? [...new Set(known)] : undefined;
}

function checkMetrics(
  metrics: SuiteDraft['metrics'],
  path: Path,
  subjects: readonly string[] | undefined,
  findings: Findings,
): readonly ToleratedMetric[] {
  const isUsual = !findings.has(path);
  return Object.entries(metrics).map(([pattern, {share, amount, isTime}]) => {
    const flaw = isUsual ? undefined : flawOfMetric(pattern, subjects);
    if (flaw) findings.mistake(findings.key([...path, pattern]), flaw.flaw, flaw.hint);
    const [name, statistic] = pattern.split('.');
    const quantity = quantities.find(candidate => candidate.name === name);
    const measuresTime = quantity?.unit === 'ms' && statistic !== 'count';
    if (quantity && isTime !== undefined && isTime !== measuresTime) {
      const message = measuresTime ? `${name} is a time: its tolerance needs a unit` : `${name} is not a time`;
      findings.mistake(findings.value([...path, pattern]), message);
    }
    return {pattern, isUsual, share, amount};
  });
}
