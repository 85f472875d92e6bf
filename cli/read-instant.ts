import type {Time} from '../engine/time.ts';
import {moment} from '../reports/format.ts';
import {parseTime} from '../scenarios/units.ts';
import {Failure} from './failure.ts';

/** The instant of a run of that length that an option names. */
export function readInstant(option: string, word: string, duration: Time): Time {
  const instant = parseTime(word);
  if (!('value' in instant)) {
    throw new Failure(`--${option}: ${[instant.flaw, ...(instant.hint ? [instant.hint] : [])].join('. ')}`);
  }
  if (instant.value > duration) {
    throw new Failure(`--${option}: ${word} is after the end of the run, at ${moment(duration)} s`);
  }
  return instant.value;
}
