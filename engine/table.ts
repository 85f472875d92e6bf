/** What a column can hold, and the array that holds it. */
const arrays = {
  /** Times, and whole numbers up to 2^53 such as MAC addresses. */
  number: Float64Array,
  /** Row numbers, which may be -1 for none. */
  row: Int32Array,
  /** IPv4 addresses and other words of 32 bits. */
  word: Uint32Array,
  /** Small codes. */
  byte: Uint8Array,
};

type Kind = keyof typeof arrays;
type Columns<Shape extends Record<string, Kind>> = {
  readonly [Name in keyof Shape]: InstanceType<(typeof arrays)[Shape[Name]]>;
};

/**
 * Rows in typed columns, for what there are many of. Columns double when full, so `columns` must be read anew after an
 * `add`. A removed row is used again, with its generation number raised, and comes back zeroed.
 */
export class Table<Shape extends Record<string, Kind>> {
  readonly #shape: Shape;
  #columns: Columns<Shape>;
  #generations = new Uint32Array(8);
  #used = new Uint8Array(8);
  #free: number[] = [];
  #end = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#columns = this.#make(8);
  }

  get columns(): Columns<Shape> {
    return this.#columns;
  }

  /** How many rows there are. */
  get count(): number {
    return this.#end - this.#free.length;
  }

  /** One past the highest row number in use or once used. */
  get end(): number {
    return this.#end;
  }

  /** Adds a row of zeros and returns its number. */
  add(): number {
    const row = this.#free.pop() ?? this.#end++;
    if (row >= this.#used.length) this.#grow();
    this.#used[row] = 1;
    return row;
  }

  remove(row: number): void {
    if (!this.has(row)) throw new Error(`there is no row ${row}`);
    this.#used[row] = 0;
    this.#generations[row] += 1;
    for (const name in this.#shape) this.#columns[name][row] = 0;
    this.#free.push(row);
  }

  has(row: number): boolean {
    return row < this.#end && this.#used[row] === 1;
  }

  /** How often this row number has been given up; a reference is stale when it remembers another one. */
  generation(row: number): number {
    return this.#generations[row];
  }

  #grow(): void {
    const size = this.#used.length * 2;
    const old = this.#columns;
    this.#columns = this.#make(size);
    for (const name in this.#shape) this.#columns[name].set(old[name]);
    this.#generations = copyInto(new Uint32Array(size), this.#generations);
    this.#used = copyInto(new Uint8Array(size), this.#used);
  }

  #make(size: number): Columns<Shape> {
    const columns: Record<string, Float64Array | Int32Array | Uint32Array | Uint8Array> = {};
    for (const name in this.#shape) columns[name] = new arrays[this.#shape[name]](size);
    return columns as Columns<Shape>;
  }
}

function copyInto<T extends Uint32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
