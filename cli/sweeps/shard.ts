import {Failure} from '../failure.ts';

/** One of so many parts of a sweep, each of which another machine can run. */
export type Shard = {readonly index: number; readonly of: number};

/** For `--shard`. */
export function parseShard(text: string): Shard {
  const shard = readShard(text);
  if (!shard) throw new Failure(`--shard: "${text}" is not a part of a whole, such as 1/3, 2/3 or 3/3.`);
  return shard;
}

/** `2/3`; undefined if a text names no part of a whole. */
export function readShard(text: string): Shard | undefined {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, of] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return index < 1 || index > of ? undefined : {index, of};
}

/** Every so many-th run, so that each shard has some of every point. */
export function isIn(shard: Shard | undefined, run: number): boolean {
  return shard === undefined || run % shard.of === shard.index - 1;
}

export function nameOfShard({index, of}: Shard): string {
  return `${index}/${of}`;
}
