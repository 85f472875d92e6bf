import {mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {Failure} from './failure.ts';

/**
 * Writes files into a folder so that it holds either what it held before or all of them: first under another name beside
 * it, then renamed. `last` is taken away first and put there last; where it stands, the rest belongs to it.
 */
export function writeResults(
  folder: string,
  files: readonly {readonly name: string; readonly text: string}[],
  last: string,
): void {
  const target = resolve(folder);
  let partial: string | undefined;
  try {
    mkdirSync(dirname(target), {recursive: true});
    partial = mkdtempSync(join(dirname(target), `.${basename(target)}.partial-`));
    for (const {name, text} of files) writeFileSync(join(partial, name), text);
    mkdirSync(target, {recursive: true});
    rmSync(join(target, last), {force: true});
    const order = [...files].sort((a, b) => Number(a.name === last) - Number(b.name === last));
    for (const {name} of order) renameSync(join(partial, name), join(target, name));
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    throw new Failure(`${folder}: ${reasons[code ?? ''] ?? message}; no results were written`);
  } finally {
    if (partial !== undefined) rmSync(partial, {recursive: true, force: true});
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be written to',
  EROFS: 'is on a read-only disk',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'is a file, not a folder',
};
