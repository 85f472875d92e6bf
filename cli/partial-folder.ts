import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {isRunning, ownName} from './process-name.ts';

/**
 * Makes a hidden folder in which `name` is written until it is whole, and takes away those of writers that died at it. Its
 * name says whose it is: two that write the same thing at once do not disturb each other.
 */
export function makePartialFolder(parent: string, name: string): string {
  removeLeft(parent, name);
  return mkdtempSync(join(parent, `${frontOf(name)}${ownName}-`));
}

/** Nothing takes so long to write, in milliseconds: who has left it for longer is dead, on whichever machine. */
const longest = 24 * 3600 * 1000;

function frontOf(name: string): string {
  return `.${name}.partial-`;
}

/** What cannot be taken away stays: it is in nobody's way. */
function removeLeft(parent: string, name: string): void {
  const front = frontOf(name);
  try {
    for (const found of readdirSync(parent)) {
      if (!found.startsWith(front)) continue;
      const path = join(parent, found);
      if (isLeft(found.slice(front.length), path)) rmSync(path, {recursive: true, force: true});
    }
  } catch {
    // A folder that may be written to and not read, or what somebody else has left.
  }
}

function isLeft(owner: string, path: string): boolean {
  if (isRunning(owner.slice(0, owner.lastIndexOf('-'))) === false) return true;
  const {mtimeMs} = statSync(path, {throwIfNoEntry: false}) ?? {mtimeMs: Infinity};
  return mtimeMs < Date.now() - longest;
}
