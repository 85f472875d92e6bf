import {metricPattern} from '../../models/events/metric-patterns.ts';

/** What is shown if nothing is asked for: how long each edge of a fault was felt, and what the whole run came to. */
const usual = [
  /^convergence\.max\..+\.(start|end)$/,
  /^(outage\.max|packets_lost\.sum|flows_affected\.count|flows_unrestored\.count)$/,
];

/** Which metrics a table shows. `asked` are full names, in which `*` stands for anything; none asks for the usual ones. */
export function chooser(asked: readonly string[]): (fullName: string) => boolean {
  const patterns = asked.length === 0 ? usual : asked.map(metricPattern);
  return fullName => patterns.some(pattern => pattern.test(fullName));
}

/** Those of `asked` that choose none of the metrics. */
export function inVain(asked: readonly string[], metrics: readonly string[]): readonly string[] {
  return asked.filter(name => !metrics.some(metric => metricPattern(name).test(metric)));
}
