import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {Failure} from './failure.ts';
import {makePartialFolder} from './partial-folder.ts';
import {reasonOf} from './reasons.ts';

/** A file and its text, whole or in pieces, which are asked for when it is written: after all files before it. */
type ResultFile = {readonly name: string; readonly text: string | Iterable<string | Uint8Array>};

/** Whose results they are: a manifest of a sweep has its points, that of a run has none. */
export type Kind = 'run' | 'sweep';

/** Fails if results of a kind could not be written into a folder, before anything is run for them. */
export function checkFolder(folder: string, last: string, kind: Kind = 'run'): void {
  const target = resolve(folder);
  try {
    const existing = nearestExisting(target);
    if (!statSync(existing).isDirectory()) {
      const what = existing === target ? 'it is' : `${existing} is`;
      throw new Failure(`${folder}: ${what} a file, not a folder; nothing was run`);
    }
    accessSync(existing, constants.W_OK | constants.X_OK);
    // Some systems of files, /proc for one, say that they can be written to and cannot.
    rmSync(makePartialFolder(existing, basename(target)), {recursive: true});
    const manifest = join(target, last);
    const there = existsSync(manifest) ? kindOf(manifest) : kind;
    if (there === undefined) {
      throw new Failure(`${folder}: has a ${last} that is not of Faultline and would be lost; nothing was run`);
    }
    if (there !== kind) {
      throw new Failure(
        `${folder}: has the results of a ${there}, which those of a ${kind} would spoil; nothing was run`,
      );
    }
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${folder}: ${reasonOf(error)}; nothing was run`);
  }
}

/**
 * Writes files into a folder so that it holds either what it held before or all of them: first into a hidden folder. A new
 * folder gets them by a change of name. In one that is there, which may be a disk of its own, they are moved one by one;
 * `last` is taken away before and put there at the end, so that where it stands the rest belongs to it.
 */
export function writeResults(folder: string, files: readonly ResultFile[], last: string): void {
  const target = resolve(folder);
  let partial: string | undefined;
  try {
    const isNew = !existsSync(target);
    if (isNew) mkdirSync(dirname(target), {recursive: true});
    partial = makePartialFolder(isNew ? dirname(target) : target, basename(target));
    const finished = join(partial, 'results');
    mkdirSync(finished);
    for (const {name, text} of files) writePieces(join(finished, name), text);
    if (isNew) renameSync(finished, target);
    else moveInto(target, finished, files, last);
  } catch (error) {
    throw new Failure(`${folder}: ${reasonOf(error)}; no results were written`);
  } finally {
    if (partial !== undefined) rmSync(partial, {recursive: true, force: true});
  }
}

function writePieces(path: string, text: ResultFile['text']): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of typeof text === 'string' ? [text] : text) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    }
  } finally {
    closeSync(file);
  }
}

function moveInto(target: string, from: string, files: readonly ResultFile[], last: string): void {
  for (const {name} of files) {
    const path = join(target, name);
    if (existsSync(path) && !statSync(path).isFile()) throw new Error(`${name} in it is not a file`);
  }
  rmSync(join(target, last), {force: true});
  const order = [...files].sort((a, b) => Number(a.name === last) - Number(b.name === last));
  for (const {name} of order) renameSync(join(from, name), join(target, name));
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** Whose results a manifest tells of; undefined if it is none of ours. */
export function kindOf(manifest: string): Kind | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    if (typeof content !== 'object' || content === null || !('faultline' in content)) return undefined;
    return 'points' in content ? 'sweep' : 'run';
  } catch {
    return undefined;
  }
}
