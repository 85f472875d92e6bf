/** Takes the fields of a message off its bytes, in network order. What is cut short is refused by its name. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  /** The next `size` bytes as an unsigned number; at most 6, as a number is exact up to 53 bits. */
  take(size: number): number {
    let value = 0;
    for (const byte of this.takeBytes(size)) value = value * 256 + byte;
    return value;
  }

  /** The next `size` bytes, not copied. */
  takeBytes(size: number): Uint8Array {
    const {length} = this.#bytes;
    if (this.#at + size > length) throw new Error(`the ${this.#name} is cut short after ${length} bytes`);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** All bytes that are left, not copied. */
  takeRest(): Uint8Array {
    return this.takeBytes(this.#bytes.length - this.#at);
  }
}

/** Writes the fields of a message whose size is known, in network order. What does not fit is our own bug. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  /** Writes an unsigned number into the next `size` bytes. */
  put(value: number, size: number): this {
    if (!Number.isInteger(value) || value < 0) throw new Error(`${value} is not an unsigned whole number`);
    const start = this.#advance(size);
    let left = value;
    for (let i = start + size - 1; i >= start; i--) {
      this.#bytes[i] = left % 256;
      left = Math.floor(left / 256);
    }
    if (left > 0) throw new Error(`${value} does not fit into ${size} bytes`);
    return this;
  }

  putBytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#advance(bytes.length));
    return this;
  }

  /** The message, once all of it was written. */
  finish(): Uint8Array {
    if (this.#at < this.#bytes.length) {
      throw new Error(`a message of ${this.#bytes.length} bytes was given only ${this.#at}`);
    }
    return this.#bytes;
  }

  #advance(size: number): number {
    const start = this.#at;
    this.#at += size;
    if (this.#at > this.#bytes.length) throw new Error(`a message of ${this.#bytes.length} bytes was given more`);
    return start;
  }
}
