import {Failure} from './failure.ts';

/** For `coerce`: a word that is given once and not empty. */
export function oneWord(option: string): (value: unknown) => string | undefined {
  return value => {
    if (value === undefined) return undefined;
    if (Array.isArray(value)) throw new Failure(`--${option} is given ${value.length} times.`);
    if (typeof value !== 'string' || value === '') throw new Failure(`--${option} needs a value.`);
    return value;
  };
}
