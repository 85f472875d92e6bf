import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse} from 'csv-parse/sync';
import {z} from 'zod';
import type {Explanation, ExplainedOutage, Link} from '../reports/explanation.ts';
import {onTheWay} from '../reports/steps.ts';
import {Failure} from './failure.ts';
import {manifestName} from './manifest.ts';
import {version} from './package-files.ts';
import {reasonOfReading} from './reasons.ts';
import {kindOf} from './write-results.ts';

/** What `run --out` left in a folder, as far as `explain` tells it. */
export type RunFolder = {
  readonly scenario: string;
  readonly seed: string;
  readonly explanations: readonly Explanation[];
  /** Outages that no fault caused. */
  readonly others: readonly ExplainedOutage[];
};

const manifestShape = z.object({faultline: z.string(), scenario: z.string(), seed: z.string()});

/** Times in whole microseconds, of cells that carry every one. */
const seconds = z.string().transform(text => Math.round(Number(text) * 1_000_000));
const milliseconds = z.string().transform(text => Math.round(Number(text) * 1_000));
const number = z.string().regex(/^\d+$/).transform(Number);

const linkShape = z.object({
  ...{chain: number, fault: z.string(), at_s: seconds, took_ms: milliseconds, step: z.string()},
  ...{chassis: z.string(), subject: z.string(), event: z.string(), detail: z.string()},
});

const outageShape = z.object({
  ...{flow: z.string(), start_s: seconds, packets_lost: number, reason: z.string()},
  end_s: z.union([z.literal('').transform(() => undefined), seconds]),
  chain: z.union([z.literal('').transform(() => undefined), number]),
});

/** Whether a folder has the results of a sweep, or a sweep that is not finished. */
export function isSweep(folder: string): boolean {
  return kindOf(join(folder, manifestName)) === 'sweep' || existsSync(join(folder, 'unfinished'));
}

/** Reads the results of a run. Throws a `Failure` if the folder holds none, or those of another version. */
export function readRunFolder(folder: string): RunFolder {
  const manifest = readManifest(folder);
  if (manifest.faultline !== version) {
    throw new Failure(
      `${folder}: results of Faultline ${manifest.faultline}, this is ${version}. Run it again: see repeat_with in ` +
        `${join(folder, manifestName)}.`,
    );
  }
  const links = readTable(folder, 'chains.csv', linkShape);
  const outages = readTable(folder, 'outages.csv', outageShape);
  const chains = new Map<number, {edge: string; links: Link[]; met: Link[]; outages: ExplainedOutage[]}>();
  for (const {chain, fault, at_s: at, took_ms: took, ...rest} of links) {
    const known = chains.get(chain) ?? {edge: fault, links: [], met: [], outages: []};
    chains.set(chain, known);
    (rest.step === onTheWay ? known.met : known.links).push({at, took, ...rest});
  }
  const others: ExplainedOutage[] = [];
  for (const {flow, start_s: startAt, end_s: endAt, packets_lost: lost, reason, chain} of outages) {
    const own = chain === undefined ? others : chains.get(chain)?.outages;
    if (!own) throw new Failure(`${join(folder, 'outages.csv')}: chain ${chain} is not in chains.csv`);
    own.push({flow, startAt, endAt, lost, reason});
  }
  const explanations = [...chains.values()].map(chain => ({...chain, outages: inOrderOfEnd(chain.outages)}));
  return {...manifest, explanations, others};
}

function readManifest(folder: string): z.infer<typeof manifestShape> {
  const text = read(folder, manifestName, 'no results are there. run --out and sweep --out make them');
  try {
    return manifestShape.parse(JSON.parse(text));
  } catch {
    throw new Failure(`${join(folder, manifestName)}: not the manifest of a run of Faultline`);
  }
}

function readTable<Row>(folder: string, name: string, shape: z.ZodType<Row>): readonly Row[] {
  try {
    const rows: unknown = parse(read(folder, name, 'is missing: the results are not whole'), {columns: true});
    return z.array(shape).parse(rows);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${join(folder, name)}: not as Faultline writes it`);
  }
}

function read(folder: string, name: string, missing: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const where = name === manifestName ? folder : join(folder, name);
    throw new Failure(`${where}: ${isMissing ? missing : reasonOfReading(error)}`);
  }
}

function inOrderOfEnd(outages: readonly ExplainedOutage[]): readonly ExplainedOutage[] {
  return [...outages].sort((a, b) => (a.endAt ?? 0) - (b.endAt ?? 0) || a.startAt - b.startAt);
}
