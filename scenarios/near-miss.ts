import {quote} from './mistakes.ts';

const mostCandidates = 5_000;
const longestWord = 63;

/** `Did you mean "gw3"?` if a candidate is nearly the word. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `Did you mean ${quote(candidate)}?`;
}

/** The candidate that takes the fewest slips of the finger; of several the one with the nearest number at its end. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined;
  const lowered = word.toLowerCase();
  const most = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3;
  let best: {candidate: string; slips: number; apart: number} | undefined;
  let left = mostCandidates;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (Math.abs(candidate.length - word.length) > most) continue;
    const slips = countSlips(lowered, candidate.toLowerCase());
    const apart = Math.abs(numberAtEnd(word) - numberAtEnd(candidate));
    if (slips > most || slips >= Math.max(word.length, candidate.length)) continue;
    if (!best || slips < best.slips || (slips === best.slips && apart < best.apart)) best = {candidate, slips, apart};
  }
  return best?.candidate;
}

/** Letters left out, put in, exchanged, or swapped with their neighbour (optimal string alignment). */
function countSlips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({length: b.length + 1}, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, beforeLast[column - 2] + 1);
      }
      current.push(least);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length];
}

function numberAtEnd(word: string): number {
  const digits = /\d{1,15}$/.exec(word);
  return digits ? Number(digits[0]) : 0;
}
