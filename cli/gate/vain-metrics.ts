import {list} from '../../reports/format.ts';
import {chooser, inVain} from '../../reports/sweeps/chosen-metrics.ts';
import type {Suite} from '../../scenarios/read-suite.ts';
import {Failure} from '../failure.ts';
import type {OpenedBaseline} from './baseline-file.ts';
import type {RanCase} from './run-suite.ts';

/** A metric that is named and that no run has, now or before, is a slip: the gate would never look at what it was meant to. */
export function refuseVainMetrics(
  path: string,
  {known}: Suite,
  ran: readonly RanCase[],
  baseline: OpenedBaseline | undefined,
): void {
  const all = ran.map(({suiteCase: {name, metrics}, result}) => {
    const patterns = metrics.map(({pattern}) => pattern);
    const names = [...result.metrics.keys(), ...(baseline?.cases.get(name)?.metrics.keys() ?? [])];
    const named = metrics.filter(({isUsual}) => !isUsual).map(({pattern}) => pattern);
    return {name, named, names, looked: names.filter(chooser(patterns))};
  });
  const vain = inVain(
    [...new Set(all.flatMap(({named}) => named))],
    all.flatMap(({names}) => names),
  );
  if (vain.length > 0) throw new Failure(`${path}: no run has the metric ${list(vain)}; see faultline metrics`);
  for (const {case: name, metric} of known) {
    if (inVain([metric], all.find(one => one.name === name)!.looked).length === 0) continue;
    throw new Failure(`${path}: known: of the metrics of ${name} that are looked at none is ${metric}`);
  }
}
