import {createHash, type Hash} from 'node:crypto';
import {createReadStream, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream';
import {parse} from 'csv-parse';
import {z} from 'zod';
import {RunTable} from '../../reports/sweeps/run-table.ts';
import {fingerprintOf, recordOfRow, runColumns, type SweepResults} from '../../reports/sweeps/sweep-files.ts';
import {parseSeeds} from '../../scenarios/seeds.ts';
import {Failure} from '../failure.ts';
import {manifestName} from '../manifest.ts';
import {version} from '../package-files.ts';
import {reasonOfReading} from '../reasons.ts';
import {readShard, type Shard} from './shard.ts';

/** A folder that `sweep` or `merge` wrote. */
export type SweepFolder = {
  readonly folder: string;
  readonly results: SweepResults;
  readonly shard: Shard | undefined;
};

const manifestShape = z.object({
  ...{faultline: z.string(), scenario: z.string(), scenario_sha256: z.string(), scenario_file: z.string()},
  points: z.array(z.array(z.string())).min(1),
  seeds: z.string().refine(text => 'value' in parseSeeds(text)),
  shard: z.optional(z.string().refine(text => readShard(text) !== undefined)),
  ...{runs: z.number(), fingerprint: z.string(), sha256: z.record(z.string(), z.string()), repeat_with: z.string()},
});

type Manifest = z.infer<typeof manifestShape>;

/** Reads the results of a sweep, of whichever version. What is not whole is a failure. */
export async function readSweepResults(folder: string): Promise<SweepFolder> {
  const {shard, runs, fingerprint, sha256, seeds: words, ...rest} = readManifest(folder);
  const seeds = parseSeeds(words);
  if (!('value' in seeds)) throw damaged(folder, `${manifestName} has no seeds`);
  const table = new RunTable(rest.points.length, seeds.value.length);
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
  if (fingerprintOf(table) !== fingerprint) throw damaged(folder, `${manifestName} has the fingerprint of other runs`);
  return {
    folder,
    results: {design: {...rest, seeds: words}, seeds: seeds.value, table},
    shard: shard === undefined ? undefined : readShard(shard),
  };
}

/** The bytes of a file of a folder, which must be those that were written. */
export function readWhole(folder: string, name: string, digest: string): Buffer {
  const bytes = readOrFail(folder, name);
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw damaged(folder, otherDigest(name));
  return bytes;
}

function readManifest(folder: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(folder, `${manifestName} is not JSON`);
    throw new Failure(`${folder}: ${whyNoManifest(folder, error as NodeJS.ErrnoException)}`);
  }
  if (typeof manifest !== 'object' || manifest === null || !('faultline' in manifest)) {
    throw new Failure(`${folder}: ${manifestName} is not of Faultline`);
  }
  if (!('points' in manifest)) throw new Failure(`${folder}: has the results of a run, not of a sweep`);
  const parsed = manifestShape.safeParse(manifest);
  if (parsed.success) return parsed.data;
  if (manifest.faultline !== version) {
    throw new Failure(
      `${folder}: ${manifestName} is of Faultline ${String(manifest.faultline)}, which this one cannot read`,
    );
  }
  throw damaged(folder, `"${parsed.error.issues[0].path.join('.')}" in ${manifestName} is not as Faultline writes it`);
}

function whyNoManifest(folder: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOTDIR') return 'is a file, not a folder';
  if (error.code !== 'ENOENT') return reasonOfReading(error);
  if (!existsSync(folder)) return 'there is no such folder';
  const isUnfinished = existsSync(join(folder, 'unfinished'));
  const hint = isUnfinished
    ? 'its sweep is not finished: go on with sweep --resume'
    : 'no results of a sweep are there';
  return `has no ${manifestName}; ${hint}`;
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
    throw new Failure(`${folder}: ${name} ${reasonOfReading(error)}`);
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
    throw new Failure(`${folder}: ${name} ${reasonOfReading(error)}`);
  }
}

function otherDigest(name: string): string {
  return `${name} is not what ${manifestName} has the digest of`;
}

function damaged(folder: string, what: string): Failure {
  return new Failure(`${folder}: is damaged: ${what}. Copy it once more, or run it again into an empty folder.`);
}
