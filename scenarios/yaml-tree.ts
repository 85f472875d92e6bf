import {isAlias, isMap, isScalar, isSeq, parseDocument, type ParsedNode, type YAMLError} from 'yaml';
import type {MistakeList} from './mistake-list.ts';
import {quote} from './mistakes.ts';
import {Source, type Span} from './source.ts';

/** YAML as scenarios use it: text, numbers, true and false; lists; keys that are text. Each with its place. */
export type Tree = ScalarNode | ListNode | MapNode;
export type ScalarNode = {readonly kind: 'scalar'; readonly span: Span; readonly value: Scalar};
export type ListNode = {readonly kind: 'list'; readonly span: Span; readonly items: Tree[]};
export type MapNode = {readonly kind: 'map'; readonly span: Span; readonly entries: Map<string, Entry>};
export type Entry = {readonly key: Span; readonly node: Tree};
export type Scalar = string | number | boolean | null;

/** As plain objects and lists. */
export type Plain = Scalar | Plain[] | PlainMap;
export type PlainMap = {[key: string]: Plain};

/** The YAML library takes a second for this much of the worst text; templates make longer files needless. */
const longestText = 1_000_000;

/** How many maps and lists can stand within each other. */
export const deepest = 16;

/**
 * Reads a source from `offset` on. What scenarios have no use for is a mistake: aliases (which can make a short file
 * stand for an endless one), tags, infinite numbers. Undefined if the text is not YAML at all.
 */
export function readTree(source: Source, offset: number, mistakes: MistakeList): Tree | undefined {
  const text = source.text.slice(offset);
  if (text.length > longestText) {
    const most = longestText.toLocaleString('en-US');
    mistakes.add(
      {source, start: offset, end: offset + 1},
      `longer than ${most} characters`,
      'Use templates: vm[1..1000]',
    );
    return undefined;
  }
  const spanOf = (start: number, end: number) => ({source, start: start + offset, end: end + offset});
  const document = withoutStackTraces(() => parseDocument(text, {uniqueKeys: false, prettyErrors: false}));
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0) {
    for (const {start, end, message, hint} of explainSyntax(flaws, new Source(source.file, text))) {
      mistakes.add(spanOf(start, end), message, hint);
    }
    return undefined;
  }
  let hasHoles = false;
  const tree = build(document.contents, 0);
  return hasHoles ? undefined : tree;

  function reject(span: Span, message: string, hint?: string): null {
    mistakes.add(span, message, hint);
    hasHoles = true;
    return null;
  }

  function build(node: ParsedNode | null, depth: number): Tree {
    if (node === null) return {kind: 'scalar', span: spanOf(0, 0), value: null};
    const span = spanOf(node.range[0], node.range[1]);
    if (isAlias(node)) {
      const hint = 'Write it out, or use a template such as vm[1..10]';
      return {kind: 'scalar', span, value: reject(span, 'an alias cannot be used here', hint)};
    }
    if (node.anchor !== undefined) mistakes.add(span, `an anchor, &${node.anchor}, cannot be used here`);
    if (node.tag !== undefined) mistakes.add(span, `a tag, ${quote(node.tag)}, cannot be used here`);
    if (isScalar(node)) return {kind: 'scalar', span, value: scalarOf(node.value, span)};
    if (depth === deepest) return {kind: 'scalar', span, value: reject(span, 'nested too deeply')};
    if (isSeq(node)) return {kind: 'list', span, items: node.items.map(item => build(item as ParsedNode, depth + 1))};
    if (!isMap(node)) return {kind: 'scalar', span, value: null};
    const entries = new Map<string, Entry>();
    for (const {key, value} of node.items) {
      const keySpan = spanOf(key.range[0], key.range[1]);
      const name = keyOf(key, keySpan);
      const first = name === undefined ? undefined : entries.get(name);
      if (first) {
        const {line} = source.locate(first.key.start, first.key.end);
        mistakes.add(keySpan, `${quote(name!)} stands here twice: first in line ${line}`);
        take(build(value, depth + 1), first.node);
      } else if (name !== undefined) {
        const child = build(value, depth + 1);
        entries.set(name, {key: keySpan, node: value === null ? {...child, span: keySpan} : child});
      }
    }
    return {kind: 'map', span, entries};
  }

  function keyOf(key: ParsedNode, span: Span): string | undefined {
    if (isScalar(key) && typeof key.value === 'string' && key.value !== '__proto__') {
      if (key.anchor !== undefined) mistakes.add(span, `an anchor, &${key.anchor}, cannot be used here`);
      return key.value;
    }
    if (isScalar(key) && key.value === '__proto__') {
      mistakes.add(span, '"__proto__" cannot be a key');
      return undefined;
    }
    const shown = isScalar(key) && typeof key.source === 'string' ? quote(key.source) : 'this';
    mistakes.add(span, `a key must be text: ${shown} is not`);
    return undefined;
  }

  function scalarOf(value: unknown, span: Span): Scalar {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return reject(span, `${quote(text.slice(span.start - offset, span.end - offset))} is not a number to work with`);
    }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  }
}

export function toPlain(tree: Tree): Plain {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, {node}]) => [key, toPlain(node)]));
}

type Explained = {start: number; end: number; message: string; hint?: string};

/** One flaw a line: the later ones mostly follow from the first. */
function explainSyntax(flaws: readonly YAMLError[], source: Source): readonly Explained[] {
  const endless = flaws.find(({code}) => code === 'RESOURCE_EXHAUSTION');
  if (endless) return [{start: endless.pos[0], end: endless.pos[1], message: 'nested too deeply'}];
  const explained = new Map<number, Explained>();
  for (const flaw of [...flaws].sort((a, b) => a.pos[0] - b.pos[0])) {
    const {column} = source.locate(...flaw.pos);
    const lineStart = flaw.pos[0] - column + 1;
    if (!explained.has(lineStart)) explained.set(lineStart, templateInFlow(source.text, lineStart) ?? explain(flaw));
  }
  return [...explained.values()];
}

function explain({code, message, pos: [start, end]}: YAMLError): Explained {
  if (code === 'MULTIPLE_DOCS') return {start, end, message: 'a second document begins here; a file is one scenario'};
  if (code === 'TAG_RESOLVE_FAILED') return {start, end, message: 'a tag cannot be used here'};
  if (message.startsWith('Flow ')) {
    return {start, end, message: 'a "{" or "[" before this is not closed, or its lines are not indented'};
  }
  if (code === 'TAB_AS_INDENT') return {start, end, message: 'a tab cannot indent', hint: 'Use spaces'};
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    return {start, end, message: 'a second ":" in one line', hint: 'Begin a new line, or quote the text'};
  }
  return {start, end, message: `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`};
}

/** The likeliest slip: `{from: vm[1..10]}`, where YAML reads a list inside the braces. */
function templateInFlow(text: string, lineStart: number): Explained | undefined {
  const lineEnd = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, Math.min(lineEnd < 0 ? text.length : lineEnd, lineStart + 1_000));
  const match = /(?<=[{[,:]\s*)[A-Za-z][\w-]*\[\d+\.\.\d+\][\w-]*(?:\[\d+\.\.\d+\][\w-]*)*/.exec(line);
  if (!match || !/[{[]/.test(line.slice(0, match.index))) return undefined;
  const start = lineStart + match.index;
  const message = 'a template inside { } or [ ] needs quotes';
  return {start, end: start + match[0].length, message, hint: `Write "${match[0]}"`};
}

/** Every error of the library takes a stack trace, which a file full of errors would wait for; nobody sees them. */
function withoutStackTraces<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Of a section that stands twice all is read, so that mistakes in both are found, and names of both. */
function take(again: Tree, first: Tree): void {
  if (first.kind !== 'map' || again.kind !== 'map') return;
  for (const [name, entry] of again.entries) if (!first.entries.has(name)) first.entries.set(name, entry);
}
