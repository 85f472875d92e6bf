import type {Pending} from './pending.ts';

/** Up to here inserting one by one is faster than merging. */
const few = 16;

/** The late ones are merged into the others once they are more than this part of them: what is merged often stays short. */
const latePart = 1 / 8;

/**
 * The slots of the appointments that come next, in order: what the ladder has brought down, and what was asked for since
 * in the same span. The latter is put in order when someone looks, so that thousands asked for at once cost one sort. What
 * comes in handfuls into a long list is kept beside it for a while, so that the list is not gone through for each.
 */
export class NearFuture {
  readonly #pending: Pending;
  /** In order from `#first` to `#ordered`, then as they came up to `#end`. */
  #slots = new Int32Array(256);
  #spare = new Int32Array(256);
  #first = 0;
  #ordered = 0;
  #end = 0;
  /** Those that came late, in order from `#lateFirst` to `#lateEnd`: later than any equal one in the list. */
  #late = new Int32Array(256);
  #lateFirst = 0;
  #lateEnd = 0;

  constructor(pending: Pending) {
    this.#pending = pending;
  }

  get size(): number {
    return this.#end - this.#first + this.#lateEnd - this.#lateFirst;
  }

  /** The slot that comes next; there must be one. */
  get first(): number {
    if (this.#ordered < this.#end) this.#putInOrder();
    return this.#isLateNext() ? this.#late[this.#lateFirst] : this.#slots[this.#first];
  }

  /** Takes out and returns the slot that comes next; there must be one. */
  takeFirst(): number {
    if (this.#ordered < this.#end) this.#putInOrder();
    if (this.#isLateNext()) {
      const late = this.#late[this.#lateFirst++];
      if (this.#lateFirst === this.#lateEnd) this.#lateFirst = this.#lateEnd = 0;
      return late;
    }
    const slot = this.#slots[this.#first++];
    if (this.#first === this.#end) this.#first = this.#ordered = this.#end = 0;
    return slot;
  }

  /** Takes out and returns all slots in any order; good until the next `add`. */
  takeAll(): Int32Array {
    this.#appendLate();
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
    if (2 * (this.#end - this.#first) > source.length) {
      this.#slots = new Int32Array(2 * source.length);
      this.#spare = new Int32Array(2 * source.length);
    }
    this.#slots.set(source.subarray(this.#first, this.#end));
    this.#ordered -= this.#first;
    this.#end -= this.#first;
    this.#first = 0;
  }

  #putInOrder(): void {
    if (this.#first === this.#ordered && this.#lateFirst === this.#lateEnd) {
      this.#sort(this.#first, this.#end);
    } else if (this.#end - this.#ordered <= few) {
      this.#insertFew();
    } else {
      this.#sort(this.#ordered, this.#end);
      this.#mergeIntoLate();
    }
    this.#ordered = this.#end;
  }

  #isLateNext(): boolean {
    if (this.#lateFirst === this.#lateEnd) return false;
    if (this.#first === this.#end) return true;
    return this.#pending.isBefore(this.#late[this.#lateFirst], this.#slots[this.#first]);
  }

  #insertFew(): void {
    if (this.#lateFirst === this.#lateEnd) {
      for (let end = this.#ordered; end < this.#end; end++) {
        const slot = this.#slots[end];
        const place = this.#placeOf(slot, this.#slots, this.#first, end);
        this.#slots.copyWithin(place + 1, place, end);
        this.#slots[place] = slot;
      }
      return;
    }
    for (let i = this.#ordered; i < this.#end; i++) this.#insertLate(this.#slots[i]);
    this.#end = this.#ordered;
  }

  #insertLate(slot: number): void {
    if (this.#lateEnd === this.#late.length) this.#makeRoomForLate();
    const place = this.#placeOf(slot, this.#late, this.#lateFirst, this.#lateEnd);
    this.#late.copyWithin(place + 1, place, this.#lateEnd++);
    this.#late[place] = slot;
  }

  /** Moves what is left to the front if that frees half, or else doubles the room. */
  #makeRoomForLate(): void {
    const late = this.#late.subarray(this.#lateFirst, this.#lateEnd);
    if (late.length > this.#late.length / 2) this.#late = new Int32Array(2 * this.#late.length);
    this.#late.set(late);
    this.#lateFirst = 0;
    this.#lateEnd = late.length;
  }

  /** Where a slot belongs in a list that is in order: behind those that are equal to it. */
  #placeOf(slot: number, list: Int32Array, from: number, end: number): number {
    let low = from;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#pending.isBefore(slot, list[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Moves what has just been put in order at the end of the list to the late ones. */
  #mergeIntoLate(): void {
    const late = this.#late.subarray(this.#lateFirst, this.#lateEnd);
    const fresh = this.#slots.subarray(this.#ordered, this.#end);
    const merged = new Int32Array(late.length + fresh.length);
    let l = 0;
    let f = 0;
    for (let i = 0; i < merged.length; i++) {
      const isFresh = l === late.length || (f < fresh.length && this.#pending.isBefore(fresh[f], late[l]));
      merged[i] = isFresh ? fresh[f++] : late[l++];
    }
    this.#late = merged;
    this.#lateFirst = 0;
    this.#lateEnd = merged.length;
    this.#end = this.#ordered;
    if (merged.length <= (this.#end - this.#first) * latePart) return;
    this.#appendLate();
    this.#merge(this.#first, this.#ordered, this.#end);
  }

  /** Puts the late ones behind the others. */
  #appendLate(): void {
    for (let i = this.#lateFirst; i < this.#lateEnd; i++) this.add(this.#late[i]);
    this.#lateFirst = this.#lateEnd = 0;
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
