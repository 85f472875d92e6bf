import {createHash, type Hash} from 'node:crypto';
import {createReadStream, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream';
import {parse} from 'csv-parse';
import type {SweepDesign} from '../../reports/sweeps/design.ts';
import {RunTable} from '../../reports/sweeps/run-table.ts';
import {recordOfRow, runColumns, type SweepResults} from '../../reports/sweeps/sweep-files.ts';
import {parseSeeds} from '../../scenarios/seeds.ts';
import {Failure} from '../failure.ts';
import {manifestName} from '../manifest.ts';
import {reasonOf} from '../write-results.ts';
import {parseShard, type Shard} from './shard.ts';

/** A folder that `sweep` or `merge` wrote. */
export type SweepFolder = {
  readonly folder: string;
  readonly results: SweepResults;
  readonly shard: Shard | undefined;
  readonly fingerprint: string;
};

type Manifest = SweepDesign & {
  readonly shard?: string;
  readonly runs: number;
  readonly fingerprint: string;
  readonly sha256: Readonly<Record<string, string>>;
};

/** Reads the results of a sweep, of whichever version. What is not whole is a failure. */
export async function readSweepResults(folder: string): Promise<SweepFolder> {
  const {shard, runs, fingerprint, sha256, ...design} = readManifest(folder);
  const seeds = parseSeeds(design.seeds);
  if (!('value' in seeds)) throw damaged(folder, `${manifestName} has no seeds`);
  const table = new RunTable(design.points.length, seeds.value.length);
  const edges = await readParts(folder, 'convergence.csv', sha256);
  const chains = await readParts(folder, 'chains.csv', sha256);
  await readRows(folder, 'runs.csv', sha256, (row, columns) => {
    const read = recordOfRow(columns, row);
    if (!read || read.run >= table.runs) throw damaged(folder, `runs.csv has a row that is no run`);
    table.add(read.run, {
      ...read.record,
      edges: edges.get(read.run) ?? [],
      chains: chains.get(read.run) ?? [],
    });
  });
  if (table.size !== runs) throw damaged(folder, `runs.csv has ${table.size} runs, and ${manifestName} says ${runs}`);
  const {faultline, scenario, scenario_sha256, scenario_file, points, repeat_with} = design;
  return {
    folder,
    results: {
      design: {faultline, scenario, scenario_sha256, scenario_file, points, seeds: design.seeds, repeat_with},
      seeds: seeds.value,
      table,
    },
    shard: shard === undefined ? undefined : parseShard(shard),
    fingerprint,
  };
}

/** The bytes of a file of a folder, which must be those that were written. */
export function readWhole(folder: string, name: string, digest: string): Buffer {
  const bytes = readOrFail(folder, name);
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw damaged(folder, otherDigest(name));
  return bytes;
}

function readManifest(folder: string): Manifest {
  if (!existsSync(folder)) throw new Failure(`${folder}: there is no such folder`);
  if (!existsSync(join(folder, manifestName))) {
    const isUnfinished = existsSync(join(folder, 'unfinished'));
    const hint = isUnfinished
      ? 'its sweep is not finished: go on with sweep --resume'
      : 'not a folder with results of a sweep';
    throw new Failure(`${folder}: has no ${manifestName}; ${hint}`);
  }
  let manifest: Partial<Manifest> | null = null;
  try {
    manifest = JSON.parse(readOrFail(folder, manifestName).toString()) as Partial<Manifest> | null;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw damaged(folder, `${manifestName} is not JSON`);
  }
  if (typeof manifest !== 'object' || manifest === null || !('faultline' in manifest)) {
    throw new Failure(`${folder}: ${manifestName} is not of Faultline`);
  }
  if (!('points' in manifest)) throw new Failure(`${folder}: has the results of a run, not of a sweep`);
  const isWhole =
    [manifest.scenario, manifest.scenario_sha256, manifest.seeds].every(value => typeof value === 'string') &&
    Array.isArray(manifest.points) &&
    manifest.points.length > 0 &&
    manifest.points.every(Array.isArray) &&
    typeof manifest.sha256 === 'object';
  if (!isWhole) {
    throw new Failure(`${folder}: ${manifestName} of version ${String(manifest.faultline)} cannot be read by this one`);
  }
  return manifest as Manifest;
}

/** Rows by the number of their run, without what stands in front of every row. */
async function readParts(
  folder: string,
  name: 'convergence.csv' | 'chains.csv',
  sha256: Manifest['sha256'],
): Promise<ReadonlyMap<number, readonly (readonly string[])[]>> {
  const parts = new Map<number, (readonly string[])[]>();
  await readRows(folder, name, sha256, ([, , , number, ...part]) => {
    const run = Number(number) - 1;
    const own = parts.get(run);
    if (own) own.push(part);
    else parts.set(run, [part]);
  });
  return parts;
}

/** Every row but the head, which is given with each. */
async function readRows(
  folder: string,
  name: string,
  sha256: Manifest['sha256'],
  take: (row: readonly string[], columns: readonly string[]) => void,
): Promise<void> {
  const hash = createHash('sha256');
  let columns: readonly string[] | undefined;
  try {
    for await (const row of rowsIn(join(folder, name), hash)) {
      if (columns) take(row, columns);
      columns ??= row;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const {code = ''} = error as NodeJS.ErrnoException;
    if (code.startsWith('CSV_')) throw damaged(folder, `${name} is not CSV any more`);
    throw new Failure(`${folder}: ${name}: ${code === 'ENOENT' ? 'is missing' : reasonOf(error)}`);
  }
  if (hash.digest('hex') !== sha256[name]) throw damaged(folder, otherDigest(name));
  if (name === 'runs.csv' && runColumns.some((column, index) => columns?.[index] !== column)) {
    throw damaged(folder, `${name} has other columns than this version writes`);
  }
}

/** The rows of a file, whose bytes go into the hash too. */
function rowsIn(path: string, hash: Hash): AsyncIterable<readonly string[]> {
  const bytes = createReadStream(path).on('data', piece => hash.update(piece));
  // An error of either ends both, and the loop over the rows with it.
  return pipeline(bytes, parse(), () => undefined);
}

function readOrFail(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new Failure(`${folder}: ${name}: ${code === 'ENOENT' ? 'is missing' : reasonOf(error)}`);
  }
}

function otherDigest(name: string): string {
  return `${name} is not what ${manifestName} has the digest of`;
}

function damaged(folder: string, what: string): Failure {
  return new Failure(`${folder}: damaged: ${what}`);
}
