import {flawOfMetric} from '../scenarios/metric-flaws.ts';
import {Failure} from './failure.ts';

/** Fails if `--metric` asks for what no run can have. `subjects` are the traffic groups, faults and edges that there are. */
export function checkMetrics(asked: readonly string[], subjects: readonly string[]): void {
  const flaws = asked.flatMap(metric => {
    const found = flawOfMetric(metric, subjects);
    return found ? [`--metric ${metric}: ${found.flaw}. ${found.hint}`] : [];
  });
  if (flaws.length > 0) throw new Failure([...flaws, 'See faultline metrics.'].join('\n'));
}
