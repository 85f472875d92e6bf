/** The exact two-sided 95 % interval of a share of which `hits` of `n` were seen (Clopper and Pearson 1934). */
export function binomialInterval(hits: number, n: number): readonly [number, number] {
  return [
    hits === 0 ? 0 : solve(share => 1 - atMost(hits - 1, n, share), 0.025),
    hits === n ? 1 : 1 - solve(share => atMost(hits, n, 1 - share), 0.025),
  ];
}

/** Where a function that grows with the share reaches `target`. */
function solve(grows: (share: number) => number, target: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (grows(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The chance of at most `hits` in `n`. */
function atMost(hits: number, n: number, share: number): number {
  let term = (1 - share) ** n;
  let sum = term;
  for (let k = 1; k <= hits; k++) {
    term *= ((n - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}
