import seedrandom from 'seedrandom';

/**
 * A stream of numbered draws, named after the thing that draws (`cn7/vm12/bfd`): 53 bits of a hash of the seed and the
 * name. It costs nothing to make and holds no state.
 */
export type Stream = number;

/**
 * What a seed turns into. Named sequences are for what is drawn once, in order (placement); streams are for entities,
 * which draw by number, so that an entity added or left out changes nobody else's luck.
 */
export class Chance {
  readonly seed: string;
  readonly #low: number;
  readonly #high: number;

  constructor(seed: number | string) {
    this.seed = String(seed);
    const generator = seedrandom(this.seed);
    this.#low = generator.int32();
    this.#high = generator.int32();
  }

  /** A generator of numbers in [0, 1) for one purpose, the same for the same seed and name. */
  sequence(name: string): () => number {
    const generator = seedrandom(`${this.seed}/${name}`);
    return () => generator();
  }

  /** The stream of the entity `name`. */
  stream(name: string): Stream {
    let low = this.#low ^ 0x9e3779b9;
    let high = this.#high ^ 0x85ebca6b;
    for (let i = 0; i < name.length; i++) {
      const unit = name.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x9e3779b1);
      high = Math.imul(high ^ unit, 0x5f356495);
      low ^= high >>> 15;
      high ^= low >>> 13;
    }
    return (mix(high ^ low) >>> 11) * 0x1_0000_0000 + (mix(low) >>> 0);
  }
}

/**
 * The draw number `count` of a stream: uniform in [0, 1), 32 bits fine. Any order, any number of times. The upper bits of
 * a stream decide its stride through the counts, so that two streams never run along each other.
 */
export function draw(stream: Stream, count: number): number {
  const low = stream | 0;
  const high = (stream / 0x1_0000_0000) | 0;
  const a = mix(low ^ Math.imul(count + 1, 0x9e3779b1 + 2 * high));
  const b = mix(a ^ high ^ Math.imul((count / 0x1_0000_0000 + 1) | 0, 0x85ebca6b));
  return (b >>> 0) / 0x1_0000_0000;
}

/** The draw number `count` of a stream as a whole number in [least, most]. */
export function drawWhole(stream: Stream, count: number, least: number, most: number): number {
  return least + Math.floor(draw(stream, count) * (most - least + 1));
}

/** A bijection of 32 bits that leaves no pattern of a counter standing (the finalizer of lowbias32). */
function mix(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  x ^= x >>> 15;
  return x;
}
