import type {MistakeList} from './mistake-list.ts';
import {quote} from './mistakes.ts';
import type {Span} from './source.ts';
import {countNames, rangesOf, type Range} from './templates.ts';
import type {Entry, MapNode, Scalar, Tree} from './yaml-tree.ts';

/** Which sections hold names, and in which of them a template stays one row for many, unless its values count along. */
export type CountedSections = {readonly named: ReadonlySet<string>; readonly templates: ReadonlySet<string>};

/** Values that all entries written out of one file may hold together. */
const mostValues = 500_000;

/**
 * Writes out the entries whose names are templates, in sections where each name needs an entry of its own:
 * `n[1..3]: {cidr: 10.0.$1.0/24}` becomes n1, n2 and n3. Within the values of an entry `$1` is what the first range of its
 * name counts, `$2` the second, as it stands in the name. What is no template is left for the grammar to refuse.
 */
export function writeOut(root: MapNode, {named, templates}: CountedSections, mistakes: MistakeList): void {
  let left = mostValues;
  for (const [section, {node}] of root.entries) {
    if (!named.has(section) || node.kind !== 'map') continue;
    const written = [...node.entries].map(([name, entry]) => new Writing(name, entry, templates.has(section)));
    node.entries.clear();
    for (const writing of written) {
      if (writing.size > left) {
        const message = `this file stands for more than ${mostValues.toLocaleString('en-US')} values, written out`;
        mistakes.add(writing.entry.key, message, 'Write shorter ranges');
        continue;
      }
      left -= writing.size;
      writing.complain(mistakes);
      for (const [name, entry] of writing.entries) {
        const first = node.entries.get(name);
        if (first) mistakes.add(entry.key, `${quote(name)} stands here twice: first in line ${lineOf(first.key)}`);
        else node.entries.set(name, entry);
      }
    }
  }
}

function lineOf({source, start, end}: Span): number {
  return source.locate(start, end).line;
}

/** An entry with the ranges of its name that are to be written out. */
class Writing {
  readonly entry: Entry;
  readonly #name: string;
  readonly #ranges: readonly Range[];
  readonly #marks: readonly Mark[];
  /** Which of the ranges, from 0 on. */
  readonly #meant: ReadonlySet<number>;

  constructor(name: string, entry: Entry, isTemplate: boolean) {
    this.#name = name;
    this.entry = entry;
    this.#ranges = rangesOf(name);
    this.#marks = marksIn(entry.node);
    const marked = this.#marks.map(({number}) => number - 1).filter(range => range < this.#ranges.length);
    const meant = isTemplate ? marked : this.#ranges.keys();
    this.#meant = 'flaw' in countNames(`n${this.#ranges.map(({text}) => text).join('')}`) ? new Set() : new Set(meant);
  }

  /** How many values its entries hold together; 0 if it stays as it is. */
  get size(): number {
    if (this.#meant.size === 0) return 0;
    const counts = [...this.#meant].map(range => this.#ranges[range].to - this.#ranges[range].from + 1);
    return counts.reduce((product, count) => product * count, sizeOf(this.entry.node));
  }

  get entries(): Iterable<readonly [string, Entry]> {
    const {key, node} = this.entry;
    if (this.#meant.size === 0) return [[this.#name, this.entry]];
    return countThrough(this.#name, this.#ranges, this.#meant).map(
      ({name, numbers}) => [name, {key, node: this.#marks.length === 0 ? node : fillTree(node, numbers)}] as const,
    );
  }

  /** Tells what stands for a range that the name does not have. */
  complain(mistakes: MistakeList): void {
    const count = this.#ranges.length;
    for (const {number, node} of this.#marks) {
      if (number <= count) continue;
      const has = ['no range', 'one range'].at(count) ?? `${count} ranges`;
      const hint = count === 0 ? 'Write a name such as n[1..10]' : undefined;
      mistakes.add(
        node.span,
        `"$${number}" is what a range in the name counts, and ${quote(this.#name)} has ${has}`,
        hint,
      );
    }
  }
}

type Counted = {readonly name: string; readonly numbers: readonly string[]};

/** The names with what each of their ranges counts, the last counting fastest; ranges that are not meant stay ranges. */
function countThrough(text: string, ranges: readonly Range[], meant: ReadonlySet<number>): readonly Counted[] {
  let counted: readonly Counted[] = [{name: '', numbers: []}];
  let end = 0;
  for (const [index, {from, to, width, start, text: written}] of ranges.entries()) {
    const literal = text.slice(end, start);
    const isMeant = meant.has(index);
    const last = isMeant ? to : from;
    counted = counted.flatMap(({name, numbers}) =>
      Array.from({length: last - from + 1}, (_, step) => {
        const number = isMeant ? String(from + step).padStart(width, '0') : written;
        return {name: name + literal + number, numbers: [...numbers, number]};
      }),
    );
    end = start + written.length;
  }
  const rest = text.slice(end);
  return counted.map(({name, numbers}) => ({name: name + rest, numbers}));
}

const mark = /\$([1-9])/g;

type Mark = {readonly number: number; readonly node: Tree};

function marksIn(node: Tree): readonly Mark[] {
  if (node.kind === 'list') return node.items.flatMap(marksIn);
  if (node.kind === 'scalar') return marksOf(node.value, node);
  return [...node.entries].flatMap(([key, {node: child}]) => [...marksOf(key, child), ...marksIn(child)]);
}

function marksOf(text: Scalar, node: Tree): readonly Mark[] {
  if (typeof text !== 'string') return [];
  return [...text.matchAll(mark)].map(([, digit]) => ({number: Number(digit), node}));
}

function sizeOf(node: Tree): number {
  if (node.kind === 'scalar') return 1;
  const children = node.kind === 'list' ? node.items : [...node.entries.values()].map(entry => entry.node);
  return children.reduce((size, child) => size + sizeOf(child), 1);
}

function fillTree(node: Tree, numbers: readonly string[]): Tree {
  if (node.kind === 'list') return {...node, items: node.items.map(item => fillTree(item, numbers))};
  if (node.kind === 'scalar') {
    const isMarked = typeof node.value === 'string' && node.value.includes('$');
    return isMarked ? {...node, value: asWritten(fill(String(node.value), numbers))} : node;
  }
  const entries = [...node.entries].map(
    ([name, {key, node: child}]) => [fill(name, numbers), {key, node: fillTree(child, numbers)}] as const,
  );
  return {...node, entries: new Map(entries)};
}

function fill(text: string, numbers: readonly string[]): string {
  return text.replace(mark, (whole, digit: string) => numbers.at(Number(digit) - 1) ?? whole);
}

/** Nothing but digits is a number, as it would be without the mark. */
function asWritten(text: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
