import type {Time} from '../../engine/time.ts';
import type {ConntrackEntry, EntryHolder} from './conntrack-entry.ts';
import {protocolNumber, sameTuple, type Direction, type Tuple} from './conntrack-tuple.ts';

/** One of the two tuples of an entry, as it is filed. */
export type Filed = {readonly entry: ConntrackEntry; readonly direction: Direction};

/**
 * The hash table of a host: both tuples of every connection of every namespace. Whoever walks a chain takes away what has
 * expired in it, as the kernel does.
 */
export class ConntrackChains {
  readonly buckets: number;
  readonly #secret: number;
  /** Each chain, the newest last. What is taken out leaves a new array behind, so that a walk goes on over the old one. */
  readonly #chains = new Map<number, Filed[]>();
  /** The numbers of all chains in order; undefined if there may be new ones. */
  #order: Uint32Array | undefined;

  /** `secret` is a whole number of 32 bits, drawn when the host starts. */
  constructor(buckets: number, secret: number) {
    this.buckets = buckets;
    this.#secret = secret;
  }

  get isEmpty(): boolean {
    return this.#chains.size === 0;
  }

  /** Where a tuple of a zone of a namespace is filed. */
  bucketOf(holder: EntryHolder, zone: number, tuple: Tuple): number {
    let hash = mix(this.#secret ^ Math.imul(holder.number + 1, 0x9e3779b1));
    hash = mix(hash ^ tuple.source);
    hash = mix(hash ^ tuple.destination);
    hash = mix(hash ^ (tuple.sourcePort * 0x1_0000 + tuple.destinationPort));
    hash = mix(hash ^ (protocolNumber(tuple) + zone * 0x100));
    return Math.floor(((hash >>> 0) / 0x1_0000_0000) * this.buckets);
  }

  file(entry: ConntrackEntry): void {
    this.#add(entry.buckets.original, {entry, direction: 'original'});
    this.#add(entry.buckets.reply, {entry, direction: 'reply'});
  }

  remove(entry: ConntrackEntry): void {
    this.#take(entry.buckets.original, entry);
    this.#take(entry.buckets.reply, entry);
  }

  /** The live entry under a tuple. (____nf_conntrack_find) */
  find(holder: EntryHolder, zone: number, tuple: Tuple, now: Time): Filed | undefined {
    const chain = this.#chains.get(this.bucketOf(holder, zone, tuple));
    // Every packet comes by here: a loop, where others may walk.
    for (let i = (chain?.length ?? 0) - 1; i >= 0; i--) {
      const filed = chain![i];
      if (!isLive(filed.entry, now)) continue;
      const {entry} = filed;
      if (entry.holder === holder && entry.zone === zone && sameTuple(tupleOf(filed), tuple)) return filed;
    }
    return undefined;
  }

  /** What is filed in a bucket, the newest first; what has expired goes when it is come to. */
  *live(bucket: number, now: Time): Generator<Filed> {
    const chain = this.#chains.get(bucket);
    if (!chain) return;
    for (let i = chain.length - 1; i >= 0; i--) {
      if (isLive(chain[i].entry, now)) yield chain[i];
    }
  }

  /** Everything from a bucket on, in the order of the buckets, dead or alive. */
  *from(first: number): Generator<Filed & {readonly bucket: number}> {
    this.#order ??= Uint32Array.from(this.#chains.keys()).sort();
    const order = this.#order;
    for (let place = placeOf(first, order); place < order.length; place++) {
      const bucket = order[place];
      const chain = this.#chains.get(bucket);
      if (!chain) continue;
      for (let i = chain.length - 1; i >= 0; i--) {
        if (!chain[i].entry.gone) yield {...chain[i], bucket};
      }
    }
  }

  #add(bucket: number, filed: Filed): void {
    const chain = this.#chains.get(bucket);
    if (chain) chain.push(filed);
    else {
      this.#chains.set(bucket, [filed]);
      this.#order = undefined;
    }
  }

  #take(bucket: number, entry: ConntrackEntry): void {
    const rest = (this.#chains.get(bucket) ?? []).filter(filed => filed.entry !== entry);
    if (rest.length > 0) this.#chains.set(bucket, rest);
    else this.#chains.delete(bucket);
  }
}

/** Whether an entry is there to be found; one that has expired goes. Who else has kept it is asked only if it must be. */
function isLive(entry: ConntrackEntry, now: Time): boolean {
  if (entry.gone) return false;
  if (entry.refreshedAt + entry.timeout > now || entry.holder.expiresAt(entry) > now) return true;
  entry.holder.forget(entry, 'expired');
  return false;
}

function tupleOf({entry, direction}: Filed): Tuple {
  return direction === 'original' ? entry.original : entry.reply;
}

/** Where the first number is that is not less than `least`. */
function placeOf(least: number, order: Uint32Array): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A bijection of 32 bits that leaves no pattern standing (the finalizer of lowbias32). */
function mix(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  x ^= x >>> 15;
  return x;
}
