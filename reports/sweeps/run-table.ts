import {inOrder} from './metric-names.ts';
import type {RunRecord} from './run-record.ts';

/**
 * The records of a sweep in columns, whatever order they come in. Run number `point × seeds + seed` is at that place of
 * every column; a sweep of 600 runs with 400 metrics takes 2 MB.
 */
export class RunTable {
  readonly points: number;
  readonly seeds: number;
  readonly #columns = new Map<string, Float64Array>();
  readonly #rest: (Omit<RunRecord, 'metrics'> | undefined)[];
  #size = 0;

  constructor(points: number, seeds: number) {
    this.points = points;
    this.seeds = seeds;
    this.#rest = new Array<undefined>(points * seeds).fill(undefined);
  }

  /** How many runs there are to be. */
  get runs(): number {
    return this.points * this.seeds;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  has(run: number): boolean {
    return this.#rest[run] !== undefined;
  }

  /** A run that is there already stays as it is: it could only be the same again. */
  add(run: number, {metrics, ...rest}: RunRecord): void {
    if (this.has(run)) return;
    this.#rest[run] = rest;
    this.#size += 1;
    for (const [name, value] of metrics) this.#column(name)[run] = value;
  }

  get(run: number): RunRecord | undefined {
    const rest = this.#rest[run];
    return rest && {...rest, metrics: new Map(this.metrics.map(name => [name, this.#column(name)[run]]))};
  }

  /** Run numbers, in order. */
  *present(): Iterable<number> {
    for (let run = 0; run < this.runs; run++) if (this.has(run)) yield run;
  }

  /** A record without its metrics. */
  outline(run: number): Omit<RunRecord, 'metrics'> | undefined {
    return this.#rest[run];
  }

  /** The full names of all metrics that any run has, in the order of results. */
  get metrics(): readonly string[] {
    return inOrder(this.#columns.keys());
  }

  /** A metric at one point, a value for each seed: Infinity is never, NaN is nothing. */
  values(metric: string, point: number): Float64Array {
    return this.#column(metric).subarray(point * this.seeds, (point + 1) * this.seeds);
  }

  /** A metric of all runs; undefined if none has it. */
  column(name: string): Float64Array | undefined {
    return this.#columns.get(name);
  }

  #column(name: string): Float64Array {
    const column = this.#columns.get(name) ?? new Float64Array(this.runs).fill(NaN);
    this.#columns.set(name, column);
    return column;
  }
}
