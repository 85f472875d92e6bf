import {convergenceRows} from '../csv-files.ts';
import {edgeChains} from './edge-chains.ts';
import {fullName} from '../metrics.ts';
import type {Report} from '../report.ts';

/** What a sweep keeps of one run. */
export type RunRecord = {
  readonly status: 'done' | 'failed';
  /** Empty if it failed. */
  readonly fingerprint: string;
  /** The expectations that did not hold. */
  readonly missed: readonly string[];
  /** Why it failed, in a line; empty if it did not. */
  readonly error: string;
  /** By full name. Infinity is what never ended; what had no sample is left out. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The rows of convergence.csv. */
  readonly edges: readonly (readonly string[])[];
  /** What led to the last restoration of each edge: see `edgeChains`. */
  readonly chains: readonly (readonly string[])[];
};

export function recordOf(report: Report): RunRecord {
  const {result, metrics, judged} = report;
  const known = metrics.filter(({value, samples}) => value !== undefined || samples > 0);
  return {
    status: 'done',
    fingerprint: result.fingerprint,
    missed: judged.filter(({held}) => !held).map(({text}) => text),
    error: '',
    metrics: new Map(known.map(metric => [fullName(metric), metric.value ?? Infinity])),
    edges: convergenceRows(report).map(row => row.map(String)),
    chains: edgeChains(report),
  };
}

/** The record of a run that ended in an error of ours. */
export function failedRecord(reason: string): RunRecord {
  const [line] = reason.trim().split('\n');
  return {status: 'failed', fingerprint: '', missed: [], error: line, metrics: new Map(), edges: [], chains: []};
}

/** A record as one line of text, for where it is kept and for who sends it. */
export function writeRecord({metrics, ...record}: RunRecord): string {
  const known = [...metrics].map(([name, value]) => [name, value === Infinity ? null : value] as const);
  return JSON.stringify({...record, metrics: Object.fromEntries(known)});
}

/** The record that a line holds; undefined if it holds none. */
export function readRecord(line: string): RunRecord | undefined {
  try {
    const {metrics, ...record} = JSON.parse(line) as Omit<RunRecord, 'metrics'> & {
      metrics: Record<string, number | null>;
    };
    const isWhole =
      (record.status === 'done' || record.status === 'failed') &&
      Array.isArray(record.edges) &&
      Array.isArray(record.chains);
    const values = Object.entries(metrics).map(([name, value]) => [name, value ?? Infinity] as const);
    return isWhole ? {...record, metrics: new Map(values)} : undefined;
  } catch {
    return undefined;
  }
}
