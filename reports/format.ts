import type {Time} from '../engine/time.ts';

/** Seconds with all six digits: what results carry. */
export function seconds(time: Time): string {
  return (time / 1_000_000).toFixed(6);
}

/** Milliseconds with the digits there are, three at most. */
export function milliseconds(time: Time): string {
  return String(time / 1_000);
}

/** A span for people: three or four figures and the unit that suits it. */
export function span(time: Time): string {
  if (time === 0) return '0';
  if (time < 1_000) return `${time} µs`;
  if (time < 1_000_000) return `${trim(time / 1_000, time < 100_000 ? 1 : 0)} ms`;
  return `${trim(time / 1_000_000, 3)} s`;
}

/** A moment for people: seconds to the millisecond. */
export function moment(time: Time): string {
  return (time / 1_000_000).toFixed(3);
}

function trim(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
