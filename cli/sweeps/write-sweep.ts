import {createHash} from 'node:crypto';
import {fingerprintOf, runFiles, summaryFiles, type SweepResults} from '../../reports/sweeps/sweep-files.ts';
import {manifestName} from '../manifest.ts';
import {writeResults} from '../write-results.ts';
import {nameOfShard, type Shard} from './shard.ts';

export const scenarioName = 'scenario.yaml';

/** What is written of a sweep: its results, the bytes of its scenario file, and which part of it this is. */
export type WrittenSweep = {
  readonly results: SweepResults;
  readonly bytes: Uint8Array;
  readonly shard: Shard | undefined;
};

/** Writes the files of a sweep into a folder: all or none. A shard has its runs only; their sums are made by `merge`. */
export function writeSweep(out: string, {results, bytes, shard}: WrittenSweep): void {
  const digests = new Map<string, string>();
  const files = [
    {name: scenarioName, text: [bytes]},
    ...runFiles(results),
    ...(shard ? [] : summaryFiles(results)),
  ].map(({name, text}) => ({name, text: digested(text, digest => digests.set(name, digest))}));
  const manifest = {name: manifestName, text: later(() => manifestOf(results, shard, digests))};
  writeResults(out, [...files, manifest], manifestName);
}

function manifestOf(
  {design, table}: SweepResults,
  shard: Shard | undefined,
  digests: ReadonlyMap<string, string>,
): string {
  const {repeat_with, ...rest} = design;
  const outlines = [...table.present()].map(run => table.outline(run)!);
  const manifest = {
    ...rest,
    ...(shard && {shard: nameOfShard(shard)}),
    runs: table.size,
    failed: outlines.filter(({status}) => status === 'failed').length,
    missed: outlines.filter(({missed}) => missed.length > 0).length,
    fingerprint: fingerprintOf(table),
    sha256: Object.fromEntries(digests),
    repeat_with,
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** The same pieces; once all are taken their digest is told. */
function* digested(
  pieces: Iterable<string | Uint8Array>,
  tell: (digest: string) => void,
): Iterable<string | Uint8Array> {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  tell(hash.digest('hex'));
}

function* later(text: () => string): Iterable<string> {
  yield text();
}
