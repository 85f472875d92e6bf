/** One over the root of 2 pi. */
const peak = 0.3989422804014327;

/**
 * How likely a standard normal variable is above `z`, which is 0 or more. With sums and products alone, whose last digits
 * are the same on every machine, as those of `Math.exp` are not. Abramowitz and Stegun 26.2.11 and 26.2.14.
 */
export function upperTail(z: number): number {
  const density = peak * expOfMinus((z * z) / 2);
  if (z >= 3) return density / fraction(z);
  let term = z;
  let sum = z;
  for (let odd = 3; odd < 121; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 - density * sum;
}

/** z + 1/(z + 2/(z + 3/(z + …))) */
function fraction(z: number): number {
  let value = z;
  for (let level = 80; level > 0; level--) value = z + level / value;
  return value;
}

/** Halved until its series is short, and squared as often. */
function expOfMinus(x: number): number {
  let halvings = 0;
  let small = x;
  for (; small > 0.1; halvings++) small /= 2;
  let value = 1;
  for (let power = 12; power > 0; power--) value = 1 - (small / power) * value;
  for (; halvings > 0; halvings--) value *= value;
  return value;
}
