import type {MistakeList} from './mistake-list.ts';
import {quote, settingsFile} from './mistakes.ts';
import {didYouMean, nearest} from './near-miss.ts';
import {Source, type Span} from './source.ts';
import {deepest, readTree, type MapNode, type Tree} from './yaml-tree.ts';

export type SettingRules = {
  /** Option → its section: `bfd-mult=5` is `ovn.bfd-mult=5`. */
  readonly shortcuts: ReadonlyMap<string, string>;
  /** Sections that a shortcut does not make, because they change all the others. */
  readonly given: ReadonlySet<string>;
  /** Sections to which a setting may add a whole entry, but no part of an entry that is not there. */
  readonly named: ReadonlySet<string>;
};

/** Puts each `path=value` into the tree as if it stood in the file; of two for the same path the later counts. */
export function applySettings(root: MapNode, settings: readonly string[], rules: SettingRules, mistakes: MistakeList) {
  for (const [index, text] of settings.entries()) {
    const source = new Source(settingsFile, text, index + 1);
    const whole = {source, start: 0, end: text.length};
    const equals = text.indexOf('=');
    if (equals <= 0) {
      mistakes.add(whole, `${quote(text)} is not a setting`, 'Write it as path=value, such as ovn.bfd-mult=5');
    } else if (text.slice(equals + 1).trim() === '') {
      mistakes.add(whole, `${quote(text)} has no value`);
    } else {
      const value = readTree(source, equals + 1, mistakes);
      if (value) put(root, source, text.slice(0, equals), value, rules, mistakes);
    }
  }
}

function put(root: MapNode, source: Source, path: string, value: Tree, rules: SettingRules, mistakes: MistakeList) {
  const section = root.entries.has(path) ? undefined : rules.shortcuts.get(path);
  if (section !== undefined && rules.given.has(section) && !root.entries.has(section)) {
    const message = `${quote(path)} belongs to the section ${quote(section)}, which the file does not have`;
    mistakes.add({source, start: 0, end: path.length}, message, `Write ${section}.${path} to make it`);
    return;
  }
  const meant = path.includes('.') || root.entries.has(path) ? undefined : nearest(path, rules.shortcuts.keys());
  if (section === undefined && meant !== undefined) {
    mistakes.add({source, start: 0, end: path.length}, `unknown key ${quote(path)}`, `Did you mean ${quote(meant)}?`);
    return;
  }
  let at: Tree = section === undefined ? root : childOf(root, section, {source, start: 0, end: path.length}, false);
  let passed = '';
  for (let start = 0, depth = 0; ; depth++) {
    const step = nextStep(path.slice(start), at);
    const span: Span = {source, start, end: start + step.length};
    const isLast = span.end === path.length;
    if (depth === deepest) {
      mistakes.add(span, 'nested too deeply');
      return;
    }
    if (at.kind === 'scalar') {
      mistakes.add(span, `${passed} is a single value and has no ${quote(step)}`);
      return;
    }
    if (at.kind === 'list' && !(/^\d{1,6}$/.test(step) && Number(step) <= at.items.length)) {
      mistakes.add(span, `${quote(step)} is not the number of an item of ${passed}: 0 to ${at.items.length}`);
      return;
    }
    if (at.kind === 'map' && !isLast && rules.named.has(passed) && !at.entries.has(step)) {
      const names = at.entries.keys();
      mistakes.add(span, `there is no ${quote(step)} in ${passed}`, () => didYouMean(step, names));
      return;
    }
    if (isLast) {
      if (at.kind === 'map') at.entries.set(step, {key: span, node: value});
      else at.items[Number(step)] = value;
      return;
    }
    const isListNext = /^\d+(\.(?!\d)|$)/.test(path.slice(span.end + 1));
    at = at.kind === 'map' ? childOf(at, step, span, isListNext) : (at.items[Number(step)] ??= emptyMap(span));
    passed = path.slice(0, span.end);
    start = span.end + 1;
  }
}

/** The child of that name, made if it is not there or empty. */
function childOf(parent: MapNode, name: string, span: Span, isList: boolean): Tree {
  const child = parent.entries.get(name)?.node;
  if (child && !(child.kind === 'scalar' && child.value === null)) return child;
  const made: Tree = isList ? {kind: 'list', span, items: []} : emptyMap(span);
  parent.entries.set(name, {key: span, node: made});
  return made;
}

function emptyMap(span: Span): MapNode {
  return {kind: 'map', span, entries: new Map()};
}

/**
 * The first step of a dotted path. Keys that exist go first, the longest before the others, because keys may hold dots
 * themselves: addresses and templates.
 */
function nextStep(path: string, at: Tree): string {
  let longest = '';
  for (const key of at.kind === 'map' ? at.entries.keys() : []) {
    if (key.length > longest.length && (path === key || path.startsWith(`${key}.`))) longest = key;
  }
  if (longest !== '') return longest;
  const step = /^(?:\d+\.\d+\.\d+\.\d+|(?:[^.[]|\[[^\]]*\])+)(?=\.|$)/.exec(path) ?? /^[^.]*/.exec(path);
  return step?.[0] ?? path;
}
