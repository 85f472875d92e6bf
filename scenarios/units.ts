import type {Time} from '../engine/time.ts';
import {quote} from './mistakes.ts';
import type {Instant} from './scenario.ts';

/** A value read from a word of the file, or what is wrong with the word. */
export type Parsed<Value> = {readonly value: Value} | {readonly flaw: string; readonly hint?: string};

/** The units of time that a scenario may use, in microseconds. */
const timeUnits: Readonly<Record<string, number>> = {us: 1, ms: 1_000, s: 1_000_000, min: 60_000_000};

/** 31 years: sums and products of a few times stay far below 2^53. */
const longest: Time = 1_000_000_000_000_000;

const slipsOfUnits: Readonly<Record<string, string>> = {
  ...{µs: 'us', μs: 'us', usec: 'us', usecs: 'us', microseconds: 'us'},
  ...{msec: 'ms', msecs: 'ms', millis: 'ms', milliseconds: 'ms'},
  ...{sec: 's', secs: 's', second: 's', seconds: 's'},
  ...{mins: 'min', minute: 'min', minutes: 'min'},
};

/** `100ms`, `1.5s`: whole microseconds, 0 or more. */
export function parseTime(text: string): Parsed<Time> {
  const match = /^(\d+)(?:\.(\d+))?(us|ms|s|min)$/.exec(text);
  if (!match) return explainTime(text);
  const [, whole, fraction = '', unit] = match;
  if (whole.length + fraction.length > 30) return {flaw: `${quote(text)} has too many digits`};
  const scaled = BigInt(whole + fraction) * BigInt(timeUnits[unit]);
  const divisor = 10n ** BigInt(fraction.length);
  if (scaled % divisor !== 0n) return {flaw: `${quote(text)} is finer than a microsecond`};
  const time = scaled / divisor;
  if (time > BigInt(longest)) return {flaw: `${quote(text)} is too long: at most 1000000000s`};
  return {value: Number(time)};
}

function explainTime(text: string): Parsed<never> {
  const quoted = quote(text);
  if (/^\d+(\.\d+)?$/.test(text)) return {flaw: `${quoted} needs a unit: ${shortened(text)}ms, ${shortened(text)}s?`};
  if (/^-\s*\d/.test(text)) return {flaw: `${quoted} is negative`, hint: 'A time is 0 or more'};
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-zµμ]+)$/i.exec(text) ?? [];
  if (count === undefined) return {flaw: `${quoted} is not a time`, hint: 'Write it as 100ms, 1.5s or 2min'};
  const short = shortened(count);
  if (unit === 'm') return {flaw: `${quoted} is not a time`, hint: `Did you mean "${short}ms" or "${short}min"?`};
  const meant = timeUnits[unit.toLowerCase()] ? unit.toLowerCase() : slipsOfUnits[unit.toLowerCase()];
  return {
    flaw: `${quoted} is not a time`,
    hint: meant ? `Did you mean "${short}${meant}"?` : 'The units are us, ms, s and min',
  };
}

/** `5ms`, or `2ms..9ms` for something between the two. */
export function parseTimeRange(text: string): Parsed<readonly [Time, Time]> {
  const [from, to = from, ...more] = text.split('..', 3);
  if (more.length > 0) return {flaw: `${quote(text)} is not a time or a range`, hint: 'Write it as 5ms or 2ms..9ms'};
  const least = parseTime(from);
  const most = parseTime(to);
  if (!('value' in least)) return least;
  if (!('value' in most)) return most;
  if (least.value > most.value) return {flaw: `${quote(text)} ends before it begins`, hint: `Write ${to}..${from}`};
  return {value: [least.value, most.value]};
}

/** `20s`, or `20s + random 1s` for an instant drawn from the seed, up to 1 s later. */
export function parseInstant(text: string): Parsed<Instant> {
  const [before, after] = text.split(/ *\+ */, 2);
  const base = parseTime(before);
  if (!('value' in base)) return text.includes('+') || text.includes('random') ? explainInstant(text) : base;
  if (after === undefined) return {value: {base: base.value, random: 0}};
  const span = /^random +(\S+)$/.exec(after)?.[1];
  if (span === undefined || text.split('+', 3).length > 2) return explainInstant(text);
  const random = parseTime(span);
  return 'value' in random ? {value: {base: base.value, random: random.value}} : random;
}

function explainInstant(text: string): Parsed<never> {
  return {flaw: `${quote(text)} is not an instant`, hint: 'Write it as 20s or 20s + random 1s'};
}

/** `5%` as 0.05. */
export function parsePercentage(text: string): Parsed<number> {
  const match = /^(\d{1,3}(?:\.\d{1,12})?)%$/.exec(text);
  if (!match) {
    if (/^\d+(\.\d+)?$/.test(text)) return {flaw: `${quote(text)} needs a unit: ${shortened(text)}%?`};
    return {flaw: `${quote(text)} is not a percentage`, hint: 'Write it as 5% or 0.1%'};
  }
  const percent = Number(match[1]);
  return percent <= 100 ? {value: percent / 100} : {flaw: `${quote(text)} is more than 100%`};
}

/** A time for a message: `20 s`, `1.5 ms`. */
export function formatTime(time: Time): string {
  const unit = time >= 1_000_000 ? 's' : time >= 1_000 || time === 0 ? 'ms' : 'us';
  return `${Number((time / timeUnits[unit]).toFixed(6))} ${unit}`;
}

function shortened(digits: string): string {
  return digits.length > 20 ? '…' : digits;
}
