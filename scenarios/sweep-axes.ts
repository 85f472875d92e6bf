import type {Findings, Path} from './findings.ts';
import {MistakeList} from './mistake-list.ts';
import {quote, settingsFile} from './mistakes.ts';
import {Source, type Span} from './source.ts';
import {readTree, toPlain, type Plain} from './yaml-tree.ts';

/** A setting and the values that a sweep gives it, each with its place in the file or on the command line. */
export type Axis = {
  readonly path: string;
  readonly pathSpan: Span;
  readonly values: readonly {readonly text: string; readonly span: Span}[];
};

/** One of all combinations of values. */
export type Point = {
  /** `path=value` for every axis, in their order. */
  readonly settings: readonly string[];
  /** Those of the axes with several values. */
  readonly label: string;
};

/** The axes of the section `sweep`. */
export function axesOfFile(set: Readonly<Record<string, readonly unknown[]>>, findings: Findings): readonly Axis[] {
  return Object.entries(set).map(([path, values]) => {
    const at: Path = ['sweep', 'set', path];
    return {
      path,
      pathSpan: findings.key(at),
      values: values.map((value, index) => ({text: settingText(value as Plain), span: findings.value([...at, index])})),
    };
  });
}

/** The axis that a word of the command line names: `bfd-mult=3,5,10`. Commas within quotes and brackets part nothing. */
export function axisOfWord(word: string, index: number, mistakes: MistakeList): Axis | undefined {
  const source = new Source(settingsFile, word, index + 1);
  const whole = {source, start: 0, end: word.length};
  const equals = word.indexOf('=');
  if (equals <= 0) {
    mistakes.add(whole, `${quote(word)} is not a setting`, 'Write it as path=value, such as bfd-mult=3,5,10');
    return undefined;
  }
  const values = partsOf(word, equals + 1).map(([start, end]) => trimmed({source, start, end}));
  for (const [number, {text, span}] of values.entries()) {
    if (text === '')
      mistakes.add({...span, end: span.start + 1}, `${quote(word)} has ${values.length > 1 ? 'an empty' : 'no'} value`);
    else if (values.findIndex(other => other.text === text) < number)
      mistakes.add(span, `${quote(text)} stands here twice`);
  }
  return {path: word.slice(0, equals), pathSpan: {source, start: 0, end: equals}, values};
}

/** All combinations, the values of the last axis changing first. */
export function pointsOf(axes: readonly Axis[]): readonly Point[] {
  let points: readonly Point[] = [{settings: [], label: ''}];
  for (const {path, values} of axes) {
    points = points.flatMap(({settings, label}) =>
      values.map(({text}) => ({
        settings: [...settings, `${path}=${text}`],
        label: values.length === 1 ? label : `${label === '' ? '' : `${label} `}${path}=${text}`,
      })),
    );
  }
  return points;
}

/** As `--set` has it: bare if that reads the same. */
function settingText(value: Plain): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isBare = value.trim() === value && value !== '' && partsOf(value, 0).length === 1;
  const tree = isBare ? readTree(new Source('', value), 0, new MistakeList()) : undefined;
  return tree && toPlain(tree) === value ? value : JSON.stringify(value);
}

/** Where the values begin and end that commas part. */
function partsOf(word: string, from: number): readonly (readonly [start: number, end: number])[] {
  const parts: [number, number][] = [];
  let start = from;
  let depth = 0;
  let quoted = '';
  for (let at = from; at < word.length; at++) {
    const sign = word[at];
    if (quoted !== '') {
      if (sign === quoted) quoted = '';
      else if (sign === '\\' && quoted === '"') at += 1;
    } else if ((sign === '"' || sign === "'") && /^[\s[{,:]*$/.test(word.slice(Math.max(start, at - 1), at)))
      quoted = sign;
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    else if (sign === ',' && depth <= 0) {
      parts.push([start, at]);
      start = at + 1;
    }
  }
  return [...parts, [start, word.length]];
}

function trimmed({source, start, end}: Span): {readonly text: string; readonly span: Span} {
  const text = source.text.slice(start, end);
  const from = start + text.length - text.trimStart().length;
  return {text: text.trim(), span: {source, start: Math.min(from, end), end: start + text.trimEnd().length}};
}
