import {impossible, isPossible, type Agenda, type Appointment} from './agenda.ts';
import {NearFuture} from './near-future.ts';
import {Pending} from './pending.ts';
import {never, type Time} from './time.ts';

const none = -1;
const bitsOfBucket = 8;
const bucketsOfRung = 1 << bitsOfBucket;
/** Seven rungs of 256 buckets cover 2^56 µs: all that `Time` can count. */
const rungs = 7;
/** How wide a bucket of each rung is: 1 µs, 256 µs, 65 ms, 17 s, … The bucket of a rung is as wide as the rung below. */
const widths = new Float64Array(rungs + 1);
for (let rung = 0, width = 1; rung <= rungs; rung++, width *= bucketsOfRung) widths[rung] = width;

/** A bucket with no more than this is put in order at once instead of being dealt out over the rung below. */
const small = 48;
/** With more than this near, what is near is dealt out again. */
const large = 4 * small;

/**
 * The fast agenda: a ladder of buckets, wide ones for what is far and narrow ones for what comes soon, the nearest bucket
 * sorted. After the ladder queue of Tang, Goh and Thng (2005), but with widths that are fixed powers of two, so that no
 * mix of near and far times can spoil it: an appointment comes down at most seven rungs. `bench/agenda.ts` shows what
 * it costs.
 */
export class LadderAgenda implements Agenda {
  readonly #pending = new Pending();
  readonly #near = new NearFuture(this.#pending);
  /** What lies before this is near, all else is on the ladder. */
  #nearEnd: Time = 0;
  /** From which rung the near bucket was taken; nothing is left on those below. */
  #nearRung = 0;
  /** Each rung holds what lies before its end and not before that of the rung below: one bucket of the rung above. */
  readonly #ends = widths.slice(1);
  readonly #first = new Int32Array(rungs * bucketsOfRung);
  readonly #last = new Int32Array(rungs * bucketsOfRung);
  readonly #count = new Int32Array(rungs * bucketsOfRung);
  readonly #earliest = new Float64Array(rungs * bucketsOfRung);
  /** One bit a bucket: whether there is anything in it. */
  readonly #occupied = new Int32Array((rungs * bucketsOfRung) / 32);
  #size = 0;
  #now: Time = 0;

  get size(): number {
    return this.#size;
  }

  get nextAt(): Time {
    this.#thinOut();
    if (this.#near.size > 0) return this.#pending.at[this.#near.first];
    return this.#size > 0 ? this.#earliest[this.#firstOccupied()] : never;
  }

  add(appointment: Appointment): void {
    const {at} = appointment;
    if (!isPossible(at, this.#now)) throw impossible(at, this.#now);
    const slot = this.#pending.put(appointment);
    this.#size += 1;
    if (at < this.#nearEnd) this.#near.add(slot);
    else this.#putOnLadder(slot, at);
  }

  pop(): Appointment | undefined {
    if (this.#size === 0) return undefined;
    this.#thinOut();
    if (this.#near.size === 0) this.#bringDown();
    const appointment = this.#pending.take(this.#near.takeFirst());
    this.#size -= 1;
    this.#now = appointment.at;
    return appointment;
  }

  #putOnLadder(slot: number, at: Time): void {
    let rung = 0;
    while (at >= this.#ends[rung]) rung += 1;
    this.#putIntoBucket(slot, at, rung);
  }

  #putIntoBucket(slot: number, at: Time, rung: number): void {
    const bucket = (rung << bitsOfBucket) | ((at / widths[rung]) & (bucketsOfRung - 1));
    const {following} = this.#pending;
    following[slot] = none;
    if (this.#count[bucket] === 0) {
      this.#first[bucket] = slot;
      this.#earliest[bucket] = at;
      this.#occupied[bucket >> 5] |= 1 << (bucket & 31);
    } else {
      following[this.#last[bucket]] = slot;
      if (at < this.#earliest[bucket]) this.#earliest[bucket] = at;
    }
    this.#last[bucket] = slot;
    this.#count[bucket] += 1;
  }

  /** Makes the first bucket the near one. If it is not small it is dealt out over the rung below, and so on. */
  #bringDown(): void {
    for (;;) {
      const bucket = this.#firstOccupied();
      const rung = bucket >> bitsOfBucket;
      const end = endOfBucket(this.#earliest[bucket], rung);
      const isNear = rung === 0 || this.#count[bucket] <= small;
      if (isNear) {
        this.#nearEnd = end;
        this.#nearRung = rung;
      } else {
        this.#ends[rung - 1] = end;
      }
      this.#count[bucket] = 0;
      this.#occupied[bucket >> 5] ^= 1 << (bucket & 31);
      const {at, following} = this.#pending;
      for (let slot = this.#first[bucket]; slot !== none;) {
        const next = following[slot];
        if (isNear) this.#near.add(slot);
        else this.#putIntoBucket(slot, at[slot], rung - 1);
        slot = next;
      }
      if (isNear) return;
    }
  }

  /** Lower rungs come before higher ones, and within a rung buckets are in order of time. */
  #firstOccupied(): number {
    const occupied = this.#occupied;
    let word = 0;
    while (occupied[word] === 0) word += 1;
    const lowestBit = occupied[word] & -occupied[word];
    return (word << 5) | (31 - Math.clz32(lowestBit));
  }

  /** If too much was added within the near bucket since it became that, puts it back on its rung, to be dealt out. */
  #thinOut(): void {
    if (this.#near.size <= large || this.#nearRung === 0) return;
    this.#nearEnd = this.#now;
    for (const slot of this.#near.takeAll()) this.#putIntoBucket(slot, this.#pending.at[slot], this.#nearRung);
  }
}

/** When the bucket of a rung ends that covers `at`. */
function endOfBucket(at: Time, rung: number): Time {
  return (Math.floor(at / widths[rung]) + 1) * widths[rung];
}
