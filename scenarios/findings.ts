import type {Hint, MistakeList} from './mistake-list.ts';
import {showValue} from './mistakes.ts';
import type {Span} from './source.ts';
import type {Entry, Tree} from './yaml-tree.ts';

/** Where something stands in the file: keys, and the numbers of list items from 0. */
export type Path = readonly (string | number)[];

/** Where the checks put what they find, each at its place in the file. */
export class Findings {
  readonly #root: Tree;
  readonly #mistakes: MistakeList;

  constructor(root: Tree, mistakes: MistakeList) {
    this.#root = root;
    this.#mistakes = mistakes;
  }

  mistake(span: Span, message: string, hint?: Hint): void {
    this.#mistakes.add(span, message, hint);
  }

  warning(span: Span, message: string): void {
    this.#mistakes.warn(span, message);
  }

  has(path: Path): boolean {
    return this.#walk(path).missing === 0;
  }

  /** The names in one section of the file, in order. */
  keysOf(path: Path): readonly string[] {
    const {node, missing} = this.#walk(path);
    return missing === 0 && node.kind === 'map' ? [...node.entries.keys()] : [];
  }

  /** The value if it fits on a line, else its key; if the file has neither, what it should be in. */
  value(path: Path): Span {
    const {node, entry, missing} = this.#walk(path);
    if (entry && (missing > 0 || node.kind !== 'scalar')) return entry.key;
    if (entry || missing === 0) return node.span;
    return {...node.span, end: node.span.start + 1};
  }

  key(path: Path): Span {
    const {node, entry} = this.#walk(path);
    return entry?.key ?? {...node.span, end: node.span.start + 1};
  }

  /** A word within a text. */
  word(path: Path, word: string): Span {
    const span = this.value(path);
    const text = span.source.text.slice(span.start, span.end);
    let at = text.indexOf(word);
    while (at >= 0 && isWithinWord(text, at, word.length)) at = text.indexOf(word, at + 1);
    return at < 0 ? span : {...span, start: span.start + at, end: span.start + at + word.length};
  }

  /** The scalar as the file has it. */
  scalar(path: Path): string | number | boolean | null | undefined {
    const {node, missing} = this.#walk(path);
    return missing === 0 && node.kind === 'scalar' ? node.value : undefined;
  }

  /** What stands there, in a word. */
  describe(path: Path): string {
    const {node} = this.#walk(path);
    return node.kind === 'scalar' ? showValue(node.value) : `a ${node.kind}`;
  }

  /** As far as the path leads: the node there, the last entry passed, and how many steps were left over. */
  #walk(path: Path): {node: Tree; entry: Entry | undefined; missing: number} {
    let node = this.#root;
    let entry: Entry | undefined;
    for (const [index, step] of path.entries()) {
      const child: Entry | undefined = node.kind === 'map' ? node.entries.get(String(step)) : undefined;
      const item = node.kind === 'list' && typeof step === 'number' ? node.items.at(step) : undefined;
      if (!child && !item) return {node, entry, missing: path.length - index};
      entry = child;
      node = child?.node ?? item!;
    }
    return {node, entry, missing: 0};
  }
}

function isWithinWord(text: string, at: number, length: number): boolean {
  return /[\w-]/.test(text.charAt(at - 1)) || /[\w-]/.test(text.charAt(at + length));
}
