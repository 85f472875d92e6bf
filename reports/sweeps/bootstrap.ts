import {Chance, drawWhole} from '../../engine/chance.ts';
import {between, quantile} from '../statistics.ts';

/** The statistics that intervals are taken of. */
export const estimated = ['median', 'mean', 'p90', 'p95', 'p99'] as const;

export type Interval = readonly [low: number, high: number];
export type Intervals = Readonly<Record<(typeof estimated)[number], Interval>>;

const resamples = 1000;
const confidence = 0.95;
const shares = [0.5, 0.9, 0.95, 0.99] as const;

/**
 * Bootstrap intervals of 95 % by the percentile method (Efron 1979), from 1000 resamples. Always the same draws for as many
 * values, so that equal values have equal intervals.
 */
export class Bootstrap {
  readonly #chance = new Chance('bootstrap');
  readonly #drawn = new Map<string, Uint8Array>();

  /** Of sorted values, at least one. */
  intervals(sorted: ArrayLike<number>): Intervals {
    const found = estimated.map(() => new Float64Array(resamples));
    const counts = this.#counts(sorted.length, 'values');
    for (let resample = 0; resample < resamples; resample++) {
      const own = counts.subarray(resample * sorted.length, (resample + 1) * sorted.length);
      const [median, ...rest] = quantilesOf(sorted, own);
      for (const [index, value] of [median, meanOf(sorted, own), ...rest].entries()) found[index][resample] = value;
    }
    return Object.fromEntries(estimated.map((name, index) => [name, middleOf(found[index])])) as Intervals;
  }

  /** Of the mean. */
  mean(values: ArrayLike<number>): Interval {
    return middleOf(this.#means(values, 'values'));
  }

  /** Of the mean of `values` less that of `base`, each resampled for itself. */
  difference(values: ArrayLike<number>, base: ArrayLike<number>): Interval {
    const others = this.#means(base, 'base');
    return middleOf(this.#means(values, 'values').map((mean, resample) => mean - others[resample]));
  }

  #means(values: ArrayLike<number>, name: string): Float64Array {
    const counts = this.#counts(values.length, name);
    const size = values.length;
    return Float64Array.from({length: resamples}, (_, resample) =>
      meanOf(values, counts.subarray(resample * size, (resample + 1) * size)),
    );
  }

  /** How often each of `size` values is drawn in each resample. */
  #counts(size: number, name: string): Uint8Array {
    const key = `${name} ${size}`;
    const drawn = this.#drawn.get(key);
    if (drawn) return drawn;
    const stream = this.#chance.stream(key);
    const counts = new Uint8Array(size * resamples);
    for (let draw = 0; draw < counts.length; draw++) {
      counts[draw - (draw % size) + drawWhole(stream, draw, 0, size - 1)] += 1;
    }
    this.#drawn.set(key, counts);
    return counts;
  }
}

function meanOf(values: ArrayLike<number>, counts: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < counts.length; index++) if (counts[index] > 0) sum += counts[index] * values[index];
  return sum / counts.length;
}

/** The quantiles of sorted values that occur so often. */
function quantilesOf(sorted: ArrayLike<number>, counts: Uint8Array): readonly number[] {
  let index = 0;
  let passed = counts[0];
  const valueAt = (place: number): number => {
    while (passed <= place) passed += counts[++index];
    return sorted[index];
  };
  return shares.map(share => {
    const place = share * (counts.length - 1);
    const below = Math.floor(place);
    return between(valueAt(below), valueAt(Math.min(below + 1, counts.length - 1)), place - below);
  });
}

function middleOf(values: Float64Array): Interval {
  values.sort();
  return [quantile(values, (1 - confidence) / 2), quantile(values, (1 + confidence) / 2)];
}
