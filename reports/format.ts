import type {Time} from '../engine/time.ts';

/** Seconds with all six digits: what results carry. */
export function seconds(time: Time): string {
  return (time / 1_000_000).toFixed(6);
}

/** Milliseconds with the digits there are, three at most. */
export function milliseconds(time: Time): string {
  return String(time / 1_000);
}

/** A figure of a metric with three digits after its point at most, which of milliseconds are the microseconds. */
export function figure(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A span for people to compare with those above and below it: the unit that suits it, the digits of that unit. */
export function span(time: Time): string {
  if (time === 0) return '0';
  if (time < 1_000) return `${Math.round(time)} µs`;
  if (time < 99_950) return `${(time / 1_000).toFixed(1)} ms`;
  if (time < 999_500) return `${(time / 1_000).toFixed(0)} ms`;
  return `${(time / 1_000_000).toFixed(3)} s`;
}

/** A span for the flow of a sentence: no digits that say nothing. */
export function briefly(time: Time): string {
  const text = span(time);
  return text.includes('.') ? text.replace(/\.?0+(?= )/, '') : text;
}

/** A moment for people: seconds to the millisecond. */
export function moment(time: Time): string {
  return (time / 1_000_000).toFixed(3);
}

/** `gw1`, `gw1 and gw2`, `gw1, gw2 and gw3`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** `1 flow`, `2 flows`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
