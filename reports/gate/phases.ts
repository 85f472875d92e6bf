/** A phase of a fault edge, and by how much it took longer: ms, the means of all seeds. */
export type Growth = {readonly edge: string; readonly phase: string; readonly by: number};

const names = ['detection', 'decision', 'propagation', 'restoration'];

/** The mean of each phase of each fault edge over many runs, `underlay.start detection`; what never ended is left out. */
export function meanPhases(metrics: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, {sum: number; count: number}>();
  for (const run of metrics) {
    for (const [metric, value] of run) {
      const [, phase, edge] = /^(\w+)\.max\.(.+\.(?:start|end))$/.exec(metric) ?? [];
      if (!names.includes(phase) || !Number.isFinite(value)) continue;
      const key = `${edge} ${phase}`;
      const {sum, count} = sums.get(key) ?? {sum: 0, count: 0};
      sums.set(key, {sum: sum + value, count: count + 1});
    }
  }
  return new Map([...sums].map(([key, {sum, count}]) => [key, sum / count]));
}

/** The phase that grew most, of the fault or edge that a metric speaks of, or of any. Undefined if none did. */
export function phaseThatGrew(
  metric: string,
  now: ReadonlyMap<string, number>,
  base: ReadonlyMap<string, number>,
): Growth | undefined {
  const [, , ...group] = metric.split('.');
  const subject = group.join('.');
  const growths = [...now].flatMap(([key, mean]): Growth[] => {
    const at = key.lastIndexOf(' ');
    const before = base.get(key);
    return before === undefined ? [] : [{edge: key.slice(0, at), phase: key.slice(at + 1), by: mean - before}];
  });
  const isOf = ({edge}: Growth): boolean => edge === subject || edge.replace(/\.(start|end)$/, '') === subject;
  const own = growths.filter(isOf);
  const most = (own.length > 0 ? own : growths).reduce<Growth | undefined>(
    (largest, growth) => (growth.by > (largest?.by ?? 0) ? growth : largest),
    undefined,
  );
  return most;
}
