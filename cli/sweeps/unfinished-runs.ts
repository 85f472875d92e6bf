import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {readRecord, writeRecord, type RunRecord} from '../../reports/sweeps/run-record.ts';
import {Failure} from '../failure.ts';
import {isRunning, ownName} from '../process-name.ts';
import {reasonOf, reasonOfReading} from '../reasons.ts';

const designName = 'sweep.json';
const ownerName = 'owner';

/**
 * The runs of a sweep that is under way, a file each in the folder `unfinished` of its results. Each is whole or not there:
 * it is written under another name and gets its own in one step.
 */
export class UnfinishedRuns {
  readonly #out: string;
  readonly #folder: string;
  #kept = 0;

  constructor(out: string) {
    this.#out = out;
    this.#folder = join(out, 'unfinished');
  }

  /** The design of the sweep that is unfinished here; undefined if none is. */
  get design(): unknown {
    try {
      return JSON.parse(readFileSync(join(this.#folder, designName), 'utf8'));
    } catch (error) {
      // Killed between making the folder and this file: no run is there yet.
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Failure(`${this.#folder}: ${reasonOfReading(error)}`);
    }
  }

  /** How many runs are kept here, by this process or before. */
  get kept(): number {
    return this.#kept;
  }

  /** Fails if another process of this machine is at it. */
  refuseShared(): void {
    const path = join(this.#folder, ownerName);
    const owner = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (owner === ownName || isRunning(owner) !== true) return;
    throw new Failure(
      `${this.#out}: its sweep is under way, in ${owner}. Wait for its end, or remove ${path} if that is something else.`,
    );
  }

  begin(design: object): void {
    let made: string | undefined;
    try {
      rmSync(this.#folder, {recursive: true, force: true});
      made = mkdirSync(this.#folder, {recursive: true});
      this.#write(ownerName, ownName);
      this.#write(designName, JSON.stringify(design));
    } catch (error) {
      if (made !== undefined) rmSync(made, {recursive: true, force: true});
      throw new Failure(`${this.#out}: ${reasonOf(error)}; nothing was run`);
    }
  }

  /** Goes on with what another process has begun. */
  takeOver(): void {
    try {
      this.#write(ownerName, ownName);
    } catch (error) {
      throw new Failure(`${this.#out}: ${reasonOf(error)}; nothing was run`);
    }
  }

  /** The runs that are here by number. One whose file is damaged is as good as not run. */
  *runs(): Iterable<readonly [run: number, record: RunRecord]> {
    for (const name of readdirSync(this.#folder).sort()) {
      const number = /^(\d+)\.json$/.exec(name)?.[1];
      const record = number === undefined ? undefined : readRecord(readFileSync(join(this.#folder, name), 'utf8'));
      if (!record) continue;
      this.#kept += 1;
      yield [Number(number) - 1, record];
    }
  }

  keep(run: number, record: RunRecord): void {
    try {
      this.#write(`${run + 1}.json`, writeRecord(record));
    } catch (error) {
      const stays = `${this.#kept} finished runs are kept: the same command with --resume goes on`;
      throw new Failure(`${this.#out}: ${reasonOf(error)}; ${stays}`);
    }
    this.#kept += 1;
  }

  /** The design goes first: without it nothing is begun here, whatever else is left when this is cut short. */
  remove(): void {
    rmSync(join(this.#folder, designName), {force: true});
    if (existsSync(this.#folder)) rmSync(this.#folder, {recursive: true, force: true});
  }

  #write(name: string, text: string): void {
    const partial = join(this.#folder, `.${name}.partial`);
    try {
      writeFileSync(partial, text);
      renameSync(partial, join(this.#folder, name));
    } catch (error) {
      rmSync(partial, {force: true});
      throw error;
    }
  }
}
