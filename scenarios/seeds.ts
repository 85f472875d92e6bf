import {quote} from './mistakes.ts';
import type {Parsed} from './units.ts';

const mostSeeds = 1_000_000;

/** `1..200`, `1..10,20,night`: whole numbers with all between, and words; each once, in the order given. */
export function parseSeeds(text: string): Parsed<readonly string[]> {
  const seeds = new Set<string>();
  for (const part of text.split(',').map(word => word.trim())) {
    const range = /^(\d+)\.\.(\d+)$/.exec(part);
    const flaw = range ? flawOfRange(part, range[1], range[2]) : flawOfWord(part, text);
    if (flaw) return flaw;
    const [first, last] = range ? [Number(range[1]), Number(range[2])] : [0, 0];
    if (seeds.size + last - first >= mostSeeds) return {flaw: `${quote(text)} are more than ${mostSeeds} seeds`};
    for (let number = first; number <= last; number++) {
      const seed = range ? String(number) : part;
      if (seeds.has(seed)) return {flaw: `${quote(text)} has the seed ${seed} twice`};
      seeds.add(seed);
    }
  }
  return {value: [...seeds]};
}

/** The shortest text that `parseSeeds` reads as these. */
export function formatSeeds(seeds: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < seeds.length;) {
    let to = from;
    while (to + 1 < seeds.length && isNext(seeds[to], seeds[to + 1])) to += 1;
    parts.push(...(to - from > 1 ? [`${seeds[from]}..${seeds[to]}`] : seeds.slice(from, to + 1)));
    from = to + 1;
  }
  return parts.join(',');
}

function isNext(seed: string, other: string): boolean {
  return /^(0|[1-9]\d{0,14})$/.test(seed) && other === String(Number(seed) + 1);
}

function flawOfRange(part: string, first: string, last: string): Parsed<never> | undefined {
  if ([first, last].some(word => word.length > 15 || (word.length > 1 && word.startsWith('0')))) {
    return {flaw: `${quote(part)} is not a range of whole numbers`, hint: 'Write it as 1..200'};
  }
  if (Number(first) > Number(last))
    return {flaw: `${quote(part)} ends before it begins`, hint: `Write ${last}..${first}`};
  return undefined;
}

function flawOfWord(part: string, text: string): Parsed<never> | undefined {
  if (part === '') return {flaw: `${quote(text)} has an empty seed`, hint: 'Write it as 1..200 or 1,2,7'};
  if (/\.\.|\s/.test(part)) return {flaw: `${quote(part)} is not a seed`, hint: 'Write it as 1..200 or 1,2,7'};
  return undefined;
}
