import {quote} from './mistakes.ts';
import type {Parsed} from './units.ts';

/** The most names that one template may stand for. */
export const mostNames = 1_000_000;

/** The most names that all templates of a file may stand for together, wherever they are used. */
const mostNamesInAll = 4_000_000;

const longestName = 63;

/** Words that mean something where the name of a chassis or host may stand. */
const reserved: ReadonlySet<string> = new Set(['spread', 'pack', 'random', 'switch', 'metadata']);

/** A name: begins with a letter, goes on with letters, digits, `_` and `-`. */
export const namePattern = '^[A-Za-z][A-Za-z0-9_-]{0,62}$';

/** A name in which ranges such as `[1..20]` may stand. */
export const templatePattern = '^[A-Za-z](?:[A-Za-z0-9_-]|\\[[0-9]+\\.\\.[0-9]+\\])*$';

const nameExpression = new RegExp(namePattern);
const templateExpression = new RegExp(templatePattern);

/** A name of one thing. */
export function parseName(text: string): Parsed<string> {
  if (nameExpression.test(text)) return {value: text};
  if (text.length > longestName) return {flaw: `${quote(text)} is longer than ${longestName} characters`};
  if (text.includes('['))
    return flawOfTemplate(text) ?? {flaw: `${quote(text)} is a template, and one name is needed here`};
  return {flaw: `${quote(text)} is not a name: a letter, then letters, digits, "_" and "-"`};
}

/** A name or a template of names, not written out. */
export function parseTemplate(text: string): Parsed<string> {
  if (reserved.has(text)) return {flaw: `${quote(text)} cannot be a name, because it means something of its own`};
  if (!text.includes('[')) return parseName(text);
  return flawOfTemplate(text) ?? {value: text};
}

function flawOfTemplate(text: string): {flaw: string; hint?: string} | undefined {
  const count = countNames(text);
  return 'flaw' in count ? count : undefined;
}

/** How many names the text stands for; 1 if it has no range. */
export function countNames(text: string): Parsed<number> {
  if (!templateExpression.test(text)) return {flaw: `${quote(text)} is not a name or a template such as vm[1..10]`};
  let count = 1;
  for (const {from, to} of rangesOf(text)) {
    if (to < from) return {flaw: `${quote(text)} counts down`, hint: `Write [${to}..${from}]`};
    count *= to - from + 1;
  }
  if (count > mostNames) {
    const many = Number.isSafeInteger(count) ? count.toLocaleString('en-US') : 'far too many';
    return {flaw: `${quote(text)} stands for ${many} names: at most ${mostNames.toLocaleString('en-US')}`};
  }
  if (text.length > 2 * longestName) return {flaw: `${quote(text)} is longer than ${longestName} characters`};
  return {value: count};
}

/** Writes templates out, up to so many names in all that no file can fill the memory. */
export class Expansion {
  #left = mostNamesInAll;

  /** The names that the text stands for, the last range counting fastest; `times` is how often they will be used. */
  expand(text: string, times = 1): Parsed<readonly string[]> {
    const count = countNames(text);
    if (!('value' in count)) return count;
    const flaw = this.spend(count.value * times);
    if (flaw !== undefined) return {flaw};
    const names = namesOf(text);
    const longest = names[names.length - 1];
    if (longest.length > longestName) return {flaw: `${quote(longest)} is longer than ${longestName} characters`};
    return {value: names};
  }

  /** Takes so many names off what is left; says so if there are not as many. */
  spend(count: number): string | undefined {
    if (count > this.#left) return `this file stands for more than ${mostNamesInAll.toLocaleString('en-US')} names`;
    this.#left -= count;
    return undefined;
  }
}

function namesOf(text: string): readonly string[] {
  let names = [''];
  let end = 0;
  for (const {from, to, width, start, text: written} of rangesOf(text)) {
    const literal = text.slice(end, start);
    const longer: string[] = [];
    for (const name of names) {
      for (let number = from; number <= to; number++) longer.push(name + literal + String(number).padStart(width, '0'));
    }
    names = longer;
    end = start + written.length;
  }
  const rest = text.slice(end);
  return rest === '' ? names : names.map(name => name + rest);
}

/** A range in a text: where it stands, how it is written, and to how many digits its numbers are filled up. */
export type Range = {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly start: number;
  readonly text: string;
};

export function rangesOf(text: string): readonly Range[] {
  return [...text.matchAll(/\[([0-9]+)\.\.([0-9]+)\]/g)].map(match => ({
    from: Number(match[1]),
    to: Number(match[2]),
    width: match[1].startsWith('0') ? match[1].length : 0,
    start: match.index,
    text: match[0],
  }));
}
