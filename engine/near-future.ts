import type {Pending} from './pending.ts';

/** Up to here inserting one by one is faster than merging. */
const few = 16;

/**
 * The slots of the appointments that come next, in order: what the ladder has brought down, and what was asked for since
 * in the same span. The latter is put in order when someone looks, so that thousands asked for at once cost one sort.
 */
export class NearFuture {
  readonly #pending: Pending;
  /** In order from `#first` to `#ordered`, then as they came up to `#end`. */
  #slots = new Int32Array(256);
  #spare = new Int32Array(256);
  #first = 0;
  #ordered = 0;
  #end = 0;

  constructor(pending: Pending) {
    this.#pending = pending;
  }

  get size(): number {
    return this.#end - this.#first;
  }

  /** The slot that comes next; there must be one. */
  get first(): number {
    if (this.#ordered < this.#end) this.#putInOrder();
    return this.#slots[this.#first];
  }

  /** Takes out and returns the slot that comes next; there must be one. */
  takeFirst(): number {
    const slot = this.first;
    this.#first += 1;
    if (this.#first === this.#end) this.#first = this.#ordered = this.#end = 0;
    return slot;
  }

  /** Takes out and returns all slots in any order; good until the next `add`. */
  takeAll(): Int32Array {
    const all = this.#slots.subarray(this.#first, this.#end);
    this.#first = this.#ordered = this.#end = 0;
    return all;
  }

  add(slot: number): void {
    if (this.#end === this.#slots.length) this.#makeRoom();
    this.#slots[this.#end++] = slot;
  }

  #makeRoom(): void {
    const source = this.#slots;
    if (2 * this.size > source.length) {
      this.#slots = new Int32Array(2 * source.length);
      this.#spare = new Int32Array(2 * source.length);
    }
    this.#slots.set(source.subarray(this.#first, this.#end));
    this.#ordered -= this.#first;
    this.#end -= this.#first;
    this.#first = 0;
  }

  #putInOrder(): void {
    if (this.#first === this.#ordered) {
      this.#sort(this.#first, this.#end);
    } else if (this.#end - this.#ordered <= few) {
      for (let end = this.#ordered; end < this.#end; end++) this.#insert(this.#slots[end], end);
    } else {
      this.#sort(this.#ordered, this.#end);
      this.#merge(this.#first, this.#ordered, this.#end);
    }
    this.#ordered = this.#end;
  }

  /** Puts a slot in its place among those that are in order up to `end`. */
  #insert(slot: number, end: number): void {
    let low = this.#first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#pending.isBefore(slot, this.#slots[middle])) high = middle;
      else low = middle + 1;
    }
    this.#slots.copyWithin(low + 1, low, end);
    this.#slots[low] = slot;
  }

  #sort(from: number, end: number): void {
    if (end - from <= few) {
      this.#sortFew(from, end);
      return;
    }
    const middle = (from + end) >>> 1;
    this.#sort(from, middle);
    this.#sort(middle, end);
    this.#merge(from, middle, end);
  }

  #sortFew(from: number, end: number): void {
    const slots = this.#slots;
    for (let i = from + 1; i < end; i++) {
      const slot = slots[i];
      let place = i;
      for (; place > from && this.#pending.isBefore(slot, slots[place - 1]); place--) slots[place] = slots[place - 1];
      slots[place] = slot;
    }
  }

  #merge(from: number, middle: number, end: number): void {
    const slots = this.#slots;
    if (from === middle || this.#pending.isBefore(slots[middle - 1], slots[middle])) return;
    const left = this.#spare;
    for (let i = from; i < middle; i++) left[i] = slots[i];
    let l = from;
    let r = middle;
    for (let i = from; l < middle; i++) {
      slots[i] = r < end && this.#pending.isBefore(slots[r], left[l]) ? slots[r++] : left[l++];
    }
  }
}
