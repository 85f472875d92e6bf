/** How much worse a metric may become: a share of what it was, and so much in its own unit besides. */
export type Tolerance = {
  /** 0.05 is 5 %. */
  readonly share: number;
  /** In the unit of the metric. */
  readonly amount: number;
};

/** The most that a value may have become. */
export function limitOf(value: number, {share, amount}: Tolerance): number {
  return value * (1 + share) + amount;
}
