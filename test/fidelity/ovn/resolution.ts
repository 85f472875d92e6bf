import type {Resolution} from '../judge.ts';
import type {Measured} from './measured.ts';

/** The bench's probes were 10 ms apart and its clocks good for 1 ms. */
const probe = 10;
const clock = 1;

/** In the link cases the origin lies before the command that cut the link, which took up to this long, in ms. */
const slowestCommand = 62;

/** What the bench could resolve of a row. */
export function resolutionOf(row: Measured): Resolution {
  const counts = /lost|changes/.test(row.metric);
  const grain = counts ? 1 : /probe/.test(row.metric) ? probe : clock;
  if (!hasLag(row)) return {grain};
  return {grain, lag: counts ? Math.ceil(slowestCommand / probe) : slowestCommand};
}

/** What was lost while the mending command was still at work counts among what was lost after it. */
function hasLag({bench, metric, phase}: Measured): boolean {
  if (!bench.includes('link') && bench !== 'gw_prov_only') return false;
  if (/lost/.test(metric)) return phase.startsWith('recover');
  return !/END|changes|minus/.test(metric);
}
