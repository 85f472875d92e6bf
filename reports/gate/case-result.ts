import {partsOfName} from '../sweeps/metric-names.ts';
import type {RunRecord} from '../sweeps/run-record.ts';
import type {CaseResult} from './baseline.ts';
import {meanPhases} from './phases.ts';

/** What the runs of a case came to, in the order of their seeds. */
export function resultOf(records: readonly RunRecord[]): CaseResult {
  const names = new Set(records.flatMap(({metrics}) => [...metrics.keys()]));
  return {
    fingerprints: records.map(({fingerprint}) => fingerprint),
    metrics: new Map([...names].map(name => [name, records.map(({metrics}) => metrics.get(name) ?? 0)])),
    subjects: new Set(
      records.flatMap(({metrics}) => [...metrics.keys()].map(name => partsOfName(name).subject)).sort(),
    ),
    phases: meanPhases(records.map(({metrics}) => metrics)),
  };
}
