import {Findings} from './findings.ts';
import {subjectsOf} from './metric-flaws.ts';
import {MistakeList} from './mistake-list.ts';
import {settingsFile, type Mistake} from './mistakes.ts';
import {fullPath, readScenario, type Reading} from './read-scenario.ts';
import type {Scenario} from './scenario.ts';
import {Source, type Span} from './source.ts';
import {axesOfFile, axisOfWord, pointsOf, type Axis, type Point} from './sweep-axes.ts';
import {readTree} from './yaml-tree.ts';

/** What a sweep runs: a scenario at every point with every seed. */
export type Sweep = {
  /** As it is at the first point. */
  readonly scenario: Scenario;
  readonly seeds: readonly string[];
  readonly axes: readonly {readonly path: string; readonly values: readonly string[]}[];
  readonly points: readonly Point[];
  /** What metrics can speak of at any point. */
  readonly subjects: readonly string[];
};

export type SweepReading =
  {readonly sweep: Sweep; readonly warnings: readonly Mistake[]} | {readonly mistakes: readonly Mistake[]};

export type SweepWords = {
  /** Each `path=value`, or with several values, as `path=3,5,10`; they count more than those of the file. */
  readonly settings?: readonly string[];
  /** Instead of those of the file. */
  readonly seeds?: readonly string[] | undefined;
};

const mostPoints = 1_000;

/** Reads a scenario file as a sweep. Every combination of values must make a scenario without mistakes. */
export function readSweep(text: string, file: string, {settings = [], seeds}: SweepWords = {}): SweepReading {
  const list = new MistakeList();
  const given = settings.flatMap((word, index) => axisOfWord(word, index, list) ?? []);
  if (!list.isEmpty) return {mistakes: list.mistakes};
  const first = readScenario(text, file, pointsOf(given)[0].settings);
  const own = 'scenario' in first ? axesOfFile(first.scenario.sweep.set, findingsOf(text, file)) : [];
  const axes = joined([...own, ...given]);
  const number = axes.reduce((product, {values}) => product * values.length, 1);
  if (number > mostPoints) {
    list.add(axes[axes.length - 1].pathSpan, `${number} combinations of values are more than ${mostPoints}`);
    return {mistakes: list.mistakes};
  }
  const points = pointsOf(axes);
  const reading = readScenario(text, file, points[0].settings);
  const source = new Source(file, text);
  const subjects = new Set<string>();
  for (const point of points) {
    const own = point === points[0] ? reading : readScenario(text, file, point.settings);
    tell(own, point, axes, source, list);
    if ('scenario' in own) for (const subject of subjectsOf(own.scenario)) subjects.add(subject);
  }
  if (!list.isEmpty || !('scenario' in reading)) return {mistakes: list.mistakes};
  const {scenario, warnings} = reading;
  const chosen = axes.map(({path, values}) => ({path, values: values.map(value => value.text)}));
  return {
    sweep: {scenario, seeds: seeds ?? scenario.sweep.seeds, axes: chosen, points, subjects: [...subjects]},
    warnings,
  };
}

/** Of two axes for the same path the later counts, at the place of the first. */
function joined(axes: readonly Axis[]): readonly Axis[] {
  return [...new Map(axes.map(axis => [fullPath(axis.path), axis])).values()];
}

function findingsOf(text: string, file: string): Findings {
  const tree = readTree(new Source(file, text), 0, new MistakeList());
  if (!tree) throw new Error(`${file} was read before and cannot be read again`);
  return new Findings(tree, new MistakeList());
}

/** Puts the mistakes at one point where they stand: in the file, or in the word that has the value. */
function tell(
  reading: Reading,
  {settings, label}: Point,
  axes: readonly Axis[],
  source: Source,
  list: MistakeList,
): void {
  if ('scenario' in reading) return;
  for (const {file, line, column, length, message, hint} of reading.mistakes) {
    if (file === settingsFile) list.add(placeIn(axes[line - 1], settings[line - 1], column - 1, length), message, hint);
    else list.add(source.spanOf(line, column, length), message, hint ?? (label === '' ? undefined : `With ${label}`));
  }
}

/** A stretch of the setting `path=value` as it stands where the axis comes from. */
function placeIn({path, pathSpan, values}: Axis, setting: string, offset: number, length: number): Span {
  if (offset <= path.length) return pathSpan;
  const {text, span} = values.find(value => `${path}=${value.text}` === setting)!;
  const start = span.start + offset - path.length - 1;
  const isAsWritten = span.source.text.slice(span.start, span.end) === text;
  return isAsWritten ? {source: span.source, start, end: start + length} : span;
}
