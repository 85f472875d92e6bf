import {Failure} from '../failure.ts';

/** For `--jobs`: how many runs at a time. */
export function readJobs(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Failure(`--jobs: "${text}" is not a number of runs at a time, such as 4.`);
}
