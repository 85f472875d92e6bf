import {existsSync, realpathSync} from 'node:fs';
import {list} from '../../reports/format.ts';
import {RunTable} from '../../reports/sweeps/run-table.ts';
import type {SweepResults} from '../../reports/sweeps/sweep-files.ts';
import {Failure} from '../failure.ts';
import {manifestName} from '../manifest.ts';
import {checkFolder} from '../write-results.ts';
import {differenceOf} from './design-difference.ts';
import {readSweepResults, readWhole, type SweepFolder} from './read-sweep-results.ts';
import {nameOfShard} from './shard.ts';
import {scenarioName, writeSweep} from './write-sweep.ts';

/** Puts the shards of a sweep together. Every run must be in one of them, and in one only. */
export async function mergeSweeps(folders: readonly string[], out: string): Promise<SweepResults> {
  checkFolder(out, manifestName, 'sweep');
  refuseOwnPart(folders, out);
  const parts: SweepFolder[] = [];
  for (const folder of folders) parts.push(await readSweepResults(folder));
  const [first] = parts;
  const {design, seeds} = first.results;
  const table = new RunTable(design.points.length, seeds.length);
  const owners = new Map<number, SweepFolder>();
  for (const part of parts) {
    const {folder, results} = part;
    const difference = differenceOf(results.design, design);
    if (difference !== undefined) {
      throw new Failure(
        `${folder}: is of another sweep than ${first.folder}: it has ${difference}; nothing was written`,
      );
    }
    for (const run of results.table.present()) {
      const owner = owners.get(run);
      if (owner) throw new Failure(`${doubleText(part, owner, run)}; nothing was written`);
      owners.set(run, part);
      table.add(run, results.table.get(run)!);
    }
  }
  if (table.size < table.runs) throw new Failure(missingText(parts, table));
  const results = {design, seeds, table};
  const bytes = readWhole(first.folder, scenarioName, design.scenario_sha256);
  writeSweep(out, {results, bytes, shard: undefined});
  return results;
}

/** The whole would take the place of a part, which could not be merged once more. */
function refuseOwnPart(folders: readonly string[], out: string): void {
  const isOut = (folder: string): boolean => existsSync(folder) && realpathSync(folder) === realpathSync(out);
  if (!existsSync(out) || !folders.some(isOut)) return;
  throw new Failure(`${out}: is one of the folders to be merged, and would be lost; nothing was written`);
}

function doubleText({folder, shard}: SweepFolder, other: SweepFolder, run: number): string {
  if (realpathSync(folder) === realpathSync(other.folder)) return `${folder}: is given twice`;
  if (shard && other.shard && nameOfShard(shard) === nameOfShard(other.shard)) {
    return `${folder}: is shard ${nameOfShard(shard)}, which ${other.folder} is too`;
  }
  const whole = other.shard ? '' : ', a whole sweep,';
  return `${folder}: has run ${run + 1}, which ${other.folder}${whole} has too`;
}

function missingText(parts: readonly SweepFolder[], table: RunTable): string {
  const [{shard}] = parts;
  const missing = `${table.runs - table.size} of ${table.runs} runs are missing`;
  if (!shard || parts.some(part => part.shard?.of !== shard.of)) return `${missing}; nothing was written`;
  const there = new Set(parts.map(part => part.shard?.index));
  const gone = Array.from({length: shard.of}, (_, index) => index + 1).filter(index => !there.has(index));
  return `${missing}: ${list(gone.map(index => `shard ${index}/${shard.of}`))}; nothing was written`;
}
