import type {Report} from './report.ts';

/** A run's outcome for programs: the same figures as the table and `summary.csv`, times in milliseconds. */
export function runJson({scenario, result, edges, metrics, judged}: Report): string {
  const {seed, duration, fingerprint} = result;
  const inMs = (time: number | undefined): number | null => (time === undefined ? null : time / 1000);
  return JSON.stringify(
    {
      scenario,
      seed,
      fingerprint,
      duration_ms: inMs(duration),
      edges: edges.map(({fault, occurrence, edge, kind, target, at, convergence, phases, ...counts}) => ({
        fault,
        occurrence,
        edge,
        kind,
        target,
        at_ms: inMs(at),
        detection_ms: inMs(phases?.detection),
        decision_ms: inMs(phases?.decision),
        propagation_ms: inMs(phases?.propagation),
        restoration_ms: inMs(phases?.restoration),
        convergence_ms: inMs(convergence),
        flows_affected: counts.flowsAffected,
        flows_unrestored: counts.flowsUnrestored,
        packets_lost: counts.packetsLost,
      })),
      flows: result.flows.map(({name, group, sent, delivered, lost, late, inFlight}) => ({
        ...{name, group, sent, delivered, lost, late},
        in_flight: inFlight,
      })),
      metrics: Object.fromEntries(
        metrics.map(({name, group, value}) => [group === '' ? name : `${name}.${group}`, value ?? null]),
      ),
      expectations: judged.map(({text, actual, held}) => ({text, actual: actual ?? null, held})),
    },
    undefined,
    2,
  );
}
