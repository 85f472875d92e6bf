/** CPU time of this process, all its threads, that `body` takes: the machine may be shared, so never the clock's. */
export function cpuSeconds(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Leaves behind what earlier runs threw away; needs `node --expose-gc` to do anything. */
export function collectGarbage(): void {
  globalThis.gc?.();
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
