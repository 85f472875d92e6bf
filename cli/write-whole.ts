import {realpathSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {Failure} from './failure.ts';
import {makePartialFolder} from './partial-folder.ts';
import {reasonOf} from './reasons.ts';

/** Fails if a file could not be written, before anything is run for it. */
export function checkWritable(path: string): void {
  try {
    const target = targetOf(path);
    if (target !== undefined) rmSync(makePartialFolder(dirname(target), basename(target)), {recursive: true});
  } catch (error) {
    throw new Failure(`${path}: ${reasonOf(error)}; nothing was run`);
  }
}

/** Writes a file whole or not at all. Devices and pipes are written to as they are. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  let partial: string | undefined;
  try {
    const target = targetOf(path);
    if (target === undefined) {
      writeFileSync(path, content);
      return;
    }
    partial = makePartialFolder(dirname(target), basename(target));
    writeFileSync(join(partial, 'file'), content);
    renameSync(join(partial, 'file'), target);
  } catch (error) {
    throw new Failure(`${path}: ${reasonOf(error)}; what was there is as it was`);
  } finally {
    if (partial !== undefined) rmSync(partial, {recursive: true, force: true});
  }
}

/** The file itself, behind whatever links; undefined if it is a device or a pipe. */
function targetOf(path: string): string | undefined {
  const there = statSync(path, {throwIfNoEntry: false});
  if (!there) return resolve(path);
  if (there.isDirectory()) throw new Failure('is a folder, not a file');
  return there.isFile() ? realpathSync(path) : undefined;
}
