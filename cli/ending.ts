import {exitStatus, Failure} from './failure.ts';

/** What is said on standard error at the end, and with which exit status. */
export type Ending = {readonly text: string; readonly status: number};

/** How the program ends for an error: a sentence for what the user can mend, the stack of our own bugs. */
export function endingOf(error: unknown, version: string): Ending {
  if (error instanceof Failure) return {text: `${error.message}\n`, status: exitStatus.wrong};
  const ask = `This is a bug in Faultline ${version}. Please report it with the scenario and with what follows.`;
  return {text: `${ask}\n${traceOf(error)}\n`, status: exitStatus.bug};
}

/** Where the streams that the user reads end: someone who stopped reading has what he wanted. */
export function endingOfStream(error: NodeJS.ErrnoException, statusSoFar: number): Ending {
  if (error.code === 'EPIPE') return {text: '', status: statusSoFar};
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  return {text: `the output could not be written: ${reason}\n`, status: exitStatus.wrong};
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n${traceOf(error.cause)}`;
  return error.cause === undefined ? (error.stack ?? error.message) : `${error.message}${cause}`;
}
