import {parseSeeds} from '../scenarios/seeds.ts';
import {Failure} from './failure.ts';

/** The seeds that --seeds names; undefined if it was not given. */
export function readSeeds(text: string | undefined): readonly string[] | undefined {
  const seeds = text === undefined ? {value: undefined} : parseSeeds(text);
  if ('value' in seeds) return seeds.value;
  throw new Failure(`--seeds: ${[seeds.flaw, ...(seeds.hint === undefined ? [] : [seeds.hint])].join('. ')}.`);
}
