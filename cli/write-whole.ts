import {mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {Failure} from './failure.ts';
import {reasonOf} from './write-results.ts';

/** Writes a file whole or not at all. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const target = resolve(path);
  let partial: string | undefined;
  try {
    partial = mkdtempSync(join(dirname(target), '.faultline-'));
    writeFileSync(join(partial, 'file'), content);
    renameSync(join(partial, 'file'), target);
  } catch (error) {
    throw new Failure(`${path}: ${reasonOf(error)}; what was there is as it was`);
  } finally {
    if (partial !== undefined) rmSync(partial, {recursive: true, force: true});
  }
}
