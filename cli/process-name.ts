import {hostname} from 'node:os';

/** Processes count for themselves on each machine, and several may share a disk. */
const machine = hostname().replace(/[^\w.]/g, '_');

/** What this process signs with what it leaves on a disk: `host-1234`. */
export const ownName = `${machine}-${process.pid}`;

/** Whether the process of such a name runs; undefined of one on another machine. */
export function isRunning(name: string): boolean | undefined {
  const pid = name.startsWith(`${machine}-`) ? /^\d+$/.exec(name.slice(machine.length + 1))?.[0] : undefined;
  return pid === undefined ? undefined : isAlive(Number(pid));
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
