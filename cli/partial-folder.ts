import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';

/**
 * Makes a hidden folder in which `name` is written until it is whole, and takes away those of writers that died at it. Its
 * name says whose it is: two that write the same thing at once do not disturb each other.
 */
export function makePartialFolder(parent: string, name: string): string {
  removeLeft(parent, name);
  return mkdtempSync(join(parent, `${frontOf(name)}${machine}-${process.pid}-`));
}

/** Processes count for themselves on each machine, and several may share a disk. */
const machine = hostname().replace(/[^\w.]/g, '_');

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
  const writer = owner.startsWith(`${machine}-`) ? /^\d+(?=-)/.exec(owner.slice(machine.length + 1))?.[0] : undefined;
  if (writer !== undefined && !isAlive(Number(writer))) return true;
  const {mtimeMs} = statSync(path, {throwIfNoEntry: false}) ?? {mtimeMs: Infinity};
  return mtimeMs < Date.now() - longest;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
